"""What is kept of people, on pages: to read, to take along, to erase."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from classbell.accounts.models import User
from classbell.privacy import exports
from classbell.privacy.erasure import erase
from classbell.privacy.models import Erased
from classbell.privacy.retention import forget_old
from tests.factories import make_admin, make_student
from tests.privacy.lives import EMAIL, make_life

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


def client_of(person: User | None = None) -> Client:
    """Return a browser in which somebody is signed in."""
    client = Client()
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_everybody_reads_what_is_kept_of_people_before_coming_in() -> None:
    page = client_of().get(reverse("privacy")).content.decode()

    assert "Times in meetings, as Zoom told them" in page
    assert "550 days" in page


def test_people_read_what_is_kept_of_them_and_take_it_along() -> None:
    life = make_life()
    client = client_of(life.student)

    page = client.get(reverse("my-data")).content.decode()
    assert "Attendance" in page
    assert "Second step" not in page, "they have none"

    answer = client.post(reverse("my-data-export"))
    assert zipfile.ZipFile(io.BytesIO(answer.content)).namelist() == ["index.html", "everything.json"]


def test_much_is_made_and_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 0)

    answer = client_of(make_student()).post(reverse("my-data-export"), follow=True)

    assert "is being made" in answer.content.decode()


def test_admins_read_what_an_erasure_comes_to_confirm_it_and_see_it_done() -> None:
    life = make_life()
    client = client_of(make_admin())
    address = reverse("person-data", args=[life.student.pk])

    before = client.get(address).content.decode()
    assert "They leave 1 class." in before
    assert "1 lesson that is to come is cancelled" in before

    wrong = client.post(reverse("person-erase", args=[life.student.pk]), {"confirm": "else@school.example"})
    assert wrong.status_code == 400
    assert f"write {EMAIL}" in wrong.content.decode()

    client.post(reverse("person-erase", args=[life.student.pk]), {"confirm": EMAIL})
    assert "Is being erased" in client.get(address).content.decode()

    erase(erased_id=Erased.objects.get().pk, now=NOW)
    after = client.get(address).content.decode()
    assert "Erased on" in after
    assert EMAIL not in after
    person = client.get(reverse("person", args=[life.student.pk])).content.decode()
    assert "Let them in again" not in person


def test_nobody_is_let_back_into_the_account_of_who_was_erased() -> None:
    life = make_life()
    client = client_of(make_admin())
    client.post(reverse("person-erase", args=[life.student.pk]), {"confirm": EMAIL})
    erase(erased_id=Erased.objects.get().pk, now=NOW)

    client.post(reverse("person-let-in", args=[life.student.pk]))

    assert not User.objects.get(pk=life.student.pk).is_active


def test_whoever_holds_sessions_has_no_button_to_be_erased_by() -> None:
    life = make_life()

    page = client_of(make_admin()).get(reverse("person-data", args=[life.lesson.teacher_id])).content.decode()

    assert "They are to hold 1 session." in page
    assert "Erase for good" not in page


def test_admins_read_what_went_last_night() -> None:
    client = client_of(make_admin())
    assert "Not yet" in client.get(reverse("retention")).content.decode()

    forget_old(now=NOW)

    page = client.get(reverse("retention")).content.decode()
    assert "CLASSBELL_KEEP_STAYS_DAYS" in page
    assert "Not yet" not in page
