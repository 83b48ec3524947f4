"""Zoom's webhooks, for admins: whether they arrive, what could not be understood, and trying again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.permissions import allowed, is_admin
from classbell.meetings.models import Meeting, WebhookEvent
from classbell.meetings.webhooks.inbox import replay
from classbell.web.kit.requests import PersonRequest

FAILED_SHOWN = 50
LATEST_SHOWN = 50
SECONDS_BETWEEN_LOOKS = 5


# What Zoom tells of, in words; the rest is called what Zoom calls it.
WORDS = {
    "meeting.created": gettext_lazy("Created"),
    "meeting.updated": gettext_lazy("Changed"),
    "meeting.deleted": gettext_lazy("Deleted"),
    "meeting.recovered": gettext_lazy("Restored"),
    "meeting.started": gettext_lazy("Started"),
    "meeting.ended": gettext_lazy("Ended"),
    "meeting.participant_joined": gettext_lazy("Somebody came in"),
    "meeting.participant_left": gettext_lazy("Somebody left"),
    "meeting.participant_joined_waiting_room": gettext_lazy("Somebody waits outside"),
    "meeting.registration_created": gettext_lazy("Somebody registered"),
    "meeting.registration_cancelled": gettext_lazy("A registration was cancelled"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class EventLine:
    """
    One webhook, and the meeting of ours that it is about, if any.

    `what` says what happened, "" where we have no words for it; `kind` and `word` what became of the message.
    """

    event: WebhookEvent
    what: str
    meeting: Meeting | None
    kind: str
    word: str


@require_safe
@allowed(is_admin)
def inbox(request: PersonRequest) -> HttpResponse:
    """Admins. Renews itself while something waits."""
    template = "zoom/inbox.html#inbox" if request.htmx.target == "inbox" else "zoom/inbox.html"
    return render(request, template, _context())


@require_POST
@allowed(is_admin)
def replay_one(request: PersonRequest, event_id: UUID) -> HttpResponse:
    """Admins: have one webhook understood again. Safe to repeat."""
    event = get_object_or_404(WebhookEvent, pk=event_id)
    replay(event_ids=[event.pk], now=timezone.now())
    return _after_replay(request, 1)


@require_POST
@allowed(is_admin)
def replay_failed(request: PersonRequest) -> HttpResponse:
    """Admins: have every webhook that failed understood again. Safe to repeat."""
    failed = list(_failed().values_list("pk", flat=True))
    return _after_replay(request, replay(event_ids=failed, now=timezone.now()))


def _after_replay(request: PersonRequest, count: int) -> HttpResponse:
    text = ngettext("Replaying %(count)s message now.", "Replaying %(count)s messages now.", count)
    messages.success(request, text % {"count": count})
    if request.htmx:
        return render(request, "zoom/inbox.html#inbox", _context())
    return redirect("zoom-inbox")


def _failed() -> QuerySet[WebhookEvent]:
    return WebhookEvent.objects.filter(processed_at=None).exclude(error="")


def _context() -> dict[str, object]:
    environment = settings.ENVIRONMENT
    counts = WebhookEvent.objects.filter(processed_at=None).aggregate(
        waiting=Count("pk", filter=Q(error="")), failed=Count("pk", filter=~Q(error=""))
    )
    # Bodies are large and hold people's names: the page needs neither.
    arrived = WebhookEvent.objects.defer("body").order_by("-pk")[:LATEST_SHOWN]
    # Zoom sends them in any order; people read them as they happened.
    latest = sorted(arrived, key=lambda event: event.happened_at, reverse=True)
    failed = list(_failed().defer("body").order_by("happened_at")[:FAILED_SHOWN]) if counts["failed"] else []
    meetings = _meetings([*latest, *failed])
    return {
        "configured": bool(environment.zoom_webhook_secret.get_secret_value()),
        "address": f"{environment.public_url.rstrip('/')}/api/zoom/webhook",
        "waiting": counts["waiting"],
        "failed_count": counts["failed"],
        "failed": [_line(event, meetings) for event in failed],
        "more_failed": counts["failed"] - len(failed),
        "latest": [_line(event, meetings) for event in latest],
        "look_again": SECONDS_BETWEEN_LOOKS,
    }


def _meetings(events: Iterable[WebhookEvent]) -> dict[str, Meeting]:
    ids = {event.zoom_meeting_id for event in events} - {""}
    return {meeting.zoom_meeting_id: meeting for meeting in Meeting.objects.filter(zoom_meeting_id__in=ids)}


def _line(event: WebhookEvent, meetings: Mapping[str, Meeting]) -> EventLine:
    if event.processed_at:
        kind, word = "ok", _("Done")
    elif event.error:
        kind, word = "bad", _("Failed")
    else:
        kind, word = "wait", _("Waiting")
    what = str(WORDS.get(event.event, ""))
    return EventLine(event=event, what=what, meeting=meetings.get(event.zoom_meeting_id), kind=kind, word=word)
