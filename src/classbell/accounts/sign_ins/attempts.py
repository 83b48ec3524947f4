"""
How often anybody may try to sign in. Only failures count, against two things:

- The account: after FREE_FAILURES in a row each next try waits longer, from a minute to an hour. A device on which its owner
  has signed in before (`devices`) counts for itself, so guesses elsewhere keep nobody out of their own account.
- The address: so many failures within a while, of all accounts together, that a school behind one address does not come near
  it. Known devices are let through that, too.

Tries that are refused cost nothing and are not counted: whoever waits as long as they are told gets through.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from classbell.accounts.models import User
from classbell.accounts.sign_in_models import Outcome, SignInAttempt
from classbell.accounts.sign_ins.devices import Device
from classbell.addresses import email_key
from classbell.clients import network_of
from classbell.errors import TooManyRequests

FREE_FAILURES: Final = 5
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
# After that long without one, failures are forgotten.
FORGOTTEN_AFTER: Final = timedelta(hours=24)
# Of an address: a school of 2,000 whose every fourth student mistypes while a day begins stays below.
MOST_OF_AN_ADDRESS: Final = 600
WINDOW_OF_AN_ADDRESS: Final = timedelta(minutes=10)
SALT: Final = "classbell.accounts.attempts"
# What counts neither as a failure nor as a success: who they are was proven, by a password or a provider.
UNCOUNTED: Final = (Outcome.WRONG_CODE, Outcome.REFUSED)
# More failures in a row make no longer pause.
_LOOKED_AT: Final = FREE_FAILURES + 10


class TooManyAttempts(TooManyRequests):
    """Too many failures; the sentence says how long to wait."""


def try_password(email: str, device: Device, check: Callable[[], User | None], *, now: datetime) -> User | None:
    """
    Return whom `check` finds by this e-mail and a password, and write down where it finds nobody.

    Tries for one account come one after the other: many at once are no way to guess more often. A success counts once the
    person is signed in (`note_success`). Raises TooManyAttempts, without having asked `check`.
    """
    with transaction.atomic():
        known = User.objects.by_email([email]).get(email_key(email))
        bucket = bucket_of(email, known, device)
        _one_at_a_time(bucket)
        _refuse_while_paused(bucket, now)
        if not _is_known(known, device):
            _refuse_address(device, now)
        user = check()
        if user is None:
            _note(Outcome.WRONG_PASSWORD if known else Outcome.UNKNOWN, known, bucket, device, now)
        elif not user.is_active:
            _note(Outcome.DEACTIVATED, user, bucket, device, now)
    return user


def note_success(user: User, device: Device, *, now: datetime) -> None:
    """Write down that somebody is signed in; what failed on this device, or on unknown ones if it was one, counts no more."""
    _note(Outcome.IN, user, bucket_of(user.email, user, device), device, now)


def note_wrong_code(user: User, device: Device, *, now: datetime) -> None:
    """Write down that the password was right and the second step was not. How often is counted by allauth."""
    _note(Outcome.WRONG_CODE, user, bucket_of(user.email, user, device), device, now)


def note_refused(user: User | None, device: Device, *, now: datetime) -> None:
    """Write down that somebody proved who they are and is not let in by the rules: a provider's, or those about passwords."""
    _note(Outcome.REFUSED, user, bucket_of(user.email if user else "", user, device), device, now)


def bucket_of(email: str, user: User | None, device: Device) -> str:
    """Return what failures count against: the account and, for a device known to be its owner's, that device."""
    whose = f"{user.pk}\0{device.id}" if user is not None and _is_known(user, device) else email_key(email)
    return salted_hmac(SALT, whose, algorithm="sha256").hexdigest()


def forget_attempts(*, now: datetime) -> int:
    """Forget attempts that count no more; their history stays. Return how many."""
    return SignInAttempt.objects.filter(at__lt=now - FORGOTTEN_AFTER).delete()[0]


def pause_after(failures: int) -> timedelta:
    """Return how long the next try waits after so many failures in a row."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    doublings: int = min(failures - FREE_FAILURES, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def _is_known(user: User | None, device: Device) -> bool:
    return user is not None and bool(device.id) and user.pk in device.people


def _refuse_while_paused(bucket: str, now: datetime) -> None:
    rows = SignInAttempt.objects.filter(bucket=bucket, at__gt=now - FORGOTTEN_AFTER).order_by("-at", "-pk")
    failed = _since_success(list(rows.values_list("outcome", "at")[:_LOOKED_AT]))
    if failed:
        _refuse_until(failed[0] + pause_after(len(failed)), now)


def _since_success(latest: Sequence[tuple[str, datetime]]) -> list[datetime]:
    """Return when the tries since the latest success failed, the last one first."""
    failed: list[datetime] = []
    for outcome, at in latest:
        if outcome == Outcome.IN:
            break
        if outcome not in UNCOUNTED:
            failed.append(at)
    return failed


def _refuse_address(device: Device, now: datetime) -> None:
    if not device.address:
        return
    failures = SignInAttempt.objects.filter(network=network_of(device.address), at__gt=now - WINDOW_OF_AN_ADDRESS)
    oldest = failures.exclude(outcome__in=[Outcome.IN, *UNCOUNTED]).order_by("-at").values_list("at", flat=True)
    beyond = oldest[MOST_OF_AN_ADDRESS - 1 : MOST_OF_AN_ADDRESS].first()
    if beyond is not None:
        _refuse_until(beyond + WINDOW_OF_AN_ADDRESS, now)


def _refuse_until(until: datetime, now: datetime) -> None:
    seconds = math.ceil((until - now).total_seconds())
    if seconds <= 0:
        return
    minutes = math.ceil(seconds / 60)
    text = ngettext(
        "Too many failed attempts to sign in. Try again in %(minutes)s minute.",
        "Too many failed attempts to sign in. Try again in %(minutes)s minutes.",
        minutes,
    )
    raise TooManyAttempts(text % {"minutes": minutes}, retry_after_seconds=seconds)


def _note(outcome: Outcome, user: User | None, bucket: str, device: Device, now: datetime) -> None:
    SignInAttempt.objects.create(
        user=user,
        outcome=outcome,
        bucket=bucket,
        network=network_of(device.address),
        address=device.address,
        agent=device.agent,
        at=now,
    )


def _one_at_a_time(bucket: str) -> None:
    key = int.from_bytes(hashlib.sha256(bucket.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
