"""Paying: lessons come once, whenever and however often it is heard that they are paid, and only for what was agreed."""

import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings as django_settings
from pydantic import SecretStr

from classbell.accounts.models import User
from classbell.bookings.kinds.services import remove_kind
from classbell.bookings.models import CreditEntry, MakeUpCredit, Origin
from classbell.notices.models import Notice
from classbell.payments import buying, settling
from classbell.payments.errors import (
    CheckoutRefused,
    NoSuchOffer,
    PayingOff,
    PriceChanged,
    ProviderUnreachable,
)
from classbell.payments.models import BoughtLesson, Offer, ProviderEvent, Purchase, PurchaseStatus
from classbell.payments.offers import change_offer
from classbell.payments.providers import Unreachable
from classbell.payments.sweeping import sweep
from tests.at_once import done_at_once, held_at_lock
from tests.factories import make_admin, make_guardian, make_student
from tests.factories_bookings import make_tutor
from tests.factories_door import make_open_kind
from tests.payments.shop import (
    PRICE,
    begun,
    environment_for,
    hook,
    left,
    message,
    package,
    paid,
    the_clock,
    unsigned,
)
from tests.payments.stripe_server import SESSIONS, Fault, StripeServer

pytestmark = pytest.mark.django_db

COMPLETED = "checkout.session.completed"
EXPIRED = "checkout.session.expired"
LATER = timedelta(hours=8)


def buy(student: User, offer: Offer, **more: Any) -> tuple[Purchase, str]:
    given = {"payer": student, "student": student, "offer_id": offer.pk, "price": offer.price, "currency": "EUR"}
    return buying.buy(**{**given, "now": the_clock(), **more})


def told(person: User) -> list[str]:
    return list(Notice.objects.filter(user=person).order_by("pk").values_list("kind", flat=True))


def test_a_package_that_is_paid_is_on_the_balance(stripe: StripeServer) -> None:
    student, tutor = make_student(), make_tutor()
    purchase = paid(stripe, student, package(teacher=tutor, valid_days=90))

    assert (purchase.status, purchase.paid_amount) == (PurchaseStatus.PAID, PRICE)
    credits_ = MakeUpCredit.objects.filter(student=student)
    assert {(one.origin, one.teacher) for one in credits_} == {(Origin.PACKAGE, tutor)}
    assert {one.expires_at - purchase.paid_at for one in credits_ if one.expires_at and purchase.paid_at} == {
        timedelta(days=90)
    }
    assert set(CreditEntry.objects.values_list("kind", "reason", "amount")) == {("earned", "Three lessons", 1)}
    assert [one.number for one in BoughtLesson.objects.filter(purchase=purchase)] == [1, 2, 3]
    assert told(student) == ["purchase_paid"]


def test_stripe_is_asked_for_what_was_agreed_and_sends_the_payer_back_to_the_purchase(stripe: StripeServer) -> None:
    student = make_student()
    purchase = begun(student)

    session = stripe.sessions[purchase.checkout_id]
    assert (session["amount_total"], session["currency"]) == (PRICE, "eur")
    assert session["success_url"].endswith(f"/purchases/{purchase.pk}/")
    assert session["customer_email"] == student.email
    assert session["automatic_tax"] == {"enabled": False}
    assert left(student) == 0


def test_a_guardian_pays_for_a_child_and_is_told(stripe: StripeServer) -> None:
    child = make_student()
    guardian = make_guardian(child)
    purchase = begun(child, payer=guardian)

    hook(message(COMPLETED, stripe.pay(purchase.checkout_id)))

    assert stripe.sessions[purchase.checkout_id]["success_url"].endswith(
        f"/children/{child.pk}/purchases/{purchase.pk}/"
    )
    assert left(child) == 3
    assert told(guardian)[1:] == ["purchase_paid"]


