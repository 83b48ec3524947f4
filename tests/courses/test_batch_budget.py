"""What a batch says of Zoom's daily budgets: a hundred writes a host and UTC day, ten of them kept for people."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings

from classbell.meetings.models import DailyBudget, Meeting, ZoomHost
from tests.courses.teaching import Api, lessons, make_course, make_sessions, post_batch
from tests.factories import make_teacher


@pytest.fixture
def one_host(zoom_hosts: list[ZoomHost], monkeypatch: pytest.MonkeyPatch) -> ZoomHost:
    """The account has one host and the limits of the Pro plan."""
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update={"zoom_plan": "pro"}))
    ZoomHost.objects.exclude(pk=zoom_hosts[0].pk).update(is_active=False)
    return zoom_hosts[0]


def planned(api: Api, count: int) -> dict[str, Any]:
    teacher = make_teacher()
    answer = post_batch(api, teacher, make_course(api, teacher), lessons(count), dry_run=True)
    assert answer.status_code == 200, answer.content
    return dict(answer.json()["budget"])


def use_up(host: ZoomHost, count: int) -> None:
    DailyBudget.objects.create(key=f"host:sim-account:{host.zoom_user_id}", day=datetime.now(UTC).date(), used=count)


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def test_batch_within_the_budget_goes_out_today(api: Api, one_host: ZoomHost) -> None:
    use_up(one_host, 19)

    assert planned(api, 64) == {
        "calls": 64,
        "today": 64,
        "left_today": 71,
        "later": [],
        "seconds": 2.2,
        "message": "64 calls to Zoom; today's budget has 71.",
    }


def test_what_is_more_than_the_budget_goes_out_after_midnight(api: Api, one_host: ZoomHost) -> None:
    use_up(one_host, 38)

    budget = planned(api, 64)

    assert (budget["today"], budget["left_today"]) == (52, 52)
    assert budget["later"] == [{"date": in_days(1), "calls": 12}]
    assert budget["message"] == "64 calls to Zoom; today's budget has 52; the last 12 go out after midnight UTC."


def test_long_batch_takes_days(api: Api, one_host: ZoomHost) -> None:
    budget = planned(api, 200)

    assert budget["later"] == [{"date": in_days(1), "calls": 90}, {"date": in_days(2), "calls": 20}]
    assert budget["message"].startswith(
        "200 calls to Zoom; today's budget has 90; 110 go out after midnight UTC, the last on"
    )


def test_meetings_that_wait_already_go_first_and_those_on_zoom_do_not_count(api: Api, one_host: ZoomHost) -> None:
    teacher = make_teacher()
    before = make_sessions(api, teacher, make_course(api, teacher), 20, first=datetime.now(UTC) + timedelta(days=400))
    Meeting.objects.filter(session=before[0]["id"]).update(zoom_meeting_id="99", sync_status="synced")

    assert planned(api, 10)["left_today"] == 90 - 19


def test_what_people_used_of_their_share_does_not_reach_into_tomorrow(api: Api, one_host: ZoomHost) -> None:
    use_up(one_host, 100)

    budget = planned(api, 90)

    assert (budget["today"], budget["left_today"]) == (0, 0)
    assert budget["later"] == [{"date": in_days(1), "calls": 90}]


@pytest.mark.usefixtures("zoom_hosts")
def test_without_a_daily_limit_all_goes_out_at_once(api: Api) -> None:
    budget = planned(api, 150)

    assert (budget["calls"], budget["today"], budget["left_today"], budget["later"]) == (150, 150, None, [])
    assert budget["message"] == "150 calls to Zoom."


@pytest.mark.django_db
def test_without_zoom_nothing_is_asked_of_it(api: Api) -> None:
    assert planned(api, 3)["calls"] == 0
