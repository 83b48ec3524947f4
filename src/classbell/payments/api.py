"""What is for sale and what was bought: `/api/offers`, `/api/purchases`; and where the provider sends its webhooks."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from classbell.accounts.acting import doer, guardian_of
from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, anyone, is_admin, is_student, signed_in
from classbell.bookings import services
from classbell.bookings.kinds.queries import kind_named
from classbell.bookings.models import Booking, LessonKind
from classbell.paging import paginate
from classbell.payments import buying, offers, refunds
from classbell.payments.errors import OfferRefused, PayingOff
from classbell.payments.gateway import is_on
from classbell.payments.intake import SIGNATURE_HEADER, receive
from classbell.payments.lessons import book_and_pay, is_paid_when_booked
from classbell.payments.models import Purchase
from classbell.payments.offers import OfferChanges
from classbell.payments.permissions import sees_purchase
from classbell.payments.queries import offers_shown, totals_of
from classbell.payments.schemas import (
    BoughtAnswer,
    LessonIn,
    OfferIn,
    OfferOut,
    OfferPatch,
    OffersAnswer,
    PurchaseIn,
    PurchaseOut,
    PurchaseQuery,
    PurchasesAnswer,
    RefundIn,
    TotalOut,
    describe_offer,
    describe_purchase,
)

offers_router = Router(tags=["Payments"])
purchases_router = Router(tags=["Payments"])
webhook_router = Router(tags=["Payments"])
ANSWERED = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
    "responses": {200: {"content": {"application/json": {"schema": {"type": "object"}}}}, 401: {}},
}
NULL_IS_A_VALUE = frozenset({"kind", "teacher", "valid_days"})


@offers_router.get("", response=OffersAnswer)
@allowed(signed_in)
def list_offers(request: ApiRequest) -> OffersAnswer:
    """What is for sale; admins also see what is not on sale any more."""
    shown = [describe_offer(offer) for offer in offers_shown(request.user)]
    return OffersAnswer(can_be_paid=is_on(), offers=shown)


@offers_router.post("", response={201: OfferOut})
@allowed(is_admin)
@idempotent
def create_offer(request: ApiRequest, body: OfferIn) -> Status[OfferOut]:
    """Put a package of lessons, or a single one, on sale. Without keys of a provider it is shown, and nobody can pay."""
    return Status(201, describe_offer(offers.create_offer(_changes(body))))


@offers_router.patch("/{uuid:offer_id}", response=OfferOut)
@allowed(is_admin)
def change_offer(request: ApiRequest, offer_id: UUID, body: OfferPatch) -> OfferOut:
    """Change what is named, or take it off sale; what was bought stays as it was agreed."""
    return describe_offer(offers.change_offer(offer_id=offer_id, changes=_changes(body)))


@purchases_router.get("", response=PurchasesAnswer)
@allowed(signed_in)
def list_purchases(request: ApiRequest, query: Query[PurchaseQuery]) -> PurchasesAnswer:
    """What you bought, or what was bought for you or your children; admins see everybody's, and what they come to."""
    found = Purchase.objects.visible_to(request.user)
    if query.status:
        found = found.filter(status=query.status)
    if query.student_id:
        found = found.filter(student=query.student_id)
    joined = found.select_related("payer", "student").prefetch_related("refunds__by")
    page = paginate(joined, query, by="-created_at")
    return PurchasesAnswer(
        purchases=[describe_purchase(one) for one in page.items],
        totals=[TotalOut(**one) for one in totals_of(found)] if request.user.is_admin else None,
        next_cursor=page.next_cursor,
    )


@purchases_router.post("", response={201: BoughtAnswer})
@allowed(is_student, for_wards=True)
@idempotent
def buy(request: ApiRequest, body: PurchaseIn) -> Status[BoughtAnswer]:
    """
    Begin to buy something, at the price that the buyer saw; send them to `pay_url`. Lessons come once the provider says that
    it is paid. 409 `price_changed`; 400 `paying_off`, `payment_refused`; 503 `payment_provider_unreachable`. Asked again
    before it is paid, it is the same purchase.
    """
    purchase, url = buying.buy(
        payer=doer(request),
        student=request.user,
        offer_id=body.offer_id,
        price=body.price,
        currency=body.currency,
        now=timezone.now(),
    )
    return Status(201, BoughtAnswer(purchase=describe_purchase(purchase), pay_url=url))


