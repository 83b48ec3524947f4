"""
What has been of the demo's classes, circles and courses: Zoom is told to have told of it, and it is judged as ever.

Run again, it goes on from where it was: sessions that passed while the demo was off are held too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from classbell.accounts.models import User
from classbell.demo import attendance_profiles, circles, classes, course, fake_webhooks
from classbell.demo.simulator import Simulator
from classbell.groups.models import Membership
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus
from classbell.meetings.sync.gateway import zoom_client
from classbell.meetings.sync.reconcile import reconcile
from classbell.meetings.webhooks.inbox import process_all
from classbell.zoom.limits import Priority

TITLES: Final = (*(one.title for one in classes.LESSONS), *(one.title for one in circles.CIRCLES), course.TITLE)
LOOKED_BACK: Final = timedelta(weeks=4)
# Only what is over for this long: whoever holds a lesson themselves may still be at it.
OVER_FOR: Final = timedelta(minutes=5)
EARLY, OVERTIME = timedelta(minutes=2), timedelta(minutes=1)

# By class and number of the session, counted from 0.
TEACHER_LATE: Final = {("Reading circle", 2): timedelta(minutes=8), (circles.EVENING.title, 1): timedelta(minutes=6)}
ENDED_EARLY: Final = {(course.TITLE, 2): timedelta(minutes=10)}
TEACHER_NEVER_CAME: Final = {("Linear algebra, problem class", 3)}
STRANGERS: Final = {("Arabic for beginners", 4): "Samira's iPhone"}


def hold_what_passed(*, now: datetime) -> None:
    """Hold the sessions that are over and of which nothing is known, and judge them."""
    occurrences = list(_passed(now))
    _put_on_zoom(occurrences, now)
    on_zoom = [occurrence for occurrence in occurrences if occurrence.meeting.zoom_meeting_id]
    numbers, members = _numbers(now), _members()
    with transaction.atomic():
        for occurrence in on_zoom:
            fake_webhooks.tell(
                _told_of(occurrence, numbers[occurrence.pk], members[occurrence.meeting.group_id]), now=now
            )
    if on_zoom:
        process_all(
            now=max(now, timezone.now())
        )  # The inbox goes by the database's clock, which is past `now` already.
    for occurrence in on_zoom:
        record_attendance(occurrence_id=occurrence.pk, now=now)


def _passed(now: datetime) -> Iterable[Occurrence]:
    """Sessions of the demo's own that nobody held: one that was held, or judged for want of word, stays what it is."""
    return (
        Occurrence.objects.filter(
            meeting__group__name__in=TITLES,
            status=OccurrenceStatus.SCHEDULED,
            outcome=None,
            starts_at__gt=now - LOOKED_BACK,
            ends_at__lt=now - OVER_FOR,
        )
        .select_related("meeting__teacher", "meeting__group", "meeting__zoom_host", "substitute")
        .order_by("starts_at")
    )


def _put_on_zoom(occurrences: Sequence[Occurrence], now: datetime) -> None:
    """Have the meetings of these sessions made at Zoom: those that go on as of now, the others as of before they were."""
    meetings = Meeting.objects.filter(pk__in={occurrence.meeting_id for occurrence in occurrences}, zoom_meeting_id="")
    dated = list(meetings.annotate(last=Max("occurrences__starts_at")).values_list("pk", "last"))
    over = {pk: last for pk, last in dated if last <= now}
    for pk, _last in dated:
        if pk not in over:
            _reconcile(pk, now)
    if over:
        then = min(over.values()) - timedelta(days=1)
        with Simulator().on_the_day_of(then, now=now):
            for pk in over:
                _reconcile(pk, then)
    fresh = Meeting.objects.select_related("teacher", "group", "zoom_host").in_bulk([pk for pk, _last in dated])
    for occurrence in occurrences:
        occurrence.meeting = fresh.get(occurrence.meeting_id, occurrence.meeting)


def _reconcile(meeting_id: UUID, moment: datetime) -> None:
    reconcile(meeting_id, zoom_client().with_options(priority=Priority.INTERACTIVE), clock=lambda: moment)


def _numbers(now: datetime) -> Mapping[UUID, int]:
    """Return which session of its class, circle or course each one is that has begun."""
    begun = Occurrence.objects.filter(meeting__group__name__in=TITLES, starts_at__lt=now).order_by("starts_at", "pk")
    numbers: dict[UUID, int] = {}
    of_group: dict[UUID, int] = defaultdict(int)
    for pk, group in begun.values_list("pk", "meeting__group"):
        numbers[pk] = of_group[group]
        of_group[group] += 1
    return numbers


def _members() -> Mapping[UUID | None, Sequence[User]]:
    members: dict[UUID | None, list[User]] = defaultdict(list)
    rows = Membership.objects.filter(group__name__in=TITLES).select_related("user").order_by("user__email")
    for row in rows:
        members[row.group_id].append(row.user)
    return members


def _told_of(occurrence: Occurrence, number: int, students: Sequence[User]) -> list[fake_webhooks.Body]:
    meeting, title = occurrence.meeting, occurrence.meeting.group.name if occurrence.meeting.group else ""
    which, series = (title, number), TITLES.index(title)
    there = {
        student: attendance_profiles.way_of(_name(student), series=series, occurrence=number)
        for student in students
        if _name(student) in attendance_profiles.HABITS
    }
    if which in TEACHER_NEVER_CAME:
        at = occurrence.starts_at + timedelta(minutes=1)
        return [
            fake_webhooks.waited(meeting, at=at, name=student.name, customer_key=student.pk.hex)
            for student, way in there.items()
            if way is not attendance_profiles.Way.NOT
        ]
    started_at = occurrence.starts_at + TEACHER_LATE.get(which, -EARLY)
    ended_at = occurrence.ends_at - ENDED_EARLY.get(which, -OVERTIME)
    stays = [_teacher(occurrence, started_at, ended_at)]
    for seat, (student, way) in enumerate(there.items()):
        periods = attendance_profiles.stays(way, starts_at=started_at, ends_at=ended_at, seed=number * 17 + seat)
        stays += [
            fake_webhooks.Stay(name=student.name, joined_at=came, left_at=went, customer_key=student.pk.hex)
            for came, went in periods
        ]
    if which in STRANGERS:
        stays.append(fake_webhooks.Stay(name=STRANGERS[which], joined_at=started_at + EARLY, left_at=ended_at))
    return fake_webhooks.run(meeting, started_at=started_at, ended_at=ended_at, stays=stays)


def _teacher(occurrence: Occurrence, started_at: datetime, ended_at: datetime) -> fake_webhooks.Stay:
    host = occurrence.meeting.zoom_host
    teacher = occurrence.substitute or occurrence.meeting.teacher
    zoom_user_id = host.zoom_user_id if host else ""
    return fake_webhooks.Stay(name=teacher.name, joined_at=started_at, left_at=ended_at, zoom_user_id=zoom_user_id)


def _name(student: User) -> str:
    return student.email.partition("@")[0]
