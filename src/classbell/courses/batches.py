"""
Many sessions at once: planned, then all saved in one transaction, or none.

What Zoom does in the meantime does not matter: each session's meeting is a spec with its job, made true by the worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from classbell.courses.errors import ClashKind, NothingToPlan, SessionClash, SessionsClash
from classbell.courses.models import Course, Session
from classbell.courses.pattern import NewSession
from classbell.courses.services import locked_course
from classbell.holidays.locks import hold_holidays
from classbell.holidays.models import Effect
from classbell.holidays.queries import holidays_from, name_for
from classbell.meetings import claims
from classbell.meetings.audience import Crowd, crowds_of
from classbell.meetings.claims import NewClaim
from classbell.meetings.clashes import what_blocks
from classbell.meetings.hosts.budget import Forecast, forecast
from classbell.meetings.locks import wait_for_other_moves
from classbell.meetings.models import ClaimKind, HostSeat, Meeting, ZoomHost
from classbell.meetings.services import MeetingSpec, Wanted, want_meetings
from classbell.meetings.signals import sessions_planned
from classbell.meetings.sync.gateway import is_configured
from classbell.rehearsal import rehearsal

# A session of the batch by its place in it.
Numbered = tuple[int, NewSession]


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """
    What a batch made, or would make: its sessions in the order of their times, those that cannot be, when Zoom's budgets let
    them out, and a session for which there are more people than its host lets in.
    """

    sessions: Sequence[Session]
    clashes: Sequence[SessionClash]
    budget: Forecast
    crowd: Crowd | None = None

    @property
    def is_cut_short(self) -> bool:
        """Whether Zoom would end some of them before their time, for want of a licence."""
        return any(session.meeting.ends_after_minutes is not None for session in self.sessions)


def create_sessions(
    *,
    course_id: UUID,
    wanted: Sequence[NewSession],
    now: datetime,
    skip_clashes: bool = False,
    dry_run: bool = False,
) -> Batch:
    """
    Make these sessions of a course, numbered on from its last in the order of their times; all or none.

    With `skip_clashes` those that cannot be are left out. `dry_run` does the same, and takes it back: its sessions are
    not saved. Excluded ones, and those in a holiday that leaves dates out,
    are left out always. A constant number of statements for every round of clashes.

    Raises NotThere, NothingToPlan, SessionsClash, LocationRefused.
    """
    if not wanted:
        raise NothingToPlan(_("A batch needs at least one session."))
    in_order = sorted(enumerate(wanted), key=lambda one: (one[1].starts_at, one[0]))
    clashes = _known_before(in_order, now)
    with rehearsal() if dry_run else transaction.atomic():
        wait_for_other_moves()
        hold_holidays()
        course = locked_course(course_id)
        clashes += _in_holidays(course, _without(in_order, clashes))
        clashes += _with_what_the_teacher_has(course, _without(in_order, clashes))
        sessions, found = _make(course, _without(in_order, clashes), now)
        clashes += found
        if any(clash.blocks for clash in clashes) and not (skip_clashes or dry_run):
            raise SessionsClash(sorted(clashes, key=lambda clash: clash.index), of=len(wanted))
        while found:
            # Whatever clashed is out of the batch now, so this ends.
            sessions, found = _make(course, _without(in_order, clashes), now)
            clashes += found
        saved = Session.objects.filter(pk__in=[session.pk for session in sessions]).with_meetings()
        made = list(saved.order_by("number"))
        budget = forecast([session.meeting for session in made], now=now)
        crowd = next(iter(crowds_of([session.meeting for session in made])), None)
    return Batch(sessions=made, clashes=sorted(clashes, key=lambda clash: clash.index), budget=budget, crowd=crowd)


def _known_before(in_order: Sequence[Numbered], now: datetime) -> list[SessionClash]:
    """Return what needs no timetable to see: dates left out, times that have passed."""
    clashes = []
    for index, session in in_order:
        if session.excluded:
            clashes.append(SessionClash.of(index, session, ClashKind.EXCLUDED))
        elif session.starts_at <= now:
            clashes.append(SessionClash.of(index, session, ClashKind.PAST))
    return clashes


def _in_holidays(course: Course, batch: Sequence[Numbered]) -> list[SessionClash]:
    """Return which sessions begin in a holiday, and whether it leaves them out or only warns."""
    if not batch:
        return []
    holidays = holidays_from(batch[0][1].starts_at, until=batch[-1][1].starts_at)
    clashes = []
    for index, session in batch:
        found = holidays.at(session.starts_at, group_id=course.group_id, teacher_id=course.teacher_id)
        if found is not None:
            is_out = found.effect == Effect.LEAVE_OUT
            kind = ClashKind.HOLIDAY if is_out else ClashKind.HOLIDAY_WARNING
            clashes.append(SessionClash.of(index, session, kind, blocked_by=name_for(found)))
    return clashes


def _with_what_the_teacher_has(course: Course, batch: Sequence[Numbered]) -> list[SessionClash]:
    """
    Return the clashes with what stands in the timetable. The claims would find them too; this costs a read instead of
    writing the batch twice.
    """
    wanted = {}
    for one in batch:
        claim = NewClaim(
            kind=ClaimKind.TEACHER,
            resource_id=course.teacher_id,
            starts_at=one[1].starts_at,
            ends_at=one[1].ends_at,
        )
        wanted[claim] = one
    found = claims.conflicting(list(wanted))
    told = what_blocks(blocker for _claim, blocker in found)
    return [
        SessionClash.of(*wanted[claim], ClashKind.TEACHER_BUSY, blocked_by=told[blocker.pk]) for claim, blocker in found
    ]


def _without(in_order: Sequence[Numbered], clashes: Sequence[SessionClash]) -> list[Numbered]:
    out = {clash.index for clash in clashes if clash.leaves_out}
    return [(index, session) for index, session in in_order if index not in out]


def _make(course: Course, batch: Sequence[Numbered], now: datetime) -> tuple[list[Session], list[SessionClash]]:
    """Make all sessions of a batch, or none and say which of them clash."""
    first = (course.sessions.aggregate(last=Max("number"))["last"] or 0) + 1
    specs = [_spec(course, session, number) for number, (_index, session) in enumerate(batch, start=first)]
    with transaction.atomic():
        outcomes = want_meetings(specs, now=now)
        clashes = _clashes(batch, outcomes)
        if clashes:
            transaction.set_rollback(True)
            return [], clashes
        made = [outcome.meeting.pk for outcome in outcomes if outcome.meeting is not None]
        sessions_planned.send(Meeting, meeting_ids=made)
        return Session.objects.bulk_create(
            Session(course=course, meeting=outcome.meeting, number=number)
            for number, outcome in enumerate(outcomes, start=first)
        ), []


def _spec(course: Course, session: NewSession, number: int) -> MeetingSpec:
    return MeetingSpec(
        teacher=course.teacher,
        group=course.group,
        title=session.title_as(number),
        description=session.description,
        starts_at=session.starts_at,
        duration_minutes=session.duration_minutes,
        timezone=session.timezone,
        location=session.location,
    )


def _clashes(batch: Sequence[Numbered], outcomes: Sequence[Wanted]) -> list[SessionClash]:
    # Before there are any hosts, or without Zoom, a session waits for one rather than clashing.
    hosts_known = is_configured() and HostSeat.objects.filter(host__in=ZoomHost.objects.usable()).exists()
    clashes = []
    for (index, session), outcome in zip(batch, outcomes, strict=True):
        if outcome.meeting is None:
            blocked_by = outcome.clashes[0].blocked_by if outcome.clashes else ""
            clashes.append(SessionClash.of(index, session, ClashKind.TEACHER_BUSY, blocked_by=blocked_by))
        elif outcome.meeting.seat is None and hosts_known and not outcome.meeting.is_elsewhere:
            clashes.append(SessionClash.of(index, session, ClashKind.NO_HOST))
    return clashes
