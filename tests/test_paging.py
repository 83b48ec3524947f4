"""Pages by cursor."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classbell.accounts.models import User
from classbell.paging import InvalidCursor, PageQuery, paginate
from tests.examples import examples
from tests.factories import make_student

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 3, 1, tzinfo=UTC)


def people(*minutes: int) -> None:
    """Create people who joined so many minutes after T0."""
    User.objects.bulk_create(User(email=f"{number}@school.example") for number in range(len(minutes)))
    for user, minute in zip(User.objects.order_by("pk"), minutes, strict=True):
        User.objects.filter(pk=user.pk).update(created_at=T0 + timedelta(minutes=minute))


def walk(by: str, limit: int) -> list[User]:
    """Follow the cursors from the first page to the last."""
    seen: list[User] = []
    cursor = None
    while True:
        page = paginate(User.objects.all(), PageQuery(limit=limit, cursor=cursor), by=by)
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            return seen


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    minutes=st.lists(st.integers(0, 3), max_size=8),
    limit=st.integers(1, 9),
    by=st.sampled_from(["created_at", "-created_at", "email", "-email"]),
)
def test_pages_together_are_the_list_in_its_order(db: None, minutes: list[int], limit: int, by: str) -> None:
    User.objects.all().delete()
    people(*minutes)

    assert walk(by, limit) == list(User.objects.order_by(by, "-pk" if by.startswith("-") else "pk"))


def test_row_added_or_removed_between_pages_shifts_nothing() -> None:
    people(1, 2, 3, 4)
    first = paginate(User.objects.all(), PageQuery(limit=2, cursor=None), by="created_at")

    User.objects.filter(pk=first.items[0].pk).delete()
    User.objects.filter(pk=make_student().pk).update(created_at=T0)

    rest = paginate(User.objects.all(), PageQuery(limit=2, cursor=first.next_cursor), by="created_at")
    assert [user.created_at for user in rest.items] == [T0 + timedelta(minutes=3), T0 + timedelta(minutes=4)]


def test_page_costs_one_query() -> None:
    people(1, 2, 3)

    with CaptureQueriesContext(connection) as queries:
        paginate(User.objects.all(), PageQuery(limit=2, cursor=None), by="email")

    assert len(queries) == 1


def test_full_last_page_has_no_cursor() -> None:
    people(1, 2)

    assert paginate(User.objects.all(), PageQuery(limit=2, cursor=None), by="email").next_cursor is None


@pytest.mark.parametrize("spoil", [lambda c: c + "x", lambda c: c[1:], lambda c: "é", lambda c: ":"], ids=range(4))
def test_spoilt_cursor_is_refused(spoil: Callable[[str | None], str]) -> None:
    people(1, 2)
    cursor = paginate(User.objects.all(), PageQuery(limit=1, cursor=None), by="email").next_cursor

    with pytest.raises(InvalidCursor):
        paginate(User.objects.all(), PageQuery(cursor=spoil(cursor)), by="email")


def test_cursor_of_another_order_is_refused() -> None:
    people(1, 2)
    cursor = paginate(User.objects.all(), PageQuery(limit=1, cursor=None), by="email").next_cursor

    with pytest.raises(InvalidCursor):
        paginate(User.objects.all(), PageQuery(cursor=cursor), by="-email")
