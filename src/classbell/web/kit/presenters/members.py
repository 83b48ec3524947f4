"""People in a list, a page at a time, for one reader: who they are, and what the reader may do about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Q

from classbell.accounts.disclosure import Shown, names_shown, written_to
from classbell.accounts.models import Role, User
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
    """One page of people, and the pages before and after it; `are_hidden` says that others are left out for their names."""

    page: Page[Any]
    lines: Sequence[Member]
    are_hidden: bool = False


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
    are_hidden = names_shown() is Shown.NOTHING
    if are_hidden:
        rows, count = rows.filter(user=request.user), None
    pages = Paginator(rows.order_by("user__last_name", "user__first_name", "pk"), PEOPLE_A_PAGE)
    if count is not None:
        pages.count = count
    page = pages.get_page(request.GET.get("people"))
    lines = [_member(row.user, emails=emails, way_out=way_out) for row in page]
    return Members(page=page, lines=lines, are_hidden=are_hidden)


def expected_of(request: PersonRequest, meeting: Meeting, *, emails: bool) -> Members:
    """Return the page of a meeting's expected people that the address names."""
    people, are_hidden = expected_people(meeting), names_shown() is Shown.NOTHING
    if are_hidden:
        people = people.filter(Q(pk=request.user.pk) | ~Q(role=Role.STUDENT))
    page = Paginator(people, PEOPLE_A_PAGE).get_page(request.GET.get("people"))
    return Members(page=page, lines=[_member(person, emails=emails) for person in page], are_hidden=are_hidden)


def _member(person: User, *, emails: bool, way_out: Callable[[User], WayOut] | None = None) -> Member:
    return Member(
        person=person, email=written_to(person) if emails else "", way_out=way_out(person) if way_out else None
    )
