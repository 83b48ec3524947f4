"""
From stays to verdicts: pure calculation, no database, no clock.

The same stays give the same verdicts in whatever order, however often and in however many pieces they are told, and more
presence never makes a verdict worse. What counts is the scheduled time for as long as the meeting really ran: nobody is
blamed for minutes in which there was nothing to attend, and nobody earns any by staying on afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from classbell.meetings.periods import (
    K,
    Period,
    Stay,
    StaySource,
    between,
    cut,
    differences,
    first_of,
    last_of,
    merged,
    presence,
    whole_seconds,
    without,
)
from classbell.meetings.verdicts import (
    AttendanceStatus,
    Judgement,
    OccurrenceResult,
    Reason,
    TeacherStatus,
    TeacherVerdict,
    Verdict,
    partly_elsewhere,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedOccurrence:
    """
    One session as planned and as Zoom told of it; None: not told.

    `opens_without_host` means that a start does not prove that the teacher came; `in_backup_room` that it was held, at
    least in part, where nobody tells us who was there. Where Zoom told of several `runs`, nobody could be there between them:
    that time is nobody's, as if it had not been.
    """

    starts_at: datetime
    ends_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancelled: bool = False
    opens_without_host: bool = False
    in_backup_room: bool = False
    runs: Sequence[Period] = ()

    @property
    def gaps(self) -> list[Period]:
        """When the room was closed in between."""
        return between(self.runs)

    @property
    def scheduled(self) -> Period:
        """The planned time."""
        return Period(starts_at=self.starts_at, ends_at=self.ends_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """
    What a school calls late, present and partly there.

    Percentages are of the counted time. Who was there at all is not blamed for missing up to `grace_before_minutes` at its
    beginning and `grace_after_minutes` at its end: those count as attended, though not as time. A session that ran for
    less than `least_minutes` (or half its planned length, if that is less) did not take place.
    """

    late_after_minutes: int = 10
    present_percent: int = 75
    partial_percent: int = 25
    grace_before_minutes: int = 5
    grace_after_minutes: int = 5
    least_minutes: int = 5
    teacher_tolerance_minutes: int = 5
    void_when_host_never_came: bool = True
    difference_minutes: int = 2


def judge(
    *,
    occurrence: JudgedOccurrence,
    policy: Policy,
    people: Mapping[K, Sequence[Stay]],
    teacher: Sequence[Stay] = (),
    others: Sequence[Stay] = (),
    strangers: Sequence[Stay] = (),
    heard: bool,
) -> Judgement[K]:
    """
    Judge one session.

    `people` has the stays of everybody expected, empty for those who were not seen; `others` are stays of anybody else,
    `strangers` those of people nobody has recognised. Who would not be absent if the strangers were them is not called so.
    `heard` says whether anything at all about who was there reached us: if not, no one is called absent.
    """
    at_zoom = _judge_at_zoom(occurrence, policy, people, teacher, others, strangers, heard=heard)
    return partly_elsewhere(at_zoom, people) if occurrence.in_backup_room and not occurrence.cancelled else at_zoom


def _judge_at_zoom(
    occurrence: JudgedOccurrence,
    policy: Policy,
    people: Mapping[K, Sequence[Stay]],
    teacher: Sequence[Stay],
    others: Sequence[Stay],
    strangers: Sequence[Stay],
    *,
    heard: bool,
) -> Judgement[K]:
    room = [*teacher, *others, *strangers, *(stay for stays in people.values() for stay in stays)]
    run = _run(occurrence, room)
    source = _source(room)
    unrecognised = [stay for stay in strangers if stay.source == source]
    kept = _unless_it_was_the_teacher(_judge_teacher(occurrence, policy, teacher, run, heard=heard), unrecognised, run)
    void = _why_void(occurrence, policy, kept, run, heard=heard)
    if void is None and run and run.starts_at >= occurrence.ends_at and teacher and len(teacher) == len(room):
        # Whoever opens the room when the time is over has held nothing that anybody could have missed.
        void = Reason(code="teacher_alone_afterwards")
    if void is not None:
        return Judgement(result=OccurrenceResult.VOID, reasons=(void,), counted=None, teacher=kept, people={})
    counted = _counted(occurrence, policy, run) if run else []
    span = Period(starts_at=counted[0].starts_at, ends_at=counted[-1].ends_at) if counted else None
    if run is None or span is None or not heard:
        unknown = Verdict(status=AttendanceStatus.UNKNOWN, reasons=(Reason(code="nothing_heard"),))
        result = OccurrenceResult.HELD if run else OccurrenceResult.UNKNOWN
        verdicts = dict.fromkeys(people, unknown)
        return Judgement(result=result, reasons=(), counted=span, teacher=kept, people=verdicts)
    verdicts = {
        person: _unless_a_stranger(
            _judge(_there(stays, occurrence, run), counted, policy, source, _source(stays)),
            _there([*stays, *unrecognised], occurrence, run) if unrecognised else [],
            counted,
            policy,
        )
        for person, stays in people.items()
    }
    return Judgement(
        result=OccurrenceResult.HELD,
        reasons=_why_counted_so(occurrence, counted),
        counted=span,
        teacher=kept,
        people=verdicts,
        differences=differences(people, window=span, tolerance=timedelta(minutes=policy.difference_minutes)),
    )


def _run(occurrence: JudgedOccurrence, room: Sequence[Stay]) -> Period | None:
    """Return when the meeting ran: as told, else from the first arrival to the last leaving. None: it never started."""
    arrivals = [stay.joined_at for stay in room]
    leavings = [stay.left_at or occurrence.ends_at for stay in room]
    started_at = occurrence.started_at or min(arrivals, default=None)
    if started_at is None:
        return None
    ended_at = occurrence.ended_at or max(leavings, default=occurrence.ends_at)
    return Period(starts_at=started_at, ends_at=max(started_at, ended_at))


def _least(occurrence: JudgedOccurrence, policy: Policy) -> timedelta:
    return min(timedelta(minutes=policy.least_minutes), occurrence.scheduled.length / 2)


def _there(stays: Sequence[Stay], occurrence: JudgedOccurrence, run: Period) -> list[Period]:
    return without(presence(stays, until=run.ends_at), occurrence.gaps)


def _counted(occurrence: JudgedOccurrence, policy: Policy, run: Period) -> list[Period]:
    """
    Return what to measure: the schedule or, when it was held at another time, as much of the run, as far as the room was
    open. Empty when that is too little.
    """
    least = _least(occurrence, policy)
    was_open = without([run], occurrence.gaps)
    in_time = cut(was_open, occurrence.scheduled)
    if in_time and _together(in_time) >= least:
        return in_time
    moved = first_of(was_open, occurrence.scheduled.length)
    return moved if _together(moved) >= least else []


def _why_void(
    occurrence: JudgedOccurrence, policy: Policy, teacher: TeacherVerdict, run: Period | None, *, heard: bool
) -> Reason | None:
    if occurrence.cancelled:
        return Reason(code="cancelled")
    if run is None:
        return Reason(code="never_started") if heard else None
    if policy.void_when_host_never_came and teacher.status == TeacherStatus.NO_SHOW:
        return Reason(code="host_never_came")
    if not _counted(occurrence, policy, run):
        return Reason(
            code="too_short",
            figures={
                "minutes": _down(_together(without([run], occurrence.gaps))),
                "least": _up(_least(occurrence, policy)),
            },
        )
    return None


def _why_counted_so(occurrence: JudgedOccurrence, counted: Sequence[Period]) -> tuple[Reason, ...]:
    if counted[-1].ends_at <= occurrence.starts_at or counted[0].starts_at >= occurrence.ends_at:
        return (Reason(code="held_at_another_time"),)
    return (
        *_minutes("started_late", counted[0].starts_at - occurrence.starts_at),
        *_minutes("closed_between", _together(between(counted))),
        *_minutes("ended_early", occurrence.ends_at - counted[-1].ends_at),
    )


def _judge(
    stretches: Sequence[Period],
    counted: Sequence[Period],
    policy: Policy,
    room: StaySource | None,
    told_by: StaySource | None,
) -> Verdict:
    there = _within(stretches, counted)
    if not there:
        return Verdict(
            status=AttendanceStatus.ABSENT,
            counted_seconds=whole_seconds(counted),
            source=room,
            reasons=(Reason(code="never_came"),),
        )
    reaching_in = [s for s in stretches if s.ends_at > counted[0].starts_at and s.starts_at < counted[-1].ends_at]
    late = _missed_before(there, counted)
    status = _status(there, counted, policy, late)
    return Verdict(
        status=status,
        seconds=whole_seconds(there),
        counted_seconds=whole_seconds(counted),
        first_joined_at=reaching_in[0].starts_at,
        last_left_at=reaching_in[-1].ends_at,
        source=told_by,
        reasons=_reasons(status, there, counted, policy, late),
    )


def _unless_a_stranger(
    verdict: Verdict, with_strangers: Sequence[Period], counted: Sequence[Period], policy: Policy
) -> Verdict:
    """
    Return the verdict, or `unknown` in place of `absent` while the strangers could be this person, who then was there
    `with_strangers`.

    All of them could, one after the other or on several devices, however many others are missing too; but not somebody who
    would be absent even then. Where the report told, its strangers are meant: it knows more people than the events do.
    """
    there = _within(with_strangers, counted)
    if verdict.status != AttendanceStatus.ABSENT or not there:
        return verdict
    late = _missed_before(there, counted)
    if _status(there, counted, policy, late) == AttendanceStatus.ABSENT:
        return verdict
    reasons = (*verdict.reasons, Reason(code="may_be_a_stranger"))
    return replace(verdict, status=AttendanceStatus.UNKNOWN, reasons=reasons)


def _within(stretches: Sequence[Period], counted: Sequence[Period]) -> list[Period]:
    return [part for window in counted for part in cut(stretches, window)]


def _missed_before(there: Sequence[Period], counted: Sequence[Period]) -> timedelta:
    return _together(cut(counted, Period(starts_at=counted[0].starts_at, ends_at=there[0].starts_at)))


def _status(there: Sequence[Period], counted: Sequence[Period], policy: Policy, late: timedelta) -> AttendanceStatus:
    credited = _together(_credited(there, counted, policy))
    if credited * 100 < _together(counted) * policy.partial_percent:
        return AttendanceStatus.ABSENT
    if credited * 100 < _together(counted) * policy.present_percent:
        return AttendanceStatus.PARTIAL
    return AttendanceStatus.LATE if late > timedelta(minutes=policy.late_after_minutes) else AttendanceStatus.PRESENT


def _credited(there: Sequence[Period], counted: Sequence[Period], policy: Policy) -> list[Period]:
    """Return what counts as attended: the time there, and the grace at both ends."""
    arriving = first_of(counted, timedelta(minutes=policy.grace_before_minutes))
    leaving = last_of(counted, timedelta(minutes=policy.grace_after_minutes))
    return merged([*there, *arriving, *leaving])


def _reasons(
    status: AttendanceStatus, there: Sequence[Period], counted: Sequence[Period], policy: Policy, late: timedelta
) -> tuple[Reason, ...]:
    came_late = Reason(code="came_late", figures={"minutes": _up(late), "allowed": policy.late_after_minutes})
    stayed = Period(starts_at=there[0].starts_at, ends_at=there[-1].ends_at)
    away = _together(cut(counted, stayed)) - _together(there)
    early = _together(cut(counted, Period(starts_at=stayed.ends_at, ends_at=counted[-1].ends_at)))
    credited = _together(_credited(there, counted, policy))
    forgiven = credited - _together(there)
    return (
        *([came_late] if late > timedelta(minutes=policy.late_after_minutes) else []),
        _how_long(status, _together(there), counted, policy),
        *(_minutes("away_between", away) if away >= timedelta(minutes=1) else ()),
        *(_minutes("left_early", early) if early > timedelta(minutes=policy.grace_after_minutes) else ()),
        *([_what_counts(forgiven, credited, counted)] if forgiven else []),
    )


def _how_long(status: AttendanceStatus, there: timedelta, counted: Sequence[Period], policy: Policy) -> Reason:
    figures = {
        "minutes": _down(there),
        "of": _down(_together(counted)),
        "percent": 100 * there // _together(counted),
    }
    if status == AttendanceStatus.PARTIAL:
        return Reason(code="there_in_part", figures={**figures, "threshold": policy.present_percent})
    if status == AttendanceStatus.ABSENT:
        return Reason(code="hardly_there", figures={**figures, "threshold": policy.partial_percent})
    return Reason(code="there_enough", figures=figures)


def _what_counts(forgiven: timedelta, credited: timedelta, counted: Sequence[Period]) -> Reason:
    """Return the figures that the verdict rests on, where they are not those of the time somebody was there."""
    figures = {"minutes": _up(forgiven), "counts": _down(credited), "percent": 100 * credited // _together(counted)}
    return Reason(code="counted_with_grace", figures=figures)


def _judge_teacher(
    occurrence: JudgedOccurrence, policy: Policy, stays: Sequence[Stay], run: Period | None, *, heard: bool
) -> TeacherVerdict:
    if occurrence.cancelled or (run is None and not heard):
        return TeacherVerdict(status=TeacherStatus.UNKNOWN)
    there = _teacher_presence(occurrence, stays, run)
    if not there:
        return TeacherVerdict(status=TeacherStatus.NO_SHOW, reasons=(Reason(code="teacher_never_came"),))
    late = max(there[0].starts_at - occurrence.starts_at, timedelta())
    early = max(occurrence.ends_at - there[-1].ends_at, timedelta())
    tolerance = timedelta(minutes=policy.teacher_tolerance_minutes)
    return TeacherVerdict(
        status=(
            TeacherStatus.LATE
            if late > tolerance
            else TeacherStatus.LEFT_EARLY
            if early > tolerance
            else TeacherStatus.PRESENT
        ),
        seconds=whole_seconds(cut(there, occurrence.scheduled)),
        late_seconds=int(late.total_seconds()),
        early_seconds=int(early.total_seconds()),
        first_joined_at=there[0].starts_at,
        last_left_at=there[-1].ends_at,
        reasons=(
            *(_minutes("teacher_late", late) if late > tolerance else ()),
            *(_minutes("teacher_left_early", early) if early > tolerance else ()),
            *(() if stays else [Reason(code="teacher_from_meeting")]),
        ),
    )


def _unless_it_was_the_teacher(
    verdict: TeacherVerdict, strangers: Sequence[Stay], run: Period | None
) -> TeacherVerdict:
    """Return the verdict, or `unknown` in place of a no-show while somebody whom nobody has recognised was there."""
    if verdict.status != TeacherStatus.NO_SHOW or run is None or not cut(presence(strangers, until=run.ends_at), run):
        return verdict
    reasons = (*verdict.reasons, Reason(code="may_be_a_stranger"))
    return replace(verdict, status=TeacherStatus.UNKNOWN, reasons=reasons)


def _teacher_presence(occurrence: JudgedOccurrence, stays: Sequence[Stay], run: Period | None) -> list[Period]:
    """
    Return when the teacher was there.

    Zoom may not report the host's own arrival: where only the host can open the meeting, they were there from its start
    until the first stay that was reported, or until its end.
    """
    if run is None:
        return []
    there = _there(stays, occurrence, run)
    if occurrence.opens_without_host:
        return there
    until = there[0].starts_at if there else run.ends_at
    return merged(without([Period(starts_at=run.starts_at, ends_at=until), *there], occurrence.gaps))


def _source(stays: Sequence[Stay]) -> StaySource | None:
    """Return who told of these stays; the report, where it did, has the last word."""
    sources = {stay.source for stay in stays}
    if StaySource.REPORT in sources:
        return StaySource.REPORT
    return StaySource.WEBHOOK if sources else None


def _together(periods: Sequence[Period]) -> timedelta:
    return sum((p.length for p in periods), timedelta())


def _minutes(code: str, length: timedelta) -> tuple[Reason, ...]:
    """Return a reason that tells a length in minutes, none when there is nothing to tell."""
    return (Reason(code=code, figures={"minutes": _up(length)}),) if length > timedelta() else ()


def _down(length: timedelta) -> int:
    return length // timedelta(minutes=1)


def _up(length: timedelta) -> int:
    return -(-length // timedelta(minutes=1))
