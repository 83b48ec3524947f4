"""The pages: what is for sale, going to pay, coming back, and what admins see of it."""

import re
from typing import Any

import pytest
from django.test import Client

from classbell.accounts.models import User
from classbell.accounts.tokens import BACKEND
from classbell.payments.models import Offer, Purchase, PurchaseStatus
from classbell.payments.offers import change_offer
from tests.factories import make_admin, make_guardian, make_student
from tests.factories_bookings import make_tutor
from tests.factories_door import make_open_kind
from tests.payments.shop import PRICE, begun, left, package, paid
from tests.payments.stripe_server import Fault, StripeServer
from tests.web.html import words

pytestmark = pytest.mark.django_db


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def press_buy(client: Client, offer: Offer, below: str = "", **more: Any) -> Any:
    return client.post(
        f"{below}/buy/{offer.pk}", {"price": offer.price, "currency": offer.currency} | more, follow=True
    )


def links(page: Any) -> list[str]:
    return re.findall(r'href="([^"]+)"', page.content.decode())


def test_a_student_buys_goes_to_pay_and_comes_back(stripe: StripeServer) -> None:
    student, offer = make_student(), package()
    client = browser(student)
    assert "Buy for €100.00" in words(client.get("/buy/"))

    page = press_buy(client, offer)

    purchase = Purchase.objects.get()
    assert "Not paid yet." in words(page)
    assert stripe.sessions[purchase.checkout_id]["url"] in links(page)
    stripe.pay(purchase.checkout_id)
    back = words(client.get(f"/purchases/{purchase.pk}/"))
    assert "Paid. The lessons are on the balance." in back
    assert left(student) == 3
    assert "Three lessons" in words(client.get("/buy/"))


def test_a_guardian_buys_below_the_childs_address(stripe: StripeServer) -> None:
    child, offer = make_student(), package()
    client = browser(make_guardian(child))

    page = press_buy(client, offer, below=f"/children/{child.pk}")

    purchase = Purchase.objects.get()
    assert page.redirect_chain[-1][0] == f"/children/{child.pk}/purchases/{purchase.pk}/"
    assert stripe.sessions[purchase.checkout_id]["url"] in links(page)


def test_only_who_pays_is_led_to_pay(stripe: StripeServer) -> None:
    child = make_student()
    purchase = begun(child, payer=make_guardian(child))
    url = stripe.sessions[purchase.checkout_id]["url"]

    for person in (child, make_admin()):
        page = browser(person).get(f"/purchases/{purchase.pk}/")
        assert page.status_code == 200
        assert url not in links(page)


def test_the_page_says_what_is_known_while_the_bank_is_waited_for(stripe: StripeServer) -> None:
    student = make_student()
    purchase = begun(student)
    stripe.begin_bank_transfer(purchase.checkout_id)

    assert "Waiting for the bank." in words(browser(student).get(f"/purchases/{purchase.pk}/"))


def test_the_page_says_that_it_is_not_paid_and_where_to_buy_again(stripe: StripeServer) -> None:
    student = make_student()
    purchase = begun(student)
    stripe.expire(purchase.checkout_id)

    page = browser(student).get(f"/purchases/{purchase.pk}/")

    assert "Not paid: the time for it is over" in words(page)
    assert "Buy again" in words(page)


