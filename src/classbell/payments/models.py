"""What is for sale, what was bought, and what became of the money."""

from datetime import datetime, timedelta
from typing import Final, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from classbell.accounts.guardians.queries import wards_of
from classbell.accounts.models import User
from classbell.accounts.wall import personal, remembered
from classbell.bookings.models import Booking, LessonKind, MakeUpCredit
from classbell.history import keeps_history
from classbell.ids import uuid7

MOST_LESSONS: Final = 100
LONGEST_NAME: Final = 100
LONGEST_ID: Final = 255
# For how long the provider's page takes a payment at the price that was agreed.
CHECKOUT_HOLDS: Final = timedelta(hours=1)
# And for how long the time of a lesson is held that is paid as it is booked: Stripe's pages last half an hour at least.
HOLDS_A_TIME: Final = timedelta(minutes=35)


@keeps_history("name", "kind", "teacher", "lessons", "price", "currency", "valid_days", "is_on_sale")
class Offer(models.Model):
    """
    A package of lessons, or a single one, that can be bought: for lessons of `kind` with `teacher`, None being any.

    `price` is for all of its `lessons` together, in the smallest unit of `currency`. What was bought can be used for
    `valid_days` from the payment on, for ever without. Offers are taken off sale, and stay for the sake of what was bought.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=LONGEST_NAME)
    # Nobody looks for offers by these.
    kind = models.ForeignKey(
        LessonKind, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    teacher = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    lessons = models.PositiveSmallIntegerField()
    price = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    valid_days = models.PositiveSmallIntegerField(null=True, blank=True)
    is_on_sale = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=1), name="an_offer_costs_something"),
            models.CheckConstraint(
                condition=Q(lessons__gte=1, lessons__lte=MOST_LESSONS), name="an_offer_is_some_lessons"
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="an_offer_has_a_currency"),
        ]
        ordering = ["lessons", "price", "pk"]

    def __str__(self) -> str:
        return self.name


class PurchaseStatus(models.TextChoices):
    """
    How a purchase stands. `held`: money came, but another amount than was agreed, so no lessons were given. `refunded`: at
    least a part went back. `expired`: not paid in time; should money still come, it is paid after all.
    """

    OPEN = "open", pgettext_lazy("purchase", "Not paid yet")
    PAID = "paid", pgettext_lazy("purchase", "Paid")
    HELD = "held", pgettext_lazy("purchase", "Another amount was paid")
    REFUNDED = "refunded", pgettext_lazy("purchase", "Refunded")
    EXPIRED = "expired", pgettext_lazy("purchase", "Not paid")


class PurchaseQuerySet(models.QuerySet["Purchase"]):
    """Filters that read after the noun."""

    def visible_to(self, user: User) -> Self:
        """Those that somebody paid, or that are for them or for a child of theirs; admins all."""
        if user.is_admin:
            return self
        return self.filter(Q(payer=user) | Q(student=user) | Q(student__in=wards_of(user)))


@personal("payer", "student")
class Purchase(models.Model):
    """
    An offer as it was when `payer` bought it for `student`: what is agreed stays, whatever becomes of the offer. Or, without
    an offer, one lesson that is paid as it is booked, the `booking`.

    `amount` is what was agreed, `paid_amount` what the provider took, `refunded_amount` what went back or was asked to. By
    `checkout_id` and `payment_id` the provider knows it. It is looked up there at `look_at`, until the provider has said how
    it ends: one that is closed here because the offer changed may still be paid there.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    payer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="purchases_paid")
    student = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="purchases")
    offer = models.ForeignKey(Offer, null=True, on_delete=models.PROTECT, related_name="purchases")
    booking = models.OneToOneField(Booking, null=True, on_delete=models.SET_NULL, related_name="purchase")
    name = models.CharField(max_length=LONGEST_NAME)
    kind = models.ForeignKey(LessonKind, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    teacher = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    lessons = models.PositiveSmallIntegerField()
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    valid_days = models.PositiveSmallIntegerField(null=True)
    status = models.CharField(max_length=16, choices=PurchaseStatus.choices, default=PurchaseStatus.OPEN)
    provider = models.CharField(max_length=32)
    checkout_id = models.CharField(max_length=LONGEST_ID, blank=True)
    payment_id = models.CharField(max_length=LONGEST_ID, blank=True)
    paid_amount = models.PositiveIntegerField(null=True)
    paid_currency = models.CharField(max_length=3, blank=True)
    refunded_amount = models.PositiveIntegerField(default=0)
    look_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    credited_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = PurchaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payer", "student", "offer"],
                condition=Q(status="open"),
                name="one_purchase_of_an_offer_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["provider", "checkout_id"], condition=~Q(checkout_id=""), name="a_checkout_is_one_purchase"
            ),
            models.UniqueConstraint(
                fields=["provider", "payment_id"], condition=~Q(payment_id=""), name="a_payment_is_one_purchase"
            ),
            models.CheckConstraint(condition=Q(amount__gte=1, lessons__gte=1), name="a_purchase_costs_something"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "expired"], paid_at=None)
                | Q(status__in=["paid", "held", "refunded"], paid_at__isnull=False),
                name="a_purchase_is_paid_or_not",
            ),
            models.CheckConstraint(
                condition=Q(credited_at=None) | Q(paid_at__isnull=False), name="lessons_come_by_a_payment"
            ),
            models.CheckConstraint(
                condition=Q(paid_amount=None) | Q(refunded_amount__lte=F("paid_amount")),
                name="no_more_is_refunded_than_was_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["look_at"], condition=Q(status="open"), name="purchase_to_look_up"),
            models.Index(fields=["created_at"], name="purchase_created"),
        ]
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} / {self.student}"

    @property
    def to_be_paid_until(self) -> datetime:
        """When the provider's page takes no payment any more."""
        return self.created_at + (HOLDS_A_TIME if self.offer_id is None else CHECKOUT_HOLDS)


