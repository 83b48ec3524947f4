"""
How long recordings are kept: by the school's rule their teachers are told, and some days later they go, here and at Zoom.
"""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from classbell.meetings.models import Occurrence
from classbell.notices.services import tell
from classbell.notices.texts import Kind
from classbell.recordings.deleting import delete_for_good
from classbell.recordings.models import Recording, RecordingQuerySet, RecordingRules
from classbell.recordings.rules import rules_in_force


def expires_at(recording: Recording, rules: RecordingRules) -> datetime | None:
    """
    Return when a recording goes by the rule, None for never: so long after its end, and not before its teacher has known
    of it for as long as the school wants.
    """
    if rules.keep_days is None:
        return None
    by_rule = recording.ends_at + timedelta(days=rules.keep_days)
    told = recording.expiry_told_at + timedelta(days=rules.notice_days) if recording.expiry_told_at else by_rule
    kept = datetime.combine(recording.kept_until, time(), UTC) if recording.kept_until else by_rule
    return max(by_rule, told, kept)


def keep_the_rule(*, now: datetime) -> int:
    """
    Tell teachers of what is about to go, and have deleted what they were told of in time. Return how many go. Safe to
    repeat.
    """
    rules = rules_in_force()
    if rules.keep_days is None:
        return 0
    _tell(rules, now)
    due = [one for one in _ending(rules, before=now).exclude(expiry_told_at=None) if _is_due(one, rules, now)]
    return delete_for_good(due, now=now)


def _tell(rules: RecordingRules, now: datetime) -> None:
    """Tell the teacher of each session once that its recordings go, and when."""
    soon = now + timedelta(days=rules.notice_days)
    by_session: dict[Occurrence | None, list[Recording]] = defaultdict(list)
    for one in _ending(rules, before=soon).filter(expiry_told_at=None).select_related("run__occurrence__meeting"):
        by_session[one.run.occurrence].append(one)
    for occurrence, recordings in by_session.items():
        with transaction.atomic():
            rows = Recording.objects.select_for_update().filter(
                pk__in=[one.pk for one in recordings], expiry_told_at=None
            )
            if not (ids := [row.pk for row in rows]):
                continue
            Recording.objects.filter(pk__in=ids).update(expiry_told_at=now)
            if occurrence is not None:
                told = Recording.objects.filter(pk__in=ids)
                ends = [moment for one in told if (moment := expires_at(one, rules)) is not None]
                facts = {
                    "title": occurrence.meeting.title,
                    "when": occurrence.starts_at.isoformat(),
                    "until": min(ends).isoformat(),
                }
                path = reverse("meeting-recordings", args=[occurrence.meeting_id])
                tell(
                    occurrence.substitute or occurrence.meeting.teacher,
                    Kind.RECORDINGS_EXPIRE,
                    facts,
                    path=path,
                    now=now,
                )


def _ending(rules: RecordingRules, *, before: datetime) -> RecordingQuerySet:
    """Return what the rule lets go before a moment, what an admin keeps longer left out."""
    ended = before - timedelta(days=rules.keep_days or 0)
    kept = Q(kept_until__gt=before.date())
    return Recording.objects.kept().filter(ends_at__lte=ended).exclude(kept)


def _is_due(recording: Recording, rules: RecordingRules, now: datetime) -> bool:
    moment = expires_at(recording, rules)
    return moment is not None and moment <= now
