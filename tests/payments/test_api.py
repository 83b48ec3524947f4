"""Offers and purchases by API: who may, what is refused, and with which sentence."""

from typing import Any

import pytest

from classbell.accounts.models import User
from classbell.payments.models import Offer, Purchase
from tests.factories import make_admin, make_guardian, make_student, make_teacher
from tests.factories_bookings import make_tutor
from tests.factories_door import make_open_kind
from tests.payments.shop import PRICE, Api, begun, hook, left, message, package, paid
from tests.payments.stripe_server import StripeServer

pytestmark = pytest.mark.django_db

OFFER: dict[str, Any] = {"name": "Ten lessons", "lessons": 10, "price": 22_000, "currency": "EUR"}


def wanted(offer: Offer, **more: Any) -> dict[str, Any]:
    return {"offer_id": str(offer.pk), "price": offer.price, "currency": offer.currency} | more


def test_admins_put_something_on_sale_change_it_and_take_it_off(api: Api) -> None:
    admin, student, tutor = make_admin(), make_student(), make_tutor()
    kind = make_open_kind(tutor)

    made = api(admin).post("/api/offers", OFFER | {"kind_id": str(kind.pk), "teacher_id": str(tutor.pk)}).json()
    assert made | OFFER == made
    assert (made["kind_name"], made["teacher_name"], made["valid_days"]) == (kind.name, tutor.name, None)
    assert api(student).get("/api/offers").json() == {"can_be_paid": False, "offers": [made]}

    change = {"price": 21_000, "valid_days": 90, "teacher_id": None}
    changed = api(admin).patch(f"/api/offers/{made['id']}", change).json()
    assert changed | change == changed
    assert changed["kind_id"] == str(kind.pk)

    api(admin).patch(f"/api/offers/{made['id']}", {"is_on_sale": False})
    assert api(student).get("/api/offers").json()["offers"] == []
    assert len(api(admin).get("/api/offers").json()["offers"]) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"lessons": 0}, "lessons"),
        ({"lessons": 101}, "lessons"),
        ({"lessons": True}, "lessons"),
        ({"price": 0}, "price"),
        ({"price": -5}, "price"),
        ({"price": 10**9}, "price"),
        ({"price": 12.5}, "price"),
        ({"currency": "euro"}, "currency"),
        ({"currency": "eur"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"valid_days": 0}, "valid_days"),
        ({"kind_id": "00000000-0000-7000-8000-000000000000"}, "kind_id"),
        ({"teacher_id": "00000000-0000-7000-8000-000000000000"}, "teacher_id"),
    ],
)
def test_what_an_offer_cannot_be_is_said_of_its_field(api: Api, wrong: dict[str, Any], field: str) -> None:
    answer = api(make_admin()).post("/api/offers", OFFER | wrong)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert answer.json()["details"][0]["field"] == field
    assert not Offer.objects.exists()


def test_somebody_who_does_not_teach_is_no_teacher_of_an_offer(api: Api) -> None:
    answer = api(make_admin()).post("/api/offers", OFFER | {"teacher_id": str(make_student().pk)})

    assert (answer.status_code, answer.json()["details"][0]["field"]) == (400, "teacher")


def test_a_student_buys_and_has_the_lessons_once_it_is_paid(api: Api, stripe: StripeServer) -> None:
    student, offer = make_student(), package()

    answer = api(student).post("/api/purchases", wanted(offer), idempotency_key="1")
    assert answer.status_code == 201, answer.content
    bought = answer.json()
    assert api(student).post("/api/purchases", wanted(offer), idempotency_key="1").json() == bought
    purchase = Purchase.objects.get()
    assert bought["pay_url"] == stripe.sessions[purchase.checkout_id]["url"]
    assert bought["purchase"]["status"] == "open"

    hook(message("checkout.session.completed", stripe.pay(purchase.checkout_id)))

    shown = api(student).get(f"/api/purchases/{purchase.pk}").json()
    assert (shown["status"], shown["paid_amount"]) == ("paid", PRICE)
    assert api(student).get("/api/balances").json()["balance"] == 3


