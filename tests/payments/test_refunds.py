"""Refunds: only what is unused, never more than was paid, and the lessons are gone before the money is asked for."""

from typing import Any

import pytest
from django.db import transaction

from classbell.accounts.models import User
from classbell.bookings import makeup
from classbell.bookings.errors import NoCredit
from classbell.bookings.ledger import lines_of
from classbell.bookings.models import CreditEntry, MakeUpCredit
from classbell.bookings.services import cancel_booking
from classbell.notices.models import Notice
from classbell.payments import refunds
from classbell.payments.errors import NotPaid, PayingOff, RefundRefused, TooFewUnused
from classbell.payments.models import Purchase, PurchaseStatus, Refund, RefundStatus
from classbell.payments.sweeping import LEFT_ALONE, sweep
from tests.at_once import at_once
from tests.factories import make_admin, make_student
from tests.factories_bookings import make_booking
from tests.payments.shop import PRICE, begun, hook, left, message, package, paid, the_clock
from tests.payments.stripe_server import Fault, StripeServer

pytestmark = pytest.mark.django_db

REFUNDED = "charge.refunded"
# Of 10_000 for three lessons: what one, two and three of them come to.
ONE, TWO, ALL = 3_333, 6_666, PRICE


def refund(purchase: Purchase, lessons: int | None = None, by: User | None = None) -> Refund:
    return refunds.refund(purchase_id=purchase.pk, lessons=lessons, by=by or make_admin(), now=the_clock())


def spend(student: User) -> Any:
    """Book with a lesson of the balance."""
    booking = make_booking(student=student)
    makeup.use(booking, now=the_clock())
    return booking


def told(person: User) -> list[str]:
    return list(Notice.objects.filter(user=person).order_by("pk").values_list("kind", flat=True))


def as_now(purchase: Purchase) -> tuple[str, int, int]:
    """Return how a purchase stands, what of it went back, and how many lessons its student has."""
    purchase.refresh_from_db()
    return purchase.status, purchase.refunded_amount, left(purchase.student)


def adds_up(student: User) -> bool:
    """Whether the ledger of somebody comes to what they have, and was never below nothing."""
    lines = list(lines_of(MakeUpCredit.objects.filter(student=student)).order_by("at", "pk"))
    return sum(line.amount for line in lines) == left(student) and all(line.balance >= 0 for line in lines)


def test_what_is_unused_goes_back_and_leaves_the_balance(stripe: StripeServer) -> None:
    student, admin = make_student(), make_admin()
    purchase = paid(stripe, student)

    made = refund(purchase, by=admin)

    assert (made.status, made.amount, made.lessons) == (RefundStatus.DONE, ALL, 3)
    assert as_now(purchase) == (PurchaseStatus.REFUNDED, ALL, 0)
    assert [one["amount"] for one in stripe.refunds(purchase.checkout_id)] == [ALL]
    assert CreditEntry.objects.filter(kind="taken_back", by=admin, reason="Three lessons").count() == 3
    assert told(student) == ["purchase_paid", "purchase_refunded"]
    assert adds_up(student)


def test_used_lessons_are_paid_for(stripe: StripeServer) -> None:
    student = make_student()
    purchase = paid(stripe, student)
    spend(student)

    assert refund(purchase).amount == TWO
    assert as_now(purchase) == (PurchaseStatus.REFUNDED, TWO, 0)


def test_one_after_the_other_they_come_to_the_price_and_not_a_cent_more(stripe: StripeServer) -> None:
    student = make_student()
    purchase = paid(stripe, student)

    amounts = [refund(purchase, 1).amount for _time in range(3)]

    assert (sum(amounts), amounts[0]) == (ALL, ONE)
    with pytest.raises(TooFewUnused, match="nothing to refund"):
        refund(purchase)


def test_a_lesson_that_comes_back_can_be_refunded_then(stripe: StripeServer) -> None:
    student, admin = make_student(), make_admin()
    purchase = paid(stripe, student)
    booking = spend(student)
    refund(purchase)

    cancel_booking(booking_id=booking.pk, by=admin, reason="Ill.", now=the_clock())

    assert refund(purchase).amount == ALL - TWO


