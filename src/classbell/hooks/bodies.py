"""
What webhooks say: the schemas of their bodies, which the OpenAPI document shows, and making them of rows.

People by id and name, things by the id under which the API has them. No link, passcode, token or number by which somebody
could come in: who may, asks the API.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, SerializeAsAny

from classbell import reasons
from classbell.accounts.models import User
from classbell.bookings.lessons import MEETING_WITH_LESSON, WITH_LESSON, Lesson, lesson_of, lesson_of_meeting
from classbell.bookings.models import Booking
from classbell.excuses.models import Excuse
from classbell.groups.models import Group, GroupKind
from classbell.meetings.models import Attendance, Meeting, Occurrence
from classbell.secrecy import without_keys
from classbell.wire import Output

VERSION = 1

Utc = Annotated[datetime, AfterValidator(lambda at: at.astimezone(UTC))]


class Data(Output):
    """The part of a body that is about what happened."""


class Message(Output):
    """What every body has around its data."""

    type: str
    version: int = Field(
        VERSION, description="Goes up when a field is dropped or changes its meaning; new ones may come."
    )
    timestamp: Utc = Field(description="When it happened, whenever it is delivered.")
    data: SerializeAsAny[Data]


class Somebody(Output):
    """A person."""

    id: UUID
    name: str

    @classmethod
    def of(cls, user: User) -> Self:
        """Return who it is."""
        return cls(id=user.pk, name=user.name)


class InGroup(Output):
    """A class, a circle or a course; `id` is that of the kind's own operations."""

    id: UUID
    kind: GroupKind
    name: str

    @classmethod
    def of(cls, group: Group) -> Self:
        """Return which it is."""
        own = {GroupKind.COURSE: "course", GroupKind.HALAKA: "halaka"}.get(GroupKind(group.kind))
        thing = getattr(group, own, None) if own else None
        return cls(id=thing.pk if thing else group.pk, kind=GroupKind(group.kind), name=group.name)


class BookingBody(Output):
    """A booking as it is now."""

    id: UUID
    status: str = Field(description="PENDING, CONFIRMED, COMPLETED or CANCELLED.")
    student: Somebody
    teacher: Somebody
    start_time: Utc
    end_time: Utc
    cancellation_reason: str
    no_show: str = Field(description="student, teacher or empty: who did not come.")
    meeting_id: UUID | None
    series_id: UUID | None = Field(description="The series that it is a date of; its meeting is that of all dates.")


class BookingData(Data):
    """About one booking."""

    booking: BookingBody


class BookingMovedData(BookingData):
    """About one booking that was moved: it has its new time, and this was the one before."""

    previous_start_time: Utc
    previous_end_time: Utc


class SessionBody(Output):
    """A session as it is now, also one that is a lesson."""

    id: UUID
    meeting_id: UUID
    booking_id: UUID | None
    title: str
    status: str = Field(description="scheduled, live, ended or cancelled.")
    teacher: Somebody = Field(description="Who holds it: the substitute where there is one.")
    group: InGroup | None
    start_time: Utc
    end_time: Utc
    started_at: Utc | None
    ended_at: Utc | None
    cancellation_reason: str


class SessionData(Data):
    """About one session."""

    session: SessionBody


class AttendanceBody(Output):
    """How one person attended."""

    student: Somebody
    status: str = Field(description="present, late, partial, absent, excused or unknown.")
    is_corrected: bool = Field(description="Whether a person corrected what was calculated.")
    seconds: int = Field(description="How long they were there.")
    first_joined_at: Utc | None
    last_left_at: Utc | None


class AttendanceData(Data):
    """About one session: everybody's attendance, or that of those for whom it changed."""

    session: SessionBody
    attendance: list[AttendanceBody]


class ExcuseBody(Output):
    """An absence that was told; why, and any document, is told to nobody."""

    id: UUID
    student: Somebody
    status: str = Field(description="pending, accepted, refused or withdrawn.")
    start_time: Utc
    end_time: Utc
    session_id: UUID | None = Field(description="The one session it is about; null for all in that time.")
    meeting_id: UUID | None
    group_id: UUID | None
    kind: str
    by_rule: bool = Field(description="Whether the school's rules accepted it.")
    decided_by: Somebody | None


class ExcuseData(Data):
    """About one excuse."""

    excuse: ExcuseBody


class MembershipData(Data):
    """About those who came into a group, or left it, together."""

    group: InGroup
    people: list[Somebody]


class SyncError(Output):
    """What is wrong at Zoom."""

    code: str
    message: str


class MeetingBody(Output):
    """A meeting, and how it stands at Zoom."""

    id: UUID
    booking_id: UUID | None
    title: str
    teacher: Somebody
    group: InGroup | None
    start_time: Utc = Field(description="When its first session begins.")
    sync_status: str
    error: SyncError | None


class MeetingData(Data):
    """About one meeting."""

    meeting: MeetingBody


class TestData(Data):
    """Nothing happened: an admin tries whether webhooks arrive."""

    message: str


def booking_data(booking: Booking) -> BookingData:
    """Return what is said of a booking."""
    return BookingData(booking=_booking(booking))


