"""What anybody sees: the school's page, a teacher's, and what search engines may list of them."""

from typing import Final
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, anyone
from classbell.bookings.finding import soonest_first
from classbell.door import queries
from classbell.door.errors import DoorClosed
from classbell.door.models import PublicTeacher
from classbell.errors import NotThere
from classbell.web.door.presenters.pages import Head, head_of, kind_card, teacher_card
from classbell.web.door.visits import Visit, visited
from classbell.web.kit.assets import assets
from classbell.web.kit.requests import VisitorRequest

# What pages of other sites rely on: what the script looks for in them, and which events it makes.
EMBED_VERSION: Final = "1"


@require_safe
@allowed(anyone)
@visited
def school(request: VisitorRequest, visit: Visit) -> HttpResponse:
    """Everybody, while the school is open: its kinds of lessons, its teachers, whoever is free soonest first."""
    page = visit.school
    teachers = soonest_first(list(queries.shown_teachers()), now=timezone.now())
    words, words_language = page.said_in(visit.language)
    context: dict[str, object] = {
        "words": words,
        "words_language": words_language,
        "teachers": [teacher_card(one, page, visit.language) for one in teachers],
        "kinds": [kind_card(one) for one, _pages in queries.shown_kinds(teachers)],
    }
    head = head_of(title=page.name, words=words, picture=page.picture, is_indexable=page.indexable)
    return show(request, visit, "door/school.html", context, head=head, address=reverse("open-school"))


@require_safe
@allowed(anyone)
@visited
def teacher(request: VisitorRequest, visit: Visit, address: str) -> HttpResponse:
    """Everybody, while the teacher is shown: what they say of themselves, and the kinds of lessons that they teach."""
    found = queries.shown_teacher(address)
    card = teacher_card(found, visit.school, visit.language)
    kinds = queries.kinds_taught([found.pk])[found.pk]
    head = head_of(
        title=card.name,
        words=card.words,
        picture=card.picture,
        is_indexable=visit.school.indexable and found.public_page.indexable,
    )
    context = {
        "card": card,
        "kinds": [kind_card(one) for one in kinds],
        "query": f"?teacher={card.address}{visit.more}",
    }
    return show(
        request, visit, "door/teacher.html", context, head=head, address=reverse("open-teacher", args=[card.address])
    )


@require_safe
@allowed(anyone)
def sitemap(request: HttpRequest) -> HttpResponse:
    """Search engines: the pages that they may list. 404 while there are none."""
    page = queries.open_school()
    if not page.indexable:
        raise DoorClosed
    teachers = queries.shown_teachers().filter(public_page__indexable=True)
    shown: list[PublicTeacher] = [one.public_page for one in teachers]
    paths = [
        reverse("open-school"),
        *(reverse("open-kind", args=[kind.address]) for kind, _pages in queries.shown_kinds()),
        *(reverse("open-teacher", args=[one.address]) for one in shown),
    ]
    urls = [urljoin(settings.ENVIRONMENT.public_url, path) for path in paths]
    return render(request, "door/sitemap.xml", {"urls": urls}, content_type="application/xml")


@require_safe
@allowed(anyone)
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines: nothing but the open door, and that only where the school wants it listed."""
    page = queries.school()
    lines = ["User-agent: *"]
    if page.is_open and page.indexable:
        where = urljoin(settings.ENVIRONMENT.public_url, reverse("open-sitemap"))
        lines += [*(f"Allow: {path}" for path in ("/open/", "/assets/", "/static/")), f"Sitemap: {where}"]
    return HttpResponse("\n".join([*lines, "Disallow: /", ""]), content_type="text/plain; charset=utf-8")


@require_safe
@allowed(anyone)
def embed_script(request: HttpRequest) -> HttpResponse:
    """Everybody: what shows the open door in pages of other sites. 404 for a version that there is not."""
    if request.GET.get("v", EMBED_VERSION) != EMBED_VERSION:
        raise NotThere
    response = HttpResponse(assets()["embed.js"].plain, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    # Other sites load it, whatever policy they have for what comes from elsewhere.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def show(
    request: VisitorRequest,
    visit: Visit,
    template: str,
    context: dict[str, object],
    *,
    head: Head,
    address: str,
    status: int = 200,
) -> HttpResponse:
    """Return a page of the open door; `address` is its path, without what a visit carries on."""
    is_listed = head.is_indexable and not visit.is_framed and status == 200
    given = {
        "visit": visit,
        "head": head,
        "is_listed": is_listed,
        "canonical": urljoin(settings.ENVIRONMENT.public_url, address),
        "switch": f"?{urlencode(request.GET.dict() | {'language': visit.other_language})}",
        "elsewhere": {name: value for name, value in request.GET.items() if name not in ("language", "timezone")},
    }
    response = render(request, template, context | given, status=status)
    # Whose kept page is shown to nobody else: who is signed in may have chosen another language and clock.
    response.headers["Cache-Control"] = "private, no-cache"
    if not is_listed:
        response.headers["X-Robots-Tag"] = "noindex"
    return response