def test_a_guardian_buys_for_a_child_and_for_nobody_elses(api: Api, stripe: StripeServer) -> None:
    child, other, offer = make_student(), make_student(), package()
    guardian = make_guardian(child)

    answer = api(guardian).post(f"/api/purchases?student_id={child.pk}", wanted(offer))
    refused = api(guardian).post(f"/api/purchases?student_id={other.pk}", wanted(offer))

    assert (answer.status_code, refused.status_code) == (201, 403)
    purchase = Purchase.objects.get()
    assert (purchase.payer, purchase.student) == (guardian, child)
    for person in (guardian, child):
        assert [one["id"] for one in api(person).get("/api/purchases").json()["purchases"]] == [str(purchase.pk)]
    assert api(other).get(f"/api/purchases/{purchase.pk}").status_code == 404


def test_another_price_than_the_one_seen_is_a_conflict_that_says_the_new_one(api: Api, stripe: StripeServer) -> None:
    offer = package()

    answer = api(make_student()).post("/api/purchases", wanted(offer, price=1))

    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")
    assert answer.json()["details"] == [{"field": "price", "price": PRICE, "currency": "EUR"}]


def test_without_keys_buying_says_that_paying_is_off(api: Api) -> None:
    answer = api(make_student()).post("/api/purchases", wanted(package()))

    assert (answer.status_code, answer.json()["code"]) == (400, "paying_off")


def test_admins_read_all_purchases_by_how_they_stand_and_what_they_come_to(api: Api, stripe: StripeServer) -> None:
    admin, student = make_admin(), make_student()
    offer = package()
    first = paid(stripe, student, offer)
    begun(make_student(), offer)
    api(admin).post(f"/api/purchases/{first.pk}/refund", {"lessons": 1})

    everything = api(admin).get("/api/purchases").json()
    assert everything["totals"] == [{"currency": "EUR", "paid": PRICE, "refunded": 3_333}]
    assert [one["status"] for one in everything["purchases"]] == ["open", "refunded"]
    assert len(api(admin).get("/api/purchases", status="open").json()["purchases"]) == 1
    assert len(api(admin).get("/api/purchases", student_id=str(student.pk)).json()["purchases"]) == 1
    page = api(admin).get("/api/purchases", limit=1).json()
    rest = api(admin).get("/api/purchases", limit=1, cursor=page["next_cursor"]).json()
    assert [one["id"] for one in page["purchases"] + rest["purchases"]] == [
        one["id"] for one in everything["purchases"]
    ]
    mine = api(student).get("/api/purchases").json()
    assert (len(mine["purchases"]), mine["totals"]) == (1, None)


def test_an_unknown_status_is_refused(api: Api) -> None:
    assert api(make_admin()).get("/api/purchases", status="lost").status_code == 400


def test_admins_refund_and_nobody_else(api: Api, stripe: StripeServer) -> None:
    student = make_student()
    purchase = paid(stripe, student)
    path = f"/api/purchases/{purchase.pk}/refund"

    for person in (student, make_teacher(), make_guardian(student)):
        assert api(person).post(path, {}).status_code == 403
    assert left(student) == 3
    answer = api(make_admin()).post(path, {})

    assert answer.status_code == 200, answer.content
    assert answer.json()["refunded_amount"] == PRICE
    assert [(one["amount"], one["lessons"], one["status"]) for one in answer.json()["refunds"]] == [(PRICE, 3, "done")]
    assert left(student) == 0


def test_more_than_is_unused_is_refused_with_how_many_are(api: Api, stripe: StripeServer) -> None:
    purchase = paid(stripe, make_student())

    answer = api(make_admin()).post(f"/api/purchases/{purchase.pk}/refund", {"lessons": 9})

    assert (answer.status_code, answer.json()["code"]) == (400, "too_few_unused")
    assert answer.json()["details"] == [{"field": "lessons", "unused": 3}]


def test_a_purchase_that_is_not_there_is_404(api: Api, stripe: StripeServer) -> None:
    nobody: User = make_admin()
    path = "/api/purchases/00000000-0000-7000-8000-000000000000"

    assert api(nobody).get(path).status_code == 404
    assert api(nobody).post(f"{path}/refund", {}).status_code == 404
