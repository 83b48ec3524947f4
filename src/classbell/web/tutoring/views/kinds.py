"""Kinds of lessons, for admins: the list, making and changing one, taking it away."""

from dataclasses import dataclass
from uuid import UUID

from babel.numbers import get_currency_precision
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from classbell.accounts.permissions import allowed, is_admin
from classbell.bookings.kinds import services
from classbell.bookings.kinds.errors import KindRefused
from classbell.bookings.kinds.queries import kind_named, with_teachers
from classbell.bookings.models import LessonKind
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.kinds import KindEditor
from classbell.web.tutoring.presenters.kinds import facts_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A kind in the list: what it is in words, and who teaches it."""

    kind: LessonKind
    facts: list[str]
    teachers: list[str]


@require_safe
@allowed(is_admin)
def kinds(request: PersonRequest) -> HttpResponse:
    """Admins: what the school offers, in its order; what is not offered any more too."""
    lines = [
        Line(kind=kind, facts=facts_of(kind), teachers=[one.teacher.name for one in kind.taught_by.all()])
        for kind in with_teachers(LessonKind.objects.order_by("-is_active", "place", "name"))
    ]
    return render(request, "kinds/list.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def new_kind(request: PersonRequest) -> HttpResponse:
    """Admins: offer another kind of lesson."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def kind(request: PersonRequest, kind_id: UUID) -> HttpResponse:
    """Admins: change a kind of lesson."""
    return _edit(request, kind_named(with_teachers(LessonKind.objects.all()), str(kind_id)))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def remove_kind(request: PersonRequest, kind_id: UUID) -> HttpResponse:
    """Admins: take a kind away, after what becomes of its lessons was said."""
    found = kind_named(
        LessonKind.objects.annotate(lessons=Count("bookings", filter=~Q(bookings__status="CANCELLED"))), str(kind_id)
    )
    if request.method == "POST":
        services.remove_kind(kind_id=kind_id)
        messages.success(request, _("“%(name)s” is not offered any more.") % {"name": found.name})
        return redirect("kinds")
    return render(request, "kinds/remove.html", {"kind": found})


def _edit(request: PersonRequest, kept: LessonKind | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    editor = KindEditor(data, kind=kept, place=LessonKind.objects.count() if kept is None else 0)
    if editor.is_valid() and _saved(request, editor):
        return redirect("kinds")
    refused = editor.is_bound and not editor.wants_more
    return render(request, "kinds/edit.html", {"editor": editor, "kind": kept}, status=400 if refused else 200)


def _saved(request: PersonRequest, editor: KindEditor) -> bool:
    changes = editor.changes(get_currency_precision(editor.main.cleaned_data["currency"]))
    try:
        saved = (
            services.create_kind(changes)
            if editor.kind is None
            else services.change_kind(kind_id=editor.kind.pk, changes=changes)
        )
    except KindRefused as error:
        editor.add_errors(error.refused)
        return False
    messages.success(request, _("Saved “%(name)s”.") % {"name": saved.name})
    return True
