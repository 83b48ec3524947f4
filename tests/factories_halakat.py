"""Circles for tests, made through the API."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from classbell.accounts.models import User
from tests.api_client import ApiClient


def next_sunday() -> date:
    """Return a Sunday, one to two weeks ahead."""
    today = datetime.now(UTC).date()
    return today + timedelta(days=(6 - today.weekday()) % 7 + 7)


def halaka_body(**changes: Any) -> dict[str, Any]:
    """Return the request for a circle on Sundays and Tuesdays at 17:00 in Riyadh, 17 sessions, with anything else on top."""
    start = next_sunday()
    return {
        "title": "حلقة تجويد",
        "description": "سورة يس",
        "startDate": start.isoformat(),
        "endDate": (start + timedelta(weeks=8)).isoformat(),
        "days": ["Sunday", 2],
        "frequency": "weekly",
        "startTime": "17:00",
        "duration": 45,
        "timezone": "Asia/Riyadh",
    } | changes


def created(api: Callable[..., ApiClient], teacher: User, **changes: Any) -> dict[str, Any]:
    """Make a circle as its teacher would and return it as the API answers it."""
    answer = api(teacher).post("/api/v1/halaka/", halaka_body(**changes))
    assert answer.status_code == 201, answer.content
    assert (answer.json()["status"], answer.json()["message"]) == ("created", "Halaka created successfully")
    halaka: dict[str, Any] = answer.json()["data"]["halaka"]
    return halaka
