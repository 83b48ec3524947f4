"""A lesson that is paid as it is booked: its time is held meanwhile; then it is booked, or given up, or paid back."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client

from classbell import reasons
from classbell.accounts.models import User
from classbell.accounts.tokens import BACKEND
from classbell.bookings import services
from classbell.bookings.errors import AwaitsPayment
from classbell.bookings.guests.forgetting import forget_guests
from classbell.bookings.models import (
    Booking,
    BookingPolicy,
    BookingStatus,
    GuestLink,
    LessonKind,
    MakeUpCredit,
    OpenTo,
    TeacherSettings,
)
from classbell.bookings.outcomes import lapse_requests
from classbell.notices.models import Notice
from classbell.payments.models import HOLDS_A_TIME, Purchase, PurchaseStatus, RefundStatus
from classbell.payments.sweeping import forget_unpaid, sweep
from tests.api_client import ApiClient
from tests.at_once import done_at_once
from tests.factories import make_guardian, make_student
from tests.factories_bookings import a_day_ahead, make_tutor
from tests.factories_door import make_open_kind, make_public, open_school
from tests.payments.shop import Api, hook, left, message, package, paid, the_clock
from tests.payments.stripe_server import SESSIONS, Fault, StripeServer
from tests.web.html import words

pytestmark = pytest.mark.django_db

PRICE = 2_500
COMPLETED = "checkout.session.completed"
EMAIL = "salma@mail.example"
SOON = timedelta(minutes=10)
LATER = HOLDS_A_TIME + timedelta(minutes=1)


@pytest.fixture
def kind() -> LessonKind:
    """A lesson of half an hour for 25 euros that is booked with a lesson of the balance, at a school that is open."""
    teacher = make_tutor(first_name="Amina", last_name="Haddad")
    open_school()
    make_public(teacher, address="amina")
    return make_open_kind(teacher, takes_a_lesson=True, price=PRICE, currency="EUR")


def lesson(kind: LessonKind, **more: Any) -> dict[str, Any]:
    given = {"kind": kind.address, "start_time": a_day_ahead().isoformat(), "price": PRICE, "currency": "EUR"}
    return given | more


def of_guest(kind: LessonKind, **more: Any) -> dict[str, Any]:
    return lesson(kind, name="Salma Haddad", email=EMAIL, timezone="Asia/Riyadh") | more


def by_student(api: Api, kind: LessonKind, student: User | None = None, **more: Any) -> Purchase:
    """Book as a student, who is at Stripe's page then."""
    answer = api(student or make_student()).post("/api/purchases/lessons", lesson(kind, **more))
    assert answer.status_code == 201, answer.json()
    assert answer.json()["pay_url"]
    return Purchase.objects.get(pk=answer.json()["purchase"]["id"])


def by_guest(kind: LessonKind, **more: Any) -> tuple[Purchase, dict[str, Any]]:
    """Book as a guest, who is at Stripe's page then; return the purchase and what was answered."""
    answer = ApiClient().post("/api/public/bookings", of_guest(kind, **more))
    assert answer.status_code == 201, answer.json()
    said: dict[str, Any] = answer.json()["booking"]
    return Purchase.objects.get(booking=said["id"]), said


def pay(stripe: StripeServer, purchase: Purchase) -> Booking:
    """Pay at Stripe, which says so; return the booking as it is then."""
    assert hook(message(COMPLETED, stripe.pay(purchase.checkout_id))).status_code == 200
    return Booking.objects.get(purchase=purchase)


@pytest.fixture
def browser() -> Callable[[User], Client]:
    """Return a function that makes a browser in which somebody is signed in."""

    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(person, backend=BACKEND)
        return client

    return signed_in


def told(person: User) -> list[str]:
    return list(Notice.objects.filter(user=person).order_by("pk").values_list("kind", flat=True))


def test_a_time_is_held_while_a_student_pays_and_their_teacher_is_asked_then(
    stripe: StripeServer, kind: LessonKind, api: Api
) -> None:
    teacher = kind.teachers.get()
    purchase = by_student(api, kind)
    booking = Booking.objects.get(purchase=purchase)
    assert (booking.is_held, booking.awaits_payment) == (True, True)
    assert not told(teacher)
    refused = api(make_student()).post("/api/purchases/lessons", lesson(kind))
    assert refused.json()["code"] == "slot_unavailable"

    booking = pay(stripe, purchase)

    assert (booking.status, booking.is_held, booking.awaits_payment) == (BookingStatus.PENDING, False, False)
    assert MakeUpCredit.objects.get().used_by == booking
    assert told(teacher) == ["lesson_requested"]
    assert left(purchase.student) == 0


