"""Reads of recordings with more than one caller."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from classbell.accounts.models import User
from classbell.meetings.models import Attendance, Expected, Meeting, Occurrence, Participation
from classbell.meetings.permissions import can_host
from classbell.recordings.models import Recording, RecordingKind, RecordingStatus
from classbell.recordings.permissions import may_delete, may_download_of, sessions_watched
from classbell.recordings.retention import expires_at
from classbell.recordings.rules import rules_in_force, watch_rule_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A recording as one person sees it."""

    recording: Recording
    occurrence: Occurrence | None
    status: RecordingStatus
    expires_at: datetime | None
    may_download: bool
    may_delete: bool

    @property
    def is_there(self) -> bool:
        """Whether it can be watched."""
        return self.status is RecordingStatus.AVAILABLE


def seen_of_meeting(meeting: Meeting, user: User, *, now: datetime, occurrence: Occurrence | None = None) -> list[Seen]:
    """
    Return the recordings of a meeting that somebody may watch, the latest session first; of one session where it is named.

    What is in the trash or on its way there is for who may delete it.
    """
    rows = Recording.objects.shown(now).filter(run__occurrence__meeting=meeting)
    if occurrence is not None:
        rows = rows.filter(run__occurrence=occurrence)
    rows = rows.select_related("run__occurrence")
    recordings = sorted(rows, key=_place)
    if not recordings:
        return []
    sessions = {one.run.occurrence.pk: one.run.occurrence for one in recordings if one.run.occurrence is not None}
    for session in sessions.values():
        session.meeting = meeting
    rules = rules_in_force()
    rule = watch_rule_of(meeting, rules)
    watched = sessions_watched(user, meeting, sessions.values(), rule)
    downloads = {pk: may_download_of(user, session, rule) for pk, session in sessions.items() if pk in watched}
    deletes = can_host(user, meeting)
    found = [
        Seen(
            recording=one,
            occurrence=sessions[one.run.occurrence_id],
            status=one.status_at(now),
            expires_at=expires_at(one, rules),
            may_download=downloads[one.run.occurrence_id],
            may_delete=deletes,
        )
        for one in recordings
        if one.run.occurrence_id in watched
    ]
    return [one for one in found if one.is_there or one.may_delete]


def _place(one: Recording) -> tuple[float, datetime, int]:
    """Return where a recording stands: the latest session first, in it the first stretch, of a stretch the video."""
    begins = one.run.occurrence.starts_at if one.run.occurrence else one.starts_at
    return -begins.timestamp(), one.starts_at, RecordingKind.values.index(one.kind)


def recorded_sessions_of(person: User) -> list[Occurrence]:
    """Return the sessions somebody was in or expected at of which there are recordings, the latest first. One statement."""
    there = Participation.objects.filter(occurrence=OuterRef("pk"), user=person)
    expected = Attendance.objects.filter(occurrence=OuterRef("pk"), user=person)
    recorded = Recording.objects.filter(run__occurrence=OuterRef("pk")).exclude(gone_at__isnull=False, is_for_good=True)
    sessions = Occurrence.objects.filter(Exists(recorded), Exists(there) | Exists(expected))
    return list(sessions.select_related("meeting").order_by("-starts_at"))


def recordings_with_a_teacher_alone(person: User) -> list[Recording]:
    """Return the recordings of sessions that were of one student and whoever taught them, and of nobody else."""
    alone = []
    for session in recorded_sessions_of(person):
        both = {person.pk, session.teacher_id}
        others = Participation.objects.filter(occurrence=session).exclude(user__in=both)
        judged = Attendance.objects.filter(occurrence=session).exclude(user__in=both)
        expected = Expected.objects.filter(meeting=session.meeting_id).exclude(user__in=both)
        if person.pk != session.teacher_id and not any(rows.exists() for rows in (others, judged, expected)):
            alone.append(session.pk)
    return list(Recording.objects.filter(run__occurrence__in=alone))


def seen(recording: Recording, user: User, *, now: datetime) -> Seen:
    """Return one recording, which they may watch, as somebody sees it."""
    occurrence = recording.run.occurrence
    rules = rules_in_force()
    rule = watch_rule_of(occurrence.meeting, rules) if occurrence else rules
    return Seen(
        recording=recording,
        occurrence=occurrence,
        status=recording.status_at(now),
        expires_at=expires_at(recording, rules),
        may_download=user.is_admin if occurrence is None else may_download_of(user, occurrence, rule),
        may_delete=may_delete(user, recording),
    )
