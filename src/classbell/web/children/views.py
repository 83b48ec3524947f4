"""A guardian's first page, and the pages of each child: those of a student, read and used by the guardian."""

from typing import cast
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from classbell.accounts.acting import NotTheirGuardian, guardian_of
from classbell.accounts.guardians.queries import may_act_for
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in, takes_wards
from classbell.errors import NotThere
from classbell.web.children.addresses import below
from classbell.web.children.presenters import ATTENDANCE_DAYS, children_of
from classbell.web.kit.requests import PersonRequest
from classbell.zones import place_of

# Neither has pages of a student's own.
NO_PAGES = ("api/", "admin/", "children/")
READING = ("GET", "HEAD")


def is_guardian_of(user: User, student_id: UUID) -> bool:
    """Their guardians, asked with each request. Raises NotTheirGuardian."""
    if user.pk == student_id or not may_act_for(user, student_id):
        raise NotTheirGuardian
    return True


@never_cache
@require_safe
@allowed(signed_in)
def children(request: PersonRequest) -> HttpResponse:
    """Guardians: their children, what comes next for each and how they attended. Others have none."""
    context = {
        "children": children_of(request.user, now=timezone.now()),
        "days": ATTENDANCE_DAYS,
        "place": place_of(request.user.zone),
    }
    return render(request, "children/list.html", context)


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def banner(request: PersonRequest) -> HttpResponse:
    """On each page of a child, now and then: whose it is; refused once one is no guardian any more, and the page goes."""
    if guardian_of(request) is None:
        raise NotThere
    return render(request, "children/banner.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_guardian_of)
def child(request: PersonRequest, student_id: UUID, rest: str = "") -> HttpResponse:
    """
    Guardians: the page of the student at this address, as the student has it. A page that is nobody's but the reader's own
    stays the guardian's.
    """
    if rest.startswith(NO_PAGES) and rest != "children/banner":
        raise Http404
    found = resolve(f"/{rest}")
    request.resolver_match = found
    if takes_wards(found.func):
        request.ward_id = student_id  # type: ignore[attr-defined]  # read by accounts.acting
        with below(student_id):
            return cast("HttpResponse", found.func(request, *found.args, **found.kwargs))
    if request.method in READING and not request.htmx:
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"/{rest}?{query}" if query else f"/{rest}")
    return cast("HttpResponse", found.func(request, *found.args, **found.kwargs))
