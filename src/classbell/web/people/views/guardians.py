"""A student's guardians, on the student's page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.guardians.services import add_guardian, remove_guardian
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin
from classbell.bidi import isolated
from classbell.errors import DomainError
from classbell.web.kit.requests import PersonRequest
from classbell.web.people.forms.guardian import PREFIX, GuardianForm
from classbell.web.people.views.directory import render_person


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def add(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Admins: make somebody a student's guardian; who has no account is invited."""
    if request.method != "POST":  # the address of a refusal, read again
        return redirect("person", person_id=person_id)
    student = get_object_or_404(User, pk=person_id)
    form = GuardianForm(request.POST, prefix=PREFIX)
    if form.is_valid():
        try:
            found = add_guardian(student_id=student.pk, by=request.user, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_error("email", str(error))
        else:
            names = {"guardian": isolated(found.guardian.name), "student": isolated(student.name)}
            messages.success(request, _("%(guardian)s sees from now on what concerns %(student)s.") % names)
            return redirect("person", person_id=person_id)
    return render_person(request, student, guardian_form=form, status=400)


@require_POST
@allowed(is_admin)
def remove(request: PersonRequest, person_id: UUID, guardian_id: UUID) -> HttpResponse:
    """Admins: end it; the guardian sees nothing of the student's any more, at once."""
    try:
        remove_guardian(student_id=person_id, guardian_id=guardian_id)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        name = isolated(get_object_or_404(User, pk=guardian_id).name)
        messages.success(request, _("%(name)s sees nothing of theirs any more.") % {"name": name})
    return redirect("person", person_id=person_id)
