"""
Whom a meeting expects: the one rule, asked by registration, reminders, notices, joining, attendance and reports.

Those invited by name and, where the meeting is for a class, the members of the class. A meeting for all students, all
teachers or everybody expects nobody else: whoever comes is seen, nobody is absent. The rule itself is the database's view
`meetings_expected`, which this module reads and which SQL elsewhere may join (`LATERAL`, so that it is asked meeting by
meeting and not for all).
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from classbell.accounts.models import Role, User
from classbell.groups.models import Group
from classbell.meetings.models import Audience, Expected, Meeting, Registrant, RegistrantStatus


def expected_people(meeting: Meeting) -> QuerySet[User]:
    """Everybody the meeting expects by name, its hosts among them where they are invited or members."""
    return User.objects.filter(pk__in=Expected.objects.filter(meeting=meeting).values("user"))


def expected_in(meetings: Collection[Meeting]) -> dict[UUID, set[UUID]]:
    """Return by meeting whom each of many expects, as `expected_people`, by id. One statement."""
    expected: dict[UUID, set[UUID]] = {meeting.pk: set() for meeting in meetings}
    for meeting_id, user_id in Expected.objects.filter(meeting__in=expected).values_list("meeting", "user"):
        expected[meeting_id].add(user_id)
    return expected


@dataclass(frozen=True, kw_only=True, slots=True)
class Crowd:
    """More people than a meeting's Zoom host lets in: `people`, its teacher among them, for `capacity` places."""

    meeting: Meeting
    people: int
    capacity: int


def people_in(meetings: Collection[Meeting]) -> dict[UUID, int]:
    """
    Return by meeting how many people it brings into its room if all come: its teacher, and whom it expects, or everybody it
    is open to. Two statements at most.
    """
    expected = Expected.objects.filter(meeting__in=meetings, user__is_active=True).exclude(user=F("meeting__teacher"))
    counted = dict(expected.order_by().values_list("meeting").annotate(Count("user")))
    open_to = {meeting.audience for meeting in meetings} - {Audience.CLASS, Audience.INVITED}
    everybody = _everybody() if open_to else {}
    return {meeting.pk: 1 + max(counted.get(meeting.pk, 0), everybody.get(meeting.audience, 0)) for meeting in meetings}


def crowd_of(meeting: Meeting) -> Crowd | None:
    """Return how many are too many for the Zoom host that is to hold a meeting, None where all find room."""
    return next(iter(crowds_of([meeting])), None)


def crowds_of(meetings: Collection[Meeting]) -> list[Crowd]:
    """Return which of many meetings are too small, in their order, as `crowd_of`. Two statements at most."""
    capacities = {
        meeting.pk: meeting.seat.host.capacity
        for meeting in meetings
        if meeting.wanted and meeting.seat is not None and meeting.seat.host.capacity is not None
    }
    asked = [meeting for meeting in meetings if meeting.pk in capacities]
    people = people_in(asked) if asked else {}
    return [
        Crowd(meeting=meeting, people=people[meeting.pk], capacity=capacity)
        for meeting in asked
        if (capacity := capacities[meeting.pk]) is not None and people[meeting.pk] > capacity
    ]


def _everybody() -> dict[str, int]:
    """Return how many people each audience is that is more than a class. One statement."""
    learns, teaches = Q(role=Role.STUDENT) | Q(learns=True), Q(role=Role.TEACHER)
    return User.objects.filter(is_active=True).aggregate(
        **{
            Audience.STUDENTS.value: Count("pk", filter=learns),
            Audience.TEACHERS.value: Count("pk", filter=teaches),
            Audience.EVERYONE.value: Count("pk"),
        }
    )


def people_to_register(meeting: Meeting) -> QuerySet[User]:
    """Whom of those expected Zoom has to know where registration is on: who hosts the meeting opens it without."""
    return User.objects.filter(pk__in=_to_register().filter(meeting=meeting).values("user"))


def lacks_registrants() -> Q:
    """
    Condition on meetings: somebody is to be registered who is not, or somebody is registered who is not to be.

    Who was refused counts as settled until something changes, so that Zoom is not asked again and again.
    """
    unsettled = (RegistrantStatus.INVITED, RegistrantStatus.PENDING, RegistrantStatus.CANCELLED)
    same = Registrant.objects.filter(meeting=OuterRef("meeting"), user=OuterRef("user"))
    missing = _to_register().filter(~Exists(same.exclude(status__in=unsettled)), meeting=OuterRef("pk"))
    stays = _to_register().filter(meeting=OuterRef("meeting"), user=OuterRef("user"))
    leaving = Registrant.objects.filter(~Exists(stays), meeting=OuterRef("pk")).exclude(zoom_registrant_id="")
    return Exists(missing) | Exists(leaving)


def _to_register() -> QuerySet[Expected]:
    teaching = Group.teachers.through.objects.filter(group=OuterRef("meeting__group"), user=OuterRef("user"))
    return (
        Expected.objects.filter(~Exists(teaching), user__is_active=True)
        .exclude(user=F("meeting__teacher"))
        .exclude(user__role=Role.ADMIN, user__learns=False)
    )
