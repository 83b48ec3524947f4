"""Changing one session, the same whatever it belongs to: another time, somebody else who holds it, or cancelled."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from classbell.errors import DomainError
from classbell.meetings.services import sync_now
from classbell.web.kit.requests import PersonRequest
from classbell.web.kit.undo import say_with_undo
from classbell.web.meetings.forms import CancelForm
from classbell.zones import place_of

# What an undone cancelling puts back.
HELD: Final = "held"


class ChangeForm(Protocol):
    """A form that says what was changed, in the words of the service that does it."""

    is_bound: bool

    def is_valid(self) -> bool: ...
    def add_error(self, field: str | None, error: Any) -> None: ...
    def changes(self) -> dict[str, Any]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """What a session belongs to: its name and page, and where the session is cancelled."""

    name: str
    url: str
    cancel_url: str


def was_changed(
    request: PersonRequest, form: ChangeForm, change: Callable[..., object], *, meeting_id: UUID, said: str
) -> bool:
    """
    Make the changes that were typed, bring them to Zoom and say `said`; return whether all went well.

    `change` takes them and `now`; what it refuses stands above the form.
    """
    if not form.is_valid():
        return False
    changes = form.changes()
    try:
        change(now=timezone.now(), **changes)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    sync_now(meeting_id)
    messages.success(request, said if changes else _("Nothing was changed."))
    return True


def call_off(
    request: PersonRequest, cancel: Callable[..., object], *, meeting_id: UUID, said: str, back: str = ""
) -> None:
    """
    Cancel it for the reason that was typed, bring that to Zoom and say how it went. `cancel` takes reason and now.

    `back` is where the message's undo posts to, "" for none.
    """
    form = CancelForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        cancel(reason=reason, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        sync_now(meeting_id)
        if back:
            say_with_undo(request, said, path=back, was=HELD)
        else:
            messages.success(request, said)


def occurrence_page(
    request: PersonRequest, template: str, form: ChangeForm, occurrence: object, *, whole: Whole, zone: ZoneInfo
) -> HttpResponse:
    """Return the page on which a session is changed; `zone` is the clock on which its time is typed."""
    context = {
        **asdict(whole),
        "occurrence": occurrence,
        "form": form,
        "cancel": CancelForm(),
        "zone": zone.key,
        "place": place_of(zone),
    }
    return render(request, template, context, status=400 if form.is_bound else 200)
