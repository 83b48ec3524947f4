"""The classes, and one class."""

from datetime import datetime
from uuid import UUID

from django.db.models import Min, OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in
from classbell.groups.models import Group, GroupKind
from classbell.groups.permissions import sees_class
from classbell.holidays.queries import holidays_among
from classbell.meetings.models import Occurrence
from classbell.meetings.models.occurrence import OccurrenceQuerySet
from classbell.searching import every_word
from classbell.web.groups.kinds import CLASS
from classbell.web.groups.presenters.group_attendance import attendance_of_group
from classbell.web.groups.presenters.lists import list_asked
from classbell.web.groups.presenters.places import offered_to, waiting_context
from classbell.web.kit.presenters.members import members_of
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.presenters import first_held, present
from classbell.zones import place_of

CLASSES_A_PAGE = 30
COMING_SHOWN = 6


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def classes(request: PersonRequest) -> HttpResponse:
    """Students theirs, teachers what they teach, admins all; searched by name or teacher, the search in the address."""
    asked = list_asked(request, CLASS)
    found = Group.objects.filter(kind=GroupKind.CLASS, archived_at__isnull=not asked.is_over).visible_to(request.user)
    if asked.q:
        words = every_word(asked.q, "name", "teachers__first_name", "teachers__last_name")
        found = found.filter(pk__in=Group.objects.filter(words).values("pk"))
    rows = found.with_people().annotate(next_starts_at=_next_start(timezone.now())).order_by("name", "pk")
    context = asked.context(asked.page(rows, a_page=CLASSES_A_PAGE))
    context["to_join"] = [] if asked.is_over else offered_to(request.user, GroupKind.CLASS, q=asked.q)
    return render(request, "classes/list.html", context)


@never_cache
@require_safe
@allowed(sees_class, for_wards=True)
def one_class(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Its members, its teachers and admins: what comes next, who is in it, how it was attended."""
    group = get_class(class_id)
    teaches = can_teach(request.user, group)
    context = {"group": group, "teaches": teaches, "place": place_of(request.user.zone)}
    context |= _coming(group, request.user) | _people(request, group, teaches=teaches)
    context |= waiting_context(group, students=getattr(group, "student_count"), teaches=teaches)  # noqa: B009
    return render(request, "classes/detail.html", context)


def get_class(class_id: UUID) -> Group:
    """Return a class with its teachers and the number of its students; who may see it has been asked before."""
    return Group.objects.with_people().get(pk=class_id)


def can_teach(user: User, group: Group) -> bool:
    """Whether they may change it: its teachers and admins. No query when the teachers were fetched along."""
    return user.is_admin or user in group.teachers.all()


def _coming(group: Group, user: User) -> dict[str, object]:
    now = timezone.now()
    ahead = _occurrences(group).filter(ends_at__gt=now, meeting__wanted=True).order_by("starts_at")
    ahead = ahead.select_related("meeting__teacher", "meeting__group")
    rows = list(ahead[: COMING_SHOWN + 1])
    holidays = holidays_among([row.starts_at for row in rows])
    coming = [present(row, user=user, now=now, holidays=holidays) for row in rows]
    shown, has_more = coming[:COMING_SHOWN], len(coming) > COMING_SHOWN
    return {
        "next": first_held(coming, ahead, user=user, now=now),
        "coming": shown,
        # Those that were cancelled stand in the list, but are not counted.
        "held_shown": sum(not occurrence.is_cancelled for occurrence in shown),
        "held_count": ahead.taking_place().count() if has_more else 0,
    }


def _people(request: PersonRequest, group: Group, *, teaches: bool) -> dict[str, object]:
    """Return who is in the class and their attendance; students see whom they learn with, and their own marks."""
    members = members_of(
        request,
        group.pk,
        emails=teaches,
        way_out=CLASS.way_out(group.pk) if teaches and not group.archived_at else None,
        # Counted when the class was fetched.
        count=getattr(group, "student_count"),  # noqa: B009 -- an annotation, which types do not know
    )
    people = [member.person for member in members.lines]
    return {
        "members": members,
        "attendance": attendance_of_group(request, group.pk, people, teaches=teaches, now=timezone.now()),
    }


def _occurrences(group: Group) -> OccurrenceQuerySet:
    return Occurrence.objects.filter(meeting__group=group)


def _next_start(now: datetime) -> Subquery:
    """Return when each class meets next, None when nothing is planned."""
    ahead: QuerySet[Occurrence] = Occurrence.objects.taking_place().filter(
        meeting__group=OuterRef("pk"), meeting__wanted=True, ends_at__gt=now
    )
    first = ahead.order_by().values("meeting__group").annotate(first=Min("starts_at"))
    return Subquery(first.values("first"))
