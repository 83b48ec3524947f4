"""What is kept of people: for everybody to read, one's own and, for admins, anybody's to take along, and to erase."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, anyone, is_admin, signed_in
from classbell.errors import DomainError
from classbell.privacy import erasure
from classbell.privacy.api import as_zip
from classbell.privacy.classification import Erasure, Kept, Purpose, Table
from classbell.privacy.consent import consents_of
from classbell.privacy.export import counted
from classbell.privacy.exports import ask_export, content_of
from classbell.privacy.models import Erased, Export
from classbell.privacy.register import about_people
from classbell.recordings.queries import recorded_sessions_of
from classbell.web.kit.requests import PersonRequest, VisitorRequest
from classbell.web.people.forms.erasure import ErasureForm

RECORDED_SHOWN = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What is kept in one table, in words; `number` of rows is None where it is about nobody in particular."""

    title: str | Promise
    kept: str
    stays: bool
    number: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """What is kept for one purpose."""

    key: str
    purpose: str | Promise
    lines: Sequence[Line]


@require_safe
@allowed(anyone)
def privacy(request: VisitorRequest) -> HttpResponse:
    """Everybody: what the school keeps of people, why and how long."""
    return render(request, "data/privacy.html", {"sections": _sections(None)})


@never_cache
@require_safe
@allowed(signed_in)
def my_data(request: PersonRequest) -> HttpResponse:
    """Everybody: what is kept of oneself, why and how long."""
    consents = consents_of(request.user)
    context = {
        "sections": _sections(request.user),
        "consents": consents,
        "may_withdraw": any(one.withdrawn_at is None for one in consents),
    }
    return render(request, "data/mine.html", context)


@require_POST
@allowed(signed_in)
def my_export(request: PersonRequest) -> HttpResponse:
    """Everybody: all of it, as a file."""
    return _exported(request, request.user) or redirect("my-data")


@never_cache
@require_safe
@allowed(is_admin)
def person_data(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Admins: what is kept of a person, and what erasing them would come to."""
    return _page(request, get_object_or_404(User, pk=person_id), ErasureForm())


@require_POST
@allowed(is_admin)
def person_export(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Admins: all that is kept of a person, as a file."""
    return _exported(request, get_object_or_404(User, pk=person_id)) or redirect("person-data", person_id=person_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def erase(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Admins: erase a person whose e-mail is typed once more."""
    if request.method != "POST":  # the address of a refusal, read again
        return redirect("person-data", person_id=person_id)
    person = get_object_or_404(User, pk=person_id)
    form = ErasureForm(request.POST)
    if form.is_valid():
        try:
            confirm = form.cleaned_data["confirm"]
            erasure.ask_erasure(person_id=person.pk, confirm=confirm, by=request.user, now=timezone.now())
        except DomainError as error:
            form.add_error("confirm", str(error))
        else:
            messages.success(request, _("They can no longer sign in, and are being erased. That takes a few minutes."))
            return redirect("person-data", person_id=person_id)
    return _page(request, person, form)


def _page(request: PersonRequest, person: User, form: ErasureForm) -> HttpResponse:
    context = {
        "person": person,
        "sections": _sections(person),
        "consents": consents_of(person),
        "foreseen": erasure.foresee(person, now=timezone.now()),
        "recorded": recorded_sessions_of(person)[:RECORDED_SHOWN],
        "erased": Erased.objects.filter(person=person).first(),
        "confirmation": erasure.confirmation_of(person),
        "form": form,
    }
    return render(request, "data/person.html", context, status=400 if form.errors else 200)


def _exported(request: PersonRequest, person: User) -> HttpResponse | None:
    """Return the file, or say that it is being made."""
    found = ask_export(person, by=request.user, now=timezone.now())
    if isinstance(found, Export) and not found.ready_at:
        messages.info(request, _("It is much, and is being made. Ask for it again in a few minutes."))
        return None
    return as_zip(content_of(found) if isinstance(found, Export) else found)


def _sections(person: User | None) -> list[Section]:
    """Return what is kept, by its purpose; with numbers, and without what there is nothing of, where it is of a person."""
    numbers = counted(person) if person else None
    sections = []
    for purpose in Purpose:
        tables = [one for one in about_people() if one.purpose is purpose and one.title and one.of is None]
        if purpose is Purpose.PROOF:
            tables = [*tables, *_history_once()]
        lines = [_line(one, numbers) for one in tables if numbers is None or _number(one, numbers)]
        if lines:
            sections.append(Section(key=purpose.value, purpose=purpose.label, lines=lines))
    return sections


def _line(one: Table, numbers: dict[str, int] | None) -> Line:
    return Line(
        title=one.title,
        kept=one.kept.said,
        stays=any(about.erasure is not Erasure.DELETE for about in one.about) and one.kept is not Kept.ACCOUNT,
        number=_number(one, numbers) if numbers else None,
    )


def _number(one: Table, numbers: dict[str, int]) -> int:
    """Return how many rows there are; all histories count as one."""
    histories = [table.model for table in about_people() if table.of is not None]
    return sum(numbers.get(label, 0) for label in (histories if one.of else [one.model]))


def _history_once() -> list[Table]:
    return [one for one in about_people() if one.of is not None][:1]
