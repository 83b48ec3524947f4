"""Setting what teachers are paid, and by which rules."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from babel import Locale
from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.bookings.models import LessonKind
from classbell.earnings.errors import NoSuchRate, RateRefused
from classbell.earnings.models import MOST_RATE, PayRules, Per, TeacherRate
from classbell.groups.models import Group
from classbell.rows import write

CURRENCIES: Final = frozenset(Locale("en").currencies)


def set_rate(
    *,
    teacher: User,
    in_force_from: date,
    amount: int,
    currency: str,
    per: Per,
    kind: LessonKind | None = None,
    group: Group | None = None,
    now: datetime,
) -> TeacherRate:
    """
    Pay a teacher so much from a day on, for everything or for one kind of lesson or group. A rate for the same from the same
    day is replaced, and its history keeps what it was. Of two who do it at once, the later one's holds.

    Raises RateRefused.
    """
    if kind is not None and group is not None:
        raise RateRefused("group_id", _("Choose a kind of lesson or a class, not both."))
    if not 0 <= amount <= MOST_RATE:
        raise RateRefused("amount", _("must be a whole number from 0 to %(most)s") % {"most": MOST_RATE})
    if currency not in CURRENCIES:
        raise RateRefused("currency", _("There is no such currency. Write its three letters, such as EUR or SAR."))
    rate, _is_new = TeacherRate.objects.update_or_create(
        teacher=teacher,
        kind=kind,
        group=group,
        in_force_from=in_force_from,
        defaults={"amount": amount, "currency": currency, "per": per, "set_at": now},
    )
    return rate


def remove_rate(*, teacher_id: UUID, rate_id: UUID) -> None:
    """
    Take a rate away that should never have been: what it was for is paid by the one before. Its history stays. Raises
    NoSuchRate.
    """
    deleted, _of_each = TeacherRate.objects.filter(pk=rate_id, teacher=teacher_id).delete()
    if not deleted:
        raise NoSuchRate


def rules_in_force() -> PayRules:
    """Return the school's rules; those that every school begins with are not saved."""
    return PayRules.objects.first() or PayRules()


def change_rules(changes: Mapping[str, Any]) -> PayRules:
    """Change what is named of the school's rules; values have been checked. All statements follow, earlier months' too."""
    with transaction.atomic():
        PayRules.objects.get_or_create(pk=1)
        return write(PayRules.objects.select_for_update().get(), changes)