def test_webhook_twice_and_the_payer_coming_back_book_once(stripe: StripeServer, kind: LessonKind, api: Api) -> None:
    purchase = by_student(api, kind)
    said = message(COMPLETED, stripe.pay(purchase.checkout_id))

    hook(said)
    hook(said)
    sweep(now=the_clock() + SOON)

    assert MakeUpCredit.objects.count() == 1
    assert told(kind.teachers.get()) == ["lesson_requested"]


def test_a_teacher_who_confirms_by_themselves_has_confirmed_what_is_paid(
    stripe: StripeServer, kind: LessonKind, api: Api
) -> None:
    TeacherSettings.objects.create(teacher=kind.teachers.get(), auto_confirm=True)

    booking = pay(stripe, by_student(api, kind))

    assert booking.status == BookingStatus.CONFIRMED
    assert booking.meeting is not None


def test_what_is_not_paid_in_time_is_free_again(stripe: StripeServer, kind: LessonKind, api: Api) -> None:
    purchase = by_student(api, kind)

    lapse_requests(now=the_clock() + LATER)

    booking = Booking.objects.get(purchase=purchase)
    assert (booking.status, booking.cancellation_reason) == (BookingStatus.CANCELLED, reasons.NOT_PAID)
    assert told(purchase.student) == []
    assert by_student(api, kind)


def test_money_that_comes_after_that_is_a_lesson_on_the_students_balance(
    stripe: StripeServer, kind: LessonKind, api: Api
) -> None:
    purchase = by_student(api, kind)
    lapse_requests(now=the_clock() + LATER)

    booking = pay(stripe, purchase)

    assert booking.status == BookingStatus.CANCELLED
    assert left(purchase.student) == 1
    assert told(purchase.student) == ["purchase_paid"]


def test_while_the_bank_takes_its_days_the_time_stays_held(stripe: StripeServer, kind: LessonKind, api: Api) -> None:
    purchase = by_student(api, kind)
    hook(message(COMPLETED, stripe.begin_bank_transfer(purchase.checkout_id)))

    lapse_requests(now=the_clock() + LATER)

    booking = Booking.objects.get(purchase=purchase)
    assert (booking.status, booking.lapses_at) == (BookingStatus.PENDING, booking.starts_at)


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.ANSWER_LOST, Fault.REFUSED])
def test_where_nobody_can_pay_nothing_is_held(stripe: StripeServer, kind: LessonKind, api: Api, fault: Fault) -> None:
    stripe.fault = fault
    answer = api(make_student()).post("/api/purchases/lessons", lesson(kind))

    assert answer.json()["code"] in ("payment_provider_unreachable", "payment_refused")
    assert Booking.objects.get().status == BookingStatus.CANCELLED
    assert Purchase.objects.get().status == PurchaseStatus.EXPIRED
    stripe.fault = None
    assert by_student(api, kind)


def test_another_price_than_was_seen_is_refused_and_nothing_is_held(
    stripe: StripeServer, kind: LessonKind, api: Api
) -> None:
    answer = api(make_student()).post("/api/purchases/lessons", lesson(kind, price=PRICE - 1))

    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")
    assert not Booking.objects.exists()
    assert not Purchase.objects.exists()
    assert not [path for _method, path in stripe.asked if path == SESSIONS]


def test_what_is_free_or_takes_no_lesson_is_not_paid_here(stripe: StripeServer, kind: LessonKind, api: Api) -> None:
    free = make_open_kind(kind.teachers.get(), name="Free", address="free")

    answer = api(make_student()).post("/api/purchases/lessons", lesson(free))

    assert answer.json()["code"] == "paying_off"


def test_guardians_pay_for_their_child(stripe: StripeServer, kind: LessonKind, api: Api) -> None:
    child = make_student()
    guardian = make_guardian(child)

    answer = api(guardian).post(f"/api/purchases/lessons?student_id={child.pk}", lesson(kind))

    purchase = Purchase.objects.get(pk=answer.json()["purchase"]["id"])
    assert (purchase.payer, purchase.student, purchase.booking.booked_by) == (guardian, child, guardian)  # type: ignore[union-attr]


