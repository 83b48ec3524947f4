"""What is kept of somebody, taken along: all of it, nobody else's, and no secrets."""

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation

from classbell.accounts.models import User
from classbell.notices.feeds import token_of
from classbell.privacy import exports, tasks
from classbell.privacy.export import made_export
from classbell.privacy.models import Export
from classbell.privacy.register import about_people
from tests.factories import PASSWORD, make_admin, make_student
from tests.privacy.lives import EMAIL, FIRST, LAST, PRIVATE, make_life

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


def opened(content: bytes) -> tuple[dict[str, Any], str]:
    """Return the JSON and the page of an export."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert sorted(archive.namelist()) == ["everything.json", "index.html"]
        return json.loads(archive.read("everything.json")), archive.read("index.html").decode()


def tables_of(person: User) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each table in somebody's export."""
    found, _page = opened(made_export(person, now=NOW))
    return {one["table"]: one["rows"] for one in found["tables"]}


def test_an_export_has_what_is_kept_in_every_part_of_the_school() -> None:
    life = make_life()
    tables = tables_of(life.student)

    assert tables["accounts.User"][0]["email"] == EMAIL
    assert tables["groups.Membership"][0]["group"]["name"] == life.group.name
    assert tables["meetings.Attendance"][0]["status"] == "present"
    assert tables["meetings.Participation"][0]["email"] == PRIVATE
    assert tables["meetings.KnownAlias"][0]["alias"] == "zubi's ipad"
    assert PRIVATE in tables["bookings.Booking"][0]["notes"]
    assert tables.keys() >= {"notices.CalendarFeed", "groups.MembershipEvent", "bookings.BookingEvent"}


def test_an_export_names_nobody_else_and_lets_nobody_in() -> None:
    life = make_life()
    for person in (life.fellow, life.teacher, life.lesson.teacher):
        found, page = opened(made_export(person, now=NOW))
        text = json.dumps(found, ensure_ascii=False) + page
        for word in (EMAIL, PRIVATE, life.student.password, str(token_of(life.student.calendar_feed))):
            assert word.lower() not in text.lower()
        if person is not life.fellow:  # who wrote the name into an objection of their own
            assert LAST not in text
    own, _page = opened(made_export(life.student, now=NOW))
    for secret in (life.student.password, PASSWORD, str(token_of(life.student.calendar_feed))):
        assert secret not in json.dumps(own)


def test_every_table_with_something_to_export_is_read_without_a_word_from_here() -> None:
    """The register is what is read: a new table comes along by itself."""
    life = make_life()

    assert tables_of(life.student).keys() <= {one.model for one in about_people()}
    assert all(one.title for one in about_people() if any(one.exported(about) for about in one.about))


def test_the_page_is_in_the_language_and_on_the_clock_of_the_person() -> None:
    person = make_student(locale="ar", timezone="Asia/Riyadh")

    with translation.override("en"):
        _json, page = opened(made_export(person, now=datetime(2026, 3, 1, 22, 30, tzinfo=UTC)))

    assert 'dir="rtl"' in page
    assert "2026-03-02 01:30" in page


def test_people_take_their_own_along_and_admins_anybodys(api) -> None:
    person = make_student()

    mine = api(person).get("/api/me/export")
    theirs = api(make_admin()).post(f"/api/people/{person.pk}/export")

    for answer in (mine, theirs):
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
        assert answer.headers["Cache-Control"] == "no-store"
        assert opened(answer.content)[0]["person"] == str(person.pk)


def test_much_is_made_by_a_job_once_and_kept_encrypted_for_a_week(api, monkeypatch) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 0)
    person = make_student()
    client = api(person)

    first, again = client.get("/api/me/export"), client.get("/api/me/export")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    address = first.json()["export"]["url"]
    assert client.get(address).status_code == 202

    export = Export.objects.get()
    tasks.make_export(export_id=str(export.pk))

    export.refresh_from_db()
    assert b"everything.json" not in bytes(export.content)
    assert opened(client.get(address).content)[0]["person"] == str(person.pk)
    assert client.get("/api/me/export").status_code == 200
    assert api(make_admin()).get(address).status_code == 404
    Export.objects.update(asked_at=NOW - exports.KEPT_FOR)
    assert client.get(address).status_code == 404


def test_nobody_takes_along_what_is_somebody_elses(api) -> None:
    person = make_student(first_name=FIRST)

    assert api(make_student()).post(f"/api/people/{person.pk}/export").status_code == 403
    assert api().get("/api/me/export").status_code == 401
    assert api(make_admin()).post(f"/api/people/{Export().pk}/export").status_code == 404
