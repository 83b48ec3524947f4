"""The verdict of one of those who were expected."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from classbell.meetings.judging.inputs import Policy
from classbell.meetings.judging.measure import begun_minutes, full_minutes, minutes_reason, together
from classbell.meetings.periods import Period, StaySource, cut, first_of, last_of, merged, whole_seconds
from classbell.meetings.verdicts import AttendanceStatus, Reason, Verdict


def judge_person(
    stretches: Sequence[Period],
    counted: Sequence[Period],
    policy: Policy,
    room: StaySource | None,
    told_by: StaySource | None,
) -> Verdict:
    """
    Return the verdict of somebody who was there in these `stretches`; `room` is who told of anybody, `told_by` who told of
    them.
    """
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


def unless_a_stranger(
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
    return together(cut(counted, Period(starts_at=counted[0].starts_at, ends_at=there[0].starts_at)))


def _status(there: Sequence[Period], counted: Sequence[Period], policy: Policy, late: timedelta) -> AttendanceStatus:
    credited = together(_credited(there, counted, policy))
    if credited * 100 < together(counted) * policy.partial_percent:
        return AttendanceStatus.ABSENT
    if credited * 100 < together(counted) * policy.present_percent:
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
    came_late = Reason(code="came_late", figures={"minutes": begun_minutes(late), "allowed": policy.late_after_minutes})
    stayed = Period(starts_at=there[0].starts_at, ends_at=there[-1].ends_at)
    away = together(cut(counted, stayed)) - together(there)
    early = together(cut(counted, Period(starts_at=stayed.ends_at, ends_at=counted[-1].ends_at)))
    credited = together(_credited(there, counted, policy))
    forgiven = credited - together(there)
    return (
        *([came_late] if late > timedelta(minutes=policy.late_after_minutes) else []),
        _how_long(status, together(there), counted, policy),
        *(minutes_reason("away_between", away) if away >= timedelta(minutes=1) else ()),
        *(minutes_reason("left_early", early) if early > timedelta(minutes=policy.grace_after_minutes) else ()),
        *([_what_counts(forgiven, credited, counted)] if forgiven else []),
    )


def _how_long(status: AttendanceStatus, there: timedelta, counted: Sequence[Period], policy: Policy) -> Reason:
    figures = {
        "minutes": full_minutes(there),
        "of": full_minutes(together(counted)),
        "percent": 100 * there // together(counted),
    }
    if status == AttendanceStatus.PARTIAL:
        return Reason(code="there_in_part", figures={**figures, "threshold": policy.present_percent})
    if status == AttendanceStatus.ABSENT:
        return Reason(code="hardly_there", figures={**figures, "threshold": policy.partial_percent})
    return Reason(code="there_enough", figures=figures)


def _what_counts(forgiven: timedelta, credited: timedelta, counted: Sequence[Period]) -> Reason:
    """Return the figures that the verdict rests on, where they are not those of the time somebody was there."""
    figures = {
        "minutes": begun_minutes(forgiven),
        "counts": full_minutes(credited),
        "percent": 100 * credited // together(counted),
    }
    return Reason(code="counted_with_grace", figures=figures)
