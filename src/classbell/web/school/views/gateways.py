"""Gateways: how text messages of the school go out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.permissions import allowed, is_admin
from classbell.errors import DomainError, NotThere
from classbell.ids import uuid7
from classbell.notices.delivering import NotSent, Refused
from classbell.notices.gateways import GatewayInvalid, TextMessage, gateway_of, keep_gateway, remove_gateway
from classbell.notices.models import TEXT_CHANNELS, Channel
from classbell.notices.phones import checked_number
from classbell.web.school.gateways import GatewayForm, TestNumberForm, present_gateways


@never_cache
@require_safe
@allowed(is_admin)
def gateways(request: HttpRequest) -> HttpResponse:
    """Admins: by what SMS, WhatsApp and Telegram messages go out, and how that goes."""
    return render(request, "gateways/list.html", {"gateways": present_gateways(now=timezone.now())})


@never_cache
@require_http_methods(["GET", "POST"])
@allowed(is_admin)
def gateway(request: HttpRequest, name: str) -> HttpResponse:
    """Admins: say by what the messages of one channel go out. What is kept is not shown: it lets in."""
    channel = _channel(name)
    form = GatewayForm(request.POST or None)
    if form.is_valid():
        try:
            keep_gateway(channel, form.gateway(channel), now=timezone.now())
        except GatewayInvalid as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Saved. Send a test to see that it works."))
            return redirect("gateways")
    return _page(request, channel, form, TestNumberForm())


@require_POST
@allowed(is_admin)
def test(request: HttpRequest, name: str) -> HttpResponse:
    """Admins: send a test to a number."""
    channel, form = _channel(name), TestNumberForm(request.POST)
    found = gateway_of(channel)
    if found is None:
        raise NotThere
    if form.is_valid():
        text = _("This is a test of Classbell. Messages of the school arrive here.")
        try:
            found.send(TextMessage(id=uuid7(), to=checked_number(form.cleaned_data["number"]), text=text))
        except (Refused, NotSent) as error:
            form.add_error("number", _("The gateway did not take it: %(answer)s") % {"answer": error})
        except DomainError as error:
            form.add_error("number", str(error))
        else:
            messages.success(request, _("The gateway has taken the test in."))
            return redirect("gateways")
    return _page(request, channel, GatewayForm(), form)


@require_POST
@allowed(is_admin)
def remove(request: HttpRequest, name: str) -> HttpResponse:
    """Admins: send no messages of a channel any more."""
    remove_gateway(_channel(name))
    messages.success(request, _("Saved."))
    return redirect("gateways")


def _channel(name: str) -> Channel:
    if name not in TEXT_CHANNELS:
        raise NotThere
    return Channel(name)


def _page(request: HttpRequest, channel: Channel, form: GatewayForm, test_form: TestNumberForm) -> HttpResponse:
    state = next(one for one in present_gateways(now=timezone.now()) if one.channel == channel)
    context = {"channel": channel, "form": form, "test_form": test_form, "one": state}
    return render(request, "gateways/edit.html", context, status=400 if form.errors or test_form.errors else 200)