def test_who_cancels_before_paying_owes_nothing_and_the_time_is_free(
    stripe: StripeServer, kind: LessonKind, api: Api
) -> None:
    purchase = by_student(api, kind)

    answer = api(purchase.student).post(f"/api/bookings/bookings/{purchase.booking_id}/cancel", {"reason": ""})

    assert answer.status_code == 200
    assert told(kind.teachers.get()) == []
    assert by_student(api, kind)


def test_nobody_moves_or_confirms_what_is_not_paid(stripe: StripeServer, kind: LessonKind, api: Api) -> None:
    purchase = by_student(api, kind)
    later = a_day_ahead() + timedelta(hours=2)
    assert purchase.booking_id is not None

    moved = api(purchase.student).post(
        f"/api/bookings/bookings/{purchase.booking_id}/reschedule", {"new_start_time": later.isoformat()}
    )
    with pytest.raises(AwaitsPayment):
        services.confirm_booking(booking_id=purchase.booking_id, now=the_clock())

    assert moved.json()["code"] == "awaits_payment"


def test_a_guest_pays_and_the_lesson_is_asked_for_without_a_mailed_link(stripe: StripeServer, kind: LessonKind) -> None:
    purchase, said = by_guest(kind)
    assert (said["awaits_payment"], said["awaits_confirmation"]) == (True, False)
    assert said["pay_url"] == stripe.sessions[purchase.checkout_id]["url"]
    assert said["manage_url"] == stripe.sessions[purchase.checkout_id]["success_url"]

    booking = pay(stripe, purchase)

    assert (booking.status, booking.is_held) == (BookingStatus.PENDING, False)
    assert told(kind.teachers.get()) == ["lesson_requested"]
    assert "guest_asked" in told(booking.student)


@pytest.mark.parametrize("ends", ["lapses", "cancelled", "declined"])
def test_a_guests_money_goes_back_when_the_lesson_does_not_take_place(
    stripe: StripeServer, kind: LessonKind, ends: str
) -> None:
    purchase, said = by_guest(kind)
    token = said["manage_url"].rstrip("/").rsplit("/", 1)[1]
    if ends == "lapses":
        lapse_requests(now=the_clock() + LATER)
    booking = pay(stripe, purchase)
    if ends == "cancelled":
        assert ApiClient().post(f"/api/public/bookings/{token}/cancel", {}).status_code == 200
    if ends == "declined":
        services.decline_booking(booking_id=booking.pk, by=booking.teacher, reason="", now=the_clock())
    sweep(now=the_clock())
    sweep(now=the_clock())

    purchase.refresh_from_db()
    refund = purchase.refunds.get()
    assert (refund.status, refund.amount, purchase.status) == (RefundStatus.DONE, PRICE, PurchaseStatus.REFUNDED)
    assert "purchase_refunded" in told(purchase.payer)
    assert "went back" in words(Client().get(f"/guest/{token}/"))


def test_a_lesson_that_takes_place_is_not_refunded(stripe: StripeServer, kind: LessonKind) -> None:
    pay(stripe, by_guest(kind)[0])

    sweep(now=the_clock())

    assert not Purchase.objects.get().refunds.exists()


def test_who_cancels_too_late_by_the_policy_gets_nothing_back_and_is_told_before(
    stripe: StripeServer, kind: LessonKind
) -> None:
    BookingPolicy.objects.create(cancel_notice_hours=24 * 60, late_cancellation_takes_lesson=True)
    purchase, said = by_guest(kind)
    booking = pay(stripe, purchase)
    services.confirm_booking(booking_id=booking.pk, now=the_clock())
    token = said["manage_url"].rstrip("/").rsplit("/", 1)[1]

    asked = words(Client().get(f"/guest/{token}/cancel"))
    ApiClient().post(f"/api/public/bookings/{token}/cancel", {})
    sweep(now=the_clock())

    assert "It is too late to get your money back" in asked
    assert not purchase.refunds.exists()


