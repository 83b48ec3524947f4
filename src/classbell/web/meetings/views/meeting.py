"""A meeting's page, and the ways into its room."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.permissions import allowed, signed_in
from classbell.bookings.lessons import MEETING_WITH_LESSON
from classbell.holidays.queries import holidays_among
from classbell.meetings import jobs, services
from classbell.meetings.audience import crowd_of
from classbell.meetings.errors import MeetingNotWanted
from classbell.meetings.joining.backup import give_due, room_now
from classbell.meetings.joining.clicks import note_press
from classbell.meetings.joining.doors import is_shown_way_in
from classbell.meetings.joining.entrance import as_held_now, come_as_host, starts_meeting, whose_door
from classbell.meetings.models import Audience, Meeting, Registrant, RegistrantStatus, SyncStatus
from classbell.meetings.permissions import can_host, can_keep_attendance, hosts_meeting, only_substitutes
from classbell.meetings.presence.decisions import strays_of
from classbell.meetings.queries import join_link, start_link
from classbell.web.kit.closed import says_closed
from classbell.web.kit.labels import rule_in_words, sync_state
from classbell.web.kit.presenters.members import expected_of
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.labels import home_of, overruled_in_words
from classbell.web.meetings.presenters import ShownOccurrence, present
from classbell.web.recordings.asking import asks_before_joining
from classbell.web.recordings.presenters import recordings_of
from classbell.zones import place_of
from classbell.zoom.errors import ZoomError

COMING_SHOWN = 5
REFUSED_SHOWN = 20
SECONDS_BETWEEN_LOOKS = 4
# Said by the link to Zoom beside the one to a backup room.
ZOOM_CHOSEN = "zoom"


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def detail(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Who may attend, its teacher, and admins."""
    meeting = _visible(request, meeting_id)
    context = _zoom_context(request, meeting)
    if request.htmx.target == "backup-room":
        return render(request, "meetings/backup.html", context)
    if request.htmx.target == "zoom-state":
        return render(request, "meetings/detail.html#zoom", context)
    return render(
        request,
        "meetings/detail.html",
        context
        | _when_context(request, meeting)
        | _people_context(request, meeting)
        | recordings_of(meeting, request.user, now=timezone.now()),
    )


