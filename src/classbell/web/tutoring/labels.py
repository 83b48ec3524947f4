"""An academy's rules in sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.bookings.models import BookingPolicy


def policy_in_words(policy: BookingPolicy) -> list[str]:
    """Return what a policy means, one sentence a rule; also where there is no rule."""
    return [
        _cancelling(policy.cancel_notice_hours),
        _moving(policy.reschedule_notice_hours),
        _moves(policy.reschedules_per_month),
        _asking(policy.open_requests_with_teacher),
        _asking_all(policy.open_requests_in_all),
        _lapsing(policy.request_lapses_after_hours),
        _missing(policy.no_show_after_minutes),
        _making_up(policy.makeup_credit_days),
        _cancelling_late(takes_lesson=policy.late_cancellation_takes_lesson),
        _missing_paid(returns=policy.no_show_returns_lesson),
    ]


def _cancelling(hours: int | None) -> str:
    if not hours:
        return _("Students may cancel at any time before the start.")
    return ngettext(
        "Students may cancel until %(n)s hour before the start.",
        "Students may cancel until %(n)s hours before the start.",
        hours,
    ) % {"n": hours}


def _cancelling_late(*, takes_lesson: bool) -> str:
    if takes_lesson:
        return _("What they booked with a lesson that they have they may cancel later too; that lesson is then lost.")
    return _("Later than that they cannot cancel what they booked with a lesson that they have either.")


def _missing_paid(*, returns: bool) -> str:
    if returns:
        return _("A student who does not come keeps the lesson that they booked with.")
    return _("A student who does not come loses the lesson that they booked with.")


def _moving(hours: int | None) -> str:
    if not hours:
        return _("Students may move a lesson at any time before the start.")
    return ngettext(
        "Students may move a lesson until %(n)s hour before the start.",
        "Students may move a lesson until %(n)s hours before the start.",
        hours,
    ) % {"n": hours}


def _moves(times: int | None) -> str:
    if times is None:
        return _("They may do so as often as needed.")
    if times == 0:
        return _("Once confirmed, only the teacher moves a lesson.")
    return ngettext(
        "They may do so %(n)s time a month with one teacher.",
        "They may do so %(n)s times a month with one teacher.",
        times,
    ) % {"n": times}


def _asking(lessons: int | None) -> str:
    if lessons is None:
        return _("A student may ask one teacher for any number of lessons at once.")
    return ngettext(
        "A student may have %(n)s lesson open with one teacher: asked for and not answered, or confirmed automatically and "
        "ahead.",
        "A student may have %(n)s lessons open with one teacher: asked for and not answered, or confirmed automatically and "
        "ahead.",
        lessons,
    ) % {"n": lessons}


def _asking_all(lessons: int | None) -> str:
    if lessons is None:
        return _("What is open with other teachers does not matter.")
    return ngettext(
        "With all teachers together a student may have %(n)s lesson open.",
        "With all teachers together a student may have %(n)s lessons open.",
        lessons,
    ) % {"n": lessons}


def _lapsing(hours: int) -> str:
    return ngettext(
        "A request nobody answers is given up after %(n)s hour, at its start at the latest.",
        "A request nobody answers is given up after %(n)s hours, at its start at the latest.",
        hours,
    ) % {"n": hours}


def _missing(minutes: int) -> str:
    return ngettext(
        "Whoever is not there %(n)s minute after the start can be reported as missing.",
        "Whoever is not there %(n)s minutes after the start can be reported as missing.",
        minutes,
    ) % {"n": minutes}


def _making_up(days: int | None) -> str:
    if days is None:
        return _("When the teacher does not come, there is no make-up lesson.")
    return ngettext(
        "When the teacher does not come, the student has a make-up lesson, to be used within %(n)s day.",
        "When the teacher does not come, the student has a make-up lesson, to be used within %(n)s days.",
        days,
    ) % {"n": days}
