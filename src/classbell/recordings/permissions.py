"""Who may watch, keep and delete recordings."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from classbell.accounts.models import User
from classbell.accounts.reader import reading_guardian
from classbell.accounts.wall import past_the_wall
from classbell.errors import NotThere
from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.permissions import attends, can_host, can_keep_attendance, can_keep_attendance_of
from classbell.recordings.models import Recording, RecordingRules, Watchers, WatchRule
from classbell.recordings.rules import watch_rule_of

TO_STUDENTS = (Watchers.STUDENTS, Watchers.FAMILIES)


def sessions_watched(
    user: User, meeting: Meeting, sessions: Iterable[Occurrence], rule: WatchRule | RecordingRules
) -> set[UUID]:
    """
    Return the sessions of a meeting, of those given, whose recordings somebody may watch by the rule that counts for it.

    Teachers watch what they taught or keep the attendance of; students, where the rule says so, what they may attend; a
    guardian in their place where it says that too. A few statements, however many sessions there are.
    """
    if user.is_admin and not attends(user, meeting):
        return {one.pk for one in sessions}
    if rule.watchers == Watchers.NOBODY:
        return set()
    if _teaches(user, meeting):
        return {one.pk for one in sessions}
    watched = {one.pk for one in sessions if one.substitute_id == user.pk}
    if rule.watchers in TO_STUDENTS and (reading_guardian() is None or rule.watchers == Watchers.FAMILIES):
        given = [one.pk for one in sessions]
        watched |= set(Occurrence.objects.visible_to(user).filter(pk__in=given).values_list("pk", flat=True))
    return watched


def may_watch(user: User, recording: Recording) -> bool:
    """As `sessions_watched`, of one recording. What was recorded of no session is for admins."""
    occurrence = recording.run.occurrence
    if occurrence is None:
        return user.is_admin
    return occurrence.pk in sessions_watched(user, occurrence.meeting, [occurrence], watch_rule_of(occurrence.meeting))


def may_download(user: User, recording: Recording) -> bool:
    """Whether who may watch may keep a copy too: teachers of the session and admins always."""
    occurrence = recording.run.occurrence
    return occurrence is None or may_download_of(user, occurrence, watch_rule_of(occurrence.meeting))


def may_download_of(user: User, occurrence: Occurrence, rule: WatchRule | RecordingRules) -> bool:
    """As `may_download`, by a rule that is known."""
    if rule.may_download or user.is_admin:
        return True
    return can_keep_attendance_of(user, occurrence) and not attends(user, occurrence.meeting)


def may_delete(user: User, recording: Recording) -> bool:
    """The meeting's teacher and admins."""
    occurrence = recording.run.occurrence
    return user.is_admin if occurrence is None else can_host(user, occurrence.meeting)


def find_recording(user: User, recording_id: UUID, *, now: datetime) -> Recording:
    """Return a recording that somebody may watch, whatever became of it. Raises NotThere."""
    rows = Recording.objects.shown(now).select_related("run__occurrence__meeting__group")
    with past_the_wall():
        recording = rows.filter(pk=recording_id).first()
    if recording is None or not may_watch(user, recording):
        raise NotThere
    return recording


def deletes_recording(user: User, recording_id: UUID) -> bool:
    """As `may_delete`. Raises NotThere for whom there is no such recording."""
    recording = Recording.objects.select_related("run__occurrence__meeting").filter(pk=recording_id).first()
    if recording is None or not (may_watch(user, recording) or may_delete(user, recording)):
        raise NotThere
    return may_delete(user, recording)


def _teaches(user: User, meeting: Meeting) -> bool:
    return can_keep_attendance(user, meeting) and not attends(user, meeting)
