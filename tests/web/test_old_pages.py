"""
A form that was opened before somebody else changed something, and is saved after it.

What its reader left alone stays as the other one made it; what both changed is refused by its name, once, with nothing that
was typed lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from classbell.accounts.models import User
from classbell.accounts.services import change_person, change_profile
from classbell.bookings import hours
from classbell.bookings.models import TeacherSettings
from classbell.bookings.policies import change_policy, policy_of
from classbell.courses.models import Course, Session
from classbell.courses.services import change_course, change_session
from classbell.door.models import PublicTeacher
from classbell.door.services import change_teacher_page
from classbell.excuses.models import ExcuseRules
from classbell.excuses.rules import change_rules as change_excuse_rules
from classbell.groups.models import Group
from classbell.groups.services import change_group
from classbell.halakat.models import Halaka
from classbell.halakat.services import change_halaka
from classbell.meetings.attendance.policies import change_rules
from classbell.meetings.attendance.rules import rules_at
from classbell.meetings.changes import change_meeting
from classbell.meetings.models import Audience, Meeting, Occurrence
from classbell.meetings.occurrences import move_occurrence
from classbell.web.kit.forms.kept import KeptForm
from tests.courses.teaching import make_course, make_sessions
from tests.factories import make_admin, make_class, make_teacher
from tests.factories_bookings import a_day_ahead
from tests.factories_door import make_public
from tests.factories_halakat import created
from tests.factories_meetings import make_meeting, spec, weekly
from tests.web.html import as_sent, attributes, words

pytestmark = pytest.mark.usefixtures("zoom_hosts")


@dataclass(frozen=True, kw_only=True)
class Page:
    """
    A form: who reads it and where, what they type there, what somebody else changes meanwhile, and what is so in the end.

    `both` is a field that the other one changed, with something else to type in it.
    """

    reader: User
    path: str
    typed: dict[str, Any]
    meanwhile: Callable[[], object]
    now: Callable[[], object]
    wanted: object
    both: tuple[str, str]
    save_at: str = ""


def of_a_meeting(api: Any) -> Page:
    meeting = make_meeting(spec(audience=Audience.INVITED))
    return Page(
        reader=meeting.teacher,
        path=f"/meetings/{meeting.pk}/edit",
        typed={"minutes": "90"},
        meanwhile=lambda: change_meeting(
            meeting_id=meeting.pk, changes={"title": "Geometry", "registration": True}, now=timezone.now()
        ),
        now=lambda: Meeting.objects.values_list("title", "registration", "duration_minutes").get(pk=meeting.pk),
        wanted=("Geometry", True, 90),
        both=("title", "Calculus"),
    )


def of_a_weekly_meeting(api: Any) -> Page:
    """The days and the time of a series are one rule and one start; each is kept while the other changes."""
    meeting = make_meeting(weekly(timezone="UTC", audience=Audience.INVITED))
    return Page(
        reader=meeting.teacher,
        path=f"/meetings/{meeting.pk}/edit",
        typed={"weekdays": ["0", "2"]},
        meanwhile=lambda: change_meeting(
            meeting_id=meeting.pk,
            changes={"starts_at": meeting.starts_at.replace(hour=11)},
            now=timezone.now(),
        ),
        now=lambda: {
            (one.starts_at.weekday(), one.starts_at.hour) for one in Occurrence.objects.filter(meeting=meeting.pk)
        },
        wanted={(0, 11), (2, 11)},
        both=("start", "10:00"),
    )


def of_one_session(api: Any) -> Page:
    meeting = make_meeting(spec(starts_at=a_day_ahead(hour=9), timezone="UTC"))
    occurrence = meeting.occurrences.get()

    def now() -> object:
        row = meeting.occurrences.get()
        return row.starts_at, row.ends_at - row.starts_at

    return Page(
        reader=meeting.teacher,
        path=f"/meetings/{meeting.pk}/occurrences/{occurrence.pk}/",
        typed={"minutes": "30"},
        meanwhile=lambda: move_occurrence(
            occurrence_id=occurrence.pk, starts_at=a_day_ahead(hour=12), now=datetime.now(UTC)
        ),
        now=now,
        wanted=(a_day_ahead(hour=12), timedelta(minutes=30)),
        both=("start", "15:00"),
    )


def of_a_circle(api: Any) -> Page:
    teacher = make_teacher()
    key = created(api, teacher)["id"]
    return Page(
        reader=teacher,
        path=f"/halakat/{key}/edit",
        typed={"duration": "30"},
        meanwhile=lambda: change_halaka(
            halaka_id=key, title="Tafsir", schedule={"start_time": time(19), "weekdays": (0, 2)}, now=timezone.now()
        ),
        now=lambda: Halaka.objects.values_list("group__name", "start_time", "weekdays", "duration_minutes").get(pk=key),
        wanted=("Tafsir", time(19), [0, 2], 30),
        both=("start_time", "20:00"),
    )


def of_a_circles_teacher(api: Any) -> Page:
    other = make_teacher()
    key = created(api, make_teacher())["id"]
    return Page(
        reader=make_admin(),
        path=f"/halakat/{key}/edit",
        typed={"except_dates": "2031-01-01"},
        meanwhile=lambda: change_halaka(halaka_id=key, teacher=other, capacity=12, now=timezone.now()),
        now=lambda: Halaka.objects.values_list("teacher", "group__capacity", "except_dates").get(pk=key),
        wanted=(other.pk, 12, [date(2031, 1, 1)]),
        both=("capacity", "9"),
    )


def of_a_course(api: Any) -> Page:
    teacher = make_teacher()
    key = make_course(api, teacher, end_date="2031-01-01")["id"]
    return Page(
        reader=teacher,
        path=f"/courses/{key}/edit",
        typed={"description": "First line\r\nSecond line"},
        meanwhile=lambda: change_course(
            course_id=key,
            changes={"title": "Fiqh", "end_date": None, "timezone": "Asia/Amman"},
            now=timezone.now(),
        ),
        now=lambda: Course.objects.values_list("group__name", "end_date", "group__timezone", "group__description").get(
            pk=key
        ),
        wanted=("Fiqh", None, "Asia/Amman", "First line\nSecond line"),
        both=("end_date", "2031-02-02"),
    )


def of_a_courses_session(api: Any) -> Page:
    teacher = make_teacher()
    course = make_course(api, teacher)
    key = make_sessions(api, teacher, course, 1)[0]["id"]
    return Page(
        reader=teacher,
        path=f"/courses/{course['id']}/sessions/{key}/",
        typed={"minutes": "45"},
        meanwhile=lambda: change_session(session_id=key, title="Quiz", now=timezone.now()),
        now=lambda: Session.objects.values_list("meeting__title", "meeting__duration_minutes").get(pk=key),
        wanted=("Quiz", 45),
        both=("title", "Exam"),
    )


def of_a_class(api: Any) -> Page:
    teacher = make_teacher()
    key = make_class(teacher=teacher, description="Long\nago").pk
    return Page(
        reader=teacher,
        path=f"/classes/{key}/edit",
        typed={"timezone": "Asia/Riyadh"},
        meanwhile=lambda: change_group(group_id=key, name="Algebra", description="Bring\na ruler"),
        now=lambda: Group.objects.values_list("name", "description", "timezone").get(pk=key),
        wanted=("Algebra", "Bring\na ruler", "Asia/Riyadh"),
        both=("name", "Geometry"),
    )


def of_rules_for_bookings(api: Any) -> Page:
    teacher = make_teacher()
    return Page(
        reader=make_admin(),
        path=f"/policies/{teacher.pk}/",
        typed={"cancel_notice_hours": "6"},
        meanwhile=lambda: change_policy(teacher_id=teacher.pk, changes={"makeup_credit_days": None}),
        now=lambda: [
            getattr(policy_of(teacher.pk), name) for name in ("teacher_id", "makeup_credit_days", "cancel_notice_hours")
        ],
        wanted=[teacher.pk, None, 6],
        both=("makeup_credit_days", "7"),
    )


def of_rules_for_excuses(api: Any) -> Page:
    change_excuse_rules({"kinds_at_once": ["Illness"]})
    return Page(
        reader=make_admin(),
        path="/attendance/policies/excuses",
        typed={"hours_ahead": "6"},
        meanwhile=lambda: change_excuse_rules({"monthly_quota": 3, "kinds_at_once": ["Illness", "Family"]}),
        now=lambda: ExcuseRules.objects.values_list("hours_ahead", "monthly_quota", "kinds_at_once").get(),
        wanted=(6, 3, ["Illness", "Family"]),
        both=("monthly_quota", "7"),
    )


def of_the_rules_of_attendance(api: Any) -> Page:
    group = make_class()

    def now() -> object:
        rules = rules_at(group.pk, datetime.now(UTC)).policy
        return rules.least_minutes, rules.void_when_host_never_came, rules.late_after_minutes

    return Page(
        reader=group.teachers.get(),
        path=f"/attendance/policies/classes/{group.pk}",
        typed={"late_after_minutes": "4"},
        meanwhile=lambda: change_rules(
            group=group,
            changes={
                "least_minutes": 17,
                "void_when_host_never_came": not rules_at(None, timezone.now()).policy.void_when_host_never_came,
            },
            now=datetime.now(UTC),
        ),
        now=now,
        wanted=(17, not rules_at(None, timezone.now()).policy.void_when_host_never_came, 4),
        both=("least_minutes", "18"),
    )


def of_how_a_teacher_offers_lessons(api: Any) -> Page:
    teacher = make_teacher()
    return Page(
        reader=teacher,
        path="/availability/",
        save_at="/availability/settings",
        typed={"bio": "Patient"},
        meanwhile=lambda: hours.change_settings(
            teacher=teacher, changes={"buffer_minutes": 15, "auto_confirm": True, "subjects": ["Algebra", "Fiqh"]}
        ),
        now=lambda: TeacherSettings.objects.values_list("bio", "buffer_minutes", "auto_confirm", "subjects").get(),
        wanted=("Patient", 15, True, ["Algebra", "Fiqh"]),
        both=("subjects", "Chemistry"),
    )


def of_oneself(api: Any) -> Page:
    person = make_teacher()
    return Page(
        reader=person,
        path="/me/",
        typed={"first_name": "Maryam"},
        meanwhile=lambda: change_profile(
            user_id=person.pk, changes={"timezone": "Asia/Amman", "wants_mail": False, "last_name": "Haddad"}
        ),
        now=lambda: User.objects.values_list("first_name", "last_name", "timezone", "wants_mail").get(pk=person.pk),
        wanted=("Maryam", "Haddad", "Asia/Amman", False),
        both=("last_name", "Khoury"),
    )


def of_a_person(api: Any) -> Page:
    person = make_teacher()
    return Page(
        reader=make_admin(),
        path=f"/people/{person.pk}/",
        save_at=f"/people/{person.pk}/change",
        typed={"zoom_user": "maryam@school.example"},
        meanwhile=lambda: change_person(user_id=person.pk, changes={"first_name": "Maryam", "timezone": "Asia/Amman"}),
        now=lambda: User.objects.values_list("first_name", "timezone", "role", "zoom_user").get(pk=person.pk),
        wanted=("Maryam", "Asia/Amman", "teacher", "maryam@school.example"),
        both=("first_name", "Mariam"),
    )


def of_a_public_page(api: Any) -> Page:
    teacher = make_teacher()
    page = make_public(teacher, address="amina", languages=["en"])

    return Page(
        reader=teacher,
        path="/public-page/",
        typed={"english": "Ten years of teaching."},
        meanwhile=lambda: change_teacher_page(teacher, {"languages": ["ar"], "address": "haddad"}),
        now=lambda: PublicTeacher.objects.values_list("address", "languages", "english").get(pk=page.pk),
        wanted=("haddad", ["ar"], "Ten years of teaching."),
        both=("address", "amina-h"),
    )


PAGES = [
    of_a_public_page,
    of_a_meeting,
    of_a_weekly_meeting,
    of_one_session,
    of_a_circle,
    of_a_circles_teacher,
    of_a_course,
    of_a_courses_session,
    of_a_class,
    of_rules_for_bookings,
    of_rules_for_excuses,
    of_the_rules_of_attendance,
    of_how_a_teacher_offers_lessons,
    of_oneself,
    of_a_person,
]
every_page = pytest.mark.parametrize("make", PAGES, ids=lambda make: make.__name__.removeprefix("of_"))


@every_page
def test_old_page_changes_what_was_typed_and_nothing_else(make: Callable[[Any], Page], api: Any, client: Any) -> None:
    page = make(api)
    client.force_login(page.reader)
    shown = as_sent(client.get(page.path), next(iter(page.typed)))

    page.meanwhile()
    answer = client.post(page.save_at or page.path, shown | page.typed)

    assert answer.status_code == 302, words(answer)
    assert page.now() == page.wanted


@every_page
def test_what_both_changed_is_said_and_saved_only_when_saved_again(
    make: Callable[[Any], Page], api: Any, client: Any
) -> None:
    page = make(api)
    client.force_login(page.reader)
    name, typed = page.both
    shown = as_sent(client.get(page.path), name)

    page.meanwhile()
    before = page.now()
    answer = client.post(page.save_at or page.path, shown | {name: typed})

    assert answer.status_code == 400
    assert "Somebody else has" in words(answer)
    assert page.now() == before
    again = as_sent(answer, name)
    assert again[name] == [typed]
    assert client.post(page.save_at or page.path, again).status_code == 302
    assert as_sent(client.get(page.path), name)[name][0].startswith(typed)


@every_page
def test_untouched_page_changes_nothing_however_old(make: Callable[[Any], Page], api: Any, client: Any) -> None:
    page = make(api)
    client.force_login(page.reader)
    shown = as_sent(client.get(page.path), next(iter(page.typed)))

    page.meanwhile()
    before = page.now()
    client.post(page.save_at or page.path, shown)

    assert page.now() == before


@every_page
def test_page_sends_back_what_it_showed_of_every_field(make: Callable[[Any], Page], api: Any, client: Any) -> None:
    page = make(api)
    client.force_login(page.reader)

    answer = client.get(page.path)

    sent = {given.get("name") for given in attributes(answer, "input") if given.get("type") == "hidden"}
    layers = [layer for context in answer.context for layer in context.dicts]
    forms = {value for layer in layers for value in layer.values() if isinstance(value, KeptForm)}
    assert forms
    for form in forms:
        silent = {one.name for one in form if one.html_initial_name not in sent}
        assert silent <= {"weekdays"}, silent
