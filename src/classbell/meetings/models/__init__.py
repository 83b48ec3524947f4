"""Meetings as they should be and as Zoom knows them, their sessions, and who takes whose time."""

from classbell.meetings.models.attendance import Attendance, AttendancePolicy, AttendanceSource, OccurrenceOutcome
from classbell.meetings.models.attendance_count import AttendanceCount
from classbell.meetings.models.backup import BackupRoom
from classbell.meetings.models.claim import Claim, ClaimKind
from classbell.meetings.models.click import JoinClick
from classbell.meetings.models.excused import ExcusedTime
from classbell.meetings.models.expected import Expected
from classbell.meetings.models.hosts import (
    FREE_MINUTES,
    FREE_TIME,
    AccountBinding,
    ForeignMeeting,
    HostSeat,
    LostBecause,
    UserApp,
    ZoomAccount,
    ZoomHost,
    ZoomPlan,
)
from classbell.meetings.models.inbox import WebhookEvent
from classbell.meetings.models.meeting import DECIDED, Audience, Meeting, SyncStatus
from classbell.meetings.models.occurrence import Occurrence, OccurrenceStatus
from classbell.meetings.models.participation import KnownAlias, MatchedBy, MeetingRun, Participation, ReportFetch
from classbell.meetings.models.registrant import Registrant, RegistrantStatus
from classbell.meetings.models.sending import (
    Circuit,
    DailyBudget,
    Reading,
    Refusal,
    SendSlot,
    ZoomHealth,
    ZoomToken,
    ZoomTrouble,
)
from classbell.meetings.models.setting_defaults import SettingDefaults, SettingsOf

__all__ = [
    "DECIDED",
    "FREE_MINUTES",
    "FREE_TIME",
    "AccountBinding",
    "Attendance",
    "AttendanceCount",
    "AttendancePolicy",
    "AttendanceSource",
    "Audience",
    "BackupRoom",
    "Circuit",
    "Claim",
    "ClaimKind",
    "DailyBudget",
    "ExcusedTime",
    "Expected",
    "ForeignMeeting",
    "HostSeat",
    "JoinClick",
    "KnownAlias",
    "LostBecause",
    "MatchedBy",
    "Meeting",
    "MeetingRun",
    "Occurrence",
    "OccurrenceOutcome",
    "OccurrenceStatus",
    "Participation",
    "Reading",
    "Refusal",
    "Registrant",
    "RegistrantStatus",
    "ReportFetch",
    "SendSlot",
    "SettingDefaults",
    "SettingsOf",
    "SyncStatus",
    "UserApp",
    "WebhookEvent",
    "ZoomAccount",
    "ZoomHealth",
    "ZoomHost",
    "ZoomPlan",
    "ZoomToken",
    "ZoomTrouble",
]
