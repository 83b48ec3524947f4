"""What notices say: in the language and on the clock of whoever reads it, when they read it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone, translation

from classbell.accounts.models import User
from classbell.accounts.tokens import BACKEND
from classbell.notices.mailing import mail_notice
from classbell.notices.models import Notice
from classbell.notices.services import tell
from classbell.notices.texts import TEXTS, Kind, in_words
from classbell.notices.topics import OF_WARDS, topic_of
from classbell.notices.ward_texts import WARD_TEXTS
from tests.factories import make_student
from tests.web.html import words as words_of

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
# Told to whoever holds the session, never to a student.
ABOUT_TEACHERS = {Kind.SESSION_SUBSTITUTED}
# Nobody has a guest as their child.
TO_GUESTS = {Kind.GUEST_ACCOUNT, Kind.GUEST_ASKED, Kind.GUEST_CONFIRMS}
FACTS: dict[str, Any] = {
    "student": "Sami",
    "teacher": "Amina",
    "by": "Amina",
    "title": "Algebra",
    "when": NOON.isoformat(),
    "old": NOON.isoformat(),
    "until": NOON.isoformat(),
    "time": NOON.isoformat(),
    "count": 2,
    "names": ["Sami", "Amina"],
    "scopes": "meeting:write:meeting:admin",
    "webhook": "Algebra",
    "calendar": "Algebra",
    "person": "Sami",
    "answer": "550",
    "meetings": 3,
    "jobs": 40,
    "hosts": 1,
    "host": "Amina",
    "moved": 3,
    "waiting": 1,
    "megabytes": 900,
    "percent": 4,
    "price": {"amount": 2550, "currency": "EUR"},
    "agreed": {"amount": 3000, "currency": "EUR"},
    "listed": [{"title": "Algebra", "when": NOON.isoformat()}],
}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What another test activated is not this one's."""
    with translation.override("en"), timezone.override(UTC):
        yield


def in_arabic(kind: str) -> str:
    with translation.override("ar"), timezone.override("Asia/Riyadh"):
        return "\n".join(in_words(kind, FACTS))


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_news_has_its_words_in_both_languages(kind: Kind) -> None:
    english, arabic = "\n".join(in_words(kind, FACTS)), in_arabic(kind)

    left = {word for word in arabic.split() if word.isascii() and word.isalpha()}
    assert left <= {"Sami", "Amina", "Algebra", "Zoom", "Classbell", "App", "Marketplace"}
    assert "There is something new" not in english


@pytest.mark.parametrize("kind", Kind)
def test_every_time_in_news_says_its_place(kind: Kind) -> None:
    text = in_arabic(kind)

    assert text.count("15:00") == text.count("15:00 (بتوقيت الرياض)")
    assert "12:00" not in text


@pytest.mark.parametrize("kind", WARD_TEXTS)
def test_guardians_read_of_the_child_by_name_in_both_languages(kind: str) -> None:
    of_ward = FACTS | {"ward_name": "Yusuf"}
    english = in_words(kind, of_ward)
    with translation.override("ar"), timezone.override("Asia/Riyadh"):
        arabic = in_words(kind, of_ward)

    for said in (english, arabic):
        assert "Yusuf" in said.subject + said.text
    assert not {"you", "your"} & set(re.findall(r"[a-z]+", f"{english.subject} {english.text}".lower()))
    assert not {"you", "lesson", "session"} & set(re.findall(r"[a-z]+", f"{arabic.subject} {arabic.text}".lower()))


def test_every_text_that_says_you_to_a_student_has_one_for_guardians() -> None:
    told_to_guardians = {kind for kind in TEXTS if topic_of(kind) in OF_WARDS} - ABOUT_TEACHERS - TO_GUESTS
    says_you = {
        kind
        for kind in told_to_guardians
        if {"you", "your"} & set(re.findall(r"[a-z]+", "\n".join(in_words(kind, FACTS)).lower()))
    }

    assert says_you <= set(WARD_TEXTS) <= {str(kind) for kind in Kind}


def test_kinds_and_texts_belong_together() -> None:
    assert set(TEXTS) == set(Kind) - {Kind.SESSIONS_CANCELLED, Kind.SESSIONS_PLANNED}


def test_reason_follows_as_it_was_typed() -> None:
    said = in_words(Kind.LESSON_CANCELLED, FACTS | {"reason": "I am ill: 100 %"})

    assert said.text.split("\n")[-1] == "I am ill: 100 %"


def test_what_a_newer_process_told_is_no_fault_of_an_older_one() -> None:
    assert in_words("eclipse_seen", {"moon": 1}) == ("There is something new", "Open its page to see what happened.")


def test_news_follows_its_reader_to_another_language_and_place(db: None, client: Client) -> None:
    reader = make_student()
    tell(reader, Kind.SESSION_MOVED, {"title": "Algebra", "when": NOON.isoformat()}, now=NOON)
    User.objects.filter(pk=reader.pk).update(locale="ar", timezone="Asia/Riyadh")

    client.force_login(User.objects.get(pk=reader.pk), backend=BACKEND)

    page = words_of(client.get("/notices/"))

    assert "نُقلت حصة «Algebra» إلى الاثنين 30 نوفمبر، 15:00 (بتوقيت الرياض)" in page


@override_settings(EMAIL_HOST="mail.school.example")
def test_mail_is_written_when_it_is_sent(db: None) -> None:
    reader = make_student()
    notice = tell(reader, Kind.SESSION_MOVED, {"title": "Logic\nand sets", "when": NOON.isoformat()}, now=NOON)
    User.objects.filter(pk=reader.pk).update(timezone="Europe/Lisbon")

    mail_notice(notice_id=notice.pk, now=NOON)

    (sent,) = mail.outbox
    assert sent.subject == "“Logic and sets” is moved to Monday 30 November, 12:00 (Lisbon time)"


def test_news_of_before_stays_as_it_was_written(db: None) -> None:
    old = Notice.objects.create(user=make_student(), subject="Lesson moved", text="To ten.", created_at=NOON)

    with translation.override("ar"):
        assert old.words == ("Lesson moved", "To ten.")
