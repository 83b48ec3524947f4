"""Who changed what, for admins."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin
from classbell.audit.kinds import KINDS
from classbell.audit.labels import EntryInWords, in_words
from classbell.audit.queries import Asked, Entry, history
from classbell.groups.people import named
from classbell.searching import looked_for
from classbell.web.kit.charts.weeks import asked_day
from classbell.web.kit.requests import PersonRequest
from classbell.zones import place_of

ENTRIES_A_PAGE = 30
MOST_PEOPLE = 50
FILTERS = ("kind", "id", "person", "from", "to", "at")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One entry, the page of what it is about, and that of all it stands for; "" where there is none."""

    said: EntryInWords
    url: str
    others_url: str


@never_cache
@require_safe
@allowed(is_admin)
def audit(request: PersonRequest) -> HttpResponse:
    """Admins: the history, the latest first; what is shown stands in the address."""
    given = {name: looked_for(request.GET.get(name, "")) for name in FILTERS}
    found = history(_asked(given, request.user), limit=ENTRIES_A_PAGE, cursor=request.GET.get("before"))
    filters = {name: value for name, value in given.items() if value}
    context = {
        "lines": [
            Line(said=said, url=_page_of(said.entry), others_url=_page_of_others(said.entry))
            for said in in_words(found.entries)
        ],
        "kinds": [(name, kind.word) for name, kind in KINDS.items()],
        "given": given | {"start": given["from"]},
        "is_filtered": bool(filters),
        "is_later_page": "before" in request.GET,
        "latest": "?" + urlencode(filters),
        "earlier": "?" + urlencode(filters | {"before": found.next_cursor}) if found.next_cursor else "",
        "place": place_of(request.user.zone),
    }
    return render(request, "audit/page.html", context)


def _asked(given: dict[str, str], reader: User) -> Asked:
    kind = given["kind"] if given["kind"] in KINDS else ""
    until = asked_day(given["to"])
    return Asked(
        kind=kind,
        id=KINDS[kind].id_of(given["id"]) if kind and given["id"] else None,
        actors=_people(given["person"]) if given["person"] else None,
        since=_begin(asked_day(given["from"]), reader),
        until=_begin(until + timedelta(days=1), reader) if until else None,
        at=_moment_or_none(given["at"]) if kind else None,
        together=True,
    )


def _people(text: str) -> list[UUID]:
    return list(named(User.objects.all(), text).order_by("pk").values_list("pk", flat=True)[:MOST_PEOPLE])


def _begin(day: date | None, reader: User) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=reader.zone) if day else None


def _moment_or_none(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _page_of_others(entry: Entry) -> str:
    return "?" + urlencode({"kind": entry.kind, "at": entry.at.isoformat()}) if entry.others else ""


def _page_of(entry: Entry) -> str:
    """Return where to look at what an entry is about."""
    match entry.kind:
        case "person" | "booking" | "meeting" | "halaka":
            return reverse(entry.kind, args=[entry.object_id])
        case "guardian":
            return reverse("person", args=[entry.about["student"]])
        case "occurrence":
            return reverse("meeting", args=[entry.about["meeting"]])
        case "key":
            return reverse("keys")
        case "webhook":
            return reverse("webhooks")
        case _:
            return ""
