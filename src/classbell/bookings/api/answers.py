"""Bookings as the API answers them."""

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from classbell import reasons
from classbell.accounts.models import User
from classbell.bookings.errors import NoSuchBooking
from classbell.bookings.models import Booking, MakeUpCredit
from classbell.bookings.queries import Possible, possible_for, zoom_info
from classbell.bookings.schemas.bookings import BookingChanged, BookingOut, CreditOut, MeetingDetails, ZoomInfo
from classbell.holidays.queries import Holidays, holidays_among, name_for
from classbell.meetings.api.answers import describe_backup_room, shown_location
from classbell.meetings.joining.backup import may_be_near
from classbell.meetings.joining.doors import is_shown_way_in
from classbell.meetings.permissions import can_host
from classbell.meetings.queries import start_link_if_any
from classbell.meetings.schemas import BackupRoomOut
from classbell.meetings.services import sync_now


def get_booking(booking_id: UUID) -> Booking:
    """Return a booking with what answers show, in one query. Raises NoSuchBooking."""
    booking = Booking.objects.with_people().filter(pk=booking_id).first()
    if booking is None:
        raise NoSuchBooking
    return booking


def sync(booking: Booking) -> None:
    """Make the booking's meeting true within this request, if Zoom answers in time."""
    if (meeting := booking.held_in) is not None:
        sync_now(meeting.pk)


def describe(booking: Booking, user: User, *, with_start_url: bool = False) -> BookingOut:
    """Return one booking as this person sees it; the host's start link is asked of Zoom only `with_start_url`."""
    possible = possible_for([booking], user, now=timezone.now())[booking.pk]
    holidays = holidays_among([booking.starts_at])
    return _describe(booking, user, possible, holidays, with_start_url=with_start_url)


def answer_list(bookings: Sequence[Booking], user: User) -> list[BookingOut]:
    """Return bookings as this person sees them, in a constant number of queries."""
    possible = possible_for(list(bookings), user, now=timezone.now())
    holidays = holidays_among([booking.starts_at for booking in bookings])
    return [_describe(booking, user, possible[booking.pk], holidays) for booking in bookings]


def answer_change(message: str, booking_id: UUID, user: User, *, with_start_url: bool = False) -> BookingChanged:
    """Return what a change answers: the message, and the booking as it is now."""
    booking = describe(get_booking(booking_id), user, with_start_url=with_start_url)
    return BookingChanged(message=message, booking=booking, zoom_info=booking.zoom_info)


def describe_credit(credit: MakeUpCredit) -> CreditOut:
    """Return a lesson that a student is owed, with its teacher fetched."""
    return CreditOut(
        id=credit.pk,
        origin=credit.origin,
        teacher_id=credit.teacher_id,
        teacher_name=credit.teacher.name if credit.teacher else None,
        group_id=credit.group_id,
        missed_booking_id=credit.missed_id,
        session_id=credit.session_id,
        expires_at=credit.expires_at,
    )


def describe_meeting(booking: Booking, described: BookingOut) -> MeetingDetails:
    """Return the meeting of a booking that was described for the same reader."""
    meeting = zoom_info(booking).meeting
    return MeetingDetails(
        meeting_id=described.zoom_meeting_id,
        join_url=described.zoom_join_url,
        start_url=described.zoom_start_url,
        password=described.zoom_password,
        host_email=meeting.zoom_host.email if meeting and meeting.zoom_host else None,
        booking_id=booking.pk,
        start_time=booking.starts_at,
        end_time=booking.ends_at,
        status=booking.status,
    )


def _describe(
    booking: Booking, user: User, possible: Possible, holidays: Holidays, *, with_start_url: bool = False
) -> BookingOut:
    info = zoom_info(booking)
    holiday = holidays.at(booking.starts_at, teacher_id=booking.teacher_id)
    meeting = info.meeting
    shown = (
        meeting
        if meeting and is_shown_way_in(user, meeting, now=timezone.now(), date=booking, to_program=True)
        else None
    )
    meeting_id = (shown.zoom_number or None) if shown else None
    join_url = (shown.location if shown.is_elsewhere else shown.join_url) if shown else None
    join_url = join_url if join_url and join_url.startswith("http") else None
    password = shown.password if shown and not shown.is_elsewhere else None
    return BookingOut(
        id=booking.pk,
        student=booking.student_id,
        teacher=booking.teacher_id,
        student_name=booking.student.name,
        teacher_name=booking.teacher.name,
        student_timezone=booking.student.timezone,
        teacher_timezone=booking.teacher.timezone,
        start_time=booking.starts_at,
        end_time=booking.ends_at,
        duration_minutes=booking.duration_minutes,
        status=booking.status,
        series_id=booking.series_id,
        kind=booking.kind_id,
        kind_name=booking.kind.name if booking.kind else None,
        answers=booking.answers,
        group_lesson_id=booking.group_lesson_id,
        notes=booking.notes,
        cancellation_reason=reasons.told(booking.cancellation_reason) or None,
        no_show=booking.no_show or None,
        lapses_at=booking.lapses_at,
        holiday=name_for(holiday, user) if holiday is not None and booking.is_live else None,
        booked_by=booking.booked_by_id,
        booked_by_name=booking.booked_by.name if booking.booked_by else None,
        zoom_meeting_id=meeting_id,
        zoom_join_url=join_url,
        zoom_start_url=(start_link_if_any(meeting, user) or None)
        if with_start_url and meeting and can_host(user, meeting)
        else None,
        zoom_password=password,
        can_cancel=possible.cancel,
        can_reschedule=possible.reschedule,
        zoom_info=ZoomInfo(
            meeting_id=meeting_id,
            join_url=join_url,
            password=password,
            has_meeting=meeting is not None,
            status=info.status,
            location=shown_location(meeting, is_shown=shown is not None) if meeting else None,
            backup_room=_backup_room(booking, user),
        ),
        created_at=booking.created_at,
        updated_at=booking.updated_at,
    )


def _backup_room(booking: Booking, user: User) -> BackupRoomOut | None:
    now = timezone.now()
    if booking.held_in is None or not may_be_near(booking.starts_at, booking.ends_at, now=now):
        return None
    return describe_backup_room(booking.held_in, user, now=now)
