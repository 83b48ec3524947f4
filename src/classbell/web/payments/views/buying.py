"""Buying lessons: what is for sale, going to pay, and coming back."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.acting import doer
from classbell.accounts.permissions import allowed, is_student
from classbell.errors import DomainError
from classbell.payments import buying, refunds
from classbell.payments.errors import OfferRefused, PayingOff
from classbell.payments.gateway import is_on
from classbell.payments.models import Purchase, PurchaseStatus
from classbell.payments.permissions import sees_purchase
from classbell.payments.providers import State
from classbell.payments.queries import offers_shown
from classbell.payments.settling import ask_provider
from classbell.web.kit.requests import PersonRequest
from classbell.web.payments.forms import BuyForm
from classbell.web.payments.presenters import (
    facts_of,
    present_offers,
    present_purchases,
    refunds_in_words,
    standing_of,
)

A_PAGE = 25


@never_cache
@require_safe
@allowed(is_student, for_wards=True)
def buy(request: PersonRequest) -> HttpResponse:
    """Students: what is for sale, and what they bought."""
    return _shop(request)


@require_POST
@allowed(is_student, for_wards=True)
def buy_offer(request: PersonRequest, offer_id: UUID) -> HttpResponse:
    """Students: buy something at the price that the page showed, and go on to pay it."""
    form = BuyForm(request.POST)
    try:
        if not form.is_valid():
            raise OfferRefused({name: str(errors[0]) for name, errors in form.errors.items()})
        bought, _url = buying.buy(
            payer=doer(request),
            student=request.user,
            offer_id=offer_id,
            price=form.cleaned_data["price"],
            currency=form.cleaned_data["currency"],
            now=timezone.now(),
        )
    except DomainError as error:
        return _shop(request, refused=error)
    return redirect("purchase", purchase_id=bought.pk)


@never_cache
@require_safe
@allowed(sees_purchase, for_wards=True)
def purchase(request: PersonRequest, purchase_id: UUID) -> HttpResponse:
    """
    Who paid, the student and admins: how a purchase stands. Payers come back to it from the provider, who is asked once
    unless it is known how it ended; browsers may not be sent there by a form, so there is a link to pay by.
    """
    now = timezone.now()
    lesson = ("booking__kind", "booking__teacher")
    joined = Purchase.objects.select_related("kind", "teacher", "offer", "payer", "student", *lesson)
    found = joined.get(pk=purchase_id)
    payment = None
    if found.look_at is not None and is_on():
        payment = ask_provider(purchase_id, now=now)
        found.refresh_from_db()
    can_pay = found.status == PurchaseStatus.OPEN and found.payer_id == doer(request).pk
    (shown,) = present_purchases([found])
    context = {
        "shown": shown,
        "facts": facts_of(found),
        "state": standing_of(found, payment.state if payment else None),
        "url": payment.url if payment and payment.state == State.OPEN and can_pay else "",
        "refunds": refunds_in_words(found),
        "unused": refunds.unused_of(found, now=now) if found.credited_at else 0,
        "is_mine": request.user.pk == found.student_id,
    }
    return render(request, "payments/purchase.html", context)


def _shop(request: PersonRequest, *, refused: DomainError | None = None) -> HttpResponse:
    bought = Purchase.objects.filter(student=request.user).select_related("payer", "student")
    page = Paginator(bought, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "offers": present_offers(offers_shown(request.user).filter(is_on_sale=True)),
        "can_pay": is_on(),
        "page": page,
        "purchases": present_purchases(page),
        "refused": None if isinstance(refused, PayingOff) else refused,
    }
    return render(request, "payments/buy.html", context, status=refused.status if refused else 200)
