"""The teacher's verdict."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from classbell.meetings.judging.inputs import JudgedOccurrence, Policy
from classbell.meetings.judging.measure import minutes_reason, time_there
from classbell.meetings.periods import Period, Stay, cut, merged, presence, whole_seconds, without
from classbell.meetings.verdicts import Reason, TeacherStatus, TeacherVerdict


def judge_teacher(
    occurrence: JudgedOccurrence, policy: Policy, stays: Sequence[Stay], run: Period | None, *, heard: bool
) -> TeacherVerdict:
    """Return the teacher's verdict; `run` None: the room was never open, as far as was `heard`."""
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
            *(minutes_reason("teacher_late", late) if late > tolerance else ()),
            *(minutes_reason("teacher_left_early", early) if early > tolerance else ()),
            *(() if stays else [Reason(code="teacher_from_meeting")]),
        ),
    )


def unless_it_was_the_teacher(verdict: TeacherVerdict, strangers: Sequence[Stay], run: Period | None) -> TeacherVerdict:
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
    there = time_there(stays, occurrence, run)
    if occurrence.opens_without_host:
        return there
    until = there[0].starts_at if there else run.ends_at
    return merged(without([Period(starts_at=run.starts_at, ends_at=until), *there], occurrence.gaps))
