"""What somebody was told: their own, new until they look."""

import pytest
from django.utils import timezone

from classbell.notices.models import Notice
from tests.factories import make_student
from tests.factories_bookings import make_booking
from tests.web.conftest import SignIn
from tests.web.html import attributes, links, words


def test_news_is_new_until_it_was_looked_at(db: None, sign_in: SignIn) -> None:
    booking = make_booking()
    browser = sign_in(booking.teacher)

    before = words(browser.get("/notices/unread"))
    first, second = browser.get("/notices/"), browser.get("/notices/")
    after = words(browser.get("/notices/unread"))

    assert (before, after) == ("1 1 new", "")
    assert f"/bookings/{booking.pk}/" in links(first)
    assert "asks for a lesson on" in words(first)
    assert [" New " in words(page) for page in (first, second)] == [True, False]


def test_news_of_others_stays_theirs(db: None, sign_in: SignIn) -> None:
    booking = make_booking()

    page = words(sign_in(booking.student).get("/notices/"))

    assert "Nothing yet." in page
    assert Notice.objects.get(user=booking.teacher).read_at is None


@pytest.mark.parametrize("path", ["/notices/", "/notices/unread"])
def test_visitors_have_no_news(db: None, sign_in: SignIn, path: str) -> None:
    assert sign_in(None).get(path).status_code == 302


def test_looking_twice_keeps_when_it_was_first_read(db: None, sign_in: SignIn) -> None:
    booking = make_booking()
    browser = sign_in(booking.teacher)

    browser.get("/notices/")
    read_at = Notice.objects.get(user=booking.teacher).read_at
    browser.get("/notices/")

    assert Notice.objects.get(user=booking.teacher).read_at == read_at


def test_each_line_of_news_runs_its_own_way(db: None, sign_in: SignIn) -> None:
    student = make_student(locale="ar")
    text = "أُلغيت حصة «Reading the news, part 11» اليوم.\nThe school is closed on that day."
    Notice.objects.create(
        user=student, subject="أُلغيت حصة «Reading the news, part 11»", text=text, created_at=timezone.now()
    )

    lines = attributes(sign_in(student).get("/notices/"), "p")

    assert [line["dir"] for line in lines if line.get("dir")] == ["rtl", "rtl", "ltr"]
