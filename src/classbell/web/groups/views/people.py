"""Who is in a class, a course or a circle: put in from a list, taken out, put back."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.models import User
from classbell.accounts.people_lists import PeopleList
from classbell.accounts.permissions import allowed
from classbell.errors import DomainError
from classbell.groups.roster import ChangeMembers, Imported, import_roster, left_out
from classbell.groups.services import MembersChanged, WhenFull
from classbell.tables.records import BadRow
from classbell.web.groups.forms.places import GroupPeopleForm
from classbell.web.groups.kinds import Kind, teaches
from classbell.web.kit.requests import PersonRequest
from classbell.web.kit.undo import say_with_undo, what_was

# Of a list that is looked at; the rest is counted.
MOST_SHOWN: Final = 500
# A field of the form by line: whose account somebody has, or NEW.
SAME: Final = "same-"
NEW: Final = "new"


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches)
def add_people(request: PersonRequest, kind: Kind, pk: UUID) -> HttpResponse:
    """
    Who teaches it, and admins: hand in a list of people, read with names what it would change, and do it. Nobody is lost for
    the sake of a bad line: such lines stay in the box, with their reasons.
    """
    group, url = kind.group(pk), kind.url(pk)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = GroupPeopleForm(*data, group=group)
    context: dict[str, object] = {"form": form, "group": group, "url": url}
    if not form.is_valid():
        return render(request, "groups/add_people.html", context, status=400 if form.is_bound else 200)
    people: PeopleList = form.cleaned_data["people"]
    carries_out = "add" in request.POST
    try:
        seen = import_roster(
            group_id=group.pk,
            roster=people,
            take_out=ids_in(request.POST.getlist("take_out")),
            answers=_answers(request.POST),
            when_full=form.when_full,
            dry_run=not carries_out,
            change=_change(kind, pk),
        )
    except DomainError as error:
        form.add_error("text", str(error))
        return render(request, "groups/add_people.html", context, status=400)
    bad = left_out(seen) if carries_out else seen.bad
    if carries_out:
        messages.success(request, _said_of(seen, bad=len(bad)))
        if not bad:
            return redirect(url)
    would_do = not carries_out and (seen.coming or seen.already or seen.asked)
    text = form.cleaned_data["text"] if would_do else text_of_rest(people.header, bad)
    context |= {
        "form": GroupPeopleForm(
            group=group,
            initial={"text": text, "without_email": form.cleaned_data["without_email"], "when_full": form.when_full},
        ),
        "bad": bad,
        "sheets": form.cleaned_data["sheets"],
    }
    if would_do:
        context |= {
            "would": seen,
            "text": text,
            "without_email": form.cleaned_data["without_email"],
            "when_full": form.when_full,
            "more_by_card": form.cleaned_data["more_by_card"],
            "shown": seen.coming[:MOST_SHOWN],
            "missing": seen.missing[:MOST_SHOWN],
        }
    status = 200 if would_do or carries_out else 400
    return render(request, "groups/add_people.html", context, status=status)


@require_POST
@allowed(teaches)
def remove_person(request: PersonRequest, kind: Kind, pk: UUID, student_id: UUID) -> HttpResponse:
    """Who teaches it, and admins: take somebody out; what they attended stays recorded. Safe to repeat."""
    student = User.objects.filter(pk=student_id).first()
    joined_at = kind.take_out(pk, student) if student else None
    if student is not None and joined_at is not None:
        path = reverse(f"{kind.page}-person-return", args=[pk, student_id])
        say_with_undo(request, str(kind.taken_out) % {"name": student.name}, path=path, was=joined_at.isoformat())
    return redirect(kind.url(pk))


@require_POST
@allowed(teaches)
def return_person(request: PersonRequest, kind: Kind, pk: UUID, student_id: UUID) -> HttpResponse:
    """
    Who teaches it, and admins: put somebody back who has just been taken out, as of when they joined; in a circle on the
    waiting list when their place is somebody else's by now. Safe to repeat.
    """
    student, joined_at = User.objects.filter(pk=student_id).first(), what_was(request)
    if student is None or joined_at is None:
        messages.error(request, _("That was too long ago to be undone. Add them again."))
        return redirect(kind.url(pk))
    try:
        has_place = kind.put_back(pk, student, joined_at=datetime.fromisoformat(joined_at))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        again = _("%(name)s is in it again, as before.")
        waits = _("The place has gone to whoever waited for it. %(name)s is on the waiting list.")
        messages.success(request, (again if has_place else waits) % {"name": student.name})
    return redirect(kind.url(pk))


def _change(kind: Kind, pk: UUID) -> ChangeMembers:
    def change(
        *, group_id: UUID, joining: Sequence[User], leaving: Sequence[User], when_full: WhenFull
    ) -> MembersChanged:
        return kind.change_members(pk, joining=joining, leaving=leaving, when_full=when_full)

    return change


def _answers(given: QueryDict) -> dict[int, UUID | None]:
    """Return what was said of those who may be somebody here, by line: an account, or None for somebody new."""
    answers: dict[int, UUID | None] = {}
    for name in given:
        line = name.removeprefix(SAME)
        if name.startswith(SAME) and re.fullmatch("[0-9]{1,6}", line):
            if given[name] == NEW:
                answers[int(line)] = None
            elif chosen := ids_in([str(given[name])]):
                answers[int(line)] = chosen.pop()
    return answers


def ids_in(texts: Sequence[str]) -> set[UUID]:
    """Return the ids among what was ticked; what is none was not ticked on our page."""
    found = set()
    for text in texts:
        with suppress(ValueError):
            found.add(UUID(text))
    return found


def text_of_rest(header: str, bad: Sequence[BadRow]) -> str:
    """Return the lines that could not be used, below the names of the columns, to be mended and sent again."""
    return "\n".join([*filter(None, [header]), *dict.fromkeys(row.text for row in bad)])


def _said_of(done: Imported, *, bad: int) -> str:
    added, already, out = len(done.coming) - done.waiting, len(done.already), len(done.taken_out)
    said = [ngettext("%(n)s person added.", "%(n)s people added.", added) % {"n": added}]
    if done.waiting:
        waits = ngettext("%(n)s waits for a place.", "%(n)s wait for a place.", done.waiting)
        said.append(waits % {"n": done.waiting})
    if already:
        said.append(ngettext("%(n)s was in it already.", "%(n)s were in it already.", already) % {"n": already})
    if out:
        said.append(ngettext("%(n)s taken out.", "%(n)s taken out.", out) % {"n": out})
    if bad:
        text = ngettext(
            "%(n)s line was left out; it is in the box.", "%(n)s lines were left out; they are in the box.", bad
        )
        said.append(text % {"n": bad})
    return " ".join(said)
