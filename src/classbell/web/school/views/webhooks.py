"""Webhooks: which programs of the school are told what happens, and how that went."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.permissions import allowed, is_admin
from classbell.hooks import services
from classbell.hooks.models import DeliveryStatus, Webhook
from classbell.web.kit.requests import PersonRequest
from classbell.web.school.forms import WebhookForm
from classbell.web.school.webhooks import name_of, present_delivery, present_webhook
from classbell.zones import place_of

DELIVERIES_A_PAGE = 20


@never_cache
@require_safe
@allowed(is_admin)
def webhooks(request: PersonRequest) -> HttpResponse:
    """Admins: every webhook and how it stands."""
    now = timezone.now()
    return render(
        request, "webhooks/list.html", {"webhooks": [present_webhook(one, now=now) for one in Webhook.objects.all()]}
    )


@never_cache
@require_http_methods(["GET", "POST"])
@allowed(is_admin)
def new(request: PersonRequest) -> HttpResponse:
    """Admins: have an address told of events. Its secret stands in the answer, this once."""
    form = WebhookForm(request.POST or None)
    if form.is_valid():
        try:
            made = services.make_webhook(**form.cleaned_data, now=timezone.now())
        except services.WebhookInvalid as error:
            form.add_error(error.field, str(error))
        else:
            return _once(request, made)
    return render(request, "webhooks/edit.html", {"form": form}, status=400 if form.errors else 200)


@never_cache
@require_safe
@allowed(is_admin)
def webhook(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """Admins: one webhook, what was delivered to it, what waits, and every try."""
    found = get_object_or_404(Webhook, pk=webhook_id)
    status = request.GET.get("status", "")
    rows = found.deliveries.prefetch_related("attempts")
    if status in DeliveryStatus.values:
        rows = rows.filter(status=status)
    page = Paginator(rows, DELIVERIES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "one": present_webhook(found, now=timezone.now()),
        "deliveries": [present_delivery(delivery) for delivery in page],
        "page": page,
        "status": status,
        "statuses": DeliveryStatus.choices,
        "place": place_of(request.user.zone),
    }
    return render(request, "webhooks/detail.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed(is_admin)
def change(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """Admins: another address, description or choice of events."""
    found = get_object_or_404(Webhook, pk=webhook_id)
    initial = {"url": found.url, "description": found.description, "events": found.events}
    form = WebhookForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            services.change_webhook(webhook_id=webhook_id, now=timezone.now(), **form.cleaned_data)
        except services.WebhookInvalid as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("webhook", webhook_id)
    context = {"form": form, "webhook": found, "name": name_of(found)}
    return render(request, "webhooks/edit.html", context, status=400 if form.errors else 200)


@require_POST
@allowed(is_admin)
def test(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """Admins: send a test."""
    try:
        services.send_test(webhook_id=webhook_id, now=timezone.now())
    except services.WebhookPaused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The test is on its way. How it went stands among the deliveries."))
    return redirect("webhook", webhook_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def rotate(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """Admins: give a webhook a new secret, which stands in the answer, this once."""
    if request.method != "POST":  # the address of a secret that is shown once, read again
        return redirect("webhook", webhook_id)
    return _once(request, services.rotate_secret(webhook_id=webhook_id, now=timezone.now()))


@require_POST
@allowed(is_admin)
def pause(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """Admins: send nothing for now; what happens waits."""
    services.change_webhook(webhook_id=webhook_id, paused=True, now=timezone.now())
    return redirect("webhook", webhook_id)


@require_POST
@allowed(is_admin)
def resume(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """Admins: go on, with what waits."""
    services.change_webhook(webhook_id=webhook_id, paused=False, now=timezone.now())
    messages.success(request, _("Resumed. What waited is on its way."))
    return redirect("webhook", webhook_id)


@require_POST
@allowed(is_admin)
def remove(request: PersonRequest, webhook_id: UUID) -> HttpResponse:
    """Admins: remove a webhook with what is kept of its deliveries."""
    name = name_of(services.remove_webhook(webhook_id=webhook_id))
    messages.success(request, _("The webhook %(name)s is removed.") % {"name": name})
    return redirect("webhooks")


@require_POST
@allowed(is_admin)
def replay(request: PersonRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    """Admins: send a delivery once more."""
    try:
        services.replay(webhook_id=webhook_id, delivery_id=delivery_id, now=timezone.now())
    except services.WebhookPaused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is sent once more."))
    return redirect("webhook", webhook_id)


def _once(request: PersonRequest, made: services.IssuedSecret) -> HttpResponse:
    context = {"one": present_webhook(made.webhook, now=timezone.now()), "secret": made.secret}
    return render(request, "webhooks/secret.html", context)
