"""Who is in a class: added by e-mail, taken out and put back, brought in from a file."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed
from classbell.errors import DomainError
from classbell.groups.permissions import teaches_class
from classbell.groups.roster import Imported, Roster, import_roster, read_roster
from classbell.web.forms.classes import RosterForm
from classbell.web.requests import PersonRequest
from classbell.web.views.classes.browse import get_class
from classbell.web.views.group_people import add_people_to, put_back_in_group, said_of_added, take_out_of


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_class)
def add_people(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Its teachers and admins: put people with accounts into the class, all of those named or none."""
    return add_people_to(
        request,
        get_class(class_id),
        url=reverse("class", args=[class_id]),
        said=_said_of_added,
        roster_url=reverse("class-roster", args=[class_id]),
    )


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


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_class)
def roster(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Its teachers and admins: bring students in from a file; first it says what that would do, then it is done."""
    form = RosterForm(request.POST, request.FILES) if request.method == "POST" else RosterForm()
    context: dict[str, object] = {"form": form, "group": get_class(class_id)}
    if form.is_valid():
        try:
            read = read_roster(form.cleaned_data["raw"])
            if "enrol" in request.POST:
                return _enrol(request, class_id, read)
            would = import_roster(group_id=class_id, roster=read, dry_run=True)
            context |= {"would": would, "text": form.cleaned_data["raw"].decode("utf-8-sig")}
            return render(request, "classes/roster.html", context)
        except DomainError as error:
            form.add_error(None, str(error))
    return render(request, "classes/roster.html", context, status=400 if form.is_bound else 200)


def _enrol(request: PersonRequest, class_id: UUID, read: Roster) -> HttpResponse:
    done = import_roster(group_id=class_id, roster=read)
    messages.success(request, _said_of_import(done))
    return redirect("class", class_id=class_id)


def _said_of_added(added: int, already: int) -> str:
    said = said_of_added(added, already)
    if not already:
        return said
    stayed = ngettext("%(n)s was in the class already.", "%(n)s were in the class already.", already) % {"n": already}
    return f"{said} {stayed}"


def _said_of_import(done: Imported) -> str:
    said = _said_of_added(len(done.enrolled), len(done.already))
    left_out = len(done.bad)
    if not left_out:
        return said
    skipped = ngettext("%(n)s row was left out.", "%(n)s rows were left out.", left_out) % {"n": left_out}
    return f"{said} {skipped}"
