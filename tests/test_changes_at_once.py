"""
Two people change two things of one row at the same moment: both hold.

A table of everything that is changed, each with two changes that meet at the row's lock. Whoever reads before the lock
writes what the other one changed back to what it was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import QuerySet

from classbell.accounts.models import Role, User
from classbell.accounts.services import PersonInput, change_person, change_profile, ensure_people
from classbell.bookings import hours
from classbell.bookings.models import Availability, BookingPolicy, TeacherSettings
from classbell.bookings.policies import change_policy, policy_of
from classbell.courses.models import Course
from classbell.courses.services import change_course
from classbell.earnings.models import PayRules
from classbell.earnings.services import change_rules as change_pay_rules
from classbell.excuses.models import ExcuseRules
from classbell.excuses.rules import change_rules as change_excuse_rules
from classbell.groups.models import Group
from classbell.groups.services import add_teacher, change_group, remove_teacher
from classbell.halakat.models import Halaka
from classbell.halakat.services import change_halaka
from classbell.meetings.attendance.policies import change_rules
from classbell.meetings.attendance.rules import rules_at
from classbell.meetings.changes import change_meeting
from classbell.meetings.models import Meeting
from classbell.meetings.occurrences import change_occurrence, hold_elsewhere, move_occurrence
from classbell.payments.models import Offer
from classbell.payments.offers import change_offer, create_offer
from tests.at_once import at_once, held_at_lock
from tests.courses.teaching import make_course
from tests.factories import make_admin, make_class, make_teacher
from tests.factories_bookings import a_day_ahead
from tests.factories_halakat import created
from tests.factories_meetings import make_meeting, spec

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("zoom_hosts")]

Calls = list[Callable[[], object]]


@dataclass(frozen=True, kw_only=True)
class Meet:
    """Two changes, the rows at which they meet, and what must be so afterwards."""

    rows: QuerySet[Any]
    calls: Calls
    now: Callable[[], object]
    wanted: object


def the_clock() -> datetime:
    return datetime.now(UTC)


def of_a_circle(api: Any) -> Meet:
    key = created(api, make_teacher())["id"]

    def now() -> object:
        halaka = Halaka.objects.get(pk=key)
        meeting = halaka.parts.get().meeting
        return halaka.group.name, halaka.start_time, meeting.title, meeting.starts_at.astimezone(meeting.zone).hour

    return Meet(
        rows=Halaka.objects.filter(pk=key),
        calls=[
            lambda: change_halaka(halaka_id=key, title="Tafsir", now=the_clock()),
            lambda: change_halaka(halaka_id=key, schedule={"start_time": time(19)}, now=the_clock()),
        ],
        now=now,
        wanted=("Tafsir", time(19), "Tafsir", 19),
    )


def of_a_circles_two_times(api: Any) -> Meet:
    key = created(api, make_teacher())["id"]
    return Meet(
        rows=Halaka.objects.filter(pk=key),
        calls=[
            lambda: change_halaka(halaka_id=key, schedule={"start_time": time(19)}, now=the_clock()),
            lambda: change_halaka(halaka_id=key, schedule={"duration_minutes": 30}, now=the_clock()),
        ],
        now=lambda: Halaka.objects.values_list("start_time", "duration_minutes").get(pk=key),
        wanted=(time(19), 30),
    )


def of_a_course(api: Any) -> Meet:
    key = make_course(api, make_teacher())["id"]
    return Meet(
        rows=Course.objects.filter(pk=key),
        calls=[
            lambda: change_course(course_id=key, changes={"start_date": date(2030, 1, 1)}, now=the_clock()),
            lambda: change_course(course_id=key, changes={"end_date": date(2030, 2, 1)}, now=the_clock()),
        ],
        now=lambda: Course.objects.values_list("start_date", "end_date").get(pk=key),
        wanted=(date(2030, 1, 1), date(2030, 2, 1)),
    )


def of_a_courses_teacher(api: Any) -> Meet:
    key, other = make_course(api, make_teacher())["id"], make_teacher()
    return Meet(
        rows=Course.objects.filter(pk=key),
        calls=[
            lambda: change_course(course_id=key, changes={}, teacher=other, now=the_clock()),
            lambda: change_course(course_id=key, changes={"description": "Ajrumiyya"}, now=the_clock()),
        ],
        now=lambda: Course.objects.values_list("teacher", "group__description").get(pk=key),
        wanted=(other.pk, "Ajrumiyya"),
    )


def of_a_class(api: Any) -> Meet:
    key = make_class().pk
    return Meet(
        rows=Group.objects.filter(pk=key),
        calls=[
            lambda: change_group(group_id=key, name="Algebra"),
            lambda: change_group(group_id=key, description="Bring a ruler"),
        ],
        now=lambda: Group.objects.values_list("name", "description").get(pk=key),
        wanted=("Algebra", "Bring a ruler"),
    )


def of_a_classs_teachers(api: Any) -> Meet:
    first, second, third = (make_teacher() for _number in range(3))
    group = make_class(teacher=first)
    return Meet(
        rows=Group.objects.filter(pk=group.pk),
        calls=[
            lambda: add_teacher(group_id=group.pk, teacher=second),
            lambda: add_teacher(group_id=group.pk, teacher=third),
            lambda: remove_teacher(group_id=group.pk, teacher_id=first.pk),
        ],
        now=lambda: set(group.teachers.values_list("pk", flat=True)),
        wanted={second.pk, third.pk},
    )


def of_rules_for_bookings(api: Any) -> Meet:
    teacher = make_teacher()
    change_policy(teacher_id=teacher.pk, changes={})
    return Meet(
        rows=BookingPolicy.objects.all(),
        calls=[
            lambda: change_policy(teacher_id=teacher.pk, changes={"cancel_notice_hours": 6}),
            lambda: change_policy(teacher_id=teacher.pk, changes={"makeup_credit_days": None}),
        ],
        now=lambda: BookingPolicy.objects.values_list("cancel_notice_hours", "makeup_credit_days").get(),
        wanted=(6, None),
    )


def of_rules_for_excuses(api: Any) -> Meet:
    change_excuse_rules({})
    return Meet(
        rows=ExcuseRules.objects.all(),
        calls=[
            lambda: change_excuse_rules({"hours_ahead": 6}),
            lambda: change_excuse_rules({"kinds_decided": ["Travel"]}),
        ],
        now=lambda: ExcuseRules.objects.values_list("hours_ahead", "kinds_decided").get(),
        wanted=(6, ["Travel"]),
    )


def of_what_is_for_sale(api: Any) -> Meet:
    key = create_offer({"name": "Ten lessons", "lessons": 10, "price": 20_000, "currency": "EUR"}).pk
    return Meet(
        rows=Offer.objects.all(),
        calls=[
            lambda: change_offer(offer_id=key, changes={"price": 21_000}),
            lambda: change_offer(offer_id=key, changes={"is_on_sale": False}),
        ],
        now=lambda: Offer.objects.values_list("price", "is_on_sale").get(),
        wanted=(21_000, False),
    )


def of_rules_for_pay(api: Any) -> Meet:
    change_pay_rules({})
    return Meet(
        rows=PayRules.objects.all(),
        calls=[
            lambda: change_pay_rules({"student_away_percent": 50}),
            lambda: change_pay_rules({"pays_unknown": False}),
        ],
        now=lambda: PayRules.objects.values_list("student_away_percent", "pays_unknown").get(),
        wanted=(50, False),
    )


def of_how_a_teacher_offers_lessons(api: Any) -> Meet:
    teacher = make_teacher()
    hours.change_settings(teacher=teacher, changes={})
    return Meet(
        rows=TeacherSettings.objects.all(),
        calls=[
            lambda: hours.change_settings(teacher=teacher, changes={"bio": "Patient"}),
            lambda: hours.change_settings(teacher=teacher, changes={"buffer_minutes": 15}),
        ],
        now=lambda: TeacherSettings.objects.values_list("bio", "buffer_minutes").get(),
        wanted=("Patient", 15),
    )


def of_a_window(api: Any) -> Meet:
    key = hours.add_availability(teacher=make_teacher(), day_of_week=0, start_minute=540, end_minute=720).pk
    return Meet(
        rows=Availability.objects.all(),
        calls=[
            lambda: hours.change_availability(availability_id=key, changes={"start_minute": 600}),
            lambda: hours.change_availability(availability_id=key, changes={"end_minute": 900}),
        ],
        now=lambda: Availability.objects.values_list("start_minute", "end_minute").get(),
        wanted=(600, 900),
    )


def of_a_week(api: Any) -> Meet:
    teacher = make_teacher()
    hours.set_week(teacher=teacher, windows={0: [(540, 720)], 1: [(540, 720)], 2: [(540, 720)]})
    return Meet(
        rows=User.objects.filter(pk=teacher.pk),
        calls=[
            lambda: hours.set_week(teacher=teacher, windows={0: [(600, 660)]}),
            lambda: hours.set_week(teacher=teacher, windows={0: [(600, 660)], 1: []}),
        ],
        now=lambda: sorted(Availability.objects.values_list("day_of_week", "start_minute", "end_minute")),
        wanted=[(0, 600, 660), (2, 540, 720)],
    )


def of_a_person(api: Any) -> Meet:
    person = make_teacher()
    return Meet(
        rows=User.objects.filter(pk=person.pk),
        calls=[
            lambda: change_person(user_id=person.pk, changes={"first_name": "Maryam"}),
            lambda: change_person(user_id=person.pk, changes={"zoom_user": "maryam@school.example"}),
            lambda: change_person(user_id=person.pk, changes={"email": "maryam@school.example"}),
            lambda: change_person(user_id=person.pk, changes={"external_id": "T-1"}),
            lambda: change_profile(user_id=person.pk, changes={"timezone": "Asia/Amman"}),
            lambda: change_profile(user_id=person.pk, changes={"wants_mail": False}),
        ],
        now=lambda: User.objects.values_list(
            "first_name", "zoom_user", "email", "external_id", "timezone", "wants_mail"
        ).get(pk=person.pk),
        wanted=("Maryam", "maryam@school.example", "maryam@school.example", "T-1", "Asia/Amman", False),
    )


def of_a_persons_role(api: Any) -> Meet:
    make_admin()
    person = make_teacher()
    return Meet(
        rows=User.objects.filter(pk=person.pk),
        calls=[
            lambda: change_person(user_id=person.pk, changes={"roles": [Role.ADMIN]}),
            lambda: change_person(user_id=person.pk, changes={"last_name": "Haddad"}),
        ],
        now=lambda: User.objects.values_list("role", "is_staff", "last_name").get(pk=person.pk),
        wanted=(Role.ADMIN, True, "Haddad"),
    )


def of_a_meetings_place(api: Any) -> Meet:
    meeting = make_meeting()
    return Meet(
        rows=Meeting.objects.filter(pk=meeting.pk),
        calls=[
            lambda: change_meeting(meeting_id=meeting.pk, changes={"location": "Room 12"}, now=the_clock()),
            lambda: change_meeting(meeting_id=meeting.pk, changes={"duration_minutes": 90}, now=the_clock()),
        ],
        now=lambda: Meeting.objects.values_list("location", "duration_minutes", "seat").get(pk=meeting.pk),
        wanted=("Room 12", 90, None),
    )


def of_a_meeting(api: Any) -> Meet:
    meeting = make_meeting()
    return Meet(
        rows=Meeting.objects.filter(pk=meeting.pk),
        calls=[
            lambda: change_meeting(meeting_id=meeting.pk, changes={"title": "Geometry"}, now=the_clock()),
            lambda: change_meeting(meeting_id=meeting.pk, changes={"duration_minutes": 90}, now=the_clock()),
        ],
        now=lambda: Meeting.objects.values_list("title", "duration_minutes").get(pk=meeting.pk),
        wanted=("Geometry", 90),
    )


def of_a_session(api: Any) -> Meet:
    meeting = make_meeting(spec(starts_at=a_day_ahead(hour=9)))
    key = meeting.occurrences.get().pk

    def now() -> object:
        starts_at, ends_at = meeting.occurrences.values_list("starts_at", "ends_at").get()
        return starts_at, ends_at - starts_at

    return Meet(
        rows=Meeting.objects.filter(pk=meeting.pk),
        calls=[
            lambda: move_occurrence(occurrence_id=key, starts_at=a_day_ahead(hour=12), now=the_clock()),
            lambda: change_occurrence(occurrence_id=key, duration_minutes=30, now=the_clock()),
        ],
        now=now,
        wanted=(a_day_ahead(hour=12), timedelta(minutes=30)),
    )


def of_a_sessions_place(api: Any) -> Meet:
    meeting = make_meeting(spec(starts_at=a_day_ahead(hour=9)))
    session = meeting.occurrences
    key = session.get().pk
    return Meet(
        rows=Meeting.objects.filter(pk=meeting.pk),
        calls=[
            lambda: hold_elsewhere(occurrence_id=key, location="Room 12", now=the_clock()),
            lambda: change_occurrence(occurrence_id=key, starts_at=a_day_ahead(hour=12), now=the_clock()),
        ],
        now=lambda: session.values_list("location", "starts_at").get(),
        wanted=("Room 12", a_day_ahead(hour=12)),
    )


@pytest.mark.parametrize(
    "meet",
    [
        of_a_circle,
        of_a_circles_two_times,
        of_a_course,
        of_a_courses_teacher,
        of_a_class,
        of_a_classs_teachers,
        of_rules_for_bookings,
        of_rules_for_excuses,
        of_rules_for_pay,
        of_what_is_for_sale,
        of_how_a_teacher_offers_lessons,
        of_a_window,
        of_a_week,
        of_a_person,
        of_a_persons_role,
        of_a_meeting,
        of_a_meetings_place,
        of_a_session,
        of_a_sessions_place,
    ],
    ids=lambda meet: meet.__name__.removeprefix("of_"),
)
def test_both_changes_hold(meet: Callable[[Any], Meet], api: Any) -> None:
    two = meet(api)

    outcomes = held_at_lock(two.rows, two.calls)

    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert two.now() == two.wanted


def test_first_rules_of_a_teacher_begin_as_those_for_all_and_take_both_changes() -> None:
    teacher = make_teacher()
    change_policy(teacher_id=None, changes={"reschedules_per_month": 3})

    outcomes = at_once(
        [
            lambda: change_policy(teacher_id=teacher.pk, changes={"cancel_notice_hours": 6}),
            lambda: change_policy(teacher_id=teacher.pk, changes={"makeup_credit_days": None}),
        ]
    )

    own = policy_of(teacher.pk)
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert (own.teacher_id, own.reschedules_per_month) == (teacher.pk, 3)
    assert (own.cancel_notice_hours, own.makeup_credit_days) == (6, None)


@pytest.mark.parametrize("of_a_class", [True, False], ids=["of a class", "of the school"])
def test_changes_of_the_rules_of_attendance_follow_one_another(of_a_class: bool) -> None:
    group, now = make_class() if of_a_class else None, the_clock()
    changes: list[dict[str, int]] = [{"late_after_minutes": 3}, {"least_minutes": 7}, {"difference_minutes": 9}]

    # Each has looked at the clock in another order than they come to the rules.
    outcomes = at_once(
        [
            partial(change_rules, group=group, changes=one, now=now - timedelta(seconds=early))
            for early, one in enumerate(changes)
        ]
    )

    rules = rules_at(group.pk if group else None, now).policy
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert (rules.late_after_minutes, rules.least_minutes, rules.difference_minutes) == (3, 7, 9)


def test_list_of_people_gives_nobody_a_name_who_is_just_giving_themselves_one() -> None:
    person = make_teacher(first_name="", last_name="")
    listed = PersonInput(email=person.email, first_name="M.", last_name="Haddad", role=Role.TEACHER)

    held_at_lock(
        User.objects.filter(pk=person.pk),
        [
            lambda: change_profile(user_id=person.pk, changes={"first_name": "Maryam"}),
            lambda: ensure_people([listed]),
        ],
    )

    person.refresh_from_db()
    assert (person.first_name, person.last_name) == ("Maryam", "Haddad")
