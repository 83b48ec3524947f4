"""Who is in a group, the same for classes, circles and courses: put in by e-mail, taken out, put back."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from classbell.accounts.models import User
from classbell.errors import DomainError
from classbell.groups.models import Group
from classbell.groups.queries import people_named
from classbell.groups.services import enrol_students, put_back, take_out
from classbell.web.forms.classes import PeopleForm
from classbell.web.requests import PersonRequest
from classbell.web.undo import say_with_undo, what_was

TOO_LATE = gettext_lazy("That was too long ago to be undone. Add them again.")


def said_of_added(added: int, already: int) -> str:
    """Say how many came in; of those who were in it `already`, nothing."""
    return ngettext("%(n)s person added.", "%(n)s people added.", added) % {"n": added}


def add_people_to(
    request: PersonRequest,
    group: Group,
    *,
    url: str,
    said: Callable[[int, int], str] = said_of_added,
    roster_url: str = "",
) -> HttpResponse:
    """
    Ask for e-mail addresses, and put everybody named into the group, or nobody when one of them cannot be.

    `url` is the group's page; `roster_url` is where a list is brought in from a file, where that can be done.
    """
    form = PeopleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            students = people_named(emails=form.cleaned_data["emails"])
            added = enrol_students(group_id=group.pk, students=students).added
        except DomainError as error:
            form.add_error("emails", str(error))
        else:
            messages.success(request, said(added, len(students) - added))
            return redirect(url)
    context = {"form": form, "group": group, "url": url, "roster_url": roster_url}
    return render(request, "groups/add_people.html", context, status=400 if form.is_bound else 200)


def take_out_of(request: PersonRequest, *, group_id: UUID, student_id: UUID, said: str, undo_path: str) -> None:
    """Take somebody out, and say so with a button that posts to `undo_path`; `said` has a place for their `name`."""
    student = User.objects.filter(pk=student_id).first()
    joined_at = take_out(group_id=group_id, student=student) if student else None
    if student is not None and joined_at is not None:
        say_with_undo(request, said % {"name": student.name}, path=undo_path, was=joined_at.isoformat())


def put_back_in_group(request: PersonRequest, *, group_id: UUID, student_id: UUID) -> None:
    """Put somebody back into a group by what the request says of how it was, and say how that went."""
    student, joined_at = User.objects.filter(pk=student_id).first(), what_was(request)
    if student is None or joined_at is None:
        messages.error(request, TOO_LATE)
        return
    try:
        put_back(group_id=group_id, student=student, joined_at=datetime.fromisoformat(joined_at))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s is in it again, as before.") % {"name": student.name})
