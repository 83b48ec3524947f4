"""Every change of circles. The circle, its meetings, their claims and jobs commit together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from classbell import reasons
from classbell.accounts.models import User
from classbell.errors import NotThere
from classbell.groups.models import GroupKind
from classbell.groups.services import (
    UNCHANGED,
    MembersChanged,
    WhenFull,
    archive_group,
    change_group,
    change_members,
    create_group,
    enrol_students,
    join_group,
    reopen_group,
    set_teachers,
    take_out,
)
from classbell.halakat.models import Halaka, HalakaPart
from classbell.halakat.pattern import Pattern
from classbell.halakat.periods import Period, with_period
from classbell.halakat.plan import plan_change, plan_new
from classbell.halakat.steps import Plan, Step, Words
from classbell.meetings import chains
from classbell.meetings import services as meetings
from classbell.meetings.batches import cancel_meetings, hand_over
from classbell.meetings.changes import change_meeting, invite_as_to
from classbell.meetings.errors import TeacherBusy
from classbell.meetings.locks import wait_for_other_moves
from classbell.meetings.models import Meeting
from classbell.meetings.signals import sessions_planned, timetable_changed
from classbell.rows import locked, write


def create_halaka(
    *,
    teacher: User,
    title: str,
    description: str = "",
    pattern: Pattern,
    capacity: int | None = None,
    now: datetime,
) -> Halaka:
    """
    Make a circle with all its sessions; the caller goes on to `sync_now` for its first meeting, the others follow.

    Raises PatternRefused, TeacherBusy.
    """
    with transaction.atomic():
        group = create_group(
            kind=GroupKind.HALAKA,
            name=title,
            description=description,
            timezone=pattern.timezone,
            capacity=capacity,
            teachers=[teacher],
        )
        halaka = Halaka.objects.create(group=group, teacher=teacher, **_schedule(pattern))
        _carry_out(halaka, plan_new(words_of(halaka), pattern, now=now), now)
    return halaka


def change_halaka(
    *,
    halaka_id: UUID,
    title: str | None = None,
    description: str | None = None,
    capacity: int | None = None,
    unlimited: bool = False,
    schedule: Mapping[str, Any] | None = None,
    valid_from: date | None = None,
    teacher: User | None = None,
    now: datetime,
) -> Halaka:
    """
    Change what is given of a circle; `schedule` are those fields of its pattern that change. A new schedule holds from
    `valid_from` on (by default at once); what took place stays.

    More places than before go to those who wait longest; `unlimited` takes the bound away, and nobody waits any more.
    A new `teacher` takes over the coming sessions, but for those that a substitute holds; links stay where the Zoom host may
    serve that teacher.

    Raises NotThere, NotATeacher, PatternRefused, TeacherBusy; then nothing has changed.
    """
    with transaction.atomic():
        wait_for_other_moves()
        halaka = _locked(halaka_id)
        if teacher is not None and teacher.pk != halaka.teacher_id:
            set_teachers(group_id=halaka.group_id, teachers=[teacher])
            hand_over(meeting_ids=halaka.parts.values_list("meeting", flat=True), teacher=teacher, now=now)
            write(halaka, {"teacher": teacher})
        words = words_of(halaka, title=title, description=description)
        pattern = replace(halaka.pattern, **(schedule or {}))
        plan = plan_change(halaka, words, pattern, valid_from, now=now)
        change_group(
            group_id=halaka.group_id,
            name=title,
            description=description,
            capacity=capacity if capacity is not None or unlimited else UNCHANGED,
        )
        _carry_out(halaka, plan, now)
        if pattern.periods != halaka.pattern.periods and _but_for_periods(pattern) == _but_for_periods(halaka.pattern):
            # Their rule is as it was, so nobody has said yet that their times are others.
            for step in plan.steps:
                if step.meeting is not None:
                    timetable_changed.send(Meeting, meeting_id=step.meeting.pk)
        write(halaka, _schedule(pattern))
        halaka.group.refresh_from_db()
    return halaka


def put_period(*, halaka_id: UUID, period: Period | None, instead_of: date | None = None, now: datetime) -> Halaka:
    """
    Keep other times between two dates, in place of the period that begins on `instead_of`, or with None take that one back.
    Raises what change_halaka does, and PeriodsRefused.
    """
    with transaction.atomic():
        wait_for_other_moves()
        kept = _locked(halaka_id).pattern.periods
        periods = with_period(kept, period, instead_of=instead_of)
        return change_halaka(halaka_id=halaka_id, schedule={"periods": periods}, now=now)


def words_of(halaka: Halaka, *, title: str | None = None, description: str | None = None) -> Words:
    """Return what a circle's meetings say, with another title or description; what is None stays."""
    return Words(
        teacher=halaka.teacher,
        group=halaka.group,
        title=halaka.group.name if title is None else title,
        description=halaka.group.description if description is None else description,
    )


