"""What was recorded: where Zoom has it, who may watch it, who did."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from classbell.privacy.classification import Kept, Purpose, Table, deleted, table

TABLES: Final[tuple[Table, ...]] = (
    table(
        "recordings.Recording",
        Purpose.TEACHING,
        Kept.RECORDINGS,
        teaching="run kind starts_at ends_at",
        technical="id zoom_file_id extension size seen_at gone_at delete_asked_at is_for_good kept_until expiry_told_at",
        secret="download_url",
    ),
    table(
        "recordings.RecordingAccess",
        Purpose.PROOF,
        Kept.RECORDINGS,
        deleted("person"),
        deleted("for_student"),
        title=_("Recordings that you opened"),
        identity="recording is_download at",
        technical="id person for_student",
    ),
    table(
        "recordings.RecordingConsent",
        Purpose.PROOF,
        Kept.ACCOUNT,
        deleted("person"),
        title=_("What you agreed to before you joined"),
        identity="version given_at",
        technical="id person given_by",
    ),
    table(
        "recordings.RecordingText",
        Purpose.PROOF,
        Kept.SCHOOL,
        technical="version english arabic is_asked asked_by made_at",
    ),
    table(
        "recordings.RecordingRules",
        Purpose.TEACHING,
        Kept.SCHOOL,
        teaching="watchers may_download keep_days notice_days erases_lessons",
        technical="id",
    ),
    table(
        "recordings.WatchRule",
        Purpose.TEACHING,
        Kept.SCHOOL,
        teaching="group meeting watchers may_download",
        technical="id",
    ),
)
