"""
Changing the settings that meetings inherit, and checking what only Zoom knows of them.

Meetings are not changed by it: what they asked for themselves stays. Those that the change reaches are compared with Zoom
again, by jobs of the same transaction.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from classbell.groups.models import Group
from classbell.meetings import jobs
from classbell.meetings.meeting_settings.catalogue import Settings
from classbell.meetings.meeting_settings.checks import SettingsRefused, checked, co_hosts
from classbell.meetings.meeting_settings.inherited import OF_LESSONS, below, levels_of
from classbell.meetings.models import Meeting, Occurrence, SettingDefaults, SettingsOf, ZoomHost
from classbell.meetings.sync.gateway import is_configured, zoom_in_request
from classbell.zoom.errors import ZoomError, ZoomNotFound

log = structlog.get_logger(__name__)

LICENSED = 2


def change_defaults(*, scope: SettingsOf, group: Group | None = None, changes: Settings, now: datetime) -> int:
    """
    Change what the school, lessons or a group ask for; None leaves a setting to be inherited again. What is not named stays.

    Returns how many coming meetings it may change at Zoom, each for one of its host's writes a day. Raises SettingsRefused.
    """
    with transaction.atomic():
        SettingDefaults.objects.bulk_create([SettingDefaults(scope=scope, group=group)], ignore_conflicts=True)
        row = SettingDefaults.objects.select_for_update().get(scope=scope, group=group)
        kept = checked(changes, inherited=below(scope), own=row.settings)
        if kept.get("alternative_hosts"):
            require_co_hosts(kept["alternative_hosts"])
        settings = {name: value for name, value in {**row.settings, **kept}.items() if value is not None}
        changed = {name for name in kept if settings.get(name) != row.settings.get(name)}
        if not changed:
            return 0
        row.settings = settings
        row.save()
        reached = list(_reached(scope, group, changed, now).values_list("pk", flat=True))
        jobs.defer_reconcile(reached, batch=True, verify=True)
    return len(reached)


def checked_for_meeting(values: Settings, *, meeting: Meeting, registration: bool) -> dict[str, Any]:
    """
    Return settings to change of a meeting as they are kept; None for those that are to be inherited again.

    Raises SettingsRefused: Zoom would not take them, or not together.
    """
    levels = levels_of(meeting)
    kept = checked(values, inherited=levels.inherited, own=levels.own, registration=registration)
    if kept.get("alternative_hosts"):
        require_co_hosts(
            kept["alternative_hosts"], account_id=meeting.seat.host.account_id if meeting.seat is not None else None
        )
    return kept


def checked_for_new_meeting(values: Settings, *, group: Group | None, registration: bool) -> dict[str, Any]:
    """Return the settings of a new meeting of this group as they are kept. Raises SettingsRefused."""
    kept = checked_for_meeting(values, meeting=Meeting(group=group), registration=registration)
    return {name: value for name, value in kept.items() if value is not None}


def require_co_hosts(text: str, *, account_id: UUID | None = None) -> None:
    """
    Raise SettingsRefused unless all of these are licensed users of the Zoom account, which Zoom would refuse the whole
    meeting for. Who is not among our hosts is asked for at Zoom; while it does not answer, they are believed.
    """
    asked = co_hosts(text)
    known = ZoomHost.objects.filter(Q(email__in=asked) | Q(zoom_user_id__in=asked))
    if account_id is not None:
        known = known.filter(account=account_id)
    licensed = {host.email.lower(): host.is_licensed and host.is_active for host in known}
    bad = [one for one in asked if not (licensed[one] if one in licensed else _is_licensed_at_zoom(one))]
    if bad:
        text = _("Zoom takes only licensed users of the school's account, and %(people)s is none: leave them out")
        raise SettingsRefused({"alternative_hosts": text % {"people": ", ".join(bad)}})


def _is_licensed_at_zoom(email: str) -> bool:
    if not is_configured():
        return True
    try:
        with zoom_in_request() as client:
            return client.get_user(email).type == LICENSED
    except ZoomNotFound:
        return False
    except ZoomError as error:
        log.warning("co_host_not_checked", error=str(error))
        return True


def _reached(scope: SettingsOf, group: Group | None, changed: Collection[str], now: datetime) -> QuerySet[Meeting]:
    """Return the coming meetings that inherit one of these settings from here."""
    coming = Occurrence.objects.taking_place().filter(starts_at__gt=now).values("meeting")
    meetings = Meeting.objects.filter(pk__in=coming, wanted=True)
    if scope == SettingsOf.GROUP:
        meetings = meetings.filter(group=group)
    if scope == SettingsOf.LESSONS:
        lesson = Q(**{f"{OF_LESSONS[0]}__isnull": False})
        for name in OF_LESSONS[1:]:
            lesson |= Q(**{f"{name}__isnull": False})
        meetings = meetings.filter(lesson, group=None)
    return meetings.exclude(zoom_settings__has_keys=sorted(changed))