@pytest.mark.parametrize("lessons", [0, -1, 4])
def test_more_than_is_unused_is_refused_and_nothing_changes(stripe: StripeServer, lessons: int) -> None:
    purchase = paid(stripe, make_student())

    with pytest.raises(TooFewUnused, match="Only 3 lessons"):
        refund(purchase, lessons)

    assert as_now(purchase) == (PurchaseStatus.PAID, 0, 3)


def test_lessons_of_another_purchase_are_left_alone(stripe: StripeServer) -> None:
    student = make_student()
    purchase = paid(stripe, student)
    paid(stripe, student, package(name="Others"))

    refund(purchase)

    assert left(student) == 3


def test_what_was_not_paid_is_not_refunded(stripe: StripeServer) -> None:
    purchase = begun(make_student())

    with pytest.raises(NotPaid):
        refund(purchase)


def test_another_amount_is_not_refunded_here(stripe: StripeServer) -> None:
    purchase = begun(make_student())
    hook(message("checkout.session.completed", stripe.pay(purchase.checkout_id, amount=5)))

    with pytest.raises(NotPaid):
        refund(purchase)


def test_without_keys_nothing_is_refunded(stripe: StripeServer, settings: Any) -> None:
    purchase = paid(stripe, make_student())
    from pydantic import SecretStr

    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"stripe_secret_key": SecretStr("")})

    with pytest.raises(PayingOff):
        refund(purchase)
    assert as_now(purchase) == (PurchaseStatus.PAID, 0, 3)


def test_a_refund_that_stripe_refuses_gives_the_lessons_back_and_admins_are_told(stripe: StripeServer) -> None:
    student, admin = make_student(), make_admin()
    purchase = paid(stripe, student)
    stripe.fault = Fault.REFUSED

    with pytest.raises(RefundRefused):
        refund(purchase, by=admin)

    assert as_now(purchase) == (PurchaseStatus.PAID, 0, 3)
    assert told(admin) == ["refund_failed"]
    assert adds_up(student)
    assert refund(purchase).amount == ALL


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.ANSWER_LOST])
def test_a_refund_without_an_answer_is_asked_for_again_and_done_once(stripe: StripeServer, fault: Fault) -> None:
    student = make_student()
    purchase = paid(stripe, student)
    stripe.fault = fault

    made = refund(purchase)
    assert made.status == RefundStatus.ASKED
    assert as_now(purchase) == (PurchaseStatus.REFUNDED, ALL, 0)
    stripe.answers.clear()  # Stripe forgets keys after a day.
    sweep(now=the_clock() + 2 * LEFT_ALONE)

    made.refresh_from_db()
    assert made.status == RefundStatus.DONE
    assert [one["amount"] for one in stripe.refunds(purchase.checkout_id)] == [ALL]


