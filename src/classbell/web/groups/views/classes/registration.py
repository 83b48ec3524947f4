"""Registering a class's students at Zoom: how each stands, who was refused and why, trying again."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin
from classbell.errors import DomainError
from classbell.groups.models import Group, GroupKind, Membership
from classbell.groups.permissions import teaches_class
from classbell.meetings.joining.enrolment import (
    REGISTRATION_SECONDS,
    Registration,
    coming_meetings,
    register_class,
    register_student,
)
from classbell.meetings.joining.entrance import check_domain
from classbell.meetings.models import Meeting, Registrant, RegistrantStatus
from classbell.meetings.sync.gateway import zoom_in_request
from classbell.web.groups.views.classes.browse import get_class
from classbell.web.kit.requests import PersonRequest
from classbell.zoom.errors import ZoomBusy, ZoomNotConfigured

PEOPLE_A_PAGE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One student: for how many of the coming meetings (`of`) they are registered; why not, and Zoom's words for it."""

    person: User
    kind: str
    word: str
    done: int
    of: int
    reasons: Sequence[tuple[str, str]]


@require_safe
@allowed(teaches_class)
def registration(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Its teachers and admins: how far Zoom is with each student."""
    group = get_class(class_id)
    meetings = list(coming_meetings(group, now=timezone.now()))
    members = Membership.objects.filter(group=group, user__is_active=True).select_related("user")
    page = Paginator(members.order_by("user__last_name", "user__first_name", "pk"), PEOPLE_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "group": group,
        "meetings": meetings,
        "without": sum(not meeting.registration for meeting in meetings),
        "page": page,
        "lines": _lines([member.user for member in page], meetings),
    }
    return render(request, "classes/registration.html", context)


@require_POST
@allowed(is_admin)
def register_all(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Admins: everybody, for all coming meetings, by jobs. Safe to repeat."""
    count = register_class(group=_group(class_id), now=timezone.now())
    said = ngettext(
        "Everybody is being registered for %(n)s meeting; look again in a minute.",
        "Everybody is being registered for %(n)s meetings; look again in a minute.",
        count,
    )
    messages.success(request, said % {"n": count})
    return redirect("class-registration", class_id=class_id)


@require_POST
@allowed(is_admin)
def register_one(request: PersonRequest, class_id: UUID, student_id: UUID) -> HttpResponse:
    """Admins: one student now, for all coming meetings; what did not work is said and done later."""
    group = _group(class_id)
    student = get_object_or_404(User.objects.students(), pk=student_id, is_active=True)
    try:
        check_domain(student)
        with zoom_in_request(seconds=REGISTRATION_SECONDS) as client:
            _say(request, register_student(student=student, group=group, client=client, now=timezone.now()))
    except ZoomBusy:
        messages.error(request, _("Zoom answers slowly just now, and others wait for it; try again in a moment."))
    except ZoomNotConfigured:
        messages.error(request, _("Zoom is not connected yet."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("class-registration", class_id=class_id)


def _say(request: PersonRequest, results: Sequence[Registration]) -> None:
    done = sum(not result.reason for result in results)
    if done:
        said = ngettext("Registered for %(count)s meeting", "Registered for %(count)s meetings", done)
        messages.success(request, said % {"count": done})
    for result in results:
        if result.reason:
            words = {"title": result.meeting.title, "reason": result.reason}
            messages.error(request, _("%(title)s: %(reason)s") % words)


def _lines(people: Sequence[User], meetings: Sequence[Meeting]) -> list[Line]:
    """Return how each stands, in one query."""
    rows: dict[UUID, list[Registrant]] = {person.pk: [] for person in people}
    for row in Registrant.objects.filter(meeting__in=meetings, user__in=people):
        rows[row.user_id].append(row)
    has_registration = any(meeting.registration for meeting in meetings)
    return [_line(person, rows[person.pk], of=len(meetings), has_registration=has_registration) for person in people]


def _line(person: User, rows: Sequence[Registrant], *, of: int, has_registration: bool) -> Line:
    done = sum(row.status == RegistrantStatus.APPROVED for row in rows)
    refused = [row for row in rows if row.status == RegistrantStatus.FAILED]
    if refused:
        kind, word = "bad", _("Refused")
    elif done == of:
        kind, word = "ok", _("Registered")
    elif has_registration:
        kind, word = "wait", _("On its way")
    else:
        kind, word = "off", _("Not registered")
    return Line(
        person=person,
        kind=kind,
        word=word,
        done=done,
        of=of,
        reasons=sorted({(row.error_in_words, row.zooms_words) for row in refused if row.error}),
    )


def _group(class_id: UUID) -> Group:
    return get_object_or_404(Group, pk=class_id, kind=GroupKind.CLASS)
