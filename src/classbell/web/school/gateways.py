"""How the school sends text messages: what is typed of a gateway, and how each stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django import forms
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.fields import LineField, TextField
from classbell.notices.gateways import EXAMPLE_BODY, HttpGateway, LogGateway, http_of
from classbell.notices.models import TEXT_CHANNELS, Channel, Dispatch, DispatchStatus, Gateway

A_DAY: Final = timedelta(days=1)
HTTP, LOG = "http", "log"


class GatewayForm(forms.Form):
    """Where messages are handed in, with which headers and which body."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Messages go"),
        choices=(
            (HTTP, gettext_lazy("to a program that takes them in over HTTP")),
            (LOG, gettext_lazy("into the log only, for trials")),
        ),
    )
    address = LineField(
        label=gettext_lazy("Address"),
        max_length=1000,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "url", "autocomplete": "off"}),
    )
    headers = TextField(
        label=gettext_lazy("Headers"),
        help_text=gettext_lazy("A line each, such as “Authorization: Bearer …”. They are kept encrypted."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "autocomplete": "off"}),
    )
    body = TextField(
        label=gettext_lazy("Body"),
        help_text=gettext_lazy(
            "{to} is the number, {digits} the number without its plus, {text} the message, {id} the same for a repeat."
        ),
        required=False,
        initial=EXAMPLE_BODY,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "ltr", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a program without an address, and headers that are none."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") == HTTP and not cleaned.get("address") and "address" not in self.errors:
            self.add_error("address", _("Write where messages are handed in."))
        lines = (cleaned.get("headers") or "").splitlines()
        if any(":" not in line for line in lines if line.strip()):
            self.add_error("headers", _("Write each as “Name: value”, without letters of other scripts."))
        return cleaned

    def gateway(self, channel: Channel) -> HttpGateway | LogGateway:
        """Return what was typed, once it is valid."""
        typed = self.cleaned_data
        if typed["kind"] == LOG:
            return LogGateway(channel=channel.value)
        pairs = (line.partition(":") for line in typed["headers"].splitlines() if line.strip())
        headers = {name.strip(): value.strip() for name, _colon, value in pairs}
        return HttpGateway(address=typed["address"], headers=headers, body=typed["body"])


class TestNumberForm(forms.Form):
    """Where a test goes."""

    __test__ = False  # no test case of pytest's

    number = LineField(
        label=gettext_lazy("Send a test to"),
        max_length=32,
        widget=forms.TextInput(attrs={"type": "tel", "dir": "ltr", "autocomplete": "tel"}),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayState:
    """One channel: whether messages go out by it, where to, and how that went within a day."""

    channel: Channel
    is_there: bool
    is_logged: bool
    is_readable: bool
    host: str
    sent: int
    waiting: int
    given_up: int
    latest_error: str


def present_gateways(*, now: datetime) -> Sequence[GatewayState]:
    """Return all channels of text messages. Three queries."""
    rows = {row.channel: row for row in Gateway.objects.all()}
    recent = Dispatch.objects.filter(channel__in=TEXT_CHANNELS, claimed_at__gt=now - A_DAY)
    given_up = Q(status__in=(DispatchStatus.REFUSED, DispatchStatus.FAILED))
    counts: dict[str, Any] = {
        row["channel"]: row
        for row in recent.values("channel").annotate(
            sent=Count("notice", filter=Q(status=DispatchStatus.SENT)),
            waiting=Count("notice", filter=Q(status__in=(DispatchStatus.WAITING, DispatchStatus.CLAIMED))),
            given_up=Count("notice", filter=given_up),
        )
    }
    failed = recent.exclude(error="").order_by("channel", "-claimed_at").distinct("channel")
    errors = dict(failed.values_list("channel", "error"))
    return [
        _state(channel, rows.get(channel.value), counts.get(channel.value, {}), errors) for channel in TEXT_CHANNELS
    ]


def _state(channel: Channel, row: Gateway | None, count: dict[str, Any], errors: dict[str, str]) -> GatewayState:
    http = http_of(row) if row else None
    return GatewayState(
        channel=channel,
        is_there=row is not None,
        is_logged=row is not None and row.is_logged,
        is_readable=row is None or row.is_logged or http is not None,
        host=urlsplit(http.address).netloc if http else "",
        sent=count.get("sent", 0),
        waiting=count.get("waiting", 0),
        given_up=count.get("given_up", 0),
        latest_error=errors.get(channel.value, ""),
    )
