"""A meeting's page, the ways into its room, and trying again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.urls import reverse
from psycopg import errors as sqlstate_errors

from classbell.groups.services import enrol_students
from classbell.holidays.models import Effect
from classbell.meetings.models import JoinClick, Meeting, OccurrenceStatus, Registrant, SyncStatus
from classbell.meetings.occurrences import let_substitute
from classbell.meetings.services import cancel_meeting
from classbell.meetings.sync import gateway
from classbell.web.kit.presenters.members import PEOPLE_A_PAGE
from classbell.zoom.client import ZoomClient
from tests.factories import make_student
from tests.factories_meetings import make_meeting as planned
from tests.factories_meetings import spec
from tests.holidays.factories import make_holiday
from tests.web.conftest import School, SignIn, failed, make_meeting, make_running_meeting, on_zoom, set_known
from tests.web.html import links, words


def test_joining_leads_into_the_room_and_is_not_kept(school: School, sign_in: SignIn) -> None:
    response = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/join")

    assert (response.status_code, response.headers["Location"]) == (302, school.meeting.join_url)
    assert "no-store" in response.headers["Cache-Control"]


def test_pressing_join_is_kept_once_they_go_in(school: School, sign_in: SignIn) -> None:
    browser, path = sign_in(school.member), f"/meetings/{school.meeting.pk}/join"

    browser.head(path)
    browser.get(path)
    Meeting.objects.filter(pk=school.meeting.pk).update(join_url="")
    browser.get(path)

    click = JoinClick.objects.get()
    assert (click.user, click.meeting_id, click.action) == (school.member, school.meeting.pk, "join")


def test_nobody_presses_join_at_a_closed_door(school: School, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update={"join_early_minutes": 10}))

    sign_in(school.member).get(f"/meetings/{school.meeting.pk}/join")

    assert not JoinClick.objects.exists()


@pytest.mark.parametrize("state", ["25006", "53100"], ids=["read-only", "full"])
def test_nobody_stays_outside_because_the_database_keeps_nothing(
    school: School, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise DatabaseError from sqlstate_errors.lookup(state)()

    browser = sign_in(school.member)
    monkeypatch.setattr(JoinClick.objects, "create", fail)

    response = browser.get(f"/meetings/{school.meeting.pk}/join")

    assert (response.status_code, response.headers["Location"]) == (302, school.meeting.join_url)


def test_trying_again_does_not_happen_by_following_a_link(school: School, sign_in: SignIn) -> None:
    assert sign_in(school.teacher).get(f"/meetings/{school.meeting.pk}/retry").status_code == 405


def test_start_says_kindly_when_zoom_does_not_answer(school: School, sign_in: SignIn, unreachable_zoom: None) -> None:
    response = sign_in(school.teacher).get(f"/meetings/{school.meeting.pk}/start")

    assert "Zoom does not answer just now" in words(response)
    assert f"/meetings/{school.meeting.pk}/join" in links(response)


@pytest.mark.django_db(transaction=True)
def test_start_leads_to_a_fresh_host_link_that_no_page_shows(school: School, sign_in: SignIn, zoom: ZoomClient) -> None:
    host = next(zoom.iter_users())
    made = zoom.create_meeting(host.id, {"topic": "Algebra", "type": 2, "duration": 60})
    set_known(school.meeting, zoom_meeting_id=made.id)
    browser = sign_in(school.teacher)

    response = browser.get(f"/meetings/{school.meeting.pk}/start")

    assert response.status_code == 302
    assert "zak=" in response.headers["Location"]
    assert "no-store" in response.headers["Cache-Control"]
    assert "zak=" not in browser.get(f"/meetings/{school.meeting.pk}/").content.decode()


def test_registered_student_joins_by_a_link_of_their_own(school: School, sign_in: SignIn) -> None:
    set_known(school.meeting, registration=True, registration_url="https://zoom.example/register")
    Registrant.objects.create(meeting=school.meeting, user=school.member, join_url="https://zoom.example/w/own")
    newcomer = make_student()
    enrol_students(group_id=school.group.pk, students=[newcomer])

    own, other = (sign_in(who).get(f"/meetings/{school.meeting.pk}/join") for who in (school.member, newcomer))

    assert own.headers["Location"] == "https://zoom.example/w/own"
    assert other.headers["Location"] == "https://zoom.example/register"


def test_room_that_is_not_ready_says_so(school: School, sign_in: SignIn) -> None:
    failed(school.meeting, code="no_host_free")

    response = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/join")

    assert response.status_code == 503
    assert "Confirmed. The Zoom link is not ready yet; your teacher sees why." in words(response)


def test_cancelled_meeting_has_no_way_in(school: School, sign_in: SignIn) -> None:
    cancel_meeting(meeting_id=school.meeting.pk, now=school.meeting.created_at)

    page = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/")
    join = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/join")

    assert f"/meetings/{school.meeting.pk}/join" not in links(page)
    assert (join.status_code, "This meeting was cancelled" in words(join)) == (404, True)


def test_page_says_when_in_words(school: School, sign_in: SignIn) -> None:
    from_to = "09:00–10:00"
    last = school.meeting.occurrences.order_by("-starts_at")[0].starts_at
    day = f"{school.meeting.starts_at:%A}s"

    page = words(sign_in(school.member).get(f"/meetings/{school.meeting.pk}/"))

    assert f"{day}, {from_to} , UTC time, until {last.day} {last:%B}" in page


def test_page_shows_number_and_passcode_but_addresses_only_to_hosts(school: School, sign_in: SignIn) -> None:
    student, teacher = (
        words(sign_in(who).get(f"/meetings/{school.meeting.pk}/")) for who in (school.member, school.teacher)
    )

    number = school.meeting.zoom_meeting_id
    for page in (student, teacher):
        assert f"{number[:3]} {number[3:7]} {number[7:]}" in page
        assert "s3cret" in page
        assert school.member.name in page
    assert school.member.email not in student.replace(f"{school.member.email} Student", "")
    assert school.member.email in teacher


def test_failure_is_said_in_a_sentence_with_its_code_one_click_away_for_admins(school: School, sign_in: SignIn) -> None:
    failed(school.meeting)

    student, teacher, admin = (
        words(sign_in(who).get(f"/meetings/{school.meeting.pk}/"))
        for who in (school.member, school.teacher, school.admin)
    )

    assert (
        "Zoom no longer knows the account that holds this meeting. The school has to check its Zoom licences" in teacher
    )
    assert "What Zoom said zoom_not_found Zoom has no such thing" in admin
    assert "zoom_not_found" not in teacher
    assert "zoom_not_found" not in student
    assert "Try again" not in student


def test_trying_again_updates_in_place_and_then_looks_until_it_is_done(school: School, sign_in: SignIn) -> None:
    failed(school.meeting)
    browser, htmx = sign_in(school.teacher), {"HX-Request": "true", "HX-Target": "zoom-state"}

    tried = browser.post(f"/meetings/{school.meeting.pk}/retry", headers=htmx)
    on_zoom(Meeting.objects.get(pk=school.meeting.pk))
    looked = browser.get(f"/meetings/{school.meeting.pk}/", headers=htmx)

    assert "<html" not in tried.content.decode()
    assert 'hx-trigger="every 4s"' in tried.content.decode()
    assert "On its way" in words(tried)
    assert "hx-trigger" not in looked.content.decode()
    assert "Confirmed. The Zoom meeting is ready." in words(looked)


def test_trying_again_works_without_javascript(school: School, sign_in: SignIn) -> None:
    failed(school.meeting)

    response = sign_in(school.teacher).post(f"/meetings/{school.meeting.pk}/retry", follow=True)

    school.meeting.refresh_from_db()
    assert school.meeting.sync_status == SyncStatus.PENDING
    assert "Trying again now." in words(response)


def test_people_come_a_page_at_a_time(school: School, sign_in: SignIn) -> None:
    enrol_students(group_id=school.group.pk, students=[make_student() for _ in range(PEOPLE_A_PAGE)])
    browser = sign_in(school.teacher)

    first, second = (browser.get(f"/meetings/{school.meeting.pk}/?people={page}") for page in (1, 2))

    shown = [words(page).count("@school.example") for page in (first, second)]
    assert shown[0] - shown[1] == PEOPLE_A_PAGE - 1
    assert f"{PEOPLE_A_PAGE + 1} people expected" in words(first)


@pytest.mark.parametrize("students", [1, 3])
def test_meeting_takes_as_many_queries_with_three_people_as_with_one(
    school: School, sign_in: SignIn, django_assert_num_queries: object, students: int
) -> None:
    enrol_students(group_id=school.group.pk, students=[make_student() for _ in range(students - 1)])
    browser = sign_in(school.teacher)

    with django_assert_num_queries(10):  # type: ignore[operator]  # pytest-django's fixture has no type
        browser.get(f"/meetings/{school.meeting.pk}/")


def test_single_meeting_has_no_list_of_occurrences(school: School, sign_in: SignIn) -> None:
    single = on_zoom(make_meeting(teacher=school.other_teacher, rule="", title="Visit"))

    page = words(sign_in(school.other_teacher).get(f"/meetings/{single.pk}/"))

    assert "Occurrences" not in page


@pytest.fixture
def unreachable_zoom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zoom configured at an address where nobody answers."""
    nowhere = {
        "zoom_account_id": "an-account",
        "zoom_client_id": "a-client",
        "zoom_client_secret": type(settings.ENVIRONMENT.zoom_client_secret)("a-secret"),
        "zoom_api_url": "http://127.0.0.1:9/v2",
        "zoom_oauth_url": "http://127.0.0.1:9/oauth/token",
    }
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=nowhere))
    gateway._client.cache_clear()


