"""
Who is shown a way in: the one rule that every answer and page asks before it shows a link, a passcode or Zoom's number.

It is the rule of coming in (`entrance`) asked ahead of time: what would be refused at the door is not handed out before it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol
from uuid import UUID

from django.conf import settings

from classbell.accounts.models import User
from classbell.errors import DomainError
from classbell.meetings.joining.entrance import (
    EmailDomainRefused,
    check_domain,
    check_nothing_asked,
    guardians_may_join,
    hosts_now,
    present_or_next,
)
from classbell.meetings.models import Meeting
from classbell.meetings.permissions import can_host


class Dated(Protocol):
    """A date of a meeting: its session, or the lesson it is for."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


def is_shown_way_in(
    user: User, meeting: Meeting, *, now: datetime, date: Dated | None = None, to_program: bool = False
) -> bool:
    """
    Say whether this person, who may see the meeting, is shown how to come in now.

    Hosts always are; a substitute in their turn; a student with the school's kind of address, and their guardian where the
    school lets guardians join; and nobody before the door opens, where it has times (CLASSBELL_JOIN_EARLY_MINUTES). With
    `date`, the only one of the meeting, or the one it is about, no query is needed to know whether it is open.

    `to_program`: nor is it handed to a program before they agreed to what the school asks first. Our pages ask on the way.
    """
    dates = {meeting.pk: date} if date else {}
    return bool(shown_ways_in(user, [meeting], now=now, dates=dates, to_program=to_program))


def shown_ways_in(
    user: User,
    meetings: Collection[Meeting],
    *,
    now: datetime,
    dates: Mapping[UUID, Dated] = MappingProxyType({}),
    to_program: bool = False,
) -> set[UUID]:
    """Return of which of many meetings that this person may see they are shown how to come in, as `is_shown_way_in`."""
    shown = {meeting.pk for meeting in meetings if can_host(user, meeting)}
    others = {meeting.pk: meeting for meeting in meetings if meeting.pk not in shown}
    if others and user.is_teacher:
        attended = set(Meeting.objects.open_to(user).filter(pk__in=others).values_list("pk", flat=True))
    else:
        attended = set(others)
    fits = has_fitting_address(user) and guardians_may_join()
    if fits and attended and to_program:
        fits = _is_asked_nothing(user)
    for pk, meeting in others.items():
        if pk in attended:
            is_shown = fits and _is_open(meeting, now=now, date=dates.get(pk))
        else:
            is_shown = hosts_now(user, meeting, now=now)
        if is_shown:
            shown.add(pk)
    return shown


def _is_asked_nothing(user: User) -> bool:
    try:
        check_nothing_asked(user)
    except DomainError:
        return False
    return True


def has_fitting_address(user: User) -> bool:
    """Say whether the school's rule about students' addresses lets this person in."""
    try:
        check_domain(user)
    except EmailDomainRefused:
        return False
    return True


def _is_open(meeting: Meeting, *, now: datetime, date: Dated | None) -> bool:
    early = settings.ENVIRONMENT.join_early_minutes
    if early is None:
        return True
    if date is not None and date.ends_at <= now:
        date = None  # Over, unless it goes on beyond its time.
    coming = date or present_or_next(meeting, now=now)
    return coming is not None and now >= coming.starts_at - timedelta(minutes=early)
