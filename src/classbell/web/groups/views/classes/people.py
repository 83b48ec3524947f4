"""Who is in a class: added from a list, taken out and put back."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed
from classbell.groups.permissions import teaches_class
from classbell.web.groups.views.classes.browse import get_class
from classbell.web.groups.views.group_people import add_people_to, put_back_in_group, take_out_of
from classbell.web.kit.requests import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_class)
def add_people(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Its teachers and admins: put the people of a list into the class; first it says what that would do."""
    return add_people_to(request, get_class(class_id), url=reverse("class", args=[class_id]))


@require_POST
@allowed(teaches_class)
def remove_person(request: PersonRequest, class_id: UUID, student_id: UUID) -> HttpResponse:
    """Its teachers and admins: take somebody out; what they attended stays recorded. Safe to repeat."""
    take_out_of(
        request,
        group_id=class_id,
        student_id=student_id,
        said=_("%(name)s is no longer in the class. What they attended stays."),
        undo_path=reverse("class-person-return", args=[class_id, student_id]),
    )
    return redirect("class", class_id=class_id)


@require_POST
@allowed(teaches_class)
def return_person(request: PersonRequest, class_id: UUID, student_id: UUID) -> HttpResponse:
    """Its teachers and admins: put somebody back who has just been taken out, as of when they joined. Safe to repeat."""
    put_back_in_group(request, group_id=class_id, student_id=student_id)
    return redirect("class", class_id=class_id)
