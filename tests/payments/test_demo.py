"""What the demo's school sells."""

import pytest

from classbell.bookings.models import MakeUpCredit
from classbell.demo.payments import sell_lessons
from classbell.demo.people import make_people
from classbell.payments.models import Purchase, PurchaseStatus
from classbell.payments.queries import offers_shown
from tests.payments.shop import the_clock


@pytest.mark.django_db
def test_the_demo_sells_two_things_and_its_student_bought_one() -> None:
    people, now = make_people(), the_clock()

    sell_lessons(people, now=now)

    assert offers_shown(people["layla"]).count() == 2
    assert Purchase.objects.get().status == PurchaseStatus.PAID
    assert MakeUpCredit.objects.usable(now).filter(student=people["student"]).count() == 5
