"""Who is in a circle, as its teacher keeps it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed
from classbell.errors import DomainError
from classbell.halakat import services
from classbell.halakat.models import Halaka
from classbell.halakat.permissions import teaches_halaka
from classbell.web.groups.views.group_people import TOO_LATE, add_people_to
from classbell.web.kit.requests import PersonRequest
from classbell.web.kit.undo import say_with_undo, what_was


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_halaka)
def add_people(request: PersonRequest, halaka_id: UUID) -> HttpResponse:
    """Its teacher and admins: put the people of a list into the circle; first it says what that would do."""
    halaka = Halaka.objects.select_related("group").get(pk=halaka_id)

    def change(*, group_id: UUID, joining: Sequence[User], leaving: Sequence[User]) -> None:
        services.change_students(halaka_id=halaka_id, joining=joining, leaving=leaving, now=timezone.now())

    return add_people_to(request, halaka.group, url=reverse("halaka", args=[halaka_id]), change=change)


@require_POST
@allowed(teaches_halaka)
def remove_person(request: PersonRequest, halaka_id: UUID, student_id: UUID) -> HttpResponse:
    """Its teacher and admins: take somebody out; whoever waits longest gets the place. Safe to repeat."""
    student = User.objects.filter(pk=student_id).first()
    if student is not None:
        joined_at = services.leave_halaka(halaka_id=halaka_id, student=student, now=timezone.now())
        said = _("%(name)s is no longer in the circle.") % {"name": student.name}
        if joined_at is not None:
            path = reverse("halaka-person-return", args=[halaka_id, student_id])
            say_with_undo(request, said, path=path, was=joined_at.isoformat())
    return redirect("halaka", halaka_id=halaka_id)


@require_POST
@allowed(teaches_halaka)
def return_person(request: PersonRequest, halaka_id: UUID, student_id: UUID) -> HttpResponse:
    """
    Its teacher and admins: put somebody back who has just been taken out, on the waiting list when their place is
    somebody else's by now. Safe to repeat.
    """
    student, joined_at = User.objects.filter(pk=student_id).first(), what_was(request)
    if student is None or joined_at is None:
        messages.error(request, TOO_LATE)
        return redirect("halaka", halaka_id=halaka_id)
    try:
        has_place = services.join_halaka(halaka_id=halaka_id, student=student, since=datetime.fromisoformat(joined_at))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        again = _("%(name)s is in it again, as before.")
        waits = _("The place has gone to whoever waited for it. %(name)s is on the waiting list.")
        messages.success(request, (again if has_place else waits) % {"name": student.name})
    return redirect("halaka", halaka_id=halaka_id)
