"""Courses for tests, made by the API that clients use."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from classbell.accounts.models import User
from tests.api_client import ApiClient
from tests.factories_bookings import a_day_ahead

Api = Callable[..., ApiClient]


def make_course(api: Api, teacher: User, **body: Any) -> dict[str, Any]:
    """Create a course as its teacher and return it as answered."""
    answer = api(teacher).post("/api/courses", {"title": "Tajweed", "timezone": "Europe/Lisbon"} | body)
    assert answer.status_code == 201, answer.content
    return dict(answer.json()["course"])


def lessons(count: int, *, first: datetime | None = None, every: timedelta = timedelta(days=1)) -> list[dict[str, Any]]:
    """Return sessions for a batch: one hour each, the first in a week at noon."""
    start = first or a_day_ahead(days=7, hour=12)
    return [
        {"title": f"Lesson {number + 1}", "start_time": (start + number * every).isoformat(), "duration": 60}
        for number in range(count)
    ]


def post_batch(api: Api, user: User, course: dict[str, Any], body: Any, *, dry_run: bool = False) -> Any:
    """Send a batch; a list stands for its sessions."""
    path = f"/api/courses/{course['id']}/sessions/batch" + ("?dry_run=true" if dry_run else "")
    return api(user).post(path, {"sessions": body} if isinstance(body, list) else body)


def make_sessions(api: Api, teacher: User, course: dict[str, Any], count: int = 3, **when: Any) -> list[dict[str, Any]]:
    """Create so many sessions and return them as answered."""
    answer = post_batch(api, teacher, course, lessons(count, **when))
    assert answer.status_code == 201, answer.content
    return list(answer.json()["sessions"])
