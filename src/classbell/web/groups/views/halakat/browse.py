"""The circles one is in or can join, and one circle."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_student, signed_in
from classbell.groups.places import position_in
from classbell.halakat import services
from classbell.halakat.models import Halaka
from classbell.halakat.permissions import finds_halaka
from classbell.holidays.queries import holidays_among
from classbell.meetings.models import Occurrence, OccurrenceStatus
from classbell.meetings.models.occurrence import OccurrenceQuerySet
from classbell.searching import every_word
from classbell.web.groups.kinds import CIRCLE
from classbell.web.groups.presenters.circles import Circle, circle_of, counted
from classbell.web.groups.presenters.group_attendance import attendance_of_group
from classbell.web.groups.presenters.lists import list_asked
from classbell.web.kit.presenters.members import Members, members_of
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.presenters import first_held, present
from classbell.zones import place_of

CIRCLES_A_PAGE = 20
COMING_SHOWN = 10


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def halakat(request: PersonRequest) -> HttpResponse:
    """Theirs, those they can join if they learn here, what they teach; admins: all. The filter is in the address."""
    user, asked = request.user, list_asked(request, CIRCLE)
    found = Halaka.objects.findable_by(user).filter(ended_at__isnull=not asked.is_over)
    if asked.q:
        found = found.filter(
            every_word(asked.q, "group__name", "group__description", "teacher__first_name", "teacher__last_name")
        )
    rows = counted(found, user=user, now=timezone.now()).order_by("-is_member", "-is_waiting", "group__name", "pk")
    page = asked.page(rows, a_page=CIRCLES_A_PAGE)
    circles = [circle_of(halaka, user=user) for halaka in page]
    context = asked.context(page) | {
        "mine": [circle for circle in circles if circle.is_member or circle.is_waiting],
        "to_join": [circle for circle in circles if _is_to_join(circle, user)],
        "others": [
            circle for circle in circles if not (circle.is_member or circle.is_waiting or _is_to_join(circle, user))
        ],
    }
    return render(request, "halakat/list.html", context)


@never_cache
@require_safe
@allowed(finds_halaka, for_wards=True)
def halaka(request: PersonRequest, halaka_id: UUID) -> HttpResponse:
    """Its members, its teacher, admins; other students read when it meets and can join it."""
    user, now = request.user, timezone.now()
    circle = get_circle(halaka_id, user=user, now=now)
    teaches = can_teach(user, circle.halaka)
    context: dict[str, object] = {
        "circle": circle,
        "teaches": teaches,
        "may_join": user.is_student and not holds(user, circle.halaka) and circle.halaka.ended_at is None,
        "place": place_of(user.zone),
        "position": position_in(circle.halaka.group_id, user) if circle.is_waiting else None,
    }
    inside = teaches or circle.is_member
    context |= _coming(circle.halaka, user, now, whole=inside and request.GET.get("sessions") == "all")
    context["inside"] = inside
    members = _members(request, circle.halaka) if teaches else None
    if teaches or circle.is_member:
        people = [member.person for member in members.lines] if members else []
        context["attendance"] = attendance_of_group(request, circle.halaka.group_id, people, teaches=teaches, now=now)
    if teaches:
        context |= {"members": members, "waiting": circle.halaka.group.waiting.select_related("student")}
    return render(request, "halakat/detail.html", context)


@require_POST
@allowed(is_student, for_wards=True)
def join(request: PersonRequest, halaka_id: UUID) -> HttpResponse:
    """Students: take a place, or one in the waiting list when all are taken. Safe to repeat."""
    if services.join_halaka(halaka_id=halaka_id, student=request.user):
        messages.success(request, _("The place is taken. The next session is below and in the week."))
    else:
        messages.success(
            request, _("It is full; there is a place on the waiting list. We tell you when one becomes free.")
        )
    return redirect("halaka", halaka_id=halaka_id)


@require_POST
@allowed(is_student, for_wards=True)
def leave(request: PersonRequest, halaka_id: UUID) -> HttpResponse:
    """Students: give up a place, or one in the waiting list. Safe to repeat."""
    services.leave_halaka(halaka_id=halaka_id, student=request.user)
    messages.success(request, _("The place is given up. Joining again is possible while there are places."))
    return redirect("halakat")


def get_circle(halaka_id: UUID, *, user: User, now: datetime) -> Circle:
    """Return a circle as `user` sees it; who may has been asked before."""
    return circle_of(counted(Halaka.objects.all(), user=user, now=now).get(pk=halaka_id), user=user)


def can_teach(user: User, halaka: Halaka) -> bool:
    """Whether they may change it: its teacher and admins."""
    return user.is_admin or halaka.teacher_id == user.pk


def _is_to_join(circle: Circle, user: User) -> bool:
    return user.is_student and not (circle.is_member or circle.is_waiting or holds(user, circle.halaka))


def holds(user: User, halaka: Halaka) -> bool:
    """Whether it is theirs to teach, so that they cannot learn in it."""
    return halaka.teacher_id == user.pk


def _coming(halaka: Halaka, user: User, now: datetime, *, whole: bool) -> dict[str, object]:
    """
    Return the next sessions of a circle, or with `whole` all of them, of all its meetings. Days that are left out stand in
    the list, but are not counted.
    """
    ahead = _occurrences_ahead(halaka, now)
    rows = list(ahead[: COMING_SHOWN + 1])
    has_more = len(rows) > COMING_SHOWN
    listed = list(_all_occurrences(halaka)) if whole else rows[:COMING_SHOWN]
    holidays = holidays_among([row.starts_at for row in listed])
    return {
        "next": first_held([present(row, user=user, now=now) for row in rows], ahead, user=user, now=now),
        "coming": [(present(row, user=user, now=now, holidays=holidays), row.substitute) for row in listed],
        "held_shown": sum(not row.is_cancelled for row in rows[:COMING_SHOWN]),
        "held_count": ahead.taking_place().count() if has_more and not whole else 0,
        "whole": whole,
    }


def _occurrences_ahead(halaka: Halaka, now: datetime) -> OccurrenceQuerySet:
    """Return the sessions that are not over, the cancelled ones too, in order."""
    ahead = Occurrence.objects.filter(meeting__halaka_part__halaka=halaka, meeting__wanted=True, ends_at__gt=now)
    return _in_order(ahead)


def _all_occurrences(halaka: Halaka) -> OccurrenceQuerySet:
    """Return all sessions of a circle in order, without those that were replaced by a change."""
    rows = Occurrence.objects.filter(meeting__halaka_part__halaka=halaka)
    return _in_order(rows.filter(Q(meeting__wanted=True) | ~Q(status=OccurrenceStatus.CANCELLED)))


def _in_order(rows: OccurrenceQuerySet) -> OccurrenceQuerySet:
    people = rows.select_related("meeting__teacher", "meeting__group", "substitute")
    return people.order_by("starts_at", "pk")


def _members(request: PersonRequest, halaka: Halaka) -> Members:
    way_out = None if halaka.ended_at else CIRCLE.way_out(halaka.pk)
    return members_of(request, halaka.group_id, emails=True, way_out=way_out)
