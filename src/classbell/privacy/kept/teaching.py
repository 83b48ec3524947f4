"""Classes, circles, courses, lessons."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from classbell.privacy.classification import Kept, Purpose, Table, anonymised, deleted, stays, table

GROUPS: Final = (
    table(
        "groups.Group",
        Purpose.TEACHING,
        Kept.RECORDS,
        teaching="kind name description timezone external_id capacity created_at archived_at",
        technical="id",
    ),
    table(
        "groups.Group_teachers",
        Purpose.TEACHING,
        Kept.MEMBERSHIP,
        deleted("user"),
        title=_("Classes that you teach"),
        teaching="group",
        technical="id user",
    ),
    table(
        "groups.Membership",
        Purpose.TEACHING,
        Kept.MEMBERSHIP,
        deleted("user"),
        title=_("Classes that you are in"),
        teaching="group created_at",
        technical="id user",
    ),
    table(
        "halakat.Halaka",
        Purpose.TEACHING,
        Kept.RECORDS,
        stays("teacher"),
        title=_("Circles that you teach"),
        teaching="group teacher start_date end_date weekdays frequency start_time duration_minutes timezone except_dates"
        " created_at ended_at",
        technical="id",
    ),
    table("halakat.HalakaPart", Purpose.TEACHING, Kept.RECORDS, teaching="halaka meeting number", technical="id"),
    table(
        "halakat.WaitingStudent",
        Purpose.TEACHING,
        Kept.MEMBERSHIP,
        deleted("student"),
        title=_("Circles that you wait for"),
        teaching="halaka created_at",
        technical="id student",
    ),
    table(
        "holidays.Holiday",
        Purpose.TEACHING,
        Kept.RECORDS,
        deleted("teacher"),
        title=_("Holidays of yours"),
        teaching="name first_day last_day group effect created_at",
        technical="id teacher uid source",
    ),
    table(
        "courses.Course",
        Purpose.TEACHING,
        Kept.RECORDS,
        stays("teacher"),
        title=_("Courses that you teach"),
        teaching="group teacher start_date end_date created_at ended_at",
        technical="id",
    ),
    table("courses.Session", Purpose.TEACHING, Kept.RECORDS, teaching="course meeting number", technical="id"),
    table(
        "courses.Section",
        Purpose.TEACHING,
        Kept.RECORDS,
        teaching="code part group meeting imported_at removed_at",
        technical="id",
    ),
    table(
        "courses.TermDraft",
        Purpose.TEACHING,
        Kept.DAY,
        # The files of a whole school: others' data, and gone tomorrow.
        deleted("made_by"),
        technical="id made_by made_at timetable enrolments people holidays starts_on weeks timezone gap_minutes prune"
        " foreseen",
    ),
    table(
        "courses.TermImport",
        Purpose.TEACHING,
        Kept.RECORDS,
        stays("made_by"),
        teaching="made_at holidays starts_on weeks timezone gap_minutes",
        technical="id made_by",
        title=_("Terms that you imported"),
    ),
)
LESSONS: Final = (
    table(
        "bookings.Booking",
        Purpose.TEACHING,
        Kept.RECORDS,
        anonymised("student", "notes cancellation_reason"),
        anonymised("teacher", "cancellation_reason", withheld="notes"),
        title=_("Lessons"),
        teaching="student teacher starts_at ends_at status notes cancellation_reason no_show created_at updated_at",
        technical="id cancelled_by booked_by lapses_at meeting",
    ),
    table(
        "bookings.Reschedule",
        Purpose.TEACHING,
        Kept.RECORDS,
        anonymised("by", "reason"),
        title=_("Lessons that you moved"),
        teaching="old_starts_at old_ends_at new_starts_at new_ends_at reason created_at",
        technical="id booking by counts",
    ),
    table(
        "bookings.MakeUpCredit",
        Purpose.TEACHING,
        Kept.RECORDS,
        deleted("student"),
        stays("teacher"),
        title=_("Make-up lessons"),
        teaching="student teacher expires_at created_at",
        technical="id missed used_by",
    ),
    table(
        "bookings.Feedback",
        Purpose.TEACHING,
        Kept.RECORDS,
        anonymised("author", "comment"),
        anonymised("about", "comment"),
        title=_("Ratings"),
        teaching="author about rating comment created_at",
        technical="id booking",
    ),
    table(
        "bookings.Availability",
        Purpose.TEACHING,
        Kept.ACCOUNT,
        deleted("teacher"),
        title=_("Hours"),
        teaching="day_of_week date start_minute end_minute created_at",
        technical="id teacher",
    ),
    table(
        "bookings.TimeOff",
        Purpose.TEACHING,
        Kept.ACCOUNT,
        deleted("teacher"),
        title=_("Time off"),
        teaching="starts_at ends_at reason created_at",
        technical="id teacher",
    ),
    table(
        "bookings.TeacherSettings",
        Purpose.TEACHING,
        Kept.ACCOUNT,
        deleted("teacher"),
        title=_("How lessons are offered"),
        teaching="bio subjects buffer_minutes min_notice_minutes slot_interval_minutes max_days_ahead auto_confirm",
        technical="teacher",
    ),
    table(
        "bookings.BookingPolicy",
        Purpose.TEACHING,
        Kept.ACCOUNT,
        deleted("teacher"),
        title=_("Rules for bookings"),
        teaching="cancel_notice_hours reschedule_notice_hours reschedules_per_month open_requests_with_teacher"
        " open_requests_in_all request_lapses_after_hours no_show_after_minutes makeup_credit_days",
        technical="id teacher",
    ),
)
TABLES: Final[tuple[Table, ...]] = (*GROUPS, *LESSONS)
