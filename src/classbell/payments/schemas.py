"""What the API takes and answers about offers and purchases."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from classbell.accounts.disclosure import name_of
from classbell.bookings.models.kind import MOST_PRICE
from classbell.bookings.schemas.fields import Minutes
from classbell.bookings.schemas.kinds import KindNamed
from classbell.paging import PageQuery
from classbell.payments.models import LONGEST_NAME, MOST_LESSONS, Offer, Purchase, PurchaseStatus, Refund
from classbell.payments.offers import MOST_DAYS
from classbell.wire import AS_LINE, Input, Moment, Output, Remark, Text, Word

Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME), AS_LINE]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Price = Annotated[int, Field(ge=1, le=MOST_PRICE, description="In the smallest unit of `currency`, for all lessons.")]


class OfferPatch(Input):
    """Any of what an offer is; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    kind_id: UUID | None = Field(None, description="For lessons of this kind. null: of any.")
    teacher_id: UUID | None = Field(None, description="With this teacher. null: with any.")
    lessons: int | None = Field(None, ge=1, le=MOST_LESSONS)
    price: Price | None = None
    currency: Currency | None = None
    valid_days: int | None = Field(None, ge=1, le=MOST_DAYS, description="From the payment on. null: for ever.")
    is_on_sale: bool | None = None


class OfferIn(OfferPatch):
    """Something to be sold: a package of lessons, or a single one."""

    name: Name
    lessons: int = Field(ge=1, le=MOST_LESSONS)
    price: Price
    currency: Currency


class OfferOut(Output):
    """Something that is for sale. `price` is for all its lessons, in the smallest unit of `currency`, taxes within."""

    id: UUID
    name: str
    kind_id: UUID | None
    kind_name: str | None
    teacher_id: UUID | None
    teacher_name: str | None
    lessons: int
    price: int
    currency: str
    valid_days: int | None
    is_on_sale: bool


class OffersAnswer(Output):
    """What is for sale. `can_be_paid`: whether people can pay here; if not, the school is paid otherwise."""

    can_be_paid: bool
    offers: list[OfferOut]


class PurchaseIn(Input):
    """What is to be bought, and the price that the buyer saw: another one by now is refused."""

    offer_id: UUID
    price: int = Field(ge=1, le=MOST_PRICE)
    currency: Currency


class LessonIn(Input):
    """
    A lesson to book and pay, of a kind that is paid when booked, and the price that the buyer saw. Without a teacher the
    kind's rule chooses one, without a `duration` in minutes it is as long as the kind's shortest.
    """

    kind: KindNamed = Field(description="The kind of lesson, by its id or its address.")
    teacher_id: UUID | None = None
    start_time: Moment
    duration: Minutes | None = None
    notes: Remark = ""
    despite_overlap: bool = Field(False, description="Ask for it though you are expected elsewhere at that time.")
    answers: dict[Word, Text] = Field({}, max_length=20, description="To the kind's questions, by their keys.")
    price: int = Field(ge=1, le=MOST_PRICE)
    currency: Currency


class RefundIn(Input):
    """How many unused lessons to refund; all of them if it is left out."""

    lessons: int | None = Field(None, ge=1, le=MOST_LESSONS)


class PurchaseQuery(PageQuery):
    """Which purchases."""

    status: PurchaseStatus | None = None
    student_id: UUID | None = Field(None, description="For this student only.")


class RefundOut(Output):
    """
    Money that goes back. `status`: asked (the provider has not answered yet), done, failed. `missing` lessons of it are used
    and could not be taken back.
    """

    id: UUID
    amount: int
    lessons: int
    missing: int
    status: str
    by: str | None = Field(description="Null: at the provider's own page.")
    asked_at: datetime


class PurchaseOut(Output):
    """
    What was bought, as it was agreed. `status`: open (not paid yet), paid, held (another amount was paid; no lessons were
    given), refunded (at least in part), expired (not paid).
    """

    id: UUID
    status: str
    name: str
    lessons: int
    amount: int
    currency: str
    valid_days: int | None
    offer_id: UUID | None = Field(description="Null: one lesson, paid as it was booked: `booking_id`.")
    booking_id: UUID | None
    student_id: UUID
    student_name: str
    payer_id: UUID
    payer_name: str
    paid_amount: int | None
    refunded_amount: int
    created_at: datetime
    paid_at: datetime | None
    refunds: list[RefundOut]


class BoughtAnswer(Output):
    """A purchase that was begun. `pay_url` is where to pay it; "" where it is paid already, or waits for the bank."""

    purchase: PurchaseOut
    pay_url: str


class TotalOut(Output):
    """What was paid and refunded in one currency, in its smallest unit."""

    currency: str
    paid: int
    refunded: int


class PurchasesAnswer(Output):
    """Purchases, the latest first, and for admins what all that were asked for come to."""

    purchases: list[PurchaseOut]
    totals: list[TotalOut] | None
    next_cursor: str | None = None


def describe_offer(offer: Offer) -> OfferOut:
    """Return an offer as it is answered."""
    return OfferOut(
        id=offer.pk,
        name=offer.name,
        kind_id=offer.kind_id,
        kind_name=offer.kind.name if offer.kind else None,
        teacher_id=offer.teacher_id,
        teacher_name=offer.teacher.name if offer.teacher else None,
        lessons=offer.lessons,
        price=offer.price,
        currency=offer.currency,
        valid_days=offer.valid_days,
        is_on_sale=offer.is_on_sale,
    )


def describe_purchase(purchase: Purchase) -> PurchaseOut:
    """Return a purchase as it is answered."""
    return PurchaseOut(
        id=purchase.pk,
        status=purchase.status,
        name=purchase.name,
        lessons=purchase.lessons,
        amount=purchase.amount,
        currency=purchase.currency,
        valid_days=purchase.valid_days,
        offer_id=purchase.offer_id,
        booking_id=purchase.booking_id,
        student_id=purchase.student_id,
        student_name=name_of(purchase.student),
        payer_id=purchase.payer_id,
        payer_name=name_of(purchase.payer),
        paid_amount=purchase.paid_amount,
        refunded_amount=purchase.refunded_amount,
        created_at=purchase.created_at,
        paid_at=purchase.paid_at,
        refunds=[_describe_refund(one) for one in purchase.refunds.all()],
    )


def _describe_refund(refund: Refund) -> RefundOut:
    return RefundOut(
        id=refund.pk,
        amount=refund.amount,
        lessons=refund.lessons,
        missing=refund.missing,
        status=refund.status,
        by=name_of(refund.by) if refund.by else None,
        asked_at=refund.asked_at,
    )
