"""Meetings, their sessions, and Zoom."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from classbell.privacy.classification import Kept, Purpose, Table, anonymised, deleted, stays, table

MEETINGS: Final = (
    table(
        "meetings.Meeting",
        Purpose.TEACHING,
        Kept.RECORDS,
        # A lesson's title has the student's name in it, its description what the student wrote.
        stays("teacher", withheld="title description"),
        title=_("Meetings that you hold"),
        teaching="teacher group title description starts_at duration_minutes timezone rule audience registration created_at"
        " updated_at location",
        technical="id zoom_settings seat gap_minutes wanted revision synced_revision sync_status sync_error sync_error_code"
        " sync_failures next_attempt_at synced_at zoom_host create_started_at zoom_meeting_id zoom_overrules",
        secret="join_url password registration_url",
    ),
    table(
        "meetings.SettingDefaults",
        Purpose.TEACHING,
        Kept.RECORDS,
        teaching="scope group settings",
        technical="id",
    ),
    table(
        "meetings.Occurrence",
        Purpose.TEACHING,
        Kept.RECORDS,
        stays("substitute", withheld="cancellation_reason"),
        title=_("Sessions that you held for somebody"),
        teaching="meeting original_starts_at starts_at ends_at status cancellation_reason substitute actual_starts_at"
        " actual_ends_at was_elsewhere location",
        technical="id is_exception zoom_instance_uuid is_held_as_said",
    ),
    table(
        "meetings.Registrant",
        Purpose.TEACHING,
        Kept.RECORDS,
        anonymised("user", "join_url error error_facts"),
        title=_("Meetings that you are invited to or registered for"),
        teaching="meeting status is_invited created_at",
        technical="id user zoom_registrant_id error error_facts",
        secret="join_url",
    ),
    table(
        "meetings.BackupRoom",
        Purpose.TEACHING,
        Kept.RECORDS,
        technical="occurrence reason_code given_at used_at withdrawn_at",
        secret="token url",
    ),
    table(
        "meetings.Claim",
        Purpose.TEACHING,
        Kept.RECORDS,
        technical="id kind resource_id during shared occurrence foreign_meeting held_by",
    ),
    table(
        "meetings.JoinClick",
        Purpose.ATTENDANCE,
        Kept.STAYS,
        deleted("user"),
        title=_("When you went in or out by our page"),
        attendance="meeting action clicked_at",
        technical="id user",
    ),
)
ZOOM: Final = (
    table(
        "meetings.ZoomAccount",
        Purpose.RUNNING,
        Kept.SCHOOL,
        anonymised("owner", "owner"),
        title=_("Your own Zoom, where your meetings are held"),
        teaching="connected_at lost_at lost_because",
        technical="id account_id name client_id plan seats_per_host sdk_key api_url oauth_url hosts_read_at locks by_consent"
        " owner refreshing_since lost_told_at",
        secret="sealed",
    ),
    table("meetings.UserApp", Purpose.RUNNING, Kept.SCHOOL, technical="id client_id", secret="sealed"),
    table(
        "meetings.AccountBinding",
        Purpose.RUNNING,
        Kept.SCHOOL,
        deleted("teacher"),
        title=_("The Zoom account that your meetings are held in"),
        technical="id account group teacher",
    ),
    table(
        "meetings.ZoomHost",
        Purpose.RUNNING,
        Kept.SCHOOL,
        identity="name",
        contact="email",
        technical="id account zoom_user_id is_licensed is_basic is_active in_pool capacity capacity_read_at swept_at",
    ),
    table("meetings.HostSeat", Purpose.RUNNING, Kept.SCHOOL, technical="id host number"),
    table(
        "meetings.ForeignMeeting",
        Purpose.RUNNING,
        Kept.SCHOOL,
        teaching="topic starts_at ends_at is_recurring",
        technical="id host zoom_meeting_id seen_at",
    ),
    table("meetings.SendSlot", Purpose.RUNNING, Kept.SCHOOL, technical="key next_at"),
    table("meetings.DailyBudget", Purpose.RUNNING, Kept.SCHOOL, technical="id key day used"),
    table("meetings.Circuit", Purpose.RUNNING, Kept.SCHOOL, technical="account_id failures open_until opened_at"),
    table(
        "meetings.ZoomToken",
        Purpose.RUNNING,
        Kept.SCHOOL,
        technical="account_id expires_at",
        secret="ciphertext",
    ),
    table(
        "meetings.ZoomHealth",
        Purpose.RUNNING,
        Kept.SCHOOL,
        contact="email",
        technical="account_id fingerprint checked_at trouble error since told_at user_id missing",
    ),
    table("meetings.Refusal", Purpose.RUNNING, Kept.SCHOOL, technical="kind count latest_at"),
    table("meetings.Reading", Purpose.RUNNING, Kept.DAY, technical="taken_at pending failed changes"),
)
TABLES: Final[tuple[Table, ...]] = (*MEETINGS, *ZOOM)