@require_POST
@allowed(hosts_meeting)
def retry(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Its teacher and admins: bring it to Zoom again now. Safe to repeat."""
    try:
        services.sync_again(meeting_id=meeting_id, now=timezone.now())
    except MeetingNotWanted:
        services.retry_sync(meeting_id=meeting_id, now=timezone.now())
    if request.htmx:
        return render(request, "meetings/detail.html#zoom", _zoom_context(request, _visible(request, meeting_id)))
    messages.success(request, _("Trying again now."))
    return redirect("meeting", meeting_id=meeting_id)


@require_POST
@allowed(hosts_meeting)
def register_again(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Its teacher and admins: compare Zoom's registrants with who is expected, and add who is missing. Safe to repeat."""
    jobs.defer_registration([meeting_id])
    messages.success(request, _("Trying again. Who is missing is registered within a minute."))
    return redirect("meeting", meeting_id=meeting_id)


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
@asks_before_joining
@says_closed
def join(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Who may attend: on to the room at Zoom, or wherever it is held by a link."""
    meeting = _visible(request, meeting_id)
    if meeting.wanted:
        come_as_host(meeting, request.user, now=timezone.now())
        meeting = as_held_now(meeting, now=timezone.now())
    link = join_link(meeting, request.user) if meeting.wanted else ""
    if meeting.room and meeting.wanted:
        return redirect("meeting", meeting_id=meeting.pk)
    if not link:
        return _not_ready(request, meeting, status=404 if not meeting.wanted else 503)
    return _to_zoom(request, meeting, link) if _means_zoom(request, meeting) else _which_room(request, meeting)


@never_cache
@require_safe
@allowed(starts_meeting)
def start(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Its teacher, a substitute in their turn, admins: on to the room as its host, by a link that Zoom makes now."""
    meeting = as_held_now(_visible(request, meeting_id), now=timezone.now())
    if meeting.is_elsewhere:
        return redirect("meeting-join", meeting_id=meeting.pk)
    if not meeting.wanted or not meeting.zoom_meeting_id:
        return _not_ready(request, meeting, status=404 if not meeting.wanted else 503)
    if not _means_zoom(request, meeting):
        return _which_room(request, meeting)
    try:
        link = start_link(meeting, request.user)
    except ZoomError as error:
        return _not_ready(request, meeting, status=503, error=error)
    return _to_zoom(request, meeting, link) if link else _not_ready(request, meeting, status=503)


def _visible(request: PersonRequest, meeting_id: UUID) -> Meeting:
    seen = Meeting.objects.visible_to(request.user).select_related(
        "teacher", "group", "halaka_part", "session", "seat__host", *MEETING_WITH_LESSON
    )
    return get_object_or_404(seen, pk=meeting_id)


def _means_zoom(request: PersonRequest, meeting: Meeting) -> bool:
    """Whether to go on to Zoom at once: nobody is in a backup room, or the reader has chosen."""
    return ZOOM_CHOSEN in request.GET or room_now(meeting, now=timezone.now()) is None


def _to_zoom(request: PersonRequest, meeting: Meeting, link: str) -> HttpResponse:
    """Keep that they went in, and let them go. A program that only looks whether there is a way in does not go."""
    if request.method == "GET":
        note_press(meeting, request.user, now=timezone.now())
    return HttpResponseRedirect(link)


def _which_room(request: PersonRequest, meeting: Meeting) -> HttpResponse:
    """Ask where to go while some are in the backup room already and Zoom has the meeting too."""
    context = {"meeting": meeting, "to_zoom": f"{request.path}?{ZOOM_CHOSEN}"}
    return render(request, "meetings/which_room.html", context)


def _not_ready(
    request: PersonRequest, meeting: Meeting, *, status: int, error: ZoomError | None = None
) -> HttpResponse:
    """Say kindly that the room cannot be opened at this moment, and what to do."""
    hosts, now = can_host(request.user, meeting), timezone.now()
    give_due(now=now, meeting=meeting)
    context = {
        "meeting": meeting,
        "hosts": hosts,
        "backup_room": room_now(meeting, now=now),
        "state": sync_state(meeting, for_host=hosts),
        "zoom_did_not_answer": error is not None,
        "join": meeting.can_be_entered,
    }
    return render(request, "meetings/not_ready.html", context, status=status)


def _zoom_context(request: PersonRequest, meeting: Meeting) -> dict[str, object]:
    hosts = can_host(request.user, meeting)
    state = sync_state(meeting, for_host=hosts)
    keeps = can_keep_attendance(request.user, meeting)
    return {
        "meeting": meeting,
        "hosts": hosts,
        "keeps_attendance": keeps,
        "strays": strays_of(meeting).count() if keeps else 0,
        "report": f"/api/zoom/reports?meetingId={meeting.pk}",
        "state": state,
        "may_retry": hosts and (meeting.wanted or meeting.sync_status in (SyncStatus.FAILED, SyncStatus.PENDING)),
        "is_synced": meeting.sync_status == SyncStatus.SYNCED,
        "is_pending": meeting.sync_status == SyncStatus.PENDING,
        "backup_room": room_now(meeting, now=timezone.now()),
        "may_need_backup": meeting.sync_status == SyncStatus.PENDING
        and not meeting.is_elsewhere
        and bool(settings.ENVIRONMENT.backup_room_url),
        "crowd": crowd_of(meeting) if hosts else None,
        "look_again": SECONDS_BETWEEN_LOOKS,
        "is_shown_way_in": is_shown_way_in(request.user, meeting, now=timezone.now()),
        "zoom_number": _grouped(meeting.zoom_number),
        "overruled": overruled_in_words(meeting) if hosts and meeting.wanted else [],
    }


def _when_context(request: PersonRequest, meeting: Meeting) -> dict[str, object]:
    now, user = timezone.now(), request.user
    occurrences = list(meeting.occurrences.all())
    for occurrence in occurrences:
        occurrence.meeting = meeting
    holidays = holidays_among([occurrence.starts_at for occurrence in occurrences])
    shown = [present(occurrence, user=user, now=now, holidays=holidays) for occurrence in occurrences]
    substitutes = not can_host(user, meeting) and only_substitutes(user, meeting)
    if substitutes:  # Into the others' sessions there is no way for them.
        held = {occurrence.pk for occurrence in occurrences if occurrence.substitute_id == user.pk}
        shown = [one if one.id in held else replace(one, action=None) for one in shown]
    coming = [one for one in shown if not one.is_over]
    wall = timezone.localtime(meeting.starts_at, meeting.zone)
    return {
        "next": next((one for one in coming if not one.is_cancelled), None),
        "substitutes": substitutes,
        "is_past": whose_door(occurrences, now=now) is None,
        "home": home_of(meeting),
        "may_change": can_host(user, meeting) and meeting.wanted and _is_ahead(coming) and home_of(meeting) is None,
        "coming": coming[:COMING_SHOWN],
        "occurrences": shown if len(shown) > len(coming[:COMING_SHOWN]) else [],
        "is_series": len(shown) > 1,
        "days": rule_in_words(meeting.rule, occurrences=len(shown)),
        "wall_starts_at": wall.replace(tzinfo=None),
        "wall_ends_at": (wall + timedelta(minutes=meeting.duration_minutes)).replace(tzinfo=None),
        "place": place_of(meeting.zone),
        "own_place": place_of(user.zone),
        "last_day": timezone.localtime(shown[-1].starts_at, meeting.zone).date() if shown else None,
    }


def _is_ahead(coming: Sequence[ShownOccurrence]) -> bool:
    """Whether a session is left that a change would reach; what has begun stays as it was."""
    return any(not one.is_now and not one.is_cancelled for one in coming)


def _registration(meeting: Meeting) -> dict[str, object]:
    """Return how far Zoom's registration is: how many have a link of their own, and who was refused, with the reason."""
    rows = Registrant.objects.filter(meeting=meeting).exclude(status=RegistrantStatus.CANCELLED)
    refused = rows.filter(status=RegistrantStatus.FAILED).select_related("user").order_by("user__last_name", "pk")
    return {
        "registered": rows.filter(status=RegistrantStatus.APPROVED).count(),
        "refused_count": refused.count(),
        "refused": list(refused[:REFUSED_SHOWN]),
    }


def _people_context(request: PersonRequest, meeting: Meeting) -> dict[str, object]:
    hosts = can_host(request.user, meeting)
    open_to = {
        Audience.EVERYONE: _("Open to everyone at the school."),
        Audience.STUDENTS: _("Open to all students."),
        Audience.TEACHERS: _("Open to all teachers."),
    }
    return {
        "people": expected_of(request, meeting, emails=hosts),
        "registration": _registration(meeting) if hosts and meeting.registration and meeting.wanted else None,
        "open_to": open_to.get(Audience(meeting.audience), ""),
    }


def _grouped(number: str) -> str:
    """Write a Zoom meeting id as Zoom does, in groups that can be read out: 123 4567 8901."""
    middle = 7 if len(number) > 10 else 6
    return f"{number[:3]} {number[3:middle]} {number[middle:]}" if len(number) > 8 else number
