"""Teachers' own calendars: where they are, when they say that their owner is busy, and never with what."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from classbell.privacy.classification import Kept, Purpose, Table, deleted, table

TABLES: Final[tuple[Table, ...]] = (
    table(
        "calendars.ExternalCalendar",
        Purpose.TEACHING,
        Kept.ACCOUNT,
        deleted("teacher"),
        title=_("Calendars of yours elsewhere"),
        contact="login",
        teaching="kind name takes_tentative takes_whole_days writes_lessons last_read_at created_at",
        technical="id teacher version read_whole_at due_at failing_since error told_at remark write_error going_at",
        secret="sealed digest",
    ),
    table(
        "calendars.BusyTime",
        Purpose.TEACHING,
        Kept.ACCOUNT,
        deleted("calendar__teacher"),
        title=_("When your calendars say that you are busy"),
        teaching="starts_at ends_at",
        technical="id calendar",
    ),
    table(
        "calendars.WrittenSession",
        Purpose.TEACHING,
        Kept.ACCOUNT,
        deleted("calendar__teacher"),
        title=_("Sessions that were written into your calendar"),
        teaching="session_id starts_at",
        technical="id calendar etag digest",
        secret="href",
    ),
)
