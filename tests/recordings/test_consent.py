"""What the school has people agree to before they join: asked once of each person and text, and then they go on."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classbell.asked_texts import NoText, TextChanged
from classbell.meetings.models import Occurrence
from classbell.recordings.consent import agree, text_to_ask
from classbell.recordings.models import RecordingConsent, RecordingText
from tests.factories import PASSWORD


@pytest.fixture
def running(school):
    """The class's session runs."""
    now = timezone.now()
    Occurrence.objects.update(starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(minutes=50))
    return school


def signed_in(person) -> Client:
    browser = Client()
    assert browser.login(username=person.email, password=PASSWORD)
    return browser


def ask(school, english: str = "You are recorded.", *, is_asked: bool = True) -> int:
    text = RecordingText.write(english=english, arabic="", is_asked=is_asked, by=school.admin, now=timezone.now())
    return text.version


def test_student_reads_it_once_and_goes_on_to_the_room(running):
    version, browser = ask(running), signed_in(running.student)
    join = reverse("meeting-join", args=[running.meeting.pk])
    led = browser.get(join, follow=True)
    on = browser.post(reverse("recording-consent"), {"version": version, "next": join})
    again = browser.get(join)

    assert "You are recorded." in led.content.decode()
    assert on.headers["Location"] == join
    assert again.headers["Location"].startswith(running.simulator.url)
    (kept,) = RecordingConsent.objects.all()
    assert (kept.person, kept.version, kept.given_by) == (running.student, version, None)


def test_who_teaches_is_not_asked_and_nobody_while_it_is_off(running):
    ask(running)
    start = signed_in(running.teacher).get(reverse("meeting-join", args=[running.meeting.pk]))
    ask(running, is_asked=False)
    join = signed_in(running.student).get(reverse("meeting-join", args=[running.meeting.pk]))

    assert start.headers["Location"].startswith(running.simulator.url)
    assert join.headers["Location"].startswith(running.simulator.url)


def test_guardian_agrees_for_the_child(running):
    version = ask(running)
    browser = signed_in(running.guardian)
    browser.post(f"/children/{running.student.pk}/recordings/consent", {"version": version, "next": "/"})

    (kept,) = RecordingConsent.objects.all()
    assert (kept.person, kept.given_by) == (running.student, running.guardian)


def test_another_text_is_asked_anew_and_an_old_page_agrees_to_nothing(school):
    first = ask(school)
    agree(school.student, version=first, by=school.student, now=timezone.now())
    answered = text_to_ask(school.student)
    second = ask(school, "You and your voice are recorded.")
    with pytest.raises(TextChanged):
        agree(school.student, version=first, by=school.student, now=timezone.now())

    assert (answered, second) == (None, first + 1)
    asked = text_to_ask(school.student)
    assert asked is not None
    assert asked.version == second


def test_nothing_is_no_text(school):
    with pytest.raises(NoText):
        RecordingText.write(english="", arabic="", is_asked=True, by=school.admin, now=timezone.now())


def test_way_on_leads_to_no_other_site(school):
    version, browser = ask(school), signed_in(school.student)
    on = browser.post(reverse("recording-consent"), {"version": version, "next": "https://evil.example/"})

    assert on.headers["Location"] == "/"
