"""Webhooks on pages: made, tried, paused and removed by admins; the secret is shown once."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from classbell.hooks import delivery, services
from classbell.hooks.models import Delivery, Pause, Webhook
from classbell.hooks.services import IssuedSecret
from tests.factories import make_admin
from tests.hooks.conftest import receiver, wanted  # noqa: F401
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db

PORTAL = {"url": "https://portal.example/in", "description": "Portal", "events": ["booking.confirmed", "session.moved"]}


@pytest.fixture
def browser() -> Client:
    """An admin's."""
    client = Client()
    client.force_login(make_admin())
    return client


def secrets_in(page: str) -> set[str]:
    """Return the secrets that stand in a page."""
    return set(re.findall(r"whsec_[\w+/=]+", page))


def test_secret_of_a_new_webhook_is_shown_once(browser: Client) -> None:
    page = browser.post(reverse("webhook-new"), PORTAL)

    assert len(secrets_in(page.content.decode())) == 1
    assert "no-store" in page.headers["Cache-Control"]
    webhook = Webhook.objects.get()
    assert (webhook.url, webhook.description, webhook.events) == tuple(PORTAL.values())
    for path in (reverse("webhooks"), reverse("webhook", args=[webhook.pk])):
        assert secrets_in(browser.get(path).content.decode()) == set()


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(browser: Client) -> None:
    page = browser.post(reverse("webhook-new"), PORTAL | {"url": "http://portal.example/in"})

    text = page.content.decode()
    assert page.status_code == 400
    assert "must begin with https://" in text
    assert 'value="Portal"' in text
    assert text.count(" checked") == 2
    assert not Webhook.objects.exists()


def test_new_secret_is_shown_and_the_one_before_named(browser: Client, wanted: Callable[..., IssuedSecret]) -> None:  # noqa: F811
    made = wanted("session.moved")

    page = browser.post(reverse("webhook-rotate", args=[made.webhook.pk])).content.decode()

    assert secrets_in(page) != {made.secret}
    assert len(secrets_in(page)) == 1
    assert "signed by the secret before" in browser.get(reverse("webhook", args=[made.webhook.pk])).content.decode()
    assert browser.get(reverse("webhook-rotate", args=[made.webhook.pk])).status_code == 302


def test_deliveries_say_what_was_answered_and_are_sent_again(
    browser: Client,
    receiver: Receiver,  # noqa: F811
    wanted: Callable[..., IssuedSecret],  # noqa: F811
) -> None:
    made = wanted("session.moved")
    detail = reverse("webhook", args=[made.webhook.pk])
    receiver.status, receiver.text = 503, b"<b>Closed</b>"

    browser.post(reverse("webhook-test", args=[made.webhook.pk]))
    delivery.deliver_due(made.webhook.pk)
    text = browser.get(detail).content.decode()
    assert "503 Service Unavailable" in text
    assert "&lt;b&gt;Closed&lt;/b&gt;" in text
    assert "A test" in text

    receiver.status = 204
    browser.post(reverse("webhook-replay", args=[made.webhook.pk, Delivery.objects.get().pk]))
    delivery.deliver_due(made.webhook.pk)
    assert "204 No Content" in browser.get(detail, {"status": "delivered"}).content.decode()
    assert "There is none like that." in browser.get(detail, {"status": "failed"}).content.decode()


def test_paused_webhook_says_why_and_is_resumed(browser: Client, wanted: Callable[..., IssuedSecret]) -> None:  # noqa: F811
    made = wanted("session.moved")
    args = [made.webhook.pk]
    browser.post(reverse("webhook-pause", args=args))
    assert Webhook.objects.get().paused_because == Pause.ASKED
    Webhook.objects.update(paused_because=Pause.FAILING)

    text = browser.get(reverse("webhook", args=args)).content.decode()
    assert "it took nothing in for a day" in text
    assert reverse("webhook-test", args=args) not in text
    with translation.override("ar"):
        assert "لم يستقبل شيئًا" in str(Pause.FAILING.label)

    browser.post(reverse("webhook-resume", args=args))
    assert not Webhook.objects.get().is_paused


def test_changed_and_removed(browser: Client, wanted: Callable[..., IssuedSecret]) -> None:  # noqa: F811
    made = wanted("session.moved")
    args = [made.webhook.pk]
    services.send_test(webhook_id=made.webhook.pk, now=timezone.now())

    form = PORTAL | {"url": made.webhook.url, "events": ["attendance.recorded"]}
    assert browser.post(reverse("webhook-change", args=args), form).status_code == 302
    assert Webhook.objects.get().events == ["attendance.recorded"]
    page = browser.post(reverse("webhook-remove", args=args), follow=True).content.decode()
    assert "Portal" in page
    assert "No program is told anything yet" in page
    assert not Delivery.objects.exists()
