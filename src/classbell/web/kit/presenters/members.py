"""People in a list, a page at a time, for one reader: who they are, and what the reader may do about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.core.paginator import Page, Paginator

from classbell.accounts.models import User
from classbell.groups.models import Membership
from classbell.meetings.audience import expected_people
from classbell.meetings.models import Meeting
from classbell.web.kit.requests import PersonRequest

PEOPLE_A_PAGE: Final = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class WayOut:
    """A button that takes somebody out: the address it posts to, and what it says."""

    url: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """Somebody in a list; `email` is empty for readers who may not know it."""

    person: User
    email: str
    way_out: WayOut | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Members:
    """One page of people, and the pages before and after it."""

    page: Page[Any]
    lines: Sequence[Member]


def members_of(
    request: PersonRequest,
    group_id: UUID,
    *,
    emails: bool,
    way_out: Callable[[User], WayOut] | None = None,
    count: int | None = None,
) -> Members:
    """
    Return the page of a group's people that the address names, by family name.

    `way_out` makes each person's button; None where nobody can be taken out. `count` saves a query where it is known.
    """
    rows = Membership.objects.filter(group=group_id).select_related("user")
    pages = Paginator(rows.order_by("user__last_name", "user__first_name", "pk"), PEOPLE_A_PAGE)
    if count is not None:
        pages.count = count
    page = pages.get_page(request.GET.get("people"))
    return Members(page=page, lines=[_member(row.user, emails=emails, way_out=way_out) for row in page])


def expected_of(request: PersonRequest, meeting: Meeting, *, emails: bool) -> Members:
    """Return the page of a meeting's expected people that the address names."""
    page = Paginator(expected_people(meeting), PEOPLE_A_PAGE).get_page(request.GET.get("people"))
    return Members(page=page, lines=[_member(person, emails=emails) for person in page])


def _member(person: User, *, emails: bool, way_out: Callable[[User], WayOut] | None = None) -> Member:
    return Member(
        person=person, email=person.written_to if emails else "", way_out=way_out(person) if way_out else None
    )
