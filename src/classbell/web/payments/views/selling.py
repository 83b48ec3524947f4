"""Selling lessons, for admins: what is for sale, what was bought, what goes back."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from classbell.accounts.permissions import allowed, is_admin
from classbell.errors import DomainError
from classbell.money import price_in_words
from classbell.payments import refunds
from classbell.payments.errors import NoSuchOffer, OfferRefused
from classbell.payments.gateway import is_on
from classbell.payments.models import Offer, Purchase, PurchaseStatus, RefundStatus
from classbell.payments.offers import change_offer, create_offer
from classbell.payments.queries import offers_shown, totals_of
from classbell.web.kit.requests import PersonRequest
from classbell.web.payments.forms import OfferForm, RefundForm
from classbell.web.payments.presenters import present_offers, present_purchases, totals_in_words

A_PAGE = 50


@require_safe
@allowed(is_admin)
def offers(request: PersonRequest) -> HttpResponse:
    """Admins: what is for sale, and what was."""
    context = {"offers": present_offers(offers_shown(request.user)), "can_pay": is_on()}
    return render(request, "payments/offers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def new_offer(request: PersonRequest) -> HttpResponse:
    """Admins: put something on sale."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def offer(request: PersonRequest, offer_id: UUID) -> HttpResponse:
    """Admins: change what is for sale, or take it off."""
    found = Offer.objects.filter(pk=offer_id).first()
    if found is None:
        raise NoSuchOffer
    return _edit(request, found)


@require_safe
@allowed(is_admin)
def purchases(request: PersonRequest) -> HttpResponse:
    """Admins: who bought what, and what it comes to."""
    status = request.GET.get("status", "")
    found = Purchase.objects.select_related("payer", "student")
    if status in PurchaseStatus.values:
        found = found.filter(status=status)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "purchases": present_purchases(page),
        "totals": totals_in_words(totals_of(found)),
        "tabs": _tabs(status),
        "is_filtered": status in PurchaseStatus.values,
    }
    return render(request, "payments/purchases.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def refund(request: PersonRequest, purchase_id: UUID) -> HttpResponse:
    """Admins: refund unused lessons, after what it comes to was said."""
    now = timezone.now()
    found = get_object_or_404(Purchase.objects.select_related("student", "payer"), pk=purchase_id)
    unused = refunds.unused_of(found, now=now) if found.credited_at else 0
    form = RefundForm(request.POST if request.method == "POST" else None, unused=unused)
    if form.is_valid():
        try:
            made = refunds.refund(
                purchase_id=purchase_id, lessons=form.cleaned_data["lessons"], by=request.user, now=now
            )
        except DomainError as error:
            form.refuse(error)
        else:
            amount = {"amount": price_in_words(made.amount, found.currency)}
            if made.status == RefundStatus.ASKED:
                text = _("%(amount)s is asked for; the provider does not answer just now and is asked again by itself.")
                messages.warning(request, text % amount)
            else:
                messages.success(request, _("%(amount)s goes back.") % amount)
            return redirect("purchase", purchase_id=purchase_id)
    (shown,) = present_purchases([found])
    context = {
        "shown": shown,
        "unused": unused,
        "all": price_in_words(refunds.refundable(found, unused), found.currency) if unused else "",
        "form": form,
        "can_refund": bool(unused) and is_on(),
    }
    return render(request, "payments/refund.html", context, status=400 if form.errors else 200)


def _edit(request: PersonRequest, kept: Offer | None) -> HttpResponse:
    form = OfferForm(request.POST if request.method == "POST" else None, offer=kept)
    if form.is_valid() and _saved(request, form, kept):
        return redirect("offers")
    return render(request, "payments/offer.html", {"form": form, "offer": kept}, status=400 if form.errors else 200)


def _saved(request: PersonRequest, form: OfferForm, kept: Offer | None) -> bool:
    try:
        saved = create_offer(form.changes) if kept is None else change_offer(offer_id=kept.pk, changes=form.changes)
    except OfferRefused as error:
        for name, sentence in error.refused.items():
            form.add_error(name if name in form.fields else None, sentence)
        return False
    messages.success(request, _("Saved “%(name)s”.") % {"name": saved.name})
    return True


def _tabs(status: str) -> list[dict[str, object]]:
    known = status if status in PurchaseStatus.values else ""
    tabs: list[dict[str, object]] = [{"url": "?", "word": _("All"), "is_here": not known}]
    tabs += [
        {"url": f"?status={one.value}", "word": one.label, "is_here": known == one.value} for one in PurchaseStatus
    ]
    return tabs
