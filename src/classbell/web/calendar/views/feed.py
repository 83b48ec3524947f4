"""One's own calendar feed: opened, given a new address, taken back."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in
from classbell.errors import NotThere
from classbell.groups.models import Group
from classbell.meetings.models import Meeting, Occurrence
from classbell.notices import feeds
from classbell.notices.calendar import file_of
from classbell.notices.models import CalendarFeed
from classbell.web.kit.requests import PersonRequest


@require_POST
@allowed(signed_in)
def open_feed(request: PersonRequest) -> HttpResponse:
    """Everybody, their own: an address for calendar programs; the one before it stops working."""
    is_new = not CalendarFeed.objects.filter(user=request.user).exists()
    feeds.open_calendar_feed(request.user, now=timezone.now())
    said = _("Your calendar has an address now.") if is_new else _("A new address. The old one no longer works.")
    messages.success(request, said)
    return redirect(_there())


@require_POST
@allowed(signed_in)
def close_feed(request: PersonRequest) -> HttpResponse:
    """Everybody, their own: nobody can read the calendar by its address any more. Safe to repeat."""
    feeds.close_calendar_feed(request.user)
    messages.success(request, _("The address no longer works."))
    return redirect(_there())


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def meeting_file(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Whoever may attend: the coming sessions of a meeting, for their own calendar. Raises NotThere for others."""
    if not Meeting.objects.visible_to(request.user).filter(pk=meeting_id).exists():
        raise NotThere
    return _file(file_of(request.user, Q(meeting=meeting_id), now=timezone.now()))


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def group_file(request: PersonRequest, group_id: UUID) -> HttpResponse:
    """Who is in a class, circle or course, its teachers, admins: its coming sessions. Raises NotThere for others."""
    if not Group.objects.visible_to(request.user).filter(pk=group_id).exists():
        raise NotThere
    return _file(file_of(request.user, Q(meeting__group=group_id), now=timezone.now()))


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def session_file(request: PersonRequest, meeting_id: UUID, occurrence_id: UUID) -> HttpResponse:
    """Whoever may attend: one session. Raises NotThere for others, and when it was cancelled or is over."""
    now, user = timezone.now(), request.user
    if not Occurrence.objects.visible_to(user).taking_place().not_over(now).filter(pk=occurrence_id).exists():
        raise NotThere
    return _file(file_of(user, Q(meeting=meeting_id, pk=occurrence_id), now=now))


def _file(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="classbell.ics"'
    return response


def feed_context(user: User) -> dict[str, object]:
    """Return what the settings page shows of a person's feed: its address, "" while there is none."""
    feed, address = feeds.calendar_feed_of(user) or (None, "")
    return {
        "feed": feed,
        "feed_address": address,
        # Calendar programs subscribe to this scheme instead of downloading a copy once.
        "feed_subscribe": f"webcal://{address.partition('://')[2]}" if address else "",
    }


def _there() -> str:
    """Return the address of the part of the settings page that changed."""
    return f"{reverse('me')}#calendar-feed"
