"""From what is stored about a session to its attendance records; calculated anew whenever more is heard."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from classbell.meetings.attendance.rules import excused_in, rules_at
from classbell.meetings.audience import expected_people
from classbell.meetings.judging.inputs import JudgedOccurrence, Policy
from classbell.meetings.judging.judge import judge
from classbell.meetings.meeting_settings.inherited import levels_of
from classbell.meetings.models import (
    Attendance,
    BackupRoom,
    MatchedBy,
    MeetingRun,
    Occurrence,
    OccurrenceOutcome,
    Participation,
    WebhookEvent,
)
from classbell.meetings.periods import Period, Stay, StaySource
from classbell.meetings.signals import attendance_changed, attendance_recorded
from classbell.meetings.verdicts import AttendanceStatus, Judgement, OccurrenceResult, Reason, Verdict

CALCULATED = [
    "computed_status",
    "seconds",
    "counted_seconds",
    "first_joined_at",
    "last_left_at",
    "source",
    "reasons",
]
# Zoom's words for standing before the door, and how long before a session that is about it.
WAITING = ["meeting.participant_jbh_waiting", "meeting.participant_joined_waiting_room"]
DOORS_OPEN = timedelta(minutes=30)

Person = UUID | None  # None: somebody who could not be matched with an account.


def record_attendance(*, occurrence_id: UUID, now: datetime) -> Judgement[UUID] | None:
    """
    Judge one session that is over by everything known of it, and keep the result. Safe to repeat.

    One whose time is not over and that never ran is not judged, and what was thought of it is taken back: None. Nor is one
    of which the stays are not kept any more: what was said of it stays.

    Takes the same number of statements for any number of people. What a person has overruled or objected to stays as it
    is; only the calculated verdict beneath it changes. Who was expected is settled the first time: whoever joins the
    class later is not absent from what was before, and whoever leaves it keeps their record.
    """
    with transaction.atomic():
        occurrence = (
            Occurrence.objects.select_related("meeting", "backup_room")
            .select_for_update(of=("self",), no_key=True)
            .get(pk=occurrence_id)
        )
        if _is_ahead(occurrence, now):
            _take_back(occurrence)
            return None
        if OccurrenceOutcome.objects.filter(occurrence=occurrence, is_final=True).exists():
            return None
        stays, guests, kept = _stays(occurrence), _guests(occurrence), _kept(occurrence)
        policy = rules_at(occurrence.meeting.group_id, occurrence.starts_at).policy
        judgement = _judge(occurrence, stays, guests, policy, kept, ended_at=occurrence.actual_ends_at)
        is_first = _keep_outcome(occurrence, judgement, policy, now)
        _keep_records(occurrence, judgement)
        _announce(occurrence, _changed(judgement, kept), is_first=is_first)
    return judgement


def judge_so_far(occurrence: Occurrence, *, now: datetime) -> Judgement[UUID]:
    """
    Judge a session that runs as if it ended now; nothing is kept. Its meeting is joined. What a person has decided about
    somebody is not looked at. Takes the same number of statements for any number of people.
    """
    policy = rules_at(occurrence.meeting.group_id, occurrence.starts_at).policy
    return _judge(occurrence, _stays(occurrence), _guests(occurrence), policy, {}, ended_at=now)


def _is_ahead(occurrence: Occurrence, now: datetime) -> bool:
    """Whether a session may still be held, and has not been."""
    return occurrence.ends_at > now and occurrence.actual_starts_at is None and not occurrence.is_cancelled


def _take_back(occurrence: Occurrence) -> None:
    """Nothing is known of a session that is ahead; what a person said or asked of it stays."""
    OccurrenceOutcome.objects.filter(occurrence=occurrence).delete()
    records = Attendance.objects.filter(occurrence=occurrence)
    records.filter(override_status="", objected_at=None).delete()
    records.update(**_calculated(Verdict(status=AttendanceStatus.UNKNOWN)))


def _judge(
    occurrence: Occurrence,
    stays: Mapping[Person, Sequence[Stay]],
    guests: Sequence[Stay],
    policy: Policy,
    kept: Mapping[UUID, Attendance],
    *,
    ended_at: datetime | None,
) -> Judgement[UUID]:
    meeting = occurrence.meeting
    expected = _expected(occurrence, stays, set(kept)) - {meeting.teacher_id, occurrence.teacher_id}
    others = stays.keys() - expected - {occurrence.teacher_id, None}
    return judge(
        occurrence=JudgedOccurrence(
            starts_at=occurrence.starts_at,
            ends_at=occurrence.ends_at,
            started_at=occurrence.actual_starts_at,
            ended_at=ended_at,
            cancelled=occurrence.is_cancelled,
            opens_without_host=bool(levels_of(meeting).held["join_before_host"]),
            elsewhere=_elsewhere(occurrence),
            runs=_runs(occurrence),
        ),
        policy=policy,
        people={person: stays.get(person, []) for person in sorted(expected)},
        teacher=stays.get(occurrence.teacher_id, []),
        others=[*guests, *(stay for person in others for stay in stays[person])],
        strangers=stays.get(None, []),
        excused=excused_in(occurrence, expected),
        heard=bool(stays) or bool(guests) or _somebody_waited(occurrence),
    )


def _runs(occurrence: Occurrence) -> list[Period]:
    """Return when the room was open. A run whose end nobody told of went on until the next one began."""
    told = MeetingRun.objects.filter(occurrence=occurrence, started_at__isnull=False).order_by("started_at", "pk")
    times = [(run.started_at, run.ended_at) for run in told if run.started_at is not None]
    later = [*(started_at for started_at, _ended_at in times), datetime.max.replace(tzinfo=UTC)][1:]
    return [
        Period(starts_at=started_at, ends_at=ended_at or next_one)
        for (started_at, ended_at), next_one in zip(times, later, strict=True)
    ]


def _elsewhere(occurrence: Occurrence) -> str:
    """Return the code of why a session was not held at Zoom, or not only there; "" for one that was."""
    if occurrence.is_elsewhere:
        return "elsewhere"
    room: BackupRoom | None = getattr(occurrence, "backup_room", None)
    return "backup_room" if room is not None and room.used_at is not None else ""


def stays_in(participations: QuerySet[Participation]) -> dict[tuple[UUID, Person], list[Stay]]:
    """Return the stays as verdicts are calculated from them, by session and person. One statement."""
    stays: dict[tuple[UUID, Person], list[Stay]] = defaultdict(list)
    rows = participations.values_list(
        "occurrence_id", "user_id", "joined_at", "left_at", "source", "occurrence__actual_ends_at"
    )
    for occurrence, person, joined_at, left_at, source, ended_at in rows:
        # Stays whose leaving was never reported are closed at the meeting's end: an assumption, so the report may correct it.
        assumed = source == StaySource.WEBHOOK and left_at == ended_at
        stay = Stay(joined_at=joined_at, left_at=None if assumed else left_at, source=StaySource(source))
        stays[occurrence, person].append(stay)
    return dict(stays)


def _stays(occurrence: Occurrence) -> dict[Person, list[Stay]]:
    stays = stays_in(Participation.objects.filter(occurrence=occurrence).exclude(matched_by=MatchedBy.NOBODY))
    return {person: theirs for (_occurrence, person), theirs in stays.items()}


def _guests(occurrence: Occurrence) -> list[Stay]:
    """Return the stays of whom somebody said that they are nobody of ours."""
    stays = stays_in(Participation.objects.filter(occurrence=occurrence, matched_by=MatchedBy.NOBODY))
    return [stay for theirs in stays.values() for stay in theirs]


def _somebody_waited(occurrence: Occurrence) -> bool:
    """Whether people stood before the door of a meeting that never began, which tells that nobody opened it."""
    meeting = occurrence.meeting
    if occurrence.actual_starts_at is not None or not meeting.zoom_meeting_id:
        return False
    return WebhookEvent.objects.filter(
        zoom_meeting_id=meeting.zoom_meeting_id,
        event__in=WAITING,
        happened_at__gte=occurrence.starts_at - DOORS_OPEN,
        happened_at__lt=occurrence.ends_at,
    ).exists()


def _kept(occurrence: Occurrence) -> dict[UUID, Attendance]:
    """Return the records there are, by person: what counts in them, and what a person said or asked."""
    records = Attendance.objects.filter(occurrence=occurrence)
    return {record.user_id: record for record in records.only("user_id", "status", "override_status", "objected_at")}


def _expected(occurrence: Occurrence, seen: Iterable[Person], kept: set[UUID]) -> set[UUID]:
    named = set(expected_people(occurrence.meeting).order_by().values_list("pk", flat=True))
    settled = OccurrenceOutcome.objects.filter(occurrence=occurrence).exclude(result=OccurrenceResult.VOID).exists()
    return kept | (named & set(seen)) if settled and kept else kept | named


def _changed(judgement: Judgement[UUID], kept: Mapping[UUID, Attendance]) -> list[UUID]:
    """Return of whom something else counts than did, by the records that were kept: nothing has to be read again."""
    if judgement.result == OccurrenceResult.VOID:
        computed: dict[UUID, str] = dict.fromkeys(kept, AttendanceStatus.UNKNOWN)
    else:
        computed = {person: verdict.status for person, verdict in judgement.people.items()}
    before = {person: record.status for person, record in kept.items()}
    overruled = {person: record.override_status for person, record in kept.items() if record.override_status}
    return [person for person in computed if (computed | overruled)[person] != before.get(person)]


def _announce(occurrence: Occurrence, changed: Collection[UUID], *, is_first: bool) -> None:
    if is_first:
        attendance_recorded.send(Occurrence, occurrence_id=occurrence.pk)
    elif changed:
        attendance_changed.send(Occurrence, occurrence_id=occurrence.pk, user_ids=changed)


def _keep_outcome(occurrence: Occurrence, judgement: Judgement[UUID], policy: Policy, now: datetime) -> bool:
    """Keep what is known of a session; return whether nothing had been before."""
    teacher, counted = judgement.teacher, judgement.counted
    differences = [
        {"user": str(d.person), "webhook_seconds": d.webhook_seconds, "report_seconds": d.report_seconds}
        for d in judgement.differences
    ]
    _outcome, is_first = OccurrenceOutcome.objects.update_or_create(
        occurrence=occurrence,
        defaults={
            "result": judgement.result,
            "reasons": _as_json(judgement.reasons),
            "counted_from": counted.starts_at if counted else None,
            "counted_until": counted.ends_at if counted else None,
            "teacher_status": teacher.status,
            "teacher_seconds": teacher.seconds,
            "teacher_late_seconds": teacher.late_seconds,
            "teacher_early_seconds": teacher.early_seconds,
            "teacher_first_joined_at": teacher.first_joined_at,
            "teacher_last_left_at": teacher.last_left_at,
            "teacher_reasons": _as_json(teacher.reasons),
            "differences": differences,
            "policy": asdict(policy),
            "computed_at": now,
        },
    )
    return is_first


def _keep_records(occurrence: Occurrence, judgement: Judgement[UUID]) -> None:
    records = Attendance.objects.filter(occurrence=occurrence)
    if judgement.result == OccurrenceResult.VOID:
        records.filter(override_status="", objected_at=None).delete()
        nothing = Verdict(status=AttendanceStatus.UNKNOWN, reasons=judgement.reasons)
        records.update(**_calculated(nothing))
        return
    Attendance.objects.bulk_create(
        [
            Attendance(occurrence=occurrence, user_id=person, **_calculated(verdict))
            for person, verdict in judgement.people.items()
        ],
        update_conflicts=True,
        unique_fields=["occurrence", "user"],
        update_fields=CALCULATED,
    )


def _calculated(verdict: Verdict) -> dict[str, Any]:
    return {
        "computed_status": verdict.status,
        "seconds": verdict.seconds,
        "counted_seconds": verdict.counted_seconds,
        "first_joined_at": verdict.first_joined_at,
        "last_left_at": verdict.last_left_at,
        "source": verdict.source or "",
        "reasons": _as_json(verdict.reasons),
    }


def _as_json(reasons: Sequence[Reason]) -> list[dict[str, str | int]]:
    return [reason.as_json() for reason in reasons]
