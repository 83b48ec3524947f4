"""Wanting meetings: what is saved, what is refused, what is kept."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.meetings import occurrences, services
from classbell.meetings.changes import change_meeting
from classbell.meetings.errors import MeetingNotWanted, OccurrenceOver, TeacherBusy
from classbell.meetings.models import Claim, ClaimKind, Meeting, OccurrenceStatus, SyncStatus
from classbell.meetings.sync.zoom_recurrence import CannotBeOneSeries
from tests.factories import make_teacher
from tests.factories_meetings import make_meeting, next_monday_at, spec, weekly

pytestmark = pytest.mark.usefixtures("zoom_hosts")


def queued() -> list[dict[str, object]]:
    """Return the arguments of the waiting reconcile jobs, oldest first."""
    jobs = ProcrastinateJob.objects.filter(task_name="meetings.reconcile").order_by("id")
    return [job.args for job in jobs]


def claimed(meeting: Meeting, kind: ClaimKind) -> list[tuple[object, object]]:
    """Return the periods a meeting's sessions hold."""
    claims = Claim.objects.filter(occurrence__meeting=meeting, kind=kind).order_by("during")
    return [(claim.during.lower, claim.during.upper) for claim in claims]


def test_wanted_meeting_claims_its_teacher_and_a_seat_and_queues_one_job():
    meeting = make_meeting(weekly(count=3, gap_minutes=10))

    occurrences = [(o.starts_at, o.ends_at) for o in meeting.occurrences.all()]
    gap = timedelta(minutes=10)
    assert claimed(meeting, ClaimKind.TEACHER) == occurrences
    assert claimed(meeting, ClaimKind.SEAT) == [(start, end + gap) for start, end in occurrences]
    assert queued() == [{"meeting_id": str(meeting.pk), "batch": False, "verify": False}]


def test_busy_teacher_is_refused_with_the_clash_and_nothing_is_left():
    teacher = make_teacher()
    make_meeting(spec(teacher, title="First"))

    with pytest.raises(TeacherBusy) as refusal:
        make_meeting(spec(teacher, title="Second", starts_at=next_monday_at(9) + timedelta(minutes=30)))

    assert "First" in refusal.value.details[0]["blocked_by"]
    assert [meeting.title for meeting in Meeting.objects.all()] == ["First"]
    assert len(queued()) == 1


def test_admin_may_book_a_teacher_twice_on_purpose():
    teacher = make_teacher()
    make_meeting(spec(teacher))

    second = make_meeting(spec(teacher, shared=True))

    assert second.seat is not None
    assert Meeting.objects.count() == 2


def test_one_of_twenty_simultaneous_specs_for_one_teacher_wins():
    teacher, outcomes = make_teacher(), []
    barrier = threading.Barrier(20)

    def attempt() -> None:
        try:
            barrier.wait()
            outcomes.append(make_meeting(spec(teacher)).title)
        except TeacherBusy:
            outcomes.append("busy")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["Algebra"] + ["busy"] * 19


def test_simultaneous_specs_never_share_a_seat():
    teachers = [make_teacher() for _ in range(6)]
    barrier = threading.Barrier(6)

    def attempt(teacher) -> None:
        try:
            barrier.wait()
            make_meeting(spec(teacher))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=attempt, args=(teacher,)) for teacher in teachers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    seats = [meeting.seat_id for meeting in Meeting.objects.exclude(seat=None)]
    assert Meeting.objects.count() == 6
    assert len(seats) == len(set(seats)) == 3


def test_rule_that_zoom_cannot_repeat_is_refused_at_once():
    with pytest.raises(CannotBeOneSeries):
        make_meeting(spec(rule="FREQ=MONTHLY;BYDAY=1MO,3WE;COUNT=4"))

    assert not Meeting.objects.exists()


def test_cancelled_occurrences_exist_with_their_reason_and_claim_nothing():
    holiday = next_monday_at(9) + timedelta(days=7)

    meeting = make_meeting(weekly(count=3, cancelled={holiday.date(): "Republic Day"}))

    statuses = [(o.status, o.cancellation_reason) for o in meeting.occurrences.all()]
    assert statuses == [
        (OccurrenceStatus.SCHEDULED, ""),
        (OccurrenceStatus.CANCELLED, "Republic Day"),
        (OccurrenceStatus.SCHEDULED, ""),
    ]
    assert len(claimed(meeting, ClaimKind.TEACHER)) == len(claimed(meeting, ClaimKind.SEAT)) == 2