def test_taxes_are_left_to_stripe_where_the_school_has_it_so(
    stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(django_settings, "ENVIRONMENT", environment_for(stripe, stripe_automatic_tax=True))

    assert stripe.sessions[begun(make_student()).checkout_id]["automatic_tax"] == {"enabled": True}


def test_what_is_agreed_stays_when_the_offer_changes(stripe: StripeServer) -> None:
    student, offer = make_student(), package()
    purchase = begun(student, offer)
    change_offer(offer_id=offer.pk, changes={"lessons": 30, "price": 1, "name": "Thirty"})

    hook(message(COMPLETED, stripe.pay(purchase.checkout_id)))

    assert left(student) == 3


@pytest.mark.parametrize("is_bought", [True, False], ids=["bought", "for sale"])
def test_a_kind_of_which_lessons_are_sold_is_not_offered_any_more_and_takes_none_of_them_along(
    stripe: StripeServer, is_bought: bool
) -> None:
    student, kind = make_student(), make_open_kind(make_tutor())
    offer = package(kind=kind)
    if is_bought:
        paid(stripe, student, offer)

    remove_kind(kind_id=kind.pk)

    kind.refresh_from_db()
    assert not kind.is_active
    assert left(student) == (3 if is_bought else 0)
    with pytest.raises(NoSuchOffer):
        buy(student, offer)


def test_without_keys_nobody_pays_and_nothing_is_kept() -> None:
    offer = package()

    with pytest.raises(PayingOff):
        buy(make_student(), offer)

    assert not Purchase.objects.exists()


def test_another_price_than_the_one_that_was_shown_is_said_and_nothing_is_bought(stripe: StripeServer) -> None:
    student, offer = make_student(), package()
    change_offer(offer_id=offer.pk, changes={"price": 12_000})

    with pytest.raises(PriceChanged, match=r"€120\.00 now") as refused:
        buy(student, offer, price=PRICE)

    assert refused.value.details == [{"field": "price", "price": 12_000, "currency": "EUR"}]
    assert not Purchase.objects.exists()
    assert not stripe.sessions


def test_what_is_taken_off_sale_is_not_sold(stripe: StripeServer) -> None:
    offer = package(is_on_sale=False)

    with pytest.raises(NoSuchOffer):
        buy(make_student(), offer)


def test_who_presses_twice_pays_once(stripe: StripeServer) -> None:
    student, offer = make_student(), package()

    first, second = buy(student, offer), buy(student, offer)

    assert first == second
    assert len(stripe.sessions) == 1


@pytest.mark.django_db(transaction=True)
def test_who_presses_on_two_devices_at_once_pays_once(stripe: StripeServer) -> None:
    student, offer = make_student(), package()

    bought = done_at_once([partial(buy, student, offer)] * 2)

    assert len({purchase.pk for purchase, _url in bought}) == 1
    assert len(stripe.sessions) == 1


def test_who_comes_back_after_the_price_changed_buys_anew_at_the_new_one(stripe: StripeServer) -> None:
    student, offer = make_student(), package()
    old = begun(student, offer)
    change_offer(offer_id=offer.pk, changes={"price": 12_000})

    new, url = buy(student, offer, price=12_000)

    old.refresh_from_db()
    assert (old.status, new.amount, bool(url)) == (PurchaseStatus.EXPIRED, 12_000, True)


def test_money_for_the_old_price_counts_although_no_webhook_comes(stripe: StripeServer) -> None:
    """The buyer began anew at the new price, and then paid in the tab that was still open."""
    student, offer = make_student(), package()
    old = begun(student, offer)
    change_offer(offer_id=offer.pk, changes={"price": 12_000})
    buy(student, offer, price=12_000)
    stripe.pay(old.checkout_id)

    sweep(now=the_clock() + timedelta(minutes=6))

    old.refresh_from_db()
    assert (old.status, old.look_at, left(student)) == (PurchaseStatus.PAID, None, 3)


def test_who_comes_back_after_the_time_was_over_pays_anew(stripe: StripeServer) -> None:
    student, offer = make_student(), package()
    old = begun(student, offer)
    stripe.expire(old.checkout_id)

    new, url = buy(student, offer)

    assert new != old
    assert url == stripe.sessions[new.checkout_id]["url"]


# The webhook: before the redirect, twice, at once, never.


def test_the_webhook_may_come_before_the_payer_is_back(stripe: StripeServer) -> None:
    student = make_student()
    purchase = begun(student)
    hook(message(COMPLETED, stripe.pay(purchase.checkout_id)))

    payment = settling.ask_provider(purchase.pk, now=the_clock())

    assert payment is not None
    assert payment.state == "paid"
    assert left(student) == 3


def test_the_webhook_may_come_before_we_know_how_stripe_calls_it(stripe: StripeServer) -> None:
    """The process ended between Stripe's answer and the commit."""
    student = make_student()
    purchase = begun(student)
    session = stripe.pay(purchase.checkout_id)
    Purchase.objects.update(checkout_id="")

    hook(message(COMPLETED, session))

    purchase.refresh_from_db()
    assert (purchase.status, purchase.checkout_id, left(student)) == (PurchaseStatus.PAID, session["id"], 3)


@pytest.mark.parametrize("is_same", [True, False], ids=["the same message", "another message of the same"])
def test_the_webhook_may_come_twice(stripe: StripeServer, is_same: bool) -> None:
    student = make_student()
    purchase = begun(student)
    session = stripe.pay(purchase.checkout_id)
    first = message(COMPLETED, session)

    answers = [hook(first), hook(first if is_same else message(COMPLETED, session))]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (left(student), told(student)) == (3, ["purchase_paid"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_same", [True, False], ids=["the same message", "two messages"])
def test_two_webhooks_and_the_return_page_at_once_give_the_lessons_once(stripe: StripeServer, is_same: bool) -> None:
    student = make_student()
    purchase = begun(student)
    session = stripe.pay(purchase.checkout_id)
    first = message(COMPLETED, session)
    second = first if is_same else message("checkout.session.async_payment_succeeded", session)

    results = held_at_lock(
        Purchase.objects.filter(pk=purchase.pk),
        [
            partial(hook, first),
            partial(hook, second),
            partial(settling.ask_provider, purchase.pk, now=the_clock()),
        ],
    )

    assert [one for one in results if isinstance(one, Exception)] == []
    assert left(student) == 3
    assert BoughtLesson.objects.filter(purchase=purchase).count() == 3


def test_a_webhook_that_never_comes_is_caught_by_the_return_page(stripe: StripeServer) -> None:
    student = make_student()
    purchase = begun(student)
    stripe.pay(purchase.checkout_id)

    settling.ask_provider(purchase.pk, now=the_clock())

    assert left(student) == 3


def test_a_webhook_that_never_comes_is_caught_by_the_sweep(stripe: StripeServer) -> None:
    student = make_student()
    purchase = begun(student)
    stripe.pay(purchase.checkout_id)

    assert sweep(now=the_clock()) == 0, "It is too early to ask."
    assert sweep(now=the_clock() + timedelta(minutes=6)) == 1
    assert left(student) == 3


def test_the_sweep_asks_ever_more_rarely_about_what_is_not_paid(stripe: StripeServer) -> None:
    purchase = begun(make_student())
    now = the_clock()

    moments = [now + timedelta(minutes=minutes) for minutes in range(0, 24 * 60, 5)]

    assert 5 < sum(sweep(now=moment) for moment in moments) < 15
    purchase.refresh_from_db()
    assert purchase.status == PurchaseStatus.OPEN


def test_a_session_whose_time_is_over_closes_the_purchase(stripe: StripeServer) -> None:
    purchase = begun(make_student())

    hook(message(EXPIRED, stripe.expire(purchase.checkout_id)))

    purchase.refresh_from_db()
    assert purchase.status == PurchaseStatus.EXPIRED


def test_money_for_what_expired_here_still_counts_once(stripe: StripeServer) -> None:
    student = make_student()
    purchase = begun(student)
    session = dict(stripe.sessions[purchase.checkout_id])
    hook(message(EXPIRED, session | {"status": "expired"}))

    for _time in range(2):
        hook(message(COMPLETED, stripe.pay(purchase.checkout_id)))

    purchase.refresh_from_db()
    assert (purchase.status, left(student)) == (PurchaseStatus.PAID, 3)


def test_that_it_expired_says_nothing_after_it_was_paid(stripe: StripeServer) -> None:
    student = make_student()
    purchase = paid(stripe, student)

    hook(message(EXPIRED, stripe.sessions[purchase.checkout_id] | {"status": "expired", "payment_status": "unpaid"}))

    purchase.refresh_from_db()
    assert (purchase.status, left(student)) == (PurchaseStatus.PAID, 3)


def test_a_bank_that_takes_days_is_waited_for(stripe: StripeServer) -> None:
    student = make_student()
    purchase = begun(student)

    hook(message(COMPLETED, stripe.begin_bank_transfer(purchase.checkout_id)))
    assert left(student) == 0
    hook(message("checkout.session.async_payment_succeeded", stripe.pay(purchase.checkout_id)))

    assert left(student) == 3


def test_a_bank_that_says_no_closes_the_purchase(stripe: StripeServer) -> None:
    student = make_student()
    purchase = begun(student)

    hook(message("checkout.session.async_payment_failed", stripe.begin_bank_transfer(purchase.checkout_id)))

    purchase.refresh_from_db()
    assert (purchase.status, left(student)) == (PurchaseStatus.EXPIRED, 0)


def test_another_amount_than_was_agreed_gives_no_lessons_and_admins_are_told(stripe: StripeServer) -> None:
    admin, student = make_admin(), make_student()
    purchase = begun(student)

    for _time in range(2):
        hook(message(COMPLETED, stripe.pay(purchase.checkout_id, amount=100)))

    purchase.refresh_from_db()
    assert (purchase.status, purchase.paid_amount, left(student)) == (PurchaseStatus.HELD, 100, 0)
    assert (told(admin), told(student)) == (["payment_differs"], [])


def test_a_currency_without_cents_is_paid_in_whole_units(stripe: StripeServer) -> None:
    student = make_student()
    purchase = paid(stripe, student, package(price=5_000, currency="JPY"))

    assert stripe.sessions[purchase.checkout_id]["amount_total"] == 5_000
    assert left(student) == 3


def test_a_currency_that_stripe_counts_in_other_units_is_paid_as_agreed(stripe: StripeServer) -> None:
    student = make_student()
    purchase = paid(stripe, student, package(price=5_000, currency="ISK"))

    assert stripe.sessions[purchase.checkout_id]["amount_total"] == 500_000
    assert (purchase.paid_amount, left(student)) == (5_000, 3)


# Who may send webhooks, and which.


def test_a_message_with_another_signature_is_refused(stripe: StripeServer) -> None:
    student = make_student()
    purchase = begun(student)
    said = message(COMPLETED, stripe.pay(purchase.checkout_id))

    assert hook(said, secret="whsec_of_somebody").status_code == 401
    assert unsigned("{}").status_code == 401
    assert unsigned("{}", "t=1,v1=00").status_code == 401
    assert unsigned("{}", "v1").status_code == 401
    assert left(student) == 0


def test_an_old_message_is_refused(stripe: StripeServer) -> None:
    said = message(COMPLETED, stripe.pay(begun(make_student()).checkout_id))

    assert hook(said, at=int(time.time()) - 3_600).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        "no JSON",
        "[]",
        "{}",
        '{"id": "evt_1", "type": "checkout.session.completed", "data": {"object": {}}}',
        '{"id": "evt_1", "type": "checkout.session.completed", "data": {"object": {"id": 7}}}',
        '{"id": "", "type": "charge.refunded", "data": {"object": {"amount_refunded": 1, "currency": "eur"}}}',
        '{"id": "evt_1", "type": "charge.refunded", "data": {"object": {"amount_refunded": "much", "currency": "eur"}}}',
    ],
)
def test_a_signed_message_that_says_nothing_is_refused_with_a_sentence(stripe: StripeServer, body: str) -> None:
    answer = hook(body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_what_is_too_large_is_refused_unread(stripe: StripeServer) -> None:
    assert hook('{"id": "' + "x" * 1_000_001 + '"}').status_code == 413


def test_messages_about_something_else_are_taken_in_and_change_nothing(stripe: StripeServer) -> None:
    elsewhere = {"id": "cs_of_another_shop", "payment_status": "paid", "amount_total": 5, "currency": "eur"}

    assert hook(message("customer.created", {"id": "cus_1"})).json() == {"received": True}
    assert hook(message(COMPLETED, elsewhere)).status_code == 200
    assert ProviderEvent.objects.get().purchase is None


def test_without_a_secret_webhooks_are_not_taken(stripe: StripeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    said = message(COMPLETED, stripe.pay(begun(make_student()).checkout_id))
    monkeypatch.setattr(django_settings, "ENVIRONMENT", environment_for(stripe, stripe_webhook_secret=SecretStr("")))

    assert hook(said).status_code == 503


def test_who_sells_nothing_any_more_still_hears_of_what_was_being_paid(
    stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = make_student()
    said = message(COMPLETED, stripe.pay(begun(student).checkout_id))
    monkeypatch.setattr(django_settings, "ENVIRONMENT", environment_for(stripe, stripe_secret_key=SecretStr("")))

    assert hook(said).status_code == 200
    assert left(student) == 3


# Stripe is away, or says no, or the process ends midway.


def test_while_stripe_is_down_nothing_is_paid_and_the_next_try_goes_on(stripe: StripeServer) -> None:
    student, offer = make_student(), package()
    stripe.fault = Fault.DOWN

    with pytest.raises(ProviderUnreachable):
        buy(student, offer)
    purchase, url = buy(student, offer)

    assert url
    assert Purchase.objects.get() == purchase


def test_an_answer_that_is_lost_makes_no_second_checkout(stripe: StripeServer) -> None:
    student, offer = make_student(), package()
    stripe.fault = Fault.ANSWER_LOST

    with pytest.raises(ProviderUnreachable):
        buy(student, offer)
    buy(student, offer)

    assert stripe.asked == [("POST", SESSIONS)] * 2
    assert len(stripe.sessions) == 1


def test_what_stripe_does_not_take_is_closed(stripe: StripeServer) -> None:
    stripe.fault = Fault.REFUSED

    with pytest.raises(CheckoutRefused):
        buy(make_student(), package())

    assert Purchase.objects.get().status == PurchaseStatus.EXPIRED


def test_what_was_never_begun_at_stripe_is_closed_by_the_sweep(stripe: StripeServer) -> None:
    stripe.fault = Fault.DOWN
    with pytest.raises(ProviderUnreachable):
        buy(make_student(), package())

    sweep(now=the_clock() + LATER)

    assert Purchase.objects.get().status == PurchaseStatus.EXPIRED


def test_a_crash_while_lessons_are_given_gives_none_and_the_next_message_all(
    stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = make_student()
    purchase = begun(student)
    said = message(COMPLETED, stripe.pay(purchase.checkout_id))
    with monkeypatch.context() as patch:
        patch.setattr(BoughtLesson.objects, "bulk_create", _crash)
        assert hook(said).status_code == 500
    assert left(student) == 0

    assert hook(said).status_code == 200
    assert left(student) == 3


def test_no_secret_is_in_what_is_said_or_kept(stripe: StripeServer) -> None:
    from classbell.payments.gateway import provider

    stripe.fault = Fault.REFUSED
    with pytest.raises(CheckoutRefused) as refused:
        buy(make_student(), package())
    gateway = provider()

    assert gateway is not None
    assert "sk_test" not in f"{gateway!r} {refused.value!r} {refused.value.__cause__!r}"
    assert isinstance(Unreachable("x"), Exception)


@pytest.mark.django_db(transaction=True)
def test_who_settles_a_purchase_and_who_begins_it_again_do_not_wait_for_each_other(stripe: StripeServer) -> None:
    student, offer = make_student(), package()
    purchase = begun(student, offer)

    def settle() -> None:
        # A row that one transaction changes twice refers anew to its offer when that is committed.
        for minutes in (1, 2):
            Purchase.objects.filter(pk=purchase.pk).update(look_at=the_clock() + timedelta(minutes=minutes))

    (again,) = held_at_lock(Purchase.objects.filter(pk=purchase.pk), [partial(buy, student, offer)], under_it=settle)

    assert not isinstance(again, Exception), repr(again)
    assert again[0] == purchase


def _crash(*_args: object, **_named: object) -> None:
    raise RuntimeError("The process ends here.")
