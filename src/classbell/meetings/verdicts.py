"""What can be said of a session and of the people in it: the words, their order and their reasons."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from classbell.meetings.periods import Difference, K, Period, StaySource


class AttendanceStatus(TextChoices):
    """
    How one expected person attended one session. `excused`: they were not seen, and it was accepted that they would not be.
    `unknown`: nothing was heard that could tell.
    """

    PRESENT = "present", _("Present")
    LATE = "late", _("Late")
    PARTIAL = "partial", _("Partly there")
    ABSENT = "absent", _("Absent")
    EXCUSED = "excused", _("Excused")
    UNKNOWN = "unknown", _("Not known")


ATTENDED = (AttendanceStatus.PRESENT, AttendanceStatus.LATE, AttendanceStatus.PARTIAL)


class OccurrenceResult(TextChoices):
    """Whether a session took place. A `void` one counts for nobody and against nobody."""

    HELD = "held", _("Held")
    VOID = "void", _("Did not take place")
    UNKNOWN = "unknown", _("Not known")


class TeacherStatus(TextChoices):
    """How the teacher kept the hour; one who was late and left early is `late`, and both are among the reasons."""

    PRESENT = "present", _("Kept the hour")
    LATE = "late", _("Late")
    LEFT_EARLY = "left_early", _("Left early")
    NO_SHOW = "no_show", _("Did not come")
    UNKNOWN = "unknown", _("Not known")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why a verdict is as it is: a stable code and its figures. `reasons.sentence` says it in the reader's language."""

    code: str
    figures: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, str | int]:
        """Return it as it is stored."""
        return {"code": self.code, **self.figures}


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """
    How one person attended. `seconds` were spent in the counted part of the session, which is `counted_seconds` long.

    The first arrival and last leaving are those of stays that reach into the counted part, as they happened. `source` is
    who told of this person, or of the room when nobody told of them; None when nothing was heard at all.
    """

    status: AttendanceStatus
    seconds: int = 0
    counted_seconds: int = 0
    first_joined_at: datetime | None = None
    last_left_at: datetime | None = None
    source: StaySource | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def share(self) -> float:
        """The part of the counted time that they were there, 0 to 1."""
        return self.seconds / self.counted_seconds if self.counted_seconds else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class TeacherVerdict:
    """How the teacher kept the hour, measured against the timetable; seconds are within the scheduled time."""

    status: TeacherStatus
    seconds: int = 0
    late_seconds: int = 0
    early_seconds: int = 0
    first_joined_at: datetime | None = None
    last_left_at: datetime | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement(Generic[K]):
    """
    Everything that can be said of one session. `counted` is the part that attendance is measured against.

    Of a void session there are no verdicts about people.
    """

    result: OccurrenceResult
    reasons: tuple[Reason, ...]
    counted: Period | None
    teacher: TeacherVerdict
    people: Mapping[K, Verdict]
    differences: tuple[Difference[K], ...] = ()


def with_excuses(judgement: Judgement[K], excused: Collection[K]) -> Judgement[K]:
    """
    Return what can be said where the absence of some was accepted: who was not seen is excused. Who came nevertheless has
    the verdict of their coming, and a void session counts for nobody anyway.
    """
    people = {
        person: replace(verdict, status=AttendanceStatus.EXCUSED, reasons=(*verdict.reasons, Reason(code="excused")))
        if person in excused and verdict.status in (AttendanceStatus.ABSENT, AttendanceStatus.UNKNOWN)
        else verdict
        for person, verdict in judgement.people.items()
    }
    return replace(judgement, people=people)


def partly_elsewhere(at_zoom: Judgement[K], people: Iterable[K], code: str) -> Judgement[K]:
    """
    Return what can be said of a session that was held elsewhere too, for the reason with this code: what Zoom proves, that
    somebody was there, stays; what it did not see may have happened in the other place.
    """
    reason = Reason(code=code)
    unknown = Verdict(status=AttendanceStatus.UNKNOWN, reasons=(reason,))
    seen = {person: verdict for person, verdict in at_zoom.people.items() if verdict.status == AttendanceStatus.PRESENT}
    kept_the_hour = at_zoom.teacher.status == TeacherStatus.PRESENT
    return Judgement(
        result=OccurrenceResult.HELD if at_zoom.result == OccurrenceResult.HELD else OccurrenceResult.UNKNOWN,
        reasons=(reason,),
        counted=at_zoom.counted,
        teacher=at_zoom.teacher if kept_the_hour else TeacherVerdict(status=TeacherStatus.UNKNOWN, reasons=(reason,)),
        people={person: seen.get(person, unknown) for person in people},
        differences=at_zoom.differences,
    )