def test_change_keeps_the_seat_while_it_is_free():
    what = weekly(count=3)
    meeting = make_meeting(what)
    seat = meeting.seat

    changed = change_meeting(
        meeting_id=meeting.pk, changes={"starts_at": what.starts_at + timedelta(hours=1)}, now=timezone.now()
    )

    assert (changed.seat, changed.revision, changed.sync_status) == (seat, 2, SyncStatus.PENDING)
    assert claimed(meeting, ClaimKind.SEAT)[0][0] == what.starts_at + timedelta(hours=1)


@pytest.mark.parametrize("status", [SyncStatus.SYNCED, SyncStatus.FAILED])
def test_change_to_what_is_so_is_none_unless_zoom_lacks_it(status):
    what = weekly(count=3, zoom_settings={"waiting_room": True})
    meeting = make_meeting(what)
    Meeting.objects.filter(pk=meeting.pk).update(sync_status=status)

    changed = change_meeting(
        meeting_id=meeting.pk,
        changes={"starts_at": what.starts_at, "title": what.title, "zoom_settings": {"waiting_room": True}},
        now=timezone.now(),
    )

    assert (changed.revision, changed.sync_status) == (
        (1, SyncStatus.SYNCED) if status == SyncStatus.SYNCED else (2, SyncStatus.PENDING)
    )


def test_change_takes_another_seat_when_its_own_is_taken():
    first = make_meeting(spec())
    moving = make_meeting(spec(starts_at=next_monday_at(12)))
    assert moving.seat == first.seat

    changed = change_meeting(meeting_id=moving.pk, changes={"starts_at": next_monday_at(9)}, now=timezone.now())

    assert changed.seat not in (None, first.seat)


def test_change_that_clashes_changes_nothing():
    what = spec()
    meeting = make_meeting(what)
    make_meeting(spec(what.teacher, starts_at=next_monday_at(14)))

    with pytest.raises(TeacherBusy):
        change_meeting(meeting_id=meeting.pk, changes={"starts_at": next_monday_at(14)}, now=timezone.now())

    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.revision) == (what.starts_at, 1)
    assert claimed(meeting, ClaimKind.TEACHER) == [(what.starts_at, what.starts_at + timedelta(hours=1))]


def test_change_leaves_past_occurrences_and_those_changed_by_hand_alone():
    what = weekly(count=6, starts_at=next_monday_at(9) - timedelta(weeks=3))
    meeting = make_meeting(what)
    now = timezone.now()
    past = set(meeting.occurrences.filter(starts_at__lte=now).values_list("pk", flat=True))
    moved = meeting.occurrences.filter(starts_at__gt=now)[0]
    occurrences.move_occurrence(
        occurrence_id=moved.pk, starts_at=moved.starts_at + timedelta(days=1), duration_minutes=30, now=now
    )

    change_meeting(
        meeting_id=meeting.pk, changes={"starts_at": what.starts_at, "rule": what.rule, "title": "Algebra II"}, now=now
    )

    kept = set(meeting.occurrences.values_list("pk", flat=True))
    assert past | {moved.pk} <= kept
    assert meeting.occurrences.get(pk=moved.pk).starts_at == moved.starts_at + timedelta(days=1)
    assert meeting.occurrences.count() == 6


def test_cancelled_meeting_frees_its_time_and_refuses_changes():
    what = spec()
    meeting = make_meeting(what)

    services.cancel_meeting(meeting_id=meeting.pk, now=timezone.now(), reason="Ill")

    assert Claim.objects.count() == 0
    assert make_meeting(spec(what.teacher)).seat is not None
    with pytest.raises(MeetingNotWanted):
        change_meeting(meeting_id=meeting.pk, changes={"title": "Geometry"}, now=timezone.now())


def test_occurrence_that_has_started_cannot_be_moved_or_cancelled():
    meeting = make_meeting(spec(starts_at=timezone.now() - timedelta(minutes=5)))
    occurrence = meeting.occurrences.get()

    with pytest.raises(OccurrenceOver):
        occurrences.cancel_occurrence(occurrence_id=occurrence.pk, reason="", now=timezone.now())


def test_meetings_that_waited_for_a_host_get_one_when_there_is_one(zoom, zoom_hosts):
    for _host in zoom_hosts:
        make_meeting()
    waiting = make_meeting()
    Meeting.objects.exclude(pk=waiting.pk)[0].occurrences.all().delete()

    placed = services.place_unhosted(now=timezone.now())

    waiting.refresh_from_db()
    assert placed == 1
    assert waiting.seat is not None


def test_teacher_with_an_own_zoom_user_is_hosted_there(zoom_hosts):
    last = zoom_hosts[-1]
    teacher = make_teacher(zoom_user=last.email.upper())

    meeting = make_meeting(spec(teacher))

    assert meeting.seat
    assert meeting.seat.host == last