def booking_moved_data(booking: Booking, *, old: tuple[datetime, datetime]) -> BookingMovedData:
    """Return what is said of a booking that was held at another time before."""
    return BookingMovedData(booking=_booking(booking), previous_start_time=old[0], previous_end_time=old[1])


def _booking(booking: Booking) -> BookingBody:
    return BookingBody(
        id=booking.pk,
        status=booking.status,
        student=Somebody.of(booking.student),
        teacher=Somebody.of(booking.teacher),
        start_time=booking.starts_at,
        end_time=booking.ends_at,
        cancellation_reason=_told(booking.cancellation_reason),
        no_show=booking.no_show,
        meeting_id=booking.held_in.pk if booking.held_in else None,
        series_id=booking.series_id,
    )


def excuse_data(excuse: Excuse) -> ExcuseData:
    """Return what is said of an excuse."""
    return ExcuseData(
        excuse=ExcuseBody(
            id=excuse.pk,
            student=Somebody.of(excuse.student),
            status=excuse.status,
            start_time=excuse.starts_at,
            end_time=excuse.ends_at,
            session_id=excuse.occurrence_id,
            meeting_id=excuse.meeting_id,
            group_id=excuse.group_id,
            kind=excuse.kind,
            by_rule=excuse.by_rule,
            decided_by=Somebody.of(excuse.decided_by) if excuse.decided_by else None,
        )
    )


def sessions(occurrence_ids: Collection[UUID]) -> list[SessionBody]:
    """Return what is said of these sessions, by time. One statement for any number."""
    people = ("meeting__teacher", "substitute", "meeting__group__course", "meeting__group__halaka", *WITH_LESSON)
    rows = Occurrence.objects.filter(pk__in=occurrence_ids).select_related(*people).order_by("starts_at", "pk")
    return [_session(row) for row in rows]


def _session(occurrence: Occurrence) -> SessionBody:
    meeting = occurrence.meeting
    return SessionBody(
        id=occurrence.pk,
        meeting_id=meeting.pk,
        booking_id=_id_of(lesson_of(occurrence)),
        title=without_keys(meeting.title),
        status=occurrence.status,
        teacher=Somebody.of(occurrence.substitute or meeting.teacher),
        group=InGroup.of(meeting.group) if meeting.group else None,
        start_time=occurrence.starts_at,
        end_time=occurrence.ends_at,
        started_at=occurrence.actual_starts_at,
        ended_at=occurrence.actual_ends_at,
        cancellation_reason=_told(occurrence.cancellation_reason),
    )


def session_data(occurrence_ids: Collection[UUID]) -> Sequence[SessionData]:
    """Return what is said of each of these sessions."""
    return [SessionData(session=session) for session in sessions(occurrence_ids)]


def attendance_data(occurrence_id: UUID, student_ids: Collection[UUID] | None = None) -> Iterable[AttendanceData]:
    """Return what is said of a session's attendance: of these students, or of everybody."""
    records = Attendance.objects.filter(occurrence=occurrence_id).select_related("user").order_by("user_id")
    if student_ids is not None:
        records = records.filter(user__in=student_ids)
    found = [
        AttendanceBody(
            student=Somebody.of(record.user),
            status=record.status,
            is_corrected=bool(record.override_status),
            seconds=record.seconds,
            first_joined_at=record.first_joined_at,
            last_left_at=record.last_left_at,
        )
        for record in records
    ]
    return [AttendanceData(session=session, attendance=found) for session in sessions([occurrence_id]) if found]


def membership_data(changed: Sequence[tuple[Group, Collection[UUID]]]) -> Iterable[MembershipData]:
    """Return what is said of people who came or left together, of each group of its own."""
    people = User.objects.in_bulk({user_id for _group, user_ids in changed for user_id in user_ids})
    for group, user_ids in changed:
        found = [people[user_id] for user_id in sorted(user_ids) if user_id in people]
        yield MembershipData(group=InGroup.of(group), people=[Somebody.of(one) for one in found])


def meeting_data(meeting_id: UUID) -> MeetingData:
    """Return what is said of a meeting."""
    rows = Meeting.objects.select_related("teacher", "group__course", "group__halaka", *MEETING_WITH_LESSON)
    meeting = rows.get(pk=meeting_id)
    error = SyncError(code=meeting.sync_error_code, message=without_keys(meeting.sync_error_in_words))
    return MeetingData(
        meeting=MeetingBody(
            id=meeting.pk,
            booking_id=_id_of(lesson_of_meeting(meeting)),
            title=without_keys(meeting.title),
            teacher=Somebody.of(meeting.teacher),
            group=InGroup.of(meeting.group) if meeting.group else None,
            start_time=meeting.starts_at,
            sync_status=meeting.sync_status,
            error=error if meeting.sync_error_code else None,
        )
    )


def _id_of(lesson: Lesson | None) -> UUID | None:
    return lesson.pk if isinstance(lesson, Booking) else None


def _told(reason: str) -> str:
    """Return a reason in English where it is ours; whatever somebody typed, without what lets somebody in."""
    return without_keys(reasons.told(reason))
