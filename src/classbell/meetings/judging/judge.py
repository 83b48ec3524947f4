"""Judging one session with everybody in it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from classbell.meetings.judging.inputs import JudgedOccurrence, Policy
from classbell.meetings.judging.measure import (
    begun_minutes,
    counted_time,
    full_minutes,
    least_length,
    minutes_reason,
    run_of,
    time_there,
    together,
)
from classbell.meetings.judging.people import judge_person, unless_a_stranger
from classbell.meetings.judging.teacher import judge_teacher, unless_it_was_the_teacher
from classbell.meetings.periods import K, Period, Stay, StaySource, between, differences, without
from classbell.meetings.verdicts import (
    AttendanceStatus,
    Judgement,
    OccurrenceResult,
    Reason,
    TeacherStatus,
    TeacherVerdict,
    Verdict,
    partly_elsewhere,
    with_excuses,
)


def judge(
    *,
    occurrence: JudgedOccurrence,
    policy: Policy,
    people: Mapping[K, Sequence[Stay]],
    teacher: Sequence[Stay] = (),
    others: Sequence[Stay] = (),
    strangers: Sequence[Stay] = (),
    excused: Collection[K] = (),
    heard: bool,
) -> Judgement[K]:
    """
    Judge one session.

    `people` has the stays of everybody expected, empty for those who were not seen; `others` are stays of anybody else,
    `strangers` those of people nobody has recognised. Who would not be absent if the strangers were them is not called so.
    `excused` are those whose absence was accepted.
    `heard` says whether anything at all about who was there reached us: if not, no one is called absent.
    """
    at_zoom = _judge_at_zoom(occurrence, policy, people, teacher, others, strangers, heard=heard)
    elsewhere = "" if occurrence.cancelled else occurrence.elsewhere
    return with_excuses(partly_elsewhere(at_zoom, people, elsewhere) if elsewhere else at_zoom, excused)


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
    run = run_of(occurrence, room)
    source = _source(room)
    unrecognised = [stay for stay in strangers if stay.source == source]
    kept = unless_it_was_the_teacher(judge_teacher(occurrence, policy, teacher, run, heard=heard), unrecognised, run)
    void = _why_void(occurrence, policy, kept, run, heard=heard)
    if void is None and run and run.starts_at >= occurrence.ends_at and teacher and len(teacher) == len(room):
        # Whoever opens the room when the time is over has held nothing that anybody could have missed.
        void = Reason(code="teacher_alone_afterwards")
    if void is not None:
        return Judgement(result=OccurrenceResult.VOID, reasons=(void,), counted=None, teacher=kept, people={})
    counted = counted_time(occurrence, policy, run) if run else []
    span = Period(starts_at=counted[0].starts_at, ends_at=counted[-1].ends_at) if counted else None
    if run is None or span is None or not heard:
        unknown = Verdict(status=AttendanceStatus.UNKNOWN, reasons=(Reason(code="nothing_heard"),))
        result = OccurrenceResult.HELD if run else OccurrenceResult.UNKNOWN
        verdicts = dict.fromkeys(people, unknown)
        return Judgement(result=result, reasons=(), counted=span, teacher=kept, people=verdicts)
    verdicts = {
        person: unless_a_stranger(
            judge_person(time_there(stays, occurrence, run), counted, policy, source, _source(stays)),
            time_there([*stays, *unrecognised], occurrence, run) if unrecognised else [],
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


def _why_void(
    occurrence: JudgedOccurrence, policy: Policy, teacher: TeacherVerdict, run: Period | None, *, heard: bool
) -> Reason | None:
    if occurrence.cancelled:
        return Reason(code="cancelled")
    if run is None:
        return Reason(code="never_started") if heard else None
    if policy.void_when_host_never_came and teacher.status == TeacherStatus.NO_SHOW:
        return Reason(code="host_never_came")
    if not counted_time(occurrence, policy, run):
        return Reason(
            code="too_short",
            figures={
                "minutes": full_minutes(together(without([run], occurrence.gaps))),
                "least": begun_minutes(least_length(occurrence, policy)),
            },
        )
    return None


def _why_counted_so(occurrence: JudgedOccurrence, counted: Sequence[Period]) -> tuple[Reason, ...]:
    if counted[-1].ends_at <= occurrence.starts_at or counted[0].starts_at >= occurrence.ends_at:
        return (Reason(code="held_at_another_time"),)
    return (
        *minutes_reason("started_late", counted[0].starts_at - occurrence.starts_at),
        *minutes_reason("closed_between", together(between(counted))),
        *minutes_reason("ended_early", occurrence.ends_at - counted[-1].ends_at),
    )


def _source(stays: Sequence[Stay]) -> StaySource | None:
    """Return who told of these stays; the report, where it did, has the last word."""
    sources = {stay.source for stay in stays}
    if StaySource.REPORT in sources:
        return StaySource.REPORT
    return StaySource.WEBHOOK if sources else None