class RefundStatus(models.TextChoices):
    """How a refund stands: asked of the provider, done, or refused by it."""

    ASKED = "asked", pgettext_lazy("refund", "Asked for")
    DONE = "done", pgettext_lazy("refund", "Done")
    FAILED = "failed", pgettext_lazy("refund", "Refused")


@personal()
class Refund(models.Model):
    """
    Money of a purchase that goes back, and how many lessons were taken for it. `by` is None for what was refunded at the
    provider itself. `missing` lessons should have been taken as well, but were used.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="refunds")
    amount = models.PositiveIntegerField()
    lessons = models.PositiveSmallIntegerField()
    missing = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=16, choices=RefundStatus.choices, default=RefundStatus.ASKED)
    provider_id = models.CharField(max_length=LONGEST_ID, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gte=1), name="a_refund_is_some_money")]
        indexes = [models.Index(fields=["asked_at"], condition=Q(status="asked"), name="refund_asked")]
        ordering = ["asked_at", "pk"]

    def __str__(self) -> str:
        return f"{self.amount} of {self.purchase}"

    def concerns(self, person: User) -> bool:
        """Whom the purchase concerns."""
        return self.pk in remembered(person, "refunds", lambda: _refunds_of(person))


class BoughtLesson(models.Model):
    """
    Which lesson of the balance is which of a purchase: each number once, so that no purchase is credited twice. `refund` is
    the one for which it was taken back.
    """

    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="bought", db_index=False)
    number = models.PositiveSmallIntegerField()
    credit = models.OneToOneField(MakeUpCredit, on_delete=models.CASCADE, related_name="bought_by")
    refund = models.ForeignKey(Refund, null=True, on_delete=models.PROTECT, related_name="taken")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purchase", "number"], name="each_lesson_of_a_purchase_once"),
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} of {self.purchase}"


class ProviderEvent(models.Model):
    """A message of a provider that was understood, so that one that comes again changes nothing."""

    provider = models.CharField(max_length=32)
    event_id = models.CharField(max_length=LONGEST_ID)
    kind = models.CharField(max_length=32)
    purchase = models.ForeignKey(Purchase, null=True, on_delete=models.PROTECT, related_name="events")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="a_message_counts_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


def _refunds_of(person: User) -> set[UUID]:
    whose = Q(purchase__payer=person) | Q(purchase__student=person) | Q(purchase__student__in=wards_of(person))
    return set(Refund.objects.filter(whose).values_list("pk", flat=True))
