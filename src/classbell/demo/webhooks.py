"""The demo's guardians' portal: told of lessons, with what it answered. It is paused, since its address is nobody's."""

from datetime import datetime, timedelta
from typing import Final

from classbell.hooks import delivery
from classbell.hooks.models import Delivery, DeliveryStatus
from classbell.hooks.services import change_webhook, make_webhook
from classbell.outgoing.sending import Outcome

URL: Final = "https://portal.school.example/classbell"
TOOK_IN: Final = Outcome(status_code=204, milliseconds=84)
WAS_BUSY: Final = Outcome(status_code=503, answer="Back in a minute.", milliseconds=41)
# One in so many is tried twice.
SECOND_TRY_EACH: Final = 7


def make_portal(*, now: datetime) -> None:
    """Let a portal be told of lessons from now on."""
    events = ["booking.requested", "booking.confirmed", "booking.rescheduled", "booking.cancelled"]
    portal = make_webhook(url=URL, events=events, description="Guardians’ portal", now=now).webhook
    change_webhook(webhook_id=portal.pk, paused=True, now=now)


def take_in(*, now: datetime) -> None:
    """Let the portal answer what it was told, all but the latest."""
    pending = Delivery.objects.filter(status=DeliveryStatus.PENDING, tries=0, webhook__url=URL)
    for number, one in enumerate(pending.order_by("-created_at", "-pk")):
        if number == 0:
            continue
        Delivery.objects.filter(pk=one.pk).update(tries=1)
        if number % SECOND_TRY_EACH == 1:
            delivery.note(one, WAS_BUSY, now=now - timedelta(seconds=20))
        delivery.note(one, TOOK_IN, now=now)
