"""Who may watch: the school's rule, and what a class or a meeting has in its place."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q

from classbell.groups.models import Group
from classbell.meetings.models import Meeting
from classbell.recordings.models import RecordingRules, WatchRule
from classbell.rows import write


def rules_in_force() -> RecordingRules:
    """Return the school's rules; those that every school begins with are not saved."""
    return RecordingRules.objects.first() or RecordingRules()


def change_rules(changes: Mapping[str, Any]) -> RecordingRules:
    """Change what is named; values have been checked."""
    with transaction.atomic():
        RecordingRules.objects.get_or_create(pk=1)
        return write(RecordingRules.objects.select_for_update().get(), changes)


def watch_rule_of(meeting: Meeting, school: RecordingRules | None = None) -> WatchRule | RecordingRules:
    """
    Return the rule that counts for a meeting: its own, its class's, the school's, which whoever knows it names. At most two
    statements.
    """
    found = WatchRule.objects.filter(Q(meeting=meeting) | Q(group=meeting.group_id, group__isnull=False))
    own = sorted(found, key=lambda rule: rule.meeting_id is None)
    return own[0] if own else school or rules_in_force()


def own_rule_of(of: Group | Meeting) -> WatchRule | None:
    """Return the rule that a class or a meeting has itself, None where the one above counts. One statement."""
    return WatchRule.objects.filter(**_named(of)).select_related("group", "meeting").first()


def set_watch_rule(of: Group | Meeting, *, watchers: str, may_download: bool) -> None:
    """Give a class or a meeting a rule of its own. Safe to repeat."""
    WatchRule.objects.update_or_create(**_named(of), defaults={"watchers": watchers, "may_download": may_download})


def drop_watch_rule(of: Group | Meeting) -> None:
    """Let the rule above count again. Safe to repeat."""
    WatchRule.objects.filter(**_named(of)).delete()


def _named(of: Group | Meeting) -> dict[str, Any]:
    return {"group": of} if isinstance(of, Group) else {"meeting": of}
