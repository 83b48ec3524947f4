"""Changing a meeting, or one of its sessions: its words, times, who holds it; cancelling it."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed
from classbell.bookings.lessons import MEETING_WITH_LESSON
from classbell.bookings.queries import people_who_teach
from classbell.errors import DomainError, NotThere
from classbell.meetings import occurrences, services
from classbell.meetings.audience import expected_people
from classbell.meetings.changes import MeetingChanges, change_meeting
from classbell.meetings.models import Meeting, Occurrence, SyncStatus
from classbell.meetings.occurrences import change_occurrence
from classbell.meetings.permissions import hosts_meeting
from classbell.meetings.queries import if_cancelled
from classbell.web.kit.charts.weeks import first_weekday
from classbell.web.kit.requests import PersonRequest
from classbell.web.kit.undo import what_was
from classbell.web.meetings.forms import CancelForm, ChangeMeetingForm, OccurrenceForm
from classbell.web.meetings.labels import home_of
from classbell.web.meetings.presenters import present
from classbell.web.meetings.previews.meetings import plan_as_it_is, rehearse_change
from classbell.web.meetings.views.one_occurrence import Whole, call_off, occurrence_page, was_changed
from classbell.zones import place_of


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(hosts_meeting)
def edit(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Its teacher and admins: what it is called, whom it is for, when it is. `preview` saves nothing."""
    meeting = _meeting(meeting_id)
    if home := home_of(meeting):
        return redirect(home.url)
    user, now = request.user, timezone.now()
    first = first_weekday(locale=user.locale, timezone=user.timezone)
    form = ChangeMeetingForm(request.POST if request.method == "POST" else None, meeting=meeting, first_weekday=first)
    is_preview = "preview" in request.POST or request.htmx.target == "plan"
    plan = None if form.is_bound else plan_as_it_is(meeting, now=now, first_weekday=first)
    if form.is_valid():
        changes = form.changes()
        if not is_preview:
            try:
                said = _save(meeting, changes)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, said)
                return redirect("meeting", meeting_id=meeting_id)
        plan = (
            rehearse_change(meeting, changes, now=now, first_weekday=first)
            if changes
            else plan_as_it_is(meeting, now=now, first_weekday=first)
        )
    context = {"form": form, "meeting": meeting, "plan": plan, "place": place_of(meeting.zone)}
    if request.htmx.target == "plan":
        return render(request, "planner/plan.html", context)
    return render(request, "meetings/edit.html", context, status=400 if form.is_bound and not is_preview else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(hosts_meeting)
def cancel(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Its teacher and admins: asked, what cancelling it means; posted, it is done. Safe to repeat."""
    meeting, now = _meeting(meeting_id), timezone.now()
    if home := home_of(meeting):
        return redirect(home.url)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        services.cancel_meeting(meeting_id=meeting_id, now=now, reason=form.cleaned_data["reason"])
        services.sync_now(meeting_id)
        messages.success(request, _("“%(title)s” is cancelled.") % {"title": meeting.title})
        return redirect("meeting", meeting_id=meeting_id)
    context = {
        "meeting": meeting,
        "form": form,
        "cancellation": if_cancelled(Occurrence.objects.filter(meeting=meeting), now=now),
        "people": expected_people(meeting).count(),
    }
    return render(request, "meetings/cancel.html", context, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(hosts_meeting)
def occurrence(request: PersonRequest, meeting_id: UUID, occurrence_id: UUID) -> HttpResponse:
    """Its teacher and admins: hold one session at another time, or let somebody else hold it; the others stay."""
    row = _occurrence(meeting_id, occurrence_id)
    if home := home_of(row.meeting, row.pk):
        return redirect(home.occurrence_url)
    data = request.POST if request.method == "POST" else None
    form = OccurrenceForm(data, occurrence=row, zone=row.meeting.zone, teachers=people_who_teach())
    change = partial(change_occurrence, occurrence_id=row.pk)
    said = _("Changed. The other sessions stay as they are.")
    if was_changed(request, form, change, meeting_id=meeting_id, said=said):
        return redirect("meeting", meeting_id=meeting_id)
    whole = Whole(
        name=row.meeting.title,
        url=reverse("meeting", args=[meeting_id]),
        cancel_url=reverse("meeting-occurrence-cancel", args=[meeting_id, occurrence_id]),
    )
    shown = present(row, user=request.user, now=timezone.now())
    return occurrence_page(request, "planner/occurrence.html", form, shown, whole=whole, zone=row.meeting.zone)


@require_POST
@allowed(hosts_meeting)
def cancel_occurrence(request: PersonRequest, meeting_id: UUID, occurrence_id: UUID) -> HttpResponse:
    """Its teacher and admins: call one session off; the others stay."""
    row = _occurrence(meeting_id, occurrence_id)
    if home := home_of(row.meeting, row.pk):
        return redirect(home.occurrence_url)
    cancel = partial(occurrences.cancel_occurrence, occurrence_id=row.pk)
    back = reverse("meeting-occurrence-return", args=[meeting_id, occurrence_id])
    call_off(request, cancel, meeting_id=meeting_id, said=_("This session is cancelled. The others stay."), back=back)
    return redirect("meeting", meeting_id=meeting_id)


@require_POST
@allowed(hosts_meeting)
def return_occurrence(request: PersonRequest, meeting_id: UUID, occurrence_id: UUID) -> HttpResponse:
    """Its teacher and admins: hold a session after all that was cancelled a moment ago. Safe to repeat."""
    row = _occurrence(meeting_id, occurrence_id)
    if what_was(request) is None:
        messages.error(request, _("That was too long ago to be undone. Plan a meeting for that time."))
    else:
        try:
            occurrences.hold_again(occurrence_id=row.pk, now=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
        else:
            services.sync_now(meeting_id)
            messages.success(request, _("It is held after all; everybody is told."))
    home = home_of(row.meeting)
    return redirect(home.url) if home else redirect("meeting", meeting_id=meeting_id)


def _save(meeting: Meeting, changes: MeetingChanges) -> str:
    """Make the changes and say so. Raises what change_meeting raises."""
    if not changes:
        return _("Nothing was changed.")
    change_meeting(meeting_id=meeting.pk, changes=changes, now=timezone.now(), soon=True)
    is_there = services.sync_now(meeting.pk) == SyncStatus.SYNCED
    return _("Changed, and on Zoom.") if is_there else _("Changed. Zoom follows.")


def _meeting(meeting_id: UUID) -> Meeting:
    rows = Meeting.objects.select_related("teacher", "group", "halaka_part", "session", *MEETING_WITH_LESSON)
    return get_object_or_404(rows, pk=meeting_id)


def _occurrence(meeting_id: UUID, occurrence_id: UUID) -> Occurrence:
    """Raises NotThere for a session of another meeting."""
    rows = Occurrence.objects.filter(pk=occurrence_id, meeting=meeting_id).select_related("substitute")
    row = rows.first()
    if row is None:
        raise NotThere(_("This meeting has no such session."))
    row.meeting = _meeting(meeting_id)
    return row
