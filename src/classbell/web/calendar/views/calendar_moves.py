"""Dragging a session to another time: first what it would mean, then doing it."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed
from classbell.bookings.lessons import WITH_LESSON
from classbell.errors import DomainError, NotThere
from classbell.fields import MomentField
from classbell.meetings.models import Occurrence
from classbell.meetings.permissions import can_host
from classbell.meetings.services import sync_now
from classbell.moments import moment_in_words
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.presenters import present
from classbell.web.meetings.previews.moves import consequences_of, move_occurrence


class MoveForm(forms.Form):
    """A new start, as a wall time of the reader's clock."""

    to = MomentField(
        label=gettext_lazy("New start"),
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": 300}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": gettext_lazy("Choose the new day and time."),
            "invalid": gettext_lazy("Write the day and the time, such as 2027-01-31 17:00."),
        },
    )


def moves_occurrence(user: User, occurrence_id: UUID) -> bool:
    """Who hosts the meeting of a session. Raises NotThere for whom it does not exist."""
    occurrence = Occurrence.objects.visible_to(user).filter(pk=occurrence_id).select_related("meeting").first()
    if occurrence is None:
        raise NotThere
    return can_host(user, occurrence.meeting)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(moves_occurrence)
def move(request: PersonRequest, occurrence_id: UUID) -> HttpResponse:
    """Its teacher and admins: asked with a time, what the move would mean; posted, it is done."""
    rows = Occurrence.objects.select_related("meeting__teacher", "meeting__group", *WITH_LESSON)
    occurrence = get_object_or_404(rows, pk=occurrence_id)
    now, user = timezone.now(), request.user
    given = request.POST if request.method == "POST" else request.GET
    with timezone.override(user.zone):
        form = MoveForm(given) if "to" in given else MoveForm(initial={"to": timezone.localtime(occurrence.starts_at)})
        starts_at: datetime | None = form.cleaned_data["to"] if form.is_bound and form.is_valid() else None
        refusal = ""
        if request.method == "POST" and starts_at is not None:
            try:
                move_occurrence(occurrence, starts_at=starts_at, by=user, now=now)
            except DomainError as error:
                refusal = str(error)
            else:
                sync_now(occurrence.meeting_id)
                return _moved(request, occurrence, starts_at)
        context = {
            "occurrence": present(occurrence, user=user, now=now),
            "form": form,
            "consequences": consequences_of(occurrence, starts_at=starts_at, by=user, now=now) if starts_at else None,
            "refusal": refusal,
            "is_series": occurrence.meeting.is_recurring,
            "keeps_link": bool(occurrence.meeting.zoom_meeting_id),
            "address": reverse("occurrence-move", args=[occurrence.pk]),
            "back": _calendar_at(occurrence.starts_at),
        }
        template = "calendar/move.html#dialog" if request.htmx else "calendar/move.html"
        return render(request, template, context, status=400 if refusal and not request.htmx else 200)


def _moved(request: PersonRequest, occurrence: Occurrence, starts_at: datetime) -> HttpResponse:
    words = {"title": occurrence.meeting.title, "when": moment_in_words(starts_at)}
    messages.success(request, _("“%(title)s” is moved to %(when)s.") % words)
    address = _calendar_at(starts_at)
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _calendar_at(moment: datetime) -> str:
    return f"{reverse('calendar')}?date={timezone.localtime(moment).date().isoformat()}"
