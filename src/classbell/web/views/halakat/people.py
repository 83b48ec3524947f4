"""Who is in a circle, as its teacher keeps it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed
from classbell.errors import DomainError
from classbell.groups.queries import people_named
from classbell.groups.services import enrol_students
from classbell.halakat import services
from classbell.halakat.models import Halaka
from classbell.halakat.permissions import teaches_halaka
from classbell.web.forms.classes import PeopleForm
from classbell.web.requests import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_halaka)
def add_people(request: PersonRequest, halaka_id: UUID) -> HttpResponse:
    """Its teacher and admins: put people with accounts into the circle, all of those named or none."""
    halaka = Halaka.objects.select_related("group").get(pk=halaka_id)
    form = PeopleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            students = people_named(emails=form.cleaned_data["emails"])
            added = enrol_students(group_id=halaka.group_id, students=students).added
        except DomainError as error:
            form.add_error("emails", str(error))
        else:
            messages.success(request, ngettext("%(n)s person added.", "%(n)s people added.", added) % {"n": added})
            return redirect("halaka", halaka_id=halaka_id)
    context = {"form": form, "halaka": halaka}
    return render(request, "halakat/people.html", context, status=400 if form.is_bound else 200)


@require_POST
@allowed(teaches_halaka)
def remove_person(request: PersonRequest, halaka_id: UUID, student_id: UUID) -> HttpResponse:
    """Its teacher and admins: take somebody out; whoever waits longest gets the place. Safe to repeat."""
    student = User.objects.filter(pk=student_id).first()
    if student is not None:
        services.leave_halaka(halaka_id=halaka_id, student=student, now=timezone.now())
        messages.success(request, _("%(name)s is no longer in the circle.") % {"name": student.name})
    return redirect("halaka", halaka_id=halaka_id)
