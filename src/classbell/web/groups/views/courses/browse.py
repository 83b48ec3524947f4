"""The courses, and one course with its sessions and how far Zoom is with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in
from classbell.courses.models import Course, Session
from classbell.courses.permissions import can_teach, sees_course
from classbell.courses.queries import Progress, meetings_of, progress, sessions_of
from classbell.groups.models import GroupKind
from classbell.holidays.queries import holidays_among
from classbell.meetings.models import Meeting, Occurrence
from classbell.searching import every_word
from classbell.web.groups.kinds import COURSE
from classbell.web.groups.presenters.group_attendance import attendance_of_group
from classbell.web.groups.presenters.lists import list_asked
from classbell.web.groups.presenters.places import offered_to, waiting_context
from classbell.web.kit.labels import State, sync_state
from classbell.web.kit.presenters.members import Members, members_of
from classbell.web.kit.presenters.tabs import tabs_of
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.presenters import ShownOccurrence, present
from classbell.zones import place_of

COURSES_A_PAGE = 20
SESSIONS_A_PAGE = 50
SECONDS_BETWEEN_LOOKS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One session for one reader: its session, how Zoom stands to it, and who holds it in the teacher's place."""

    session: Session
    occurrence: ShownOccurrence
    state: State
    substitute: User | None


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def courses(request: PersonRequest) -> HttpResponse:
    """Teachers what they teach, students what they are in, admins all; the filter is in the address."""
    asked = list_asked(request, COURSE)
    found = Course.objects.filter(ended_at__isnull=not asked.is_over).visible_to(request.user)
    if asked.q:
        found = found.filter(every_word(asked.q, "group__name", "teacher__first_name", "teacher__last_name"))
    rows = found.with_counts().order_by("group__name", "pk")
    context = asked.context(asked.page(rows, a_page=COURSES_A_PAGE))
    context["to_join"] = [] if asked.is_over else offered_to(request.user, GroupKind.COURSE, q=asked.q)
    return render(request, "courses/list.html", context)


@never_cache
@require_safe
@allowed(sees_course, for_wards=True)
def course(request: PersonRequest, course_id: UUID) -> HttpResponse:
    """Its members, its teacher, admins. While Zoom works on its sessions, the page follows."""
    found = get_course(course_id)
    context = _sessions(request, found)
    if request.htmx.target == "sessions":
        return render(request, "courses/detail.html#sessions", context)
    members, teaches = _members(request, found), can_teach(request.user, found)
    people = [member.person for member in members.lines]
    attendance = attendance_of_group(request, found.group_id, people, teaches=teaches, now=timezone.now())
    count = getattr(found, "student_count")  # noqa: B009 -- an annotation, which types do not know
    context |= waiting_context(found.group, students=count, teaches=teaches)
    context |= _next(found, request.user) | {"members": members, "attendance": attendance}
    return render(request, "courses/detail.html", context)


def get_course(course_id: UUID) -> Course:
    """Return a course with its counts; who may see it has been asked before."""
    return Course.objects.with_counts().get(pk=course_id)


def _sessions(request: PersonRequest, course: Course) -> dict[str, object]:
    user, now = request.user, timezone.now()
    shown = "past" if request.GET.get("show") == "past" else ""
    teaches = can_teach(user, course)
    page = Paginator(_shown(course, shown, now), SESSIONS_A_PAGE).get_page(request.GET.get("page"))
    how_far = progress(course)
    return {
        "course": course,
        "teaches": teaches,
        "tabs": tabs_of(request, {"": _("Upcoming"), "past": _("Past")}, shown=shown),
        "shown": shown,
        "page": page,
        "lines": _lines(course, page, user, now),
        "progress": how_far,
        "share": _share(how_far),
        "look_again": SECONDS_BETWEEN_LOOKS,
        "place": place_of(user.zone),
    }


def _shown(course: Course, shown: str, now: datetime) -> QuerySet[Meeting]:
    ahead = Exists(Occurrence.objects.filter(meeting=OuterRef("pk"), ends_at__gt=now))
    meetings = meetings_of(course).select_related("group", "session", "teacher")
    if shown == "past":
        return meetings.filter(~ahead).order_by("-starts_at", "pk")
    return meetings.filter(ahead).order_by("starts_at", "pk")


def _lines(course: Course, page: Page[Meeting], user: User, now: datetime) -> list[Line]:
    sessions: Sequence[Session] = sessions_of(course, page)
    holidays = holidays_among([session.occurrence.starts_at for session in sessions])
    lines = []
    for session in sessions:
        occurrence = session.occurrence
        occurrence.meeting = session.meeting
        lines.append(
            Line(
                session=session,
                occurrence=present(occurrence, user=user, now=now, holidays=holidays),
                state=sync_state(session.meeting, for_host=can_teach(user, course)),
                substitute=session.teacher if session.is_substituted else None,
            )
        )
    return lines


def _next(course: Course, user: User) -> dict[str, object]:
    now = timezone.now()
    ahead = Occurrence.objects.taking_place().filter(
        meeting__session__course=course, meeting__wanted=True, ends_at__gt=now
    )
    rows = ahead.select_related("meeting__teacher", "meeting__group", "substitute")
    row = rows.order_by("starts_at", "pk").first()
    return {"next": present(row, user=user, now=now) if row else None}


def _members(request: PersonRequest, course: Course) -> Members:
    teaches = can_teach(request.user, course)
    may_take_out = teaches and not course.ended_at
    return members_of(
        request, course.group_id, emails=teaches, way_out=COURSE.way_out(course.pk) if may_take_out else None
    )


def _share(how_far: Progress) -> int:
    """Return how much of the work at Zoom is done, in per cent."""
    everything = how_far.synced + how_far.pending + how_far.failed + how_far.not_configured
    return round(100 * how_far.synced / everything) if everything else 100