def test_last_seat_is_paid_by_one(stripe: StripeServer, kind: LessonKind, api: Api, transactional_db: None) -> None:
    one, two = make_student(), make_student()

    def press(person: User) -> int:
        return int(api(person).post("/api/purchases/lessons", lesson(kind)).status_code)

    assert sorted(done_at_once([partial(press, one), partial(press, two)])) == [201, 400]


def test_an_unpaid_guest_is_forgotten_with_what_they_typed(stripe: StripeServer, kind: LessonKind) -> None:
    purchase, _said = by_guest(kind)
    session = stripe.sessions[purchase.checkout_id]
    session.update(status="expired", url=None)
    hook(message("checkout.session.expired", session))
    lapse_requests(now=the_clock() + LATER)
    much_later = the_clock() + timedelta(days=90)

    assert forget_unpaid(now=much_later) == 1
    forget_guests(now=much_later)

    assert not User.objects.filter(pk=purchase.payer_id).exists()
    assert not GuestLink.objects.exists()


def test_a_student_with_a_lesson_left_uses_it_and_pays_nothing(
    stripe: StripeServer, kind: LessonKind, browser: Callable[[User], Client]
) -> None:
    student = make_student()
    paid(stripe, student, package())
    page = browser(student).get(f"/kinds/{kind.address}/book?slot={a_day_ahead():%Y-%m-%dT%H:%MZ}")

    assert "Book it" in words(page)
    assert "Book and pay" not in words(page)


def test_pages_lead_a_student_from_the_time_to_the_provider_and_back(
    stripe: StripeServer, kind: LessonKind, browser: Callable[[User], Client]
) -> None:
    student = make_student()
    client, slot = browser(student), f"{a_day_ahead():%Y-%m-%dT%H:%MZ}"
    path = f"/kinds/{kind.address}/book"
    assert "Book and pay €25.00" in words(client.get(f"{path}?slot={slot}"))

    page = client.post(path, {"slot": slot, "length": "30", "price": PRICE, "currency": "EUR"}, follow=True)
    purchase = Purchase.objects.get()
    url = stripe.sessions[purchase.checkout_id]["url"]
    until = purchase.to_be_paid_until
    waiting = words(client.get(f"/bookings/{purchase.booking_id}/"))
    stripe.pay(purchase.checkout_id)
    back = words(client.get(f"/purchases/{purchase.pk}/"))

    assert url in page.content.decode().replace("&amp;", "&")
    assert "with Amina Haddad" in words(page)
    assert "The time is held until" in words(page)
    assert f"{until.astimezone(student.zone):%H:%M}." in words(page)
    assert "while it is paid" in waiting
    assert "Payment" in waiting
    assert "Paid, and the lesson is booked or asked for." in back


def test_pages_lead_a_stranger_from_the_time_to_the_provider_and_back(
    stripe: StripeServer, kind: LessonKind, client: Client
) -> None:
    slot, path = f"{a_day_ahead():%Y-%m-%dT%H:%MZ}", f"/open/kinds/{kind.address}/?timezone=Asia/Tokyo&language=en"
    assert "Book and pay €25.00" in words(client.get(f"{path}&slot={slot}"))
    typed = {"slot": slot, "length": "30", "name": "Maria Fernandes", "email": "maria@mail.example"}

    stale = client.post(path, typed | {"price": "100", "currency": "EUR"})
    sent = client.post(path, typed | {"price": str(PRICE), "currency": "EUR"})
    page = client.get(sent.headers["Location"])
    session = stripe.sessions[Purchase.objects.get().checkout_id]
    stripe.pay(session["id"])
    back = client.get("/guest/" + session["success_url"].partition("/guest/")[2])

    assert "The price has changed meanwhile" in words(stale)
    assert f'value="{PRICE}"' in stale.content.decode()
    assert "Held for you" in words(page)
    assert "Pay €25.00" in words(page)
    assert "to keep this time" in words(page)
    assert session["url"] is None
    assert Booking.objects.get().is_held is False
    assert "Waiting for" in words(back)
    assert "Paid: €25.00." in words(back)


def test_without_keys_guests_are_told_that_they_need_a_lesson(kind: LessonKind) -> None:
    answer = ApiClient().post("/api/public/bookings", of_guest(kind))

    assert answer.json()["code"] == "no_makeup_credit"
    assert kind.open_to == OpenTo.EVERYBODY