def end_halaka(*, halaka_id: UUID, now: datetime) -> Halaka:
    """Stop a circle: its coming sessions are cancelled, its past stays. Safe to repeat. Raises NotThere."""
    with transaction.atomic():
        halaka = _locked(halaka_id)
        parts = halaka.parts.values_list("meeting", flat=True)
        cancel_meetings(meeting_ids=list(parts), now=now, reason=reasons.CIRCLE_ENDED)
        archive_group(group_id=halaka.group_id, now=now)
        return write(halaka, {"ended_at": now})


def reopen_halaka(*, halaka_id: UUID) -> Halaka:
    """
    Go on with a circle that was ended, with whoever was in it. Safe to repeat. Raises NotThere.

    What was cancelled stays so: its sessions are planned anew by the next change, also one that changes nothing.
    """
    with transaction.atomic():
        halaka = locked(Halaka.objects.all(), halaka_id)
        if halaka is None:
            raise NotThere(_("There is no such circle."))
        reopen_group(group_id=halaka.group_id)
        return write(halaka, {"ended_at": None})


def join_halaka(*, halaka_id: UUID, student: User, since: datetime | None = None) -> bool:
    """Take a place in a circle, or one in its waiting list when it is full; as join_group. Raises NotThere."""
    with transaction.atomic():
        halaka = _locked(halaka_id)
        return join_group(group_id=halaka.group_id, student=student, since=since)


def add_students(*, halaka_id: UUID, students: Sequence[User], when_full: WhenFull = WhenFull.REFUSE) -> MembersChanged:
    """Put students into a circle, all or none. Raises NotThere, NotStudents, GroupFull."""
    with transaction.atomic():
        halaka = _locked(halaka_id)
        return enrol_students(group_id=halaka.group_id, students=students, when_full=when_full)


def change_students(
    *,
    halaka_id: UUID,
    joining: Sequence[User],
    leaving: Sequence[User],
    when_full: WhenFull = WhenFull.REFUSE,
) -> MembersChanged:
    """Take some students out of a circle and put others into the places; as change_members. Raises NotThere."""
    with transaction.atomic():
        halaka = _locked(halaka_id)
        return change_members(group_id=halaka.group_id, joining=joining, leaving=leaving, when_full=when_full)


def leave_halaka(*, halaka_id: UUID, student: User) -> datetime | None:
    """
    Give up a place, or one in the waiting list; whoever waits longest gets it and is told. Safe to repeat.

    Returns since when they had a place, None when they had none.
    """
    with transaction.atomic():
        halaka = _locked(halaka_id)
        return take_out(group_id=halaka.group_id, student=student)


def _carry_out(halaka: Halaka, plan: Plan, now: datetime) -> None:
    """Make a plan true. Raises TeacherBusy when the teacher, or a substitute, has something at any of its times, HostBusy."""
    chains.take_down(plan.changed, now=now)
    for step in (*plan.steps, *plan.reworded):
        if step.meeting is not None:
            meeting = change_meeting(
                meeting_id=step.meeting.pk, changes=step.changes, now=now, soon=True, anew=step in plan.steps
            )
            chains.apply(meeting, step.deviations, now=now)
    for meeting in plan.dropped:
        meetings.cancel_meeting(meeting_id=meeting.pk, now=now, reason=reasons.OTHER_SCHEDULE)
    added = _add_meetings(halaka, [step for step in plan.steps if step.meeting is None], now)
    # Of another timetable its people hear as a whole.
    if added and len(added) == len(plan.steps):
        sessions_planned.send(Meeting, meeting_ids=added)


def _add_meetings(halaka: Halaka, steps: Sequence[Step], now: datetime) -> list[UUID]:
    """Add what has no meeting yet, and return the meetings."""
    outcomes = meetings.want_meetings([step.spec for step in steps], now=now, batch=False, soon=True)
    clashes = [clash for outcome in outcomes for clash in outcome.clashes]
    if clashes:
        raise TeacherBusy(halaka.teacher, clashes)
    number = halaka.parts.aggregate(last=Max("number"))["last"] or 0
    for step, outcome in zip(steps, outcomes, strict=True):
        if outcome.meeting is not None:
            number += 1
            HalakaPart.objects.create(halaka=halaka, meeting=outcome.meeting, number=number)
            if step.like is not None:
                invite_as_to(step.like, outcome.meeting)
            chains.apply(outcome.meeting, step.deviations, now=now)
    return [outcome.meeting.pk for outcome in outcomes if outcome.meeting is not None]


def _but_for_periods(pattern: Pattern) -> Pattern:
    return replace(pattern, periods=())


def _schedule(pattern: Pattern) -> dict[str, Any]:
    return {
        "start_date": pattern.start_date,
        "end_date": pattern.end_date,
        "weekdays": list(pattern.weekdays),
        "frequency": pattern.frequency.value,
        "start_time": pattern.start_time,
        "duration_minutes": pattern.duration_minutes,
        "timezone": pattern.timezone,
        "except_dates": list(pattern.excluded),
        "periods": [period.kept() for period in sorted(pattern.periods)],
    }


def _locked(halaka_id: UUID) -> Halaka:
    halaka = locked(Halaka.objects.all(), halaka_id)
    if halaka is None or halaka.ended_at is not None:
        raise NotThere(_("There is no such circle, or it has ended."))
    return halaka
