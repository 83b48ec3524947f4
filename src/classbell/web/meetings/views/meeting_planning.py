"""Meetings that are nobody's class: the list of all one may see, and planning one for invited people or the school."""

from functools import partial

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from classbell.accounts.permissions import allowed, is_teacher_or_admin, signed_in
from classbell.bookings.queries import people_who_teach
from classbell.errors import DomainError
from classbell.groups.queries import people_named
from classbell.meetings.invitations import schedule_meeting
from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus, SyncStatus
from classbell.meetings.services import sync_now
from classbell.searching import every_word, looked_for
from classbell.web.kit.charts.weeks import first_weekday
from classbell.web.kit.presenters.tabs import tabs_of
from classbell.web.kit.presenters.uncounted import uncounted_page
from classbell.web.kit.previews import rehearse
from classbell.web.kit.requests import PersonRequest
from classbell.web.kit.zoom_state import zoom_state
from classbell.web.meetings.forms import NewMeetingForm
from classbell.zones import place_of

MEETINGS_A_PAGE = 30
COMING, PAST, CANCELLED = "coming", "past", "cancelled"
# What is kept of them, of their teachers and classes is much more than a list shows.
SHOWN = (
    "title",
    "starts_at",
    "audience",
    "teacher__first_name",
    "teacher__last_name",
    "teacher__email",
    "group__kind",
    "group__name",
)
SHOWN_OF_SESSIONS = tuple(f"meeting__{name}" for name in SHOWN)
IN_FORCE = (OccurrenceStatus.SCHEDULED, OccurrenceStatus.LIVE)


@require_safe
@allowed(signed_in, for_wards=True)
def meetings(request: PersonRequest) -> HttpResponse:
    """Everybody: the meetings they may see, those to come first; which ones and the search are in the address."""
    may_plan = is_teacher_or_admin(request.user)
    show, q = request.GET.get("show", COMING), looked_for(request.GET.get("q", ""))
    found = Meeting.objects.visible_to(request.user).order_by()
    if q:
        found = found.filter(every_word(q, "title", "group__name"))
    show = show if show in (PAST, CANCELLED) else COMING
    tabs = {COMING: _("Upcoming"), PAST: _("Past"), CANCELLED: pgettext("bookings", "Cancelled")}
    context = {
        "page": uncounted_page(partial(READ[show], found), request.GET.get("page"), size=MEETINGS_A_PAGE),
        "show": show,
        "tabs": tabs_of(request, tabs, shown=show),
        "q": q,
        "may_plan": may_plan,
        "zoom_state": zoom_state(now=timezone.now()) if may_plan else None,
    }
    return render(request, "meetings/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_teacher_or_admin)
def new_meeting(request: PersonRequest) -> HttpResponse:
    """Teachers for themselves, admins for any teacher: for invited people or for a part of the school."""
    user, now = request.user, timezone.now()
    first = first_weekday(locale=user.locale, timezone=user.timezone)
    hosts = people_who_teach() if user.is_admin else None
    form = NewMeetingForm(
        request.POST if request.method == "POST" else None, first_weekday=first, user=user, hosts=hosts
    )
    is_preview = "preview" in request.POST or request.htmx.target == "plan"
    if not is_preview and form.is_valid():
        try:
            invited = people_named(emails=form.cleaned_data["invited"])
            meeting = schedule_meeting(form.spec(user), invited=invited, now=now)
        except DomainError as error:
            form.add_error("invited" if error.code == "people_unknown" else None, str(error))
        else:
            is_there = sync_now(meeting.pk) == SyncStatus.SYNCED
            messages.success(request, _("Planned, and on Zoom.") if is_there else _("Planned. Zoom follows."))
            return redirect("meeting", meeting_id=meeting.pk)
    plan = rehearse(form.spec(user), now=now, first_weekday=first) if form.has_schedule else None
    context = {"form": form, "plan": plan, "place": place_of(user.zone)}
    if request.htmx.target == "plan":
        return render(request, "planner/plan.html", context)
    return render(request, "meetings/new.html", context, status=400 if form.is_bound and not is_preview else 200)


def _coming(meetings: QuerySet[Meeting], start: int, end: int) -> list[Meeting]:
    """
    Return those with a session ahead, those to come first, with its start as `next_starts_at`.

    Sessions are read in their order from now on, the first of each meeting, until the page is full: as much of those ahead as
    is shown, however many there are.
    """
    ahead = Occurrence.objects.filter(status__in=IN_FORCE).not_over(timezone.now()).order_by()
    same = ahead.filter(meeting=OuterRef("meeting"))
    earlier = same.filter(
        Q(starts_at__lt=OuterRef("starts_at")) | Q(starts_at=OuterRef("starts_at"), pk__lt=OuterRef("pk"))
    )
    first = ahead.filter(~Exists(earlier), meeting__wanted=True, meeting__in=meetings)
    rows = first.select_related("meeting__teacher", "meeting__group").only("starts_at", *SHOWN_OF_SESSIONS)
    found = []
    for row in rows.order_by("starts_at", "meeting_id")[start:end]:
        setattr(row.meeting, "next_starts_at", row.starts_at)  # noqa: B010 -- as an annotation would be
        found.append(row.meeting)
    return found


def _past(meetings: QuerySet[Meeting], start: int, end: int) -> list[Meeting]:
    ahead = Occurrence.objects.filter(meeting=OuterRef("pk"), status__in=IN_FORCE, ends_at__gt=timezone.now())
    return _latest(meetings.filter(~Exists(ahead), wanted=True), start, end)


def _cancelled(meetings: QuerySet[Meeting], start: int, end: int) -> list[Meeting]:
    return _latest(meetings.filter(wanted=False), start, end)


def _latest(meetings: QuerySet[Meeting], start: int, end: int) -> list[Meeting]:
    rows = meetings.select_related("teacher", "group").only(*SHOWN)
    return list(rows.order_by("-starts_at", "pk")[start:end])


READ = {COMING: _coming, PAST: _past, CANCELLED: _cancelled}
