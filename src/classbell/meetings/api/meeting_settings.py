"""The settings that Zoom meetings inherit: the school's, those of lessons, those of a group."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_admin
from classbell.groups.models import Group
from classbell.groups.permissions import keeps_rules
from classbell.meetings.defaults import change_defaults
from classbell.meetings.meeting_settings.catalogue import merged
from classbell.meetings.meeting_settings.inherited import below, defaults_of, shown
from classbell.meetings.meeting_settings.schemas import MeetingSettingsOut, MeetingSettingsPatch
from classbell.meetings.models import SettingsOf

router = Router()


@router.get("/meeting-settings", response=MeetingSettingsOut)
@allowed(is_admin)
def get_school_settings(request: ApiRequest) -> MeetingSettingsOut:
    """The settings of all Zoom meetings, unless lessons, a group or the meeting ask for others."""
    return _describe(SettingsOf.SCHOOL)


@router.patch("/meeting-settings", response=MeetingSettingsOut)
@allowed(is_admin)
def change_school_settings(request: ApiRequest, body: MeetingSettingsPatch) -> MeetingSettingsOut:
    """Change them; meetings that inherit them follow at Zoom."""
    return _change(SettingsOf.SCHOOL, body.settings)


@router.get("/meeting-settings/lessons", response=MeetingSettingsOut)
@allowed(is_admin)
def get_lesson_settings(request: ApiRequest) -> MeetingSettingsOut:
    """The settings of lessons that are booked."""
    return _describe(SettingsOf.LESSONS)


@router.patch("/meeting-settings/lessons", response=MeetingSettingsOut)
@allowed(is_admin)
def change_lesson_settings(request: ApiRequest, body: MeetingSettingsPatch) -> MeetingSettingsOut:
    """Change them; coming lessons follow at Zoom."""
    return _change(SettingsOf.LESSONS, body.settings)


@router.get("/classes/{uuid:class_id}/meeting-settings", response=MeetingSettingsOut)
@allowed(keeps_rules)
def get_class_settings(request: ApiRequest, class_id: UUID) -> MeetingSettingsOut:
    """The settings of the meetings of a class, a course or a circle."""
    return _describe(SettingsOf.GROUP, Group.objects.get(pk=class_id))


@router.patch("/classes/{uuid:class_id}/meeting-settings", response=MeetingSettingsOut)
@allowed(keeps_rules)
def change_class_settings(request: ApiRequest, class_id: UUID, body: MeetingSettingsPatch) -> MeetingSettingsOut:
    """Change them; its coming meetings follow at Zoom."""
    return _change(SettingsOf.GROUP, body.settings, Group.objects.get(pk=class_id))


def _change(scope: SettingsOf, settings: dict[str, Any], group: Group | None = None) -> MeetingSettingsOut:
    change_defaults(scope=scope, group=group, changes=settings, now=timezone.now())
    return _describe(scope, group)


def _describe(scope: SettingsOf, group: Group | None = None) -> MeetingSettingsOut:
    asked = defaults_of(scope, group.pk if group else None)
    return MeetingSettingsOut(settings=shown(asked), effective_settings=shown(merged(below(scope), asked)))
