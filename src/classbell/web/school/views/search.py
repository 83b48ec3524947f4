"""Finding a person, a class or a meeting by a few letters."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from classbell.accounts.disclosure import name_of, written_to
from classbell.accounts.models import Role, User
from classbell.accounts.permissions import allowed, is_teacher_or_admin, signed_in
from classbell.bookings.queries import people_who_teach, students_to_book_for
from classbell.groups.models import Group
from classbell.groups.people import named, people_known_to
from classbell.groups.queries import groups_kept_by
from classbell.halakat.models import Halaka
from classbell.meetings.models import Occurrence
from classbell.searching import every_word, looked_for
from classbell.web.kit.forms.groups import described_group
from classbell.web.kit.forms.teacher import BETWEEN, described
from classbell.web.kit.pages import page_of_group
from classbell.web.kit.requests import PersonRequest

OF_EACH = 6
SUGGESTED = 12
SHORTEST = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One thing that was found: what it is called, what tells it apart, and its page."""

    title: str
    detail: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Things of one kind that were found."""

    title: str
    found: Sequence[Found]


@require_safe
@allowed(signed_in)
def search(request: PersonRequest) -> HttpResponse:
    """Everybody: among what they may see, students also circles to join. Three queries, none for less than two letters."""
    q = looked_for(request.GET.get("q", ""))
    sections: list[Section] = []
    if len(q) >= SHORTEST:
        sections = [_people(request.user, q), _groups(request.user, q), _meetings(request.user, q)]
    context = {"q": q, "sections": [section for section in sections if section.found], "shortest": SHORTEST}
    template = "search/page.html#found" if request.htmx else "search/page.html"
    return render(request, template, context)


@require_safe
@allowed(is_teacher_or_admin)
def suggest_teachers(request: PersonRequest) -> HttpResponse:
    """Teachers and admins: options for a field in which somebody types a teacher's name. One query."""
    typed = _typed(request, "teacher")
    found = named(people_who_teach(), typed)[:SUGGESTED] if len(typed) >= SHORTEST else []
    return render(request, "widgets/suggestions.html", {"suggestions": [described(person) for person in found]})


@require_safe
@allowed(is_teacher_or_admin)
def suggest_students(request: PersonRequest) -> HttpResponse:
    """Teachers and admins: options for a field in which somebody types the name of a student whom they may book for."""
    typed = _typed(request, "student")
    found = named(students_to_book_for(request.user), typed)[:SUGGESTED] if len(typed) >= SHORTEST else []
    return render(request, "widgets/suggestions.html", {"suggestions": [described(person) for person in found]})


@require_safe
@allowed(is_teacher_or_admin)
def suggest_groups(request: PersonRequest) -> HttpResponse:
    """Teachers: of the groups they teach, admins: of all, options for a field in which somebody types a group's name."""
    typed, user = _typed(request, "group"), request.user
    words = every_word(typed, "name", "teachers__first_name", "teachers__last_name")
    rows = groups_kept_by(user).filter(words).order_by("name", "pk").distinct().prefetch_related("teachers")
    found = rows[:SUGGESTED] if len(typed) >= SHORTEST else []
    return render(request, "widgets/suggestions.html", {"suggestions": [described_group(group) for group in found]})


def _people(user: User, q: str) -> Section:
    rows = named(people_known_to(user).filter(is_active=True), q)[:OF_EACH]
    # E-mail tells namesakes apart, for those who may know it.
    found = [
        Found(
            title=name_of(row),
            detail=row.roles_in_words
            if not (user.is_teacher or user.is_admin)
            else f"{row.roles_in_words} · {written_to(row)}",
            url=_page_of(row, user),
        )
        for row in rows
    ]
    return Section(title=_("People"), found=found)


def _page_of(person: User, user: User) -> str:
    if user.is_admin or person.role == Role.STUDENT:
        return reverse("person", args=[person.pk])
    return reverse("teacher", args=[person.pk])


def _groups(user: User, q: str) -> Section:
    own = Group.objects.visible_to(user).order_by().values("pk")
    to_join = Halaka.objects.findable_by(user).filter(ended_at=None).order_by().values("group")
    rows = Group.objects.active().filter(every_word(q, "name"), pk__in=own.union(to_join))
    is_own = Exists(own.filter(pk=OuterRef("pk")))
    rows = rows.annotate(is_own=is_own).select_related("halaka", "course")
    found = [
        Found(title=row.name, detail=_about(row, user), url=url)
        for row in rows.order_by(is_own.desc(), "name", "pk")[:OF_EACH]
        if (url := page_of_group(row))
    ]
    return Section(title=_("Classes, circles and courses"), found=found)


def _about(group: Group, user: User) -> str:
    kind = str(group.get_kind_display())
    is_own = getattr(group, "is_own")  # noqa: B009 -- an annotation, which types do not know
    return kind if is_own or not user.is_student else f"{kind} · " + _("you can join")


def _meetings(user: User, q: str) -> Section:
    ahead = Occurrence.objects.visible_to(user).taking_place().not_over(timezone.now())
    rows = (
        ahead.filter(every_word(q, "meeting__title"), meeting__wanted=True)
        .order_by("meeting_id", "starts_at")
        .distinct("meeting_id")
        .select_related("meeting__teacher")[:OF_EACH]
    )
    found = [
        Found(
            title=row.meeting.title,
            detail=f"{row.meeting.teacher.name} · {date_format(timezone.localtime(row.starts_at, user.zone), 'D j M H:i')}",
            url=reverse("meeting", args=[row.meeting_id]),
        )
        for row in rows
    ]
    return Section(title=_("Next sessions"), found=found)


def _typed(request: PersonRequest, name: str) -> str:
    """Return what is typed into a field of this name, which may be one of several rows: `teachers-0-teacher`."""
    given = next((key for key in request.GET if key == name or key.endswith(f"-{name}")), name)
    return looked_for(request.GET.get(given, "").replace(BETWEEN, " "))