@purchases_router.post("/lessons", response={201: BoughtAnswer})
@allowed(is_student, for_wards=True)
@idempotent
def buy_lesson(request: ApiRequest, body: LessonIn) -> Status[BoughtAnswer]:
    """
    Book one lesson of a kind that is paid when booked, and begin to pay it; send the buyer to `pay_url`. Its time is held for
    half an hour; the teacher is asked once it is paid. 409 `price_changed`; 400 as for a booking, `paying_off`,
    `payment_refused`; 503 `payment_provider_unreachable`: then nothing is held. What is on the balance is not looked at.
    """
    kind, now = kind_named(LessonKind.objects.all(), body.kind), timezone.now()
    if not is_paid_when_booked(kind):
        raise PayingOff

    def book(until: datetime) -> Booking:
        return services.request_booking(
            student=request.user,
            teacher_id=body.teacher_id,
            starts_at=body.start_time,
            ends_at=body.start_time + timedelta(minutes=body.duration or kind.minutes[0]),
            kind=kind,
            answers=body.answers,
            notes=body.notes,
            despite_overlap=body.despite_overlap,
            guardian=guardian_of(request),
            held_until=until,
            to_be_paid=True,
            now=now,
        )

    _booking, purchase, url = book_and_pay(book, payer=doer(request), price=body.price, currency=body.currency, now=now)
    return Status(201, BoughtAnswer(purchase=describe_purchase(purchase), pay_url=url))


@purchases_router.get("/{uuid:purchase_id}", response=PurchaseOut)
@allowed(sees_purchase)
def get_purchase(request: ApiRequest, purchase_id: UUID) -> PurchaseOut:
    """One purchase, and what went back of it."""
    return describe_purchase(Purchase.objects.get(pk=purchase_id))


@purchases_router.post("/{uuid:purchase_id}/refund", response=PurchaseOut)
@allowed(is_admin)
@idempotent
def refund_purchase(request: ApiRequest, purchase_id: UUID, body: RefundIn) -> PurchaseOut:
    """
    Refund unused lessons, in proportion to the price: they leave the balance, and the money goes back the way it came. 400
    `not_paid`, `too_few_unused`, `refund_refused`, `paying_off`. While the provider does not answer, the refund is `asked`.
    """
    refunds.refund(purchase_id=purchase_id, lessons=body.lessons, by=request.user, now=timezone.now())
    return describe_purchase(Purchase.objects.get(pk=purchase_id))


@webhook_router.post("/stripe/webhook", auth=None, openapi_extra=ANSWERED)
@allowed(anyone)
def payment_webhook(request: HttpRequest) -> JsonResponse:
    """
    For Stripe, which signs what it sends. `{"received": true}` once it is taken in, for a repeat too; 401 when the signature
    does not fit or is too old, 503 while no secret is configured.
    """
    receive(raw=request.body, signature=request.headers.get(SIGNATURE_HEADER, ""), now=timezone.now())
    return JsonResponse({"received": True})


def _changes(body: OfferPatch) -> OfferChanges:
    """Return what a body names, with the rows that it names by id. Raises OfferRefused for one that is not there."""
    given: dict[str, Any] = body.model_dump(exclude_unset=True)
    if "kind_id" in given:
        given["kind"] = _named(LessonKind, given.pop("kind_id"), "kind_id")
    if "teacher_id" in given:
        given["teacher"] = _named(User, given.pop("teacher_id"), "teacher_id")
    return cast("OfferChanges", {k: v for k, v in given.items() if v is not None or k in NULL_IS_A_VALUE})


def _named(model: type[LessonKind] | type[User], key: UUID | None, field: str) -> LessonKind | User | None:
    if key is None:
        return None
    found = model._default_manager.filter(pk=key).first()
    if found is None:
        raise OfferRefused({field: _("there is none with this id")})
    return found