def test_the_page_claims_nothing_while_the_provider_does_not_answer(
    stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = make_student()
    purchase = begun(student)
    monkeypatch.setattr(StripeServer, "answer", lambda *_args: (503, b"{}"))

    page = browser(student).get(f"/purchases/{purchase.pk}/")

    assert "Not known yet" in words(page)
    assert "Look again" in words(page)


def test_a_price_that_changed_while_the_page_was_open_is_said_and_nothing_is_bought(stripe: StripeServer) -> None:
    student, offer = make_student(), package()
    change_offer(offer_id=offer.pk, changes={"price": 12_000})

    page = press_buy(browser(student), offer)

    assert page.status_code == 409
    assert "The price has changed meanwhile: it is €120.00 now." in words(page)
    assert "Buy for €120.00" in words(page)
    assert not Purchase.objects.exists()


@pytest.mark.parametrize("wrong", [{"price": "much"}, {"price": ""}, {"price": "-1"}, {"currency": "EURO"}])
def test_a_form_that_was_tampered_with_buys_nothing(stripe: StripeServer, wrong: dict[str, str]) -> None:
    page = press_buy(browser(make_student()), package(), **wrong)

    assert page.status_code == 400
    assert not Purchase.objects.exists()


def test_a_provider_that_is_down_is_said(stripe: StripeServer) -> None:
    stripe.fault = Fault.DOWN

    page = press_buy(browser(make_student()), package())

    assert page.status_code == 503
    assert "does not answer just now" in words(page)


def test_without_keys_offers_are_read_without_a_button_and_admins_read_why() -> None:
    offer = package()
    shown = words(browser(make_student()).get("/buy/"))

    assert "€100.00" in shown
    assert "Buy for" not in shown
    assert "Ask the school how to pay" in shown
    assert "set STRIPE_SECRET_KEY" in words(browser(make_admin()).get("/offers/"))
    assert press_buy(browser(make_student()), offer).status_code == 400


def test_empty_pages_say_what_comes_there() -> None:
    admin = browser(make_admin())

    assert "Nothing is for sale" in words(browser(make_student()).get("/buy/"))
    assert "Nothing is for sale yet" in words(admin.get("/offers/"))
    assert "Nobody has bought anything yet" in words(admin.get("/purchases/"))


def test_an_admin_sells_something_and_changes_its_price() -> None:
    admin = browser(make_admin())
    typed = {"name": "Ten lessons", "lessons": "10", "price": "220.50", "currency": "eur", "is_on_sale": "on"}

    assert admin.post("/offers/new", typed).status_code == 302
    offer = Offer.objects.get()
    assert (offer.price, offer.currency, offer.valid_days) == (22_050, "EUR", None)
    assert 'value="220.50"' in admin.get(f"/offers/{offer.pk}/").content.decode()

    admin.post(f"/offers/{offer.pk}/", typed | {"price": "200", "valid_days": "90", "is_on_sale": ""})
    offer.refresh_from_db()
    assert (offer.price, offer.valid_days, offer.is_on_sale) == (20_000, 90, False)
    history = words(admin.get(f"/audit/?kind=offer&id={offer.pk}"))
    assert "Price in the smallest unit" in history
    assert "22050" in history


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"price": "0"}, "It must cost something"),
        ({"price": "1.005"}, "fewer digits after the point"),
        ({"price": "1.5", "currency": "JPY"}, "fewer digits after the point"),
        ({"currency": "EU"}, "Write three letters"),
        ({"currency": "E1R"}, "Write three letters"),
        ({"lessons": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_an_offer_cannot_be_is_said_beside_its_field(wrong: dict[str, str], said: str) -> None:
    typed = {"name": "Ten lessons", "lessons": "10", "price": "220.50", "currency": "EUR", "is_on_sale": "on"}

    page = browser(make_admin()).post("/offers/new", typed | wrong)

    assert page.status_code == 400
    assert said in words(page)
    assert not Offer.objects.exists()


def test_an_admin_refunds_after_what_it_comes_to_was_said(stripe: StripeServer) -> None:
    student, admin = make_student(), browser(make_admin())
    purchase = paid(stripe, student)
    path = f"/purchases/{purchase.pk}/refund"
    assert "3 lessons of it are unused: €100.00 for all of them" in words(admin.get(path))
    assert left(student) == 3

    assert "Only 3 lessons" in words(admin.post(path, {"lessons": "4"}))
    page = admin.post(path, {"lessons": "1"}, follow=True)

    assert "€33.33 goes back." in words(page)
    assert left(student) == 2
    assert "Refunds" in words(browser(student).get(f"/purchases/{purchase.pk}/"))


def test_an_admin_filters_purchases_and_reads_what_they_come_to(stripe: StripeServer) -> None:
    offer = package()
    paid(stripe, make_student(first_name="Sami", last_name="Paid"), offer)
    begun(make_student(first_name="Omar", last_name="Open"), offer)
    admin = browser(make_admin())

    everything, some = words(admin.get("/purchases/")), words(admin.get("/purchases/?status=paid"))

    assert "Paid: €100.00. Refunded of it: €0.00." in everything
    assert "Omar Open" in everything
    assert ("Sami Paid" in some, "Omar Open" in some) == (True, False)
    assert "None of these." in words(admin.get("/purchases/?status=held"))
    assert "Omar Open" in words(admin.get("/purchases/?status=nonsense"))


def test_what_was_paid_wrongly_is_said_to_its_payer(stripe: StripeServer) -> None:
    student = make_student()
    purchase = begun(student)
    stripe.pay(purchase.checkout_id, amount=PRICE + 1)

    page = words(browser(student).get(f"/purchases/{purchase.pk}/"))

    purchase.refresh_from_db()
    assert purchase.status == PurchaseStatus.HELD
    assert "not the agreed amount" in page


def test_who_lacks_the_lesson_that_a_kind_takes_is_led_to_what_is_for_sale(stripe: StripeServer) -> None:
    student, kind = make_student(), make_open_kind(make_tutor(), takes_a_lesson=True)
    client, path = browser(student), f"/kinds/{kind.address}/book"

    page = client.get(path)
    assert "booked with a lesson of the balance, and there is none" in words(page)
    assert "/buy/" in links(page)

    paid(stripe, student)
    assert "there is none" not in words(client.get(path))
