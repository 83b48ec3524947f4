"""The lesson that runs when the demo comes up."""

from datetime import datetime, timedelta

from classbell.accounts.models import Role, User
from classbell.demo.people import DOMAIN, LISBON
from classbell.demo.simulator import Simulator
from classbell.groups.models import Group, GroupKind
from classbell.groups.services import create_group, enrol_students
from classbell.meetings.audience import expected_people
from classbell.meetings.claims import taken_periods
from classbell.meetings.models import Occurrence, OccurrenceStatus
from classbell.meetings.services import MeetingSpec, sync_now, want_meeting

TITLE = "Conversation hour"
# From a little before to a little after, if nothing else is in the way.
EARLIER, LATER = timedelta(minutes=10), timedelta(minutes=50)
SHORTEST_LESSON = timedelta(minutes=15)
# Minutes after the start at which students have come in; the others are missing.
ARRIVALS = (0, 0, 1, 2, 9)
STRANGER = "Galaxy Tab A8"


def start_live_meeting(*, now: datetime) -> None:
    """Have a class of the demo's teacher run right now, on the simulated Zoom too; what ran the last time is over."""
    teacher = User.objects.get(email=f"teacher@{DOMAIN}")
    simulator = Simulator()
    _end_old_lessons(teacher, simulator, now)
    occurrence = _lesson_about_now(teacher, now) or _extra_lesson(teacher, now)
    sync_now(occurrence.meeting_id)
    occurrence.meeting.refresh_from_db()
    if occurrence.meeting.zoom_meeting_id and not simulator.is_running(occurrence.meeting.zoom_meeting_id):
        _fill_the_room(occurrence, simulator, now)


def _end_old_lessons(teacher: User, simulator: Simulator, now: datetime) -> None:
    """End what was still running when the demo was stopped, at the time that it should have ended."""
    left_open = Occurrence.objects.filter(meeting__teacher=teacher, status=OccurrenceStatus.LIVE, ends_at__lt=now)
    for occurrence in left_open.exclude(meeting__zoom_meeting_id="").select_related("meeting"):
        if simulator.is_running(occurrence.meeting.zoom_meeting_id):
            simulator.end(occurrence.meeting.zoom_meeting_id, at=occurrence.ends_at)


def _lesson_about_now(teacher: User, now: datetime) -> Occurrence | None:
    """Return a lesson that runs or begins so soon that nothing fits before it."""
    soon = Occurrence.objects.taking_place().between(now, now + SHORTEST_LESSON).filter(meeting__teacher=teacher)
    return soon.filter(substitute=None).select_related("meeting").order_by("starts_at").first()


def _extra_lesson(teacher: User, now: datetime) -> Occurrence:
    """Want a lesson around now, between what the teacher has before and after it."""
    minute = now.replace(second=0, microsecond=0)
    taken = taken_periods([teacher.pk], start=minute - EARLIER, end=minute + LATER)[teacher.pk]
    starts_at = max([minute - EARLIER, *(end for _start, end in taken if end <= now)])
    ends_at = min([minute + LATER, *(start for start, _end in taken if start > now)])
    meeting = want_meeting(
        MeetingSpec(
            teacher=teacher,
            group=_everybody(teacher),
            title=TITLE,
            description="Talk about the week.",
            starts_at=starts_at,
            duration_minutes=int((ends_at - starts_at) / timedelta(minutes=1)),
            timezone=LISBON,
        ),
        now=now,
        soon=True,
    )
    return meeting.occurrences.select_related("meeting").get()


def _everybody(teacher: User) -> Group:
    group = Group.objects.filter(kind=GroupKind.CLASS, name=TITLE, archived_at=None).first()
    if group is None:
        group = create_group(kind=GroupKind.CLASS, name=TITLE, timezone=LISBON, teachers=[teacher])
    students = User.objects.filter(role=Role.STUDENT, email__endswith=f"@{DOMAIN}")
    enrol_students(group_id=group.pk, students=list(students))
    return group


def _fill_the_room(occurrence: Occurrence, simulator: Simulator, now: datetime) -> None:
    """
    Start the meeting at the simulator and let some of the students come in, and somebody whom nobody knows.

    The student whose sign-in is printed stays out: whoever tries the demo comes in as them.
    """
    room, begun_at = occurrence.meeting.zoom_meeting_id, min(now, occurrence.starts_at)
    simulator.start(room, at=begun_at)
    students = expected_people(occurrence.meeting).exclude(email=f"student@{DOMAIN}").order_by("email")
    for student, minute in zip(students, ARRIVALS, strict=False):
        at = min(now, begun_at + timedelta(minutes=minute))
        simulator.join(room, name=student.name, customer_key=student.pk.hex, at=at)
    simulator.join(room, name=STRANGER, at=min(now, begun_at + timedelta(minutes=3)))