@pytest.mark.parametrize("weekly", [True, False], ids=["series", "single date"])
def test_session_in_a_holiday_that_only_warns_says_so(school: School, sign_in: SignIn, weekly: bool) -> None:
    meeting = school.meeting if weekly else planned(spec(group=school.group))
    day = meeting.occurrences.order_by("starts_at")[0].starts_at.date()
    make_holiday(day - timedelta(days=1), day + timedelta(days=1), name="Exam week", effect=Effect.WARN)

    for page in (reverse("meeting", args=[meeting.pk]), reverse("class", args=[school.group.pk])):
        assert "In a holiday: Exam week" in words(sign_in(school.member).get(page))


def test_who_holds_one_session_for_somebody_else_is_led_into_that_one_alone(school: School, sign_in: SignIn) -> None:
    first, second, *_others = school.meeting.occurrences.order_by("starts_at")
    let_substitute(occurrence_id=second.pk, teacher=school.other_teacher, now=datetime.now(UTC))
    page = f"/meetings/{school.meeting.pk}/"
    into, away = f"{page}join", f"/excuses/new?occurrence={first.pk}"

    seen = {
        one: sign_in(one).get(page).content.decode() for one in (school.other_teacher, school.teacher, school.member)
    }

    assert into not in seen[school.other_teacher]
    assert into in seen[school.member]
    assert [away in text for text in seen.values()] == [False, False, True]


def test_host_is_offered_to_join_as_a_participant_for_as_long_as_the_door_is_open(
    school: School, sign_in: SignIn
) -> None:
    meeting = on_zoom(make_running_meeting(teacher=school.teacher, group=school.group))
    now, occurrence = datetime.now(UTC), meeting.occurrences.get()
    join = f"/meetings/{meeting.pk}/join"

    def is_offered(*, ended: timedelta, status: OccurrenceStatus) -> bool:
        begun_and_ended = (now - ended - timedelta(hours=1), now - ended)
        occurrence.starts_at, occurrence.ends_at, occurrence.status = *begun_and_ended, status
        occurrence.save()
        return join in sign_in(school.teacher).get(f"/meetings/{meeting.pk}/").content.decode()

    assert is_offered(ended=timedelta(minutes=-10), status=OccurrenceStatus.SCHEDULED)
    assert is_offered(ended=timedelta(hours=2), status=OccurrenceStatus.LIVE)
    assert not is_offered(ended=timedelta(hours=2), status=OccurrenceStatus.ENDED)
