"""Recordings of a meeting, one to watch, and its file."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.acting import guardian_of
from classbell.accounts.permissions import allowed, anyone, is_admin, signed_in
from classbell.errors import DomainError
from classbell.meetings.models import Meeting
from classbell.meetings.permissions import can_host
from classbell.recordings.deleting import ask_deletion, keep_longer
from classbell.recordings.models import Recording, RecordingAccess, RecordingKind
from classbell.recordings.permissions import deletes_recording, find_recording
from classbell.recordings.queries import seen, seen_of_meeting
from classbell.recordings.watching import open_recording, opened_by, part_of
from classbell.web.kit.requests import PersonRequest
from classbell.web.recordings.forms import KeepForm
from classbell.web.recordings.serving import serve

ACCESSES_SHOWN = 50
READ_AS_TEXT = (RecordingKind.TRANSCRIPT, RecordingKind.CHAT)


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def of_meeting(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Who may attend: all recordings of a meeting that they may watch, session by session."""
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("group"), pk=meeting_id)
    context = {
        "meeting": meeting,
        "recordings": seen_of_meeting(meeting, request.user, now=timezone.now()),
        "hosts": can_host(request.user, meeting),
    }
    return render(request, "recordings/meeting.html", context)


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def recording(request: PersonRequest, recording_id: UUID) -> HttpResponse:
    """Who may watch: the recording, on the page; for admins who has watched it, and how long it is kept."""
    now = timezone.now()
    found = find_recording(request.user, recording_id, now=now)
    line = seen(found, request.user, now=now)
    context: dict[str, object] = {"line": line, "recording": found, "occurrence": line.occurrence}
    if line.is_there:
        context |= _opened(request, found)
    if request.user.is_admin:
        accesses = RecordingAccess.objects.filter(recording=found).select_related("person", "for_student")
        context |= {
            "accesses": accesses[:ACCESSES_SHOWN],
            "keep_form": KeepForm(initial={"kept_until": found.kept_until}) if line.is_there else None,
        }
    return render(request, "recordings/recording.html", context)


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def download(request: PersonRequest, recording_id: UUID) -> HttpResponse:
    """Who may keep a copy: on to the file."""
    now = timezone.now()
    found = find_recording(request.user, recording_id, now=now)
    ticket = open_recording(found, request.user, guardian=guardian_of(request), is_download=True, now=now)
    return HttpResponseRedirect(reverse("recording-file", args=[ticket]))


@require_safe
@allowed(anyone)
def file(request: HttpRequest, ticket: str) -> HttpResponseBase:
    """Whoever has an address that is signed for them, for some hours: the file, or a part of it."""
    return serve(request, opened_by(ticket, now=timezone.now()))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(deletes_recording)
def delete(request: PersonRequest, recording_id: UUID) -> HttpResponse:
    """The meeting's teacher and admins: delete it, once they were asked."""
    found = get_object_or_404(Recording.objects.select_related("run__occurrence__meeting"), pk=recording_id)
    occurrence = found.run.occurrence
    if request.method == "POST":
        try:
            ask_deletion(recording_id, now=timezone.now())
            messages.success(request, _("Nobody can watch it any more. Zoom is told to delete it."))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("meeting-recordings", meeting_id=occurrence.meeting_id) if occurrence else redirect("home")
    return render(request, "recordings/delete.html", {"recording": found, "occurrence": occurrence})


@require_POST
@allowed(is_admin)
def keep(request: PersonRequest, recording_id: UUID) -> HttpResponse:
    """Admins: keep it for longer than the rule says, or as the rule says again."""
    form = KeepForm(request.POST)
    if form.is_valid():
        try:
            keep_longer(recording_id, until=form.cleaned_data["kept_until"], now=timezone.now())
            messages.success(request, _("Saved."))
        except DomainError as error:
            messages.error(request, str(error))
    else:
        messages.error(request, _("Choose a day, or leave it empty."))
    return redirect("recording", recording_id=recording_id)


def _opened(request: PersonRequest, found: Recording) -> dict[str, object]:
    """Note that it is opened, and return what the page plays or shows."""
    now, guardian = timezone.now(), guardian_of(request)
    if found.kind in READ_AS_TEXT:
        open_recording(found, request.user, guardian=guardian, now=now)
        try:
            return {"text": part_of(found, first=0).content.decode(errors="replace")}
        except DomainError as error:
            return {"trouble": str(error)}
    return {"ticket": open_recording(found, request.user, guardian=guardian, now=now)}
