"""Who was there: what Zoom told, and what was made of it."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from classbell.privacy.classification import Kept, Purpose, Table, anonymised, deleted, stays, table

POLICY: Final = (
    "follows_school late_after_minutes present_percent partial_percent grace_before_minutes grace_after_minutes"
    " least_minutes teacher_tolerance_minutes void_when_host_never_came difference_minutes"
)
TABLES: Final[tuple[Table, ...]] = (
    table(
        "meetings.Attendance",
        Purpose.ATTENDANCE,
        Kept.RECORDS,
        anonymised("user", "override_reason objection objection_answer"),
        title=_("Attendance"),
        attendance="occurrence occurrence_starts_at status computed_status seconds counted_seconds first_joined_at"
        " last_left_at source reasons override_status override_reason overridden_at objection objected_at"
        " objection_answer answered_at",
        technical="id user overridden_by answered_by",
    ),
    table(
        "meetings.Participation",
        Purpose.ATTENDANCE,
        Kept.STAYS,
        anonymised("user", "name email zoom_user_id registrant_id customer_key leave_reason"),
        title=_("Times in meetings, as Zoom told them"),
        identity="name email",
        attendance="occurrence joined_at left_at leave_reason phone source matched_by",
        technical="id user zoom_instance_uuid connection zoom_user_id registrant_id customer_key",
    ),
    table(
        "meetings.KnownAlias",
        Purpose.ATTENDANCE,
        Kept.ALIASES,
        deleted("user"),
        title=_("Names under which you come to meetings"),
        identity="alias group chosen_at",
        technical="id teacher user chosen_by",
    ),
    table(
        "meetings.MeetingRun",
        Purpose.ATTENDANCE,
        Kept.RECORDS,
        attendance="occurrence started_at ended_at",
        technical="id zoom_instance_uuid zoom_meeting_id heard_until seen_at decided_by decided_at",
    ),
    table(
        "meetings.OccurrenceOutcome",
        Purpose.ATTENDANCE,
        Kept.RECORDS,
        attendance="occurrence result reasons counted_from counted_until teacher_status teacher_seconds"
        " teacher_late_seconds teacher_early_seconds teacher_first_joined_at teacher_last_left_at teacher_reasons"
        " differences policy computed_at",
        technical="is_final",
    ),
    table(
        "meetings.AttendanceCount",
        Purpose.ATTENDANCE,
        Kept.RECORDS,
        attendance="occurrence present late partial absent excused unknown",
    ),
    table(
        "meetings.ExcusedTime",
        Purpose.ATTENDANCE,
        Kept.RECORDS,
        # So that a session that is judged once more says the same of whoever has no name any more.
        stays("user"),
        title=_("Times you are excused from"),
        attendance="starts_at ends_at occurrence meeting group",
        technical="id user",
    ),
    table(
        "excuses.Excuse",
        Purpose.ATTENDANCE,
        Kept.RECORDS,
        anonymised("student", "kind reason note"),
        title=_("Excuses"),
        attendance="starts_at ends_at occurrence meeting group kind reason status by_rule told_at decided_at note"
        " withdrawn_at",
        technical="id student told_by decided_by",
    ),
    table(
        "excuses.ExcuseDocument",
        Purpose.ATTENDANCE,
        Kept.DOCUMENTS,
        deleted("excuse__student"),
        title=_("Documents with excuses"),
        attendance="excuse name content_type size sent_at",
        # In an export it is a file of its own.
        technical="content",
    ),
    table(
        "excuses.ExcuseRules",
        Purpose.ATTENDANCE,
        Kept.SCHOOL,
        attendance="accepts_at_once hours_ahead monthly_quota kinds_at_once kinds_decided makeup_hours_ahead makeup_days"
        " makeup_monthly_quota makeup_term_quota makeup_kinds",
        technical="id",
    ),
    table(
        "meetings.AttendancePolicy",
        Purpose.ATTENDANCE,
        Kept.RECORDS,
        attendance=f"group in_force_from set_at {POLICY}",
        technical="id",
    ),
    table(
        "meetings.WebhookEvent",
        Purpose.ATTENDANCE,
        Kept.INBOX,
        identity="body",
        technical="id event digest zoom_meeting_id zoom_instance_uuid connection signed_by happened_at received_at"
        " due_at processed_at attempts error",
    ),
    table(
        "meetings.ReportFetch",
        Purpose.ATTENDANCE,
        Kept.RECORDS,
        technical="occurrence asked_at due_at fetched_at error",
    ),
)
