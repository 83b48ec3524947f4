"""The list of classes, of courses or of circles, as its address asks for it."""

from dataclasses import dataclass
from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet

from classbell.searching import looked_for
from classbell.web.groups.kinds import Kind
from classbell.web.kit.presenters.tabs import tabs_of
from classbell.web.kit.requests import PersonRequest

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListAsked:
    """What somebody looks through: words to find (`q`), and whether those that are over instead of those that go on."""

    request: PersonRequest
    kind: Kind
    q: str
    is_over: bool

    def page(self, rows: QuerySet[Row], *, a_page: int) -> Page[Row]:
        """Return the page of the rows that the address names, else the first or the last; each has `a_page` rows at most."""
        return Paginator(rows, a_page).get_page(self.request.GET.get("page"))

    def context(self, page: Page[Row]) -> dict[str, object]:
        """Return what the template `groups/list.html` shows around the groups of a page."""
        user, kind = self.request.user, self.kind
        shown = kind.show_over if self.is_over else ""
        return {
            "page": page,
            "tabs": tabs_of(self.request, {"": str(kind.going_on), kind.show_over: str(kind.over)}, shown=shown),
            "tabs_label": kind.which_label,
            "find_label": kind.find_label,
            "shown": shown,
            "q": self.q,
            "teaches": user.is_teacher or user.is_admin,
        }


def list_asked(request: PersonRequest, kind: Kind) -> ListAsked:
    """Return what a request's address asks to see of a kind."""
    q, is_over = looked_for(request.GET.get("q", "")), request.GET.get("show") == kind.show_over
    return ListAsked(request=request, kind=kind, q=q, is_over=is_over)
