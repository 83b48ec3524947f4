"""What is kept of purchases: what accounting needs, without a name once the person is erased; and all of it in an export."""

import pytest

from classbell.bookings.models import MakeUpCredit
from classbell.payments import refunds
from classbell.payments.models import BoughtLesson, Purchase, PurchaseStatus, Refund
from classbell.privacy.erasure import erase
from classbell.privacy.export import rows_of
from classbell.privacy.models import Erased
from classbell.privacy.register import about_people
from tests.factories import make_admin, make_student
from tests.payments.shop import PRICE, Api, paid, the_clock
from tests.payments.stripe_server import StripeServer

pytestmark = pytest.mark.django_db


def test_an_erasure_leaves_what_was_paid_and_refunded_and_nobody_to_whom_it_belongs(
    api: Api, stripe: StripeServer
) -> None:
    admin, student = make_admin(), make_student(first_name="Zubayda", last_name="Qaraqosh")
    purchase = paid(stripe, student)
    refunds.refund(purchase_id=purchase.pk, lessons=1, by=admin, now=the_clock())

    answer = api(admin).post(f"/api/people/{student.pk}/erase", {"confirm": student.email})
    assert answer.status_code == 202, answer.json()
    erase(erased_id=answer.json()["erasure"]["id"], now=the_clock())

    assert Erased.objects.get(person=student.pk).done_at is not None
    kept = Purchase.objects.get()
    assert (kept.status, kept.paid_amount, kept.refunded_amount) == (PurchaseStatus.REFUNDED, PRICE, 3_333)
    assert "Qaraqosh" not in kept.payer.name
    assert Refund.objects.count() == 1
    assert (MakeUpCredit.objects.count(), BoughtLesson.objects.count()) == (0, 0)
    shown = api(admin).get("/api/purchases").content.decode()
    assert "Qaraqosh" not in shown
    assert student.email not in shown


def test_an_export_has_what_somebody_bought(stripe: StripeServer) -> None:
    student = make_student()
    paid(stripe, student)

    counts = {
        table.model: rows_of(table, about, student).count()
        for table in about_people()
        for about in table.about
        if table.model.startswith("payments.") and about.person in ("payer", "credit__student")
    }

    assert counts == {"payments.Purchase": 1, "payments.BoughtLesson": 3}