def test_a_crash_between_the_ledger_and_stripe_is_gone_on_with(
    stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    purchase = paid(stripe, make_student())
    with monkeypatch.context() as patch:
        patch.setattr(refunds, "ask", _crash)
        with pytest.raises(RuntimeError):
            refund(purchase)
    assert as_now(purchase) == (PurchaseStatus.REFUNDED, ALL, 0)
    assert stripe.refunds(purchase.checkout_id) == []

    sweep(now=the_clock() + 2 * LEFT_ALONE)

    assert [one["amount"] for one in stripe.refunds(purchase.checkout_id)] == [ALL]
    assert Refund.objects.get().status == RefundStatus.DONE


@pytest.mark.django_db(transaction=True)
def test_a_refund_and_a_booking_at_once_never_share_a_lesson(stripe: StripeServer) -> None:
    student, admin = make_student(), make_admin()
    purchase = paid(stripe, student, package(lessons=1))
    booking = make_booking(student=student)

    def book() -> None:
        with transaction.atomic():
            makeup.use(booking, now=the_clock())

    results = at_once([book, lambda: refund(purchase, by=admin)])

    refused = [one for one in results if isinstance(one, Exception)]
    assert len(refused) == 1
    assert isinstance(refused[0], NoCredit | TooFewUnused)
    assert left(student) == 0
    assert adds_up(student)


@pytest.mark.django_db(transaction=True)
def test_two_admins_at_once_refund_once(stripe: StripeServer) -> None:
    admin = make_admin()
    purchase = paid(stripe, make_student())

    at_once([lambda: refund(purchase, by=admin)] * 2)

    assert as_now(purchase) == (PurchaseStatus.REFUNDED, ALL, 0)
    assert [one["amount"] for one in stripe.refunds(purchase.checkout_id)] == [ALL]


# At Stripe's own page.


def test_what_is_refunded_at_stripe_leaves_the_balance(stripe: StripeServer) -> None:
    student = make_student()
    purchase = paid(stripe, student)
    charge = stripe.refund(purchase.checkout_id)

    for _time in range(2):
        assert hook(message(REFUNDED, charge)).status_code == 200

    assert as_now(purchase) == (PurchaseStatus.REFUNDED, ALL, 0)
    made = Refund.objects.get()
    assert (made.by, made.amount, made.lessons, made.missing) == (None, ALL, 3, 0)
    assert told(student) == ["purchase_paid", "purchase_refunded"]


def test_a_part_refunded_at_stripe_takes_the_lessons_it_pays_for(stripe: StripeServer) -> None:
    purchase = paid(stripe, make_student())

    hook(message(REFUNDED, stripe.refund(purchase.checkout_id, TWO + 1)))

    assert as_now(purchase) == (PurchaseStatus.REFUNDED, TWO + 1, 1)


def test_used_lessons_that_are_refunded_at_stripe_are_told_to_admins(stripe: StripeServer) -> None:
    student, admin = make_student(), make_admin()
    purchase = paid(stripe, student)
    spend(student)

    hook(message(REFUNDED, stripe.refund(purchase.checkout_id)))

    made = Refund.objects.get()
    assert (made.lessons, made.missing) == (2, 1)
    assert told(admin) == ["refunded_lessons_used"]
    assert adds_up(student)


def test_what_we_asked_for_is_not_taken_for_another_refund(stripe: StripeServer) -> None:
    purchase = paid(stripe, make_student())
    refund(purchase, 1)

    hook(message(REFUNDED, stripe.charge(purchase.checkout_id)))

    assert as_now(purchase) == (PurchaseStatus.REFUNDED, ONE, 2)
    assert Refund.objects.count() == 1


def test_a_refund_may_be_heard_of_before_the_payment(stripe: StripeServer) -> None:
    student = make_student()
    purchase = begun(student)
    session = stripe.pay(purchase.checkout_id)

    hook(message(REFUNDED, stripe.refund(purchase.checkout_id)))
    hook(message("checkout.session.completed", session))

    assert as_now(purchase) == (PurchaseStatus.REFUNDED, ALL, 0)
    assert adds_up(student)


def test_another_amount_that_goes_back_at_stripe_is_noted(stripe: StripeServer) -> None:
    purchase = begun(make_student())
    hook(message("checkout.session.completed", stripe.pay(purchase.checkout_id, amount=500)))

    hook(message(REFUNDED, stripe.refund(purchase.checkout_id)))

    assert as_now(purchase) == (PurchaseStatus.REFUNDED, 500, 0)


def test_a_refund_that_the_bank_sends_back_gives_the_lessons_back(stripe: StripeServer) -> None:
    student, admin = make_student(), make_admin()
    purchase = paid(stripe, student)
    made = refund(purchase, 2)
    (at_stripe,) = stripe.refunds(purchase.checkout_id)
    failed = message("refund.failed", at_stripe | {"status": "failed", "payment_intent": purchase.payment_id})

    for said in (failed, failed | {"id": "evt_another"}):
        assert hook(said).status_code == 200

    made.refresh_from_db()
    assert made.status == RefundStatus.FAILED
    assert as_now(purchase) == (PurchaseStatus.PAID, 0, 3)
    assert told(admin) == ["refund_failed"]
    assert adds_up(student)


def _crash(*_args: object, **_named: object) -> None:
    raise RuntimeError("The process ends here.")
