"""People's phone numbers: typed, confirmed by a code that was sent there, and then sent messages to."""

import re
import secrets
import unicodedata
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import DomainError
from classbell.ids import uuid7
from classbell.notices.delivering import NotSent, Refused
from classbell.notices.gateways import TextMessage, gateway_of
from classbell.notices.models import Channel, Phone
from classbell.notices.wording import in_words_of

GOOD_FOR: Final = timedelta(minutes=10)
MOST_TRIES: Final = 5
# Otherwise anybody could have the school send messages to somebody else's phone.
MOST_CODES_A_DAY: Final = 5
_BETWEEN: Final = re.compile(r"[\s().\-/]+")
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")


class NotANumber(DomainError):
    """Nobody can be reached by it."""

    code = "phone_invalid"

    def __init__(self) -> None:
        super().__init__(_("Write the number with its country code, such as +966 50 123 4567."))


class CodeNotSent(DomainError):
    """No code is on its way to the number; why."""

    code = "code_not_sent"


class WrongCode(DomainError):
    """It is not what was sent, or too late."""

    code = "code_wrong"

    def __init__(self) -> None:
        super().__init__(_("This is not the code, or it is too old. Have a new one sent."))


def checked_number(typed: str) -> str:
    """Return a number as E.164 writes it, such as +966501234567. Raises NotANumber."""
    digits = "".join(str(unicodedata.digit(char, char)) for char in _BETWEEN.sub("", typed))
    number = f"+{digits[2:]}" if digits.startswith("00") else digits
    if not _NUMBER.fullmatch(number):
        raise NotANumber
    return number


def enter_number(user: User, typed: str, channel: Channel, *, now: datetime) -> None:
    """
    Keep a number as somebody's, once a code that is sent there by this channel is typed in; one before is theirs no more.

    Raises NotANumber and CodeNotSent.
    """
    number, gateway, code = checked_number(typed), gateway_of(channel), f"{secrets.randbelow(10**6):06}"
    if gateway is None:
        raise CodeNotSent(_("The school sends no such messages."))
    with transaction.atomic():
        _note_code(user, number, code, now)
    with in_words_of(user):
        text = _("%(code)s is your code for Classbell. It is good for ten minutes.") % {"code": code}
    try:
        gateway.send(TextMessage(id=uuid7(), to=number, text=text))
    except (Refused, NotSent) as error:
        raise CodeNotSent(_("The message could not be sent. Look at the number, or try again later.")) from error


def _note_code(user: User, number: str, code: str, now: datetime) -> None:
    Phone.objects.get_or_create(user=user, defaults={"number": number, "code_sent_at": now - timedelta(days=2)})
    phone = Phone.objects.select_for_update().get(user=user)
    codes = phone.codes if phone.code_sent_at > now - timedelta(days=1) else 0
    if codes >= MOST_CODES_A_DAY:
        raise CodeNotSent(_("Too many codes were sent today. Try again tomorrow."))
    Phone.objects.filter(pk=phone.pk).update(
        number=number,
        confirmed_at=None,
        code=_digest(user, number, code),
        code_sent_at=now,
        codes=codes + 1,
        tries=0,
    )


def confirm_number(user: User, typed: str, *, now: datetime) -> None:
    """Note that a number is somebody's, who typed what was sent to it. Raises WrongCode, after which a try is used up."""
    with transaction.atomic():
        phone = Phone.objects.select_for_update().filter(user=user).first()
        is_open = phone is not None and phone.code and phone.tries < MOST_TRIES and phone.code_sent_at > now - GOOD_FOR
        code = "".join(str(unicodedata.digit(char, char)) for char in _BETWEEN.sub("", typed))
        is_right = bool(phone and is_open and constant_time_compare(phone.code, _digest(user, phone.number, code)))
        if is_right:
            Phone.objects.filter(user=user).update(confirmed_at=now, code="", tries=0)
        elif phone is not None and is_open:
            Phone.objects.filter(user=user).update(tries=phone.tries + 1)
    if not is_right:
        raise WrongCode


def forget_number(user: User) -> None:
    """Send somebody no messages any more. How many codes were sent to them is not forgotten before a day is over."""
    Phone.objects.filter(user=user).update(number="", confirmed_at=None, code="")


def number_of(user: User) -> str | None:
    """Return the number to which somebody is sent messages; None without one that is theirs."""
    confirmed = Phone.objects.filter(user=user, confirmed_at__isnull=False)
    return confirmed.values_list("number", flat=True).first()


def _digest(user: User, number: str, code: str) -> str:
    return salted_hmac("classbell.notices.phone", f"{user.pk} {number} {code}", algorithm="sha256").hexdigest()
