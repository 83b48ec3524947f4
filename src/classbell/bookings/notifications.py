"""What people are told about bookings."""

from datetime import datetime

from django.urls import reverse

from classbell.accounts.models import User
from classbell.bookings.models import Booking, MakeUpCredit, NoShow, Reschedule
from classbell.meetings.models import Occurrence
from classbell.notices.services import tell
from classbell.notices.texts import Kind


def requested(booking: Booking, *, now: datetime) -> None:
    """A student asks: the teacher should answer."""
    _tell(booking.teacher, Kind.LESSON_REQUESTED, booking, now=now)


def asked_as_guest(booking: Booking, *, now: datetime) -> None:
    """A guest's lesson was asked for: they are told with the link that sees to it."""
    tell(booking.student, Kind.GUEST_ASKED, _of_guest(booking), path=f"/bookings/{booking.pk}/", now=now)


def confirms_as_guest(booking: Booking, *, now: datetime) -> None:
    """A guest has until it lapses to follow the link of this mail."""
    until = booking.lapses_at or booking.starts_at
    facts = _of_guest(booking) | {"until": until.isoformat()}
    tell(booking.student, Kind.GUEST_CONFIRMS, facts, path=f"/bookings/{booking.pk}/", stale_at=until, now=now)


def booked_at_once(booking: Booking, *, now: datetime) -> None:
    """A lesson that needed no answer."""
    _tell(booking.teacher, Kind.LESSON_BOOKED, booking, now=now)
    _tell(booking.student, Kind.LESSON_CONFIRMED, booking, now=now)


def booked_for_student(booking: Booking, *, by: User, now: datetime) -> None:
    """Somebody of the school booked it for the student: whoever did not should know, and a teacher's calendar."""
    _tell(booking.student, Kind.LESSON_BOOKED_FOR_YOU, booking, by=by.name, now=now)
    if by.pk == booking.teacher_id:
        _tell(by, Kind.LESSON_CONFIRMED_BY_YOU, booking, now=now)
    else:
        _tell(booking.teacher, Kind.LESSON_BOOKED_WITH_YOU, booking, by=by.name, now=now)


def confirmed(booking: Booking, *, now: datetime) -> None:
    """The teacher said yes."""
    _tell(booking.student, Kind.LESSON_CONFIRMED, booking, now=now)
    _tell(booking.teacher, Kind.LESSON_CONFIRMED_BY_YOU, booking, now=now)


def declined(booking: Booking, *, now: datetime) -> None:
    """The teacher said no."""
    _tell(booking.student, Kind.LESSON_DECLINED, booking, reason=booking.cancellation_reason, now=now)


def lapsed(booking: Booking, *, now: datetime) -> None:
    """Nobody answered."""
    _tell(booking.student, Kind.LESSON_LAPSED, booking, now=now)


def moved(booking: Booking, move: Reschedule, *, now: datetime) -> None:
    """It takes place at another time: whoever did not move it should know, and the calendar of who did."""
    old = move.old_starts_at.isoformat()
    for person in _others(booking, move.by):
        _tell(person, Kind.LESSON_MOVED, booking, old=old, reason=move.reason, now=now)
    for person in _themselves(booking, move.by):
        _tell(person, Kind.LESSON_MOVED_BY_YOU, booking, old=old, now=now)


def cancelled(booking: Booking, *, by: User, now: datetime) -> None:
    """It does not take place: whoever did not cancel it should know, and the calendar of who did."""
    for person in _others(booking, by):
        _tell(person, Kind.LESSON_CANCELLED, booking, reason=booking.cancellation_reason, now=now)
    for person in _themselves(booking, by):
        _tell(person, Kind.LESSON_CANCELLED_BY_YOU, booking, now=now)


def completed(booking: Booking, *, now: datetime) -> None:
    """It is over: the student may say how it was."""
    if booking.no_show != NoShow.STUDENT:
        _tell(booking.student, Kind.LESSON_COMPLETED, booking, now=now)


def missed(booking: Booking, *, now: datetime) -> None:
    """One side did not come: both are told, and what follows."""
    if booking.no_show == NoShow.STUDENT:
        _tell(booking.student, Kind.LESSON_MISSED, booking, now=now)
        return
    credit = MakeUpCredit.objects.filter(missed=booking).first()
    for person in (booking.student, booking.teacher):
        if credit is None:
            _tell(person, Kind.LESSON_NOT_HELD, booking, now=now)
        else:
            _tell(person, Kind.LESSON_NOT_HELD_CREDIT, booking, until=_until(credit), now=now)


def makeup_earned(credit: MakeUpCredit, *, now: datetime) -> None:
    """A student who was excused in time has a lesson to make up for it."""
    teacher = credit.teacher.name if credit.teacher else ""
    facts = _session_facts(credit) | {"teacher": teacher, "until": _until(credit)}
    tell(credit.student, Kind.MAKEUP_EARNED, facts, path=reverse("makeups"), now=now)


def makeup_taken_back(credit: MakeUpCredit, *, now: datetime) -> None:
    """They are not excused any more."""
    tell(credit.student, Kind.MAKEUP_TAKEN_BACK, _session_facts(credit), path=reverse("makeups"), now=now)


def makeup_corrected(student: User, *, reason: str, by: User, now: datetime) -> None:
    """Somebody of the school gave or took lessons."""
    facts = {"by": by.name, "count": MakeUpCredit.objects.usable(now).filter(student=student).count(), "reason": reason}
    tell(student, Kind.MAKEUP_CORRECTED, facts, path=reverse("makeups"), now=now)


def _until(credit: MakeUpCredit) -> str:
    # What makes up for something always has an end (`makeup.give`).
    return credit.expires_at.isoformat() if credit.expires_at else ""


def _session_facts(credit: MakeUpCredit) -> dict[str, str]:
    session: Occurrence | None = credit.session
    if session is None:
        return {"title": "", "when": credit.created_at.isoformat()}
    return {"title": session.meeting.title, "when": session.starts_at.isoformat()}


def _of_guest(booking: Booking) -> dict[str, str]:
    return {"teacher": booking.teacher.name, "when": booking.starts_at.isoformat()}


def _others(booking: Booking, by: User) -> list[User]:
    return [person for person in (booking.student, booking.teacher) if person.pk != by.pk]


def _themselves(booking: Booking, by: User) -> list[User]:
    """Return who did it, if their calendar may have the lesson: only what is agreed was ever put there."""
    held_in = booking.meeting if booking.group_lesson is None else booking.group_lesson.meeting
    has_session = held_in is not None
    return [person for person in (booking.student, booking.teacher) if person.pk == by.pk and has_session]


def _tell(person: User, kind: Kind, booking: Booking, *, now: datetime, **more: str) -> None:
    facts = {
        "student": booking.student.name,
        "teacher": booking.teacher.name,
        "when": booking.starts_at.isoformat(),
        **more,
    }
    if (session := booking.session) is not None:
        facts["session"] = str(session.pk)
    tell(person, kind, facts, path=f"/bookings/{booking.pk}/", now=now)
