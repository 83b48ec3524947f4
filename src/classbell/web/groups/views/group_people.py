"""Who is in a group, the same for classes, circles and courses: put in from a list, taken out, put back."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from classbell.accounts.models import User
from classbell.accounts.people_lists import PeopleList
from classbell.errors import DomainError
from classbell.groups.models import Group
from classbell.groups.roster import ChangeMembers, Imported, import_roster, left_out
from classbell.groups.services import change_members, put_back, take_out
from classbell.tables.records import BadRow
from classbell.web.kit.forms.people_lists import PeopleListForm
from classbell.web.kit.requests import PersonRequest
from classbell.web.kit.undo import say_with_undo, what_was

# Of a list that is looked at; the rest is counted.
MOST_SHOWN: Final = 500
# A field of the form by line: whose account somebody has, or NEW.
SAME: Final = "same-"
NEW: Final = "new"
TOO_LATE = gettext_lazy("That was too long ago to be undone. Add them again.")


def add_people_to(
    request: PersonRequest, group: Group, *, url: str, change: ChangeMembers = change_members
) -> HttpResponse:
    """
    Ask for a list of people, say with names what it would change, and do it. Nobody is lost for the sake of a bad line:
    such lines stay in the box, with their reasons.

    `url` is the group's page; `change` is how students come into this kind of group and leave it.
    """
    form = PeopleListForm(request.POST, request.FILES) if request.method == "POST" else PeopleListForm()
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
            dry_run=not carries_out,
            change=change,
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
        "form": PeopleListForm(initial={"text": text, "without_email": form.cleaned_data["without_email"]}),
        "bad": bad,
        "sheets": form.cleaned_data["sheets"],
    }
    if would_do:
        context |= {
            "would": seen,
            "text": text,
            "without_email": form.cleaned_data["without_email"],
            "more_by_card": form.cleaned_data["more_by_card"],
            "shown": seen.coming[:MOST_SHOWN],
            "missing": seen.missing[:MOST_SHOWN],
        }
    status = 200 if would_do or carries_out else 400
    return render(request, "groups/add_people.html", context, status=status)


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
    added, already, out = len(done.coming), len(done.already), len(done.taken_out)
    said = [ngettext("%(n)s person added.", "%(n)s people added.", added) % {"n": added}]
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
