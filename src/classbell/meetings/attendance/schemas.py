"""What the API of attendance and reports takes and answers."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Field

from classbell.meetings.schemas import ClassRef, HostOut, ParticipantOut
from classbell.wire import Input, Output, Remark, ShownEmail, Word

Status = Literal["present", "late", "partial", "absent", "excused", "unknown"]
AddedUp = Literal["students", "classes", "teachers"]


class OccurrenceAttendanceOut(Output):
    """Which session it is about."""

    id: UUID
    title: str
    class_: ClassRef | None = Field(serialization_alias="class")
    start_time: datetime
    status: str


class ExpectedOut(Output):
    """Somebody whom the meeting expects."""

    id: UUID
    name: str
    email: ShownEmail
    avatar: str
    role: str
    attended: bool


class TimeSpent(Output):
    """How many came, in percent, and how long they stayed, all together and on average."""

    attendance_rate: float = Field(serialization_alias="attendanceRate")
    total_duration_seconds: int = Field(serialization_alias="totalDurationSeconds")
    avg_duration_seconds: int = Field(serialization_alias="avgDurationSeconds")


class ParticipantStats(TimeSpent):
    """Numbers of one session; the rate in percent of those expected."""

    total_participants: int = Field(serialization_alias="totalParticipants")
    joined_count: int = Field(serialization_alias="joinedCount")
    expected_count: int = Field(serialization_alias="expectedCount")


class ParticipantsAnswer(Output):
    """Who was seen, and who was expected."""

    meeting: OccurrenceAttendanceOut
    participants: list[ParticipantOut]
    expected_attendees: list[ExpectedOut] = Field(serialization_alias="expectedAttendees")
    stats: ParticipantStats


class AttendeeOut(Output):
    """Whose attendance it is."""

    id: UUID
    name: str
    email: ShownEmail


class DifferenceOut(Output):
    """How long Zoom's live events and its report say that one person was there, where they disagree."""

    webhook_seconds: int
    report_seconds: int


class AttendanceOut(Output):
    """One person's attendance: what counts, what was calculated, and why."""

    student_id: UUID
    status: str
    computed_status: str
    student: AttendeeOut
    seconds: int
    counted_seconds: int
    first_joined_at: datetime | None
    last_left_at: datetime | None
    source: str
    reasons: list[str]
    override_reason: str | None
    overridden_by: str | None
    overridden_at: datetime | None
    objection: str | None
    objected_at: datetime | None
    objection_answer: str | None
    answered_at: datetime | None
    difference: DifferenceOut | None


class OutcomeOut(Output):
    """What became of the session: `held`, `void` or `unknown`, why, and the time that attendance is measured against."""

    result: str
    reasons: list[str]
    counted_from: datetime | None
    counted_until: datetime | None


class AttendanceSummary(Output):
    """How many of each."""

    total: int
    present: int
    absent: int
    partial: int
    late: int
    excused: int
    unknown: int


class AttendanceAnswer(Output):
    """Everybody's attendance, or while the meeting runs how many are there."""

    summary: AttendanceSummary
    records: list[AttendanceOut]
    outcome: OutcomeOut | None
    message: str | None
    in_progress: bool = Field(serialization_alias="inProgress")


class OverrideIn(Input):
    """A word that stands above the verdict, and why; null takes it back."""

    status: Status | None
    reason: Remark = ""


class ObjectionIn(Input):
    """What is wrong with it."""

    objection: Remark


class AnswerIn(Input):
    """What the student is told."""

    answer: Remark


class ReportQuery(Input):
    """Which meetings: one, or those in a range of days (both included), on your clock."""

    meeting_id: Word | None = Field(None, alias="meetingId")
    start_date: Word | None = Field(None, alias="startDate")
    end_date: Word | None = Field(None, alias="endDate")
    class_id: UUID | None = Field(None, alias="classId")
    rows: Literal["sessions", "records", "students", "classes", "teachers"] = "sessions"
    format: Literal["json", "csv", "xlsx"] = "json"


class ReportedMeeting(Output):
    """One meeting with everybody who was seen in it."""

    id: UUID
    title: str
    start_time: datetime
    status: str
    host: HostOut
    class_: ClassRef | None = Field(serialization_alias="class")
    participants: list[ParticipantOut]


class MeetingStats(TimeSpent):
    """Numbers of one session; the rate in percent of those of whom it is known."""

    total_invited: int = Field(serialization_alias="totalInvited")
    total_joined: int = Field(serialization_alias="totalJoined")


class MeetingReport(Output):
    """A report on one meeting."""

    meeting: ReportedMeeting
    stats: MeetingStats


class ReportedOccurrence(Output):
    """One session in a report on many."""

    id: UUID
    meeting_id: UUID
    title: str
    start_time: datetime
    status: str
    host: HostOut
    class_: ClassRef | None = Field(serialization_alias="class")
    participant_count: int = Field(serialization_alias="participantCount")
    attendee_count: int = Field(serialization_alias="attendeeCount")


class RangeStats(Output):
    """Numbers of many sessions; the rate in percent of those of whom it is known."""

    total_meetings: int = Field(serialization_alias="totalMeetings")
    completed_meetings: int = Field(serialization_alias="completedMeetings")
    total_participants: int = Field(serialization_alias="totalParticipants")
    total_attendees: int = Field(serialization_alias="totalAttendees")
    avg_attendance_rate: float = Field(serialization_alias="avgAttendanceRate")
    total_meeting_minutes: int = Field(serialization_alias="totalMeetingMinutes")


class RangeReport(Output):
    """A report on many sessions; an empty one says why."""

    meetings: list[ReportedOccurrence]
    stats: RangeStats
    message: str | None


class ReportedRecord(Output):
    """One student's attendance of one session."""

    occurrence_id: UUID
    meeting_id: UUID
    title: str
    class_: ClassRef | None = Field(serialization_alias="class")
    start_time: datetime
    record: AttendanceOut


class RecordsReport(Output):
    """Each student in each session, the earliest first."""

    rows: Literal["records"]
    records: list[ReportedRecord]


class CountsOut(Output):
    """
    The verdicts of one student or class, added up. `rate` is how often they came, late and partly included, of the sessions
    of which that is known, 0 to 1; null when it is known of none.
    """

    id: UUID
    name: str
    email: ShownEmail | None
    attended: int
    known: int
    rate: float | None
    present: int
    late: int
    partial: int
    absent: int
    excused: int
    unknown: int


class TeacherCountsOut(Output):
    """How one teacher kept the timetable: sessions held, void, without a word, and those to which they did not come."""

    id: UUID
    name: str
    email: ShownEmail | None
    held: int
    void: int
    unknown: int
    no_shows: int
    late: int
    left_early: int


class FiguresReport(Output):
    """One row a student, class or teacher; those who came the least often first."""

    rows: AddedUp
    figures: list[CountsOut | TeacherCountsOut]
