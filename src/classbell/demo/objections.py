"""What people of the demo say about their attendance: an open objection, one that was answered, and a word of a teacher's."""

from datetime import datetime, timedelta

from classbell.demo import circles
from classbell.demo.people import People
from classbell.meetings.attendance.services import answer_objection, object_to, override_attendance
from classbell.meetings.models import Attendance
from classbell.meetings.verdicts import AttendanceStatus

CLASS = "Arabic for beginners"
SOON, NEXT_DAY = timedelta(hours=2), timedelta(hours=20)


def make_objections(people: People, *, now: datetime) -> None:
    """Say what is missing: each person says it of the last time that they were absent from the class, once."""
    if absence := _absence(people, "student", CLASS):
        object_to(
            occurrence_id=absence.occurrence_id,
            student=people["student"],
            objection="I was there the whole hour, on my sister's phone. My own had no battery.",
            now=_after(absence, SOON, now),
        )
    if absence := _absence(people, "layla", CLASS):
        object_to(
            occurrence_id=absence.occurrence_id,
            student=people["layla"],
            objection="My connection was gone, but I called in and read my lines.",
            now=_after(absence, SOON, now),
        )
        _overrule(absence, people, "teacher", "She called in by phone; we all heard her read.", now)
        answer_objection(
            occurrence_id=absence.occurrence_id,
            student_id=absence.user_id,
            answer="You are right, and you read well. I have corrected it.",
            by=people["teacher"],
            now=_after(absence, NEXT_DAY, now),
        )
    if absence := _absence(people, "salman", circles.EVENING.title):
        _overrule(absence, people, "khalid", "حضر بالهاتف وسمعنا قراءته.", now)


def _absence(people: People, student: str, title: str) -> Attendance | None:
    """Return when a student was last not seen in a class where they never said anything, nor anybody for them."""
    records = Attendance.objects.filter(user=people[student], occurrence__meeting__group__name=title)
    if records.exclude(objected_at=None, override_status="").exists():
        return None
    not_seen = (AttendanceStatus.ABSENT, AttendanceStatus.UNKNOWN)
    absent = records.filter(computed_status__in=not_seen).select_related("occurrence")
    return absent.order_by("-occurrence__starts_at").first()


def _overrule(absence: Attendance, people: People, teacher: str, reason: str, now: datetime) -> None:
    override_attendance(
        occurrence_id=absence.occurrence_id,
        student_id=absence.user_id,
        status=AttendanceStatus.PRESENT,
        reason=reason,
        by=people[teacher],
        now=_after(absence, NEXT_DAY, now),
    )


def _after(absence: Attendance, pause: timedelta, now: datetime) -> datetime:
    return min(now, absence.occurrence.ends_at + pause)
