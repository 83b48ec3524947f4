"""What people are told about bookings, each in their own language and timezone."""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.bookings.models import Booking, MakeUpCredit, NoShow, Reschedule
from classbell.notices.services import tell

Texts = Callable[[dict[str, str]], tuple[str, str]]


def requested(booking: Booking, *, now: datetime) -> None:
    """A student asks: the teacher should answer."""
    _tell(
        booking.teacher,
        booking,
        now,
        lambda names: (
            _("%(student)s asks for a lesson on %(when)s") % names,
            _(
                "%(student)s would like a lesson with you on %(when)s. Confirm or decline it; until then the time is held."
            )
            % names,
        ),
    )


def booked_at_once(booking: Booking, *, now: datetime) -> None:
    """A lesson that needed no answer."""
    _tell(
        booking.teacher,
        booking,
        now,
        lambda names: (
            _("%(student)s booked a lesson on %(when)s") % names,
            _("%(student)s booked a lesson with you on %(when)s. It is confirmed, as you wished.") % names,
        ),
    )
    confirmed(booking, now=now)


def confirmed(booking: Booking, *, now: datetime) -> None:
    """The teacher said yes."""
    _tell(
        booking.student,
        booking,
        now,
        lambda names: (
            _("Your lesson on %(when)s is confirmed") % names,
            _("%(teacher)s expects you on %(when)s. The link is on the lesson's page.") % names,
        ),
    )


def declined(booking: Booking, *, now: datetime) -> None:
    """The teacher said no."""
    _tell(
        booking.student,
        booking,
        now,
        lambda names: (
            _("%(teacher)s cannot give the lesson on %(when)s") % names,
            _("%(teacher)s declined your request for %(when)s: %(reason)s Choose another time.") % names,
        ),
    )


def lapsed(booking: Booking, *, now: datetime) -> None:
    """Nobody answered."""
    _tell(
        booking.student,
        booking,
        now,
        lambda names: (
            _("Your request for %(when)s was not answered") % names,
            _("%(teacher)s did not answer your request for %(when)s in time, so it was given up. Choose another time.")
            % names,
        ),
    )


def moved(booking: Booking, move: Reschedule, *, now: datetime) -> None:
    """It takes place at another time: whoever did not move it should know."""
    for person in _others(booking, move.by):
        old = move.old_starts_at
        _tell(
            person,
            booking,
            now,
            lambda names, old=old: (  # type: ignore[misc]  # mypy does not infer defaults of lambdas
                _("Lesson moved to %(when)s") % names,
                _("The lesson of %(student)s with %(teacher)s on %(old)s was moved to %(when)s. %(reason)s")
                % (names | {"old": _moment(old), "reason": move.reason}),
            ),
        )


def cancelled(booking: Booking, *, by: User, now: datetime) -> None:
    """It does not take place: whoever did not cancel it should know."""
    for person in _others(booking, by):
        _tell(
            person,
            booking,
            now,
            lambda names: (
                _("Lesson on %(when)s cancelled") % names,
                _("The lesson of %(student)s with %(teacher)s on %(when)s was cancelled. %(reason)s") % names,
            ),
        )


def completed(booking: Booking, *, now: datetime) -> None:
    """It is over: the student may say how it was."""
    if booking.no_show == NoShow.STUDENT:
        return
    _tell(
        booking.student,
        booking,
        now,
        lambda names: (
            _("How was your lesson with %(teacher)s?") % names,
            _("Your lesson with %(teacher)s on %(when)s is completed. Say how it was: it helps others to choose.")
            % names,
        ),
    )


def missed(booking: Booking, *, now: datetime) -> None:
    """One side did not come: both are told, and what follows."""
    credit = MakeUpCredit.objects.filter(missed=booking).first()
    if booking.no_show == NoShow.STUDENT:
        _tell(
            booking.student,
            booking,
            now,
            lambda names: (
                _("You missed your lesson on %(when)s") % names,
                _("%(teacher)s waited for you on %(when)s and noted that you did not come.") % names,
            ),
        )
        return
    for person in (booking.student, booking.teacher):
        _tell(
            person,
            booking,
            now,
            lambda names: (
                _("The lesson on %(when)s did not take place") % names,
                (
                    _("%(teacher)s did not come on %(when)s. %(student)s may make up for it until %(until)s.")
                    % (names | {"until": _moment(credit.expires_at)})
                    if credit
                    else _("%(teacher)s did not come on %(when)s.") % names
                ),
            ),
        )


def _others(booking: Booking, by: User) -> list[User]:
    return [person for person in (booking.student, booking.teacher) if person.pk != by.pk]


def _tell(person: User, booking: Booking, now: datetime, texts: Texts) -> None:
    def words() -> tuple[str, str]:
        return texts(
            {
                "student": booking.student.name,
                "teacher": booking.teacher.name,
                "when": _moment(booking.starts_at),
                "reason": booking.cancellation_reason,
            }
        )

    tell(person, words, path=f"/bookings/{booking.pk}/", now=now)


def _moment(moment: datetime) -> str:
    """Write a moment in the reader's timezone, which is the current one while they are told."""
    local = timezone.localtime(moment)
    return _("%(day)s, %(time)s (%(zone)s)") % {
        "day": date_format(local, "l j F"),
        "time": local.strftime("%H:%M"),
        "zone": timezone.get_current_timezone_name(),
    }
