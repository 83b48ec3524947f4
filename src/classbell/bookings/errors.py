"""What bookings say no to, each with its sentence."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from classbell.bookings.models import Booking, BookingSeries, BookingStatus, GroupLesson
from classbell.errors import DomainError, NotThere
from classbell.meetings.models import Occurrence


class SlotUnavailable(DomainError):
    """
    The time is taken, outside availability, past, too soon or too far ahead. `nearest` are free starts around it, aware UTC,
    where a kind of lesson was asked for.
    """

    code = "slot_unavailable"

    def __init__(self, nearest: Sequence[datetime] = ()) -> None:
        self.nearest = list(nearest)
        super().__init__(_("Time slot is not available"), details=[{"nearest": self.nearest}] if nearest else ())


class AwaitsGuest(DomainError):
    """Whoever booked has not confirmed their address."""

    code = "awaits_guest"

    def __init__(self) -> None:
        super().__init__(_("The guest has yet to confirm it by the link in their mail."))


class AwaitsPayment(DomainError):
    """Whoever booked it has not paid."""

    code = "awaits_payment"

    def __init__(self) -> None:
        super().__init__(_("It is held until it is paid."))


def check_not_held(booking: Booking, unconfirmed: type[DomainError]) -> None:
    """Raise AwaitsPayment while a time is held until it is paid, `unconfirmed` while it is until its guest confirms."""
    if booking.is_held:
        raise AwaitsPayment if booking.awaits_payment else unconfirmed


class StudentBusy(DomainError):
    """The student has another live booking at that time."""

    code = "student_busy"

    def __init__(self) -> None:
        super().__init__(_("The student already has a booking at that time. Cancel or move one of the two."))


class StudentTeaches(DomainError):
    """The student teaches at that time, and is one person."""

    code = "student_teaches"

    def __init__(self, name: str) -> None:
        super().__init__(_("%(name)s teaches at that time. Choose another time.") % {"name": name})


class StudentExpectedElsewhere(DomainError):
    """The student is expected elsewhere at that time, and who books for them has not said that they know."""

    code = "overlaps_own_sessions"

    def __init__(self, name: str, sessions: Sequence[Occurrence]) -> None:
        text = _(
            "%(name)s is expected in a class, circle or meeting at that time. Choose another time, or say that both shall "
            "be (despite_overlap)."
        )
        super().__init__(text % {"name": name}, details=_described(sessions))


class NotALearner(DomainError):
    """Lessons are for students."""

    code = "not_a_student"

    def __init__(self, name: str) -> None:
        super().__init__(_("%(name)s is not a student here. Lessons are booked for students.") % {"name": name})


class NoSuchStudent(NotThere):
    """There is no such student, or none whom this person may book for."""

    def __init__(self) -> None:
        super().__init__(_("There is no such student among yours."))


class OwnLesson(DomainError):
    """Nobody is their own student."""

    code = "own_lesson"

    def __init__(self) -> None:
        super().__init__(_("Nobody takes lessons from themselves. Choose another teacher."))


class OverlapsOwnSessions(DomainError):
    """The student is expected elsewhere at that time, and has not said that they know."""

    code = "overlaps_own_sessions"

    def __init__(self, sessions: Sequence[Occurrence]) -> None:
        titles = pgettext("between names in a list", ", ").join(f"“{session.meeting.title}”" for session in sessions)
        super().__init__(
            _(
                "At that time you also have %(titles)s. Choose another time, or say that you want both (despite_overlap)."
            )
            % {"titles": titles},
            details=_described(sessions),
        )


def _described(sessions: Sequence[Occurrence]) -> list[dict[str, object]]:
    return [
        {"title": session.meeting.title, "starts_at": session.starts_at, "ends_at": session.ends_at}
        for session in sessions
    ]


class TooManyOpenRequests(DomainError):
    """A policy allows a student fewer lessons at once that nobody has said yes to."""

    code = "too_many_open_requests"

    def __init__(self, *, allowed: int, in_all: bool, left: int = 0) -> None:
        rule = "open_requests_in_all" if in_all else "open_requests_with_teacher"
        super().__init__(self._sentence(allowed=allowed, in_all=in_all, left=left), details=[{rule: allowed}])

    @staticmethod
    def _sentence(*, allowed: int, in_all: bool, left: int) -> str:
        if left > 0:
            return ngettext(
                "Only %(left)s lesson more may wait for an answer now. Ask for fewer dates, or for the others later.",
                "Only %(left)s lessons more may wait for an answer now. Ask for fewer dates, or for the others later.",
                left,
            ) % {"left": left}
        sentence = (
            ngettext(
                "You have %(allowed)s lesson open with all teachers, as many as you may: wait for it, or take it back.",
                "You have %(allowed)s lessons open with all teachers, as many as you may: wait for one, or take one back.",
                allowed,
            )
            if in_all
            else ngettext(
                "You have %(allowed)s lesson open with this teacher, as many as you may: wait for it, or take it back.",
                "You have %(allowed)s lessons open with this teacher, as many as you may: wait for one, or take one back.",
                allowed,
            )
        )
        return sentence % {"allowed": allowed}


class InvalidPeriod(DomainError):
    """The times given make no lesson."""

    code = "invalid_period"


class BookingNotPending(DomainError):
    """Only a request that waits can be answered."""

    code = "booking_not_pending"

    def __init__(self, status: str) -> None:
        super().__init__(
            _("Only a booking that waits for an answer can be answered; this one: %(status)s.")
            % {"status": BookingStatus(status).label}
        )


class BookingNotConfirmed(DomainError):
    """Only a confirmed booking has a meeting and can be completed."""

    code = "booking_not_confirmed"

    def __init__(self, status: str) -> None:
        super().__init__(
            _("This needs a confirmed booking; this one: %(status)s.") % {"status": BookingStatus(status).label}
        )


class BookingClosed(DomainError):
    """Nothing leaves CANCELLED or COMPLETED."""

    code = "booking_closed"

    def __init__(self, status: str) -> None:
        super().__init__(
            _("This booking can no longer be changed: %(status)s.") % {"status": BookingStatus(status).label}
        )


class BookingStarted(DomainError):
    """It is too late to change when, or whether, it takes place."""

    code = "booking_started"

    def __init__(self) -> None:
        super().__init__(_("This booking can no longer be changed: its time has come."))


class BookingNotStarted(DomainError):
    """It is too early to say that it took place."""

    code = "booking_not_started"

    def __init__(self) -> None:
        super().__init__(_("A booking can be completed once it has started."))


class NoSuchBooking(NotThere):
    """There is no such booking."""

    def __init__(self) -> None:
        super().__init__(_("There is no such booking."))


class NoMeeting(NotThere):
    """The booking has no meeting at Zoom."""

    code = "no_meeting"

    def __init__(self) -> None:
        super().__init__(_("No meeting associated with this booking"))


class NoticeTooShort(DomainError):
    """A policy asks for more notice than is left."""

    code = "notice_too_short"

    def __init__(self, *, hours: int, starts_at: datetime, moving: bool) -> None:
        rule = (
            ngettext(
                "A lesson can be moved until %(hours)s hour before it starts.",
                "A lesson can be moved until %(hours)s hours before it starts.",
                hours,
            )
            if moving
            else ngettext(
                "A lesson can be cancelled until %(hours)s hour before it starts.",
                "A lesson can be cancelled until %(hours)s hours before it starts.",
                hours,
            )
        ) % {"hours": hours}
        local = timezone.localtime(starts_at)
        this_one = _("This one starts on %(day)s at %(time)s (%(zone)s). Ask your teacher.") % {
            "day": date_format(local, "DATE_FORMAT"),
            "time": local.strftime("%H:%M"),
            "zone": timezone.get_current_timezone_name(),
        }
        super().__init__(f"{rule} {this_one}", details=[{"hours": hours, "starts_at": starts_at}])


class TooManyReschedules(DomainError):
    """A policy allows fewer moves a month."""

    code = "too_many_reschedules"

    def __init__(self, *, allowed: int) -> None:
        super().__init__(
            ngettext(
                "Lessons can be moved %(allowed)s time a month, and you have done so. Ask your teacher.",
                "Lessons can be moved %(allowed)s times a month, and you have done so. Ask your teacher.",
                allowed,
            )
            % {"allowed": allowed},
            details=[{"reschedules_per_month": allowed}],
        )


class TooEarlyForNoShow(DomainError):
    """Nobody is a no-show yet."""

    code = "too_early_for_no_show"

    def __init__(self, *, minutes: int) -> None:
        super().__init__(
            ngettext(
                "Wait until %(minutes)s minute after the start before you report that somebody did not come.",
                "Wait until %(minutes)s minutes after the start before you report that somebody did not come.",
                minutes,
            )
            % {"minutes": minutes},
            details=[{"no_show_after_minutes": minutes}],
        )


class TeacherWasThere(DomainError):
    """The meeting took place at Zoom."""

    code = "teacher_was_there"

    def __init__(self) -> None:
        super().__init__(_("Zoom says that this meeting was started. If something is wrong, write to the school."))


class NoCredit(DomainError):
    """The student has no lesson left with this teacher."""

    code = "no_makeup_credit"

    def __init__(self) -> None:
        super().__init__(_("There is no lesson left with this teacher, or it has expired."))


class BalanceTooLow(DomainError):
    """There are fewer lessons to take away than were named."""

    code = "balance_too_low"

    def __init__(self, left: int) -> None:
        super().__init__(
            _("There is no lesson to take away.")
            if not left
            else ngettext(
                "Only %(left)s lesson can be taken away. Take away no more than that.",
                "Only %(left)s lessons can be taken away. Take away no more than that.",
                left,
            )
            % {"left": left},
            details=[{"field": "amount", "left": left}],
        )


class CreditsUnclear(DomainError):
    """A correction of somebody's lessons does not say what is to be."""

    code = "correction_unclear"

    def __init__(self, field: str) -> None:
        said = {
            "amount": _("Say how many: from 1 to 20 to give, from -1 to -20 to take away."),
            "teacher_id": _("Name the teacher with whom it is; nobody has lessons with themselves."),
            "expires_at": _("Say until when it can be used; that must be in the future."),
            "reason": _("Say why: the student reads it."),
        }
        super().__init__(said[field], details=[{"field": field}])


class FeedbackRefused(DomainError):
    """Feedback is given once, on completed bookings."""

    code = "feedback_refused"


class IsALesson(DomainError):
    """Somebody changes the times of a lesson's meeting, which has them from its booking."""

    code = "is_a_lesson"

    def __init__(self, lesson: Booking | BookingSeries | GroupLesson) -> None:
        names = {Booking: "booking_id", BookingSeries: "series_id", GroupLesson: "group_lesson_id"}
        name = names[type(lesson)]
        super().__init__(
            _("This is a lesson: move or cancel its booking, and the meeting follows."),
            details=[{name: str(lesson.pk)}],
        )
