"""Booking without an account: a kind of lesson, and a time."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, anyone
from classbell.bookings.models import LessonKind
from classbell.bookings.queries import RatedTeacher
from classbell.door import queries
from classbell.web.door.presenters.pages import head_of, kind_card, teacher_card
from classbell.web.door.presenters.times import Times, read_times, times_of
from classbell.web.door.views.pages import show
from classbell.web.door.visits import Visit, visited
from classbell.web.kit.requests import VisitorRequest


@require_safe
@allowed(anyone)
@visited
def kind(request: VisitorRequest, visit: Visit, address: str) -> HttpResponse:
    """Everybody, while the kind is open to everybody: its free times with one teacher or any."""
    found, teachers = queries.shown_kind(address)
    asked_teacher = request.GET.get("teacher", "")
    chosen = next((one for one in teachers if one.public_page.address == asked_teacher), None)
    times = _times(visit, found, teachers, chosen, request.GET.dict())
    return _page(request, visit, found, teachers, chosen, times)


def _times(
    visit: Visit,
    found: LessonKind,
    teachers: Sequence[RatedTeacher],
    chosen: RatedTeacher | None,
    query: dict[str, Any],
) -> Times:
    asked = read_times(query, found)
    return times_of(found, [chosen] if chosen else teachers, asked, zone=visit.zone, now=timezone.now())


def _page(
    request: VisitorRequest,
    visit: Visit,
    found: LessonKind,
    teachers: Sequence[RatedTeacher],
    chosen: RatedTeacher | None,
    times: Times,
) -> HttpResponse:
    path = reverse("open-kind", args=[found.address])
    with_whom = f"&teacher={chosen.public_page.address}" if chosen else ""
    card = kind_card(found)
    context: dict[str, object] = {
        "card": card,
        "kind": found,
        "teachers": [teacher_card(one, visit.school, visit.language) for one in teachers],
        "chosen_teacher": teacher_card(chosen, visit.school, visit.language) if chosen else None,
        "times": times,
        "path": path,
        # To be added to an address with a query: what any link of the picker carries on.
        "carried": with_whom + visit.more,
    }
    head = head_of(
        title=card.name, words=card.description, picture=visit.school.picture, is_indexable=visit.school.indexable
    )
    template = "door/kind.html#picker" if request.htmx.target == "picker" else "door/kind.html"
    return show(request, visit, template, context, head=head, address=path)
