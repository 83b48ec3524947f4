"""A booking as a page shows it: finished values, worked out from its row and the reader."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from classbell.accounts.models import User
from classbell.accounts.reader import reading_guardian
from classbell.bidi import isolated
from classbell.bookings.models import Booking, BookingStatus, NoShow
from classbell.holidays.queries import Holidays, name_for
from classbell.meetings.models import SyncStatus
from classbell.meetings.permissions import can_host
from classbell.moments import moment_in_words
from classbell.web.kit.labels import State, call_by_name, relative, sync_state
from classbell.web.meetings.presenters import Action, door
from classbell.zones import clocks_differ, place_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """
    One booking for one reader.

    `with_whom` is the other one, for admins both. `turns_at` is what comes next of it, its start or, while it runs, its
    end. `other_zone` is there where the other one's clock shows something else. `waits` says that its state may change by
    itself while somebody looks. `part` says whether the reader teaches or learns, "" for who does only one of the two here.
    """

    id: UUID
    title: str
    with_whom: str
    notes: str
    minutes: int
    starts_at: datetime
    ends_at: datetime
    turns_at: datetime
    relative: str
    is_now: bool
    is_over: bool
    is_cancelled: bool
    waits: bool
    meeting_id: UUID | None
    state: State
    action: Action | None
    other_zone: ZoneInfo | None
    other_place: str
    part: str
    holiday: str = ""


def present_booking(booking: Booking, *, user: User, now: datetime, holidays: Holidays | None = None) -> Lesson:
    """
    Return a booking as `user` sees it, with the holiday it begins in if that is among `holidays`. Needs its people and its
    meeting selected.
    """
    other = booking.student if user.pk == booking.teacher_id else booking.teacher
    takes_part = user.pk in (booking.student_id, booking.teacher_id)
    is_over = booking.ends_at <= now or booking.status == BookingStatus.COMPLETED
    is_live = booking.is_live and not is_over
    is_now = is_live and booking.starts_at <= now
    turns_at = booking.ends_at if is_now else booking.starts_at
    state = booking_state(booking, user=user, now=now)
    elsewhere = clocks_differ(other.zone, user.zone, booking.starts_at)
    meeting = booking.held_in
    confirmed = booking.status == BookingStatus.CONFIRMED
    return Lesson(
        id=booking.pk,
        title=_("Lesson with %(name)s") % {"name": other.name} if takes_part else _both(booking),
        with_whom=other.name if takes_part else _both(booking),
        notes=booking.notes,
        minutes=booking.duration_minutes,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        turns_at=turns_at,
        relative=relative(turns_at, now=now),
        is_now=is_now and confirmed,
        is_over=is_over,
        is_cancelled=booking.status == BookingStatus.CANCELLED,
        waits=is_live and (not confirmed or (meeting is not None and meeting.sync_status == SyncStatus.PENDING)),
        meeting_id=meeting.pk if meeting is not None and confirmed else None,
        state=state,
        action=door(
            meeting.pk, hosts=can_host(user, meeting) and user.pk != booking.student_id and not meeting.is_elsewhere
        )
        if meeting is not None and confirmed and is_live and state.works
        else None,
        other_zone=other.zone if elsewhere else None,
        other_place=place_of(other.zone) if elsewhere else "",
        part=_part(booking, user) if takes_part else "",
        holiday=holiday_of(booking, holidays, reader=user) if holidays and is_live else "",
    )


def holiday_of(booking: Booking, holidays: Holidays, *, reader: User) -> str:
    """Return the name of the holiday in which a lesson begins, as somebody may read it, "" where it begins in none."""
    found = holidays.at(booking.starts_at, teacher_id=booking.teacher_id)
    return name_for(found, reader) if found is not None else ""


def booking_state(booking: Booking, *, user: User, now: datetime) -> State:
    """Say how a booking stands, in a sentence for this reader."""
    if booking.status == BookingStatus.PENDING:
        return State(kind="wait", word=_("Waiting"), sentence=_waiting(booking, user), works=False)
    if booking.status == BookingStatus.CANCELLED:
        return State(kind="off", word=pgettext("lesson", "Cancelled"), sentence=_cancelled(booking, user), works=False)
    if booking.status == BookingStatus.COMPLETED:
        return _completed(booking)
    if booking.ends_at <= now:
        sentence = _("Its time is over. It counts as completed soon, unless somebody did not come.")
        return State(kind="ok", word=_("Over"), sentence=sentence, works=False)
    meeting = booking.held_in
    if meeting is None or not meeting.wanted:
        sentence = _("Confirmed, but its Zoom meeting is gone. Create it again.")
        return State(kind="bad", word=_("Needs attention"), sentence=sentence, works=False)
    known = sync_state(meeting, for_host=can_host(user, meeting))
    word = _("Confirmed") if known.kind == "ok" else known.word
    return State(kind=known.kind, word=word, sentence=known.sentence, works=known.works)


def _part(booking: Booking, user: User) -> str:
    if not user.learns:
        return ""
    return _("You teach") if user.pk == booking.teacher_id else _("You learn")


def _both(booking: Booking) -> str:
    return _("%(student)s with %(teacher)s") % {
        "student": isolated(booking.student.name),
        "teacher": isolated(booking.teacher.name),
    }


def _waiting(booking: Booking, user: User) -> str:
    values = {
        "student": call_by_name(booking.student),
        "teacher": call_by_name(booking.teacher),
        "until": moment_in_words(booking.lapses_at or booking.starts_at),
    }
    if booking.awaits_payment:
        return _("The time is held until %(until)s while it is paid.") % values
    if user.pk == booking.teacher_id:
        return _("%(student)s waits for your answer. The time is held until %(until)s.") % values
    if user.pk == booking.student_id and reading_guardian() is None:
        return _("Waiting for %(teacher)s’s answer. The time is held until %(until)s.") % values
    return _("Waiting for %(teacher)s’s answer. The time is held until %(until)s.") % values


def _completed(booking: Booking) -> State:
    if booking.no_show == NoShow.STUDENT:
        sentence = _("%(student)s did not come.") % {"student": call_by_name(booking.student)}
        return State(kind="off", word=_("Missed"), sentence=sentence, works=False)
    return State(kind="ok", word=_("Completed"), sentence=_("Completed. The lesson took place."), works=False)


def _cancelled(booking: Booking, user: User) -> str:
    if booking.cancelled_by is None:
        return _("Cancelled. The time is free again.")
    if booking.cancelled_by == (reading_guardian() or user):
        return _("You cancelled it. The time is free again.")
    return _("Cancelled by %(name)s. The time is free again.") % {"name": booking.cancelled_by.name}
