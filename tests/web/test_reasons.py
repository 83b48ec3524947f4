"""Sentences of ours that are kept are told in the language of whoever reads them, whoever acted in which."""

import re
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

import pytest
from django.db import connection
from django.utils import timezone, translation

from classbell import reasons
from classbell.meetings.joining import registration
from classbell.meetings.models import Meeting, Occurrence, Registrant, RegistrantStatus, ZoomHost
from classbell.meetings.services import sync_now, want_meeting
from classbell.notices.models import Notice
from classbell.zoom.client import ZoomClient
from tests.courses.timetable.terms import handed_in
from tests.factories import make_admin, make_class, make_student
from tests.factories_bookings import make_booking
from tests.factories_meetings import spec
from tests.web.conftest import School, SignIn
from tests.web.html import words

LANGUAGES: Final = ("en", "ar")
BOTH_WAYS = pytest.mark.parametrize(("acts", "reads"), [("ar", "en"), ("en", "ar")])
ARABIC: Final = re.compile("[\u0600-\u06ff]+")
TYPED: Final = "The class was closed. أنا مريض"
OF_REASONS: Final = "classbell.bookings.migrations.0005_keep_reasons_in_one_language"
OF_ERRORS: Final = "classbell.meetings.migrations.0023_keep_facts_of_what_kept_a_registration_back"


def in_each(text: str, facts: reasons.Facts | None = None) -> list[str]:
    """Return what a kept sentence says in English and in Arabic."""
    said = []
    for language in LANGUAGES:
        with translation.override(language):
            said.append(reasons.told(text, facts))
    return said


def test_kept_sentence_is_told_with_its_facts_in_any_language() -> None:
    with translation.override("ar"):
        said = reasons.Said("Its status is “%(status)s”.", status="100%")

    text, facts = reasons.kept(said)

    assert (text, facts) == ("Its status is “%(status)s”.", {"status": "100%"})
    assert in_each(text, facts) == ["Its status is “100%”.", said]
    assert said != "Its status is “100%”."


def test_what_others_say_stays_as_it_is() -> None:
    assert reasons.kept("50%(x) off") == ("50%(x) off", None)
    assert in_each("50%(x) off") == ["50%(x) off"] * 2


@BOTH_WAYS
@pytest.mark.django_db
def test_declined_lesson_says_so_in_the_language_of_its_student(sign_in: SignIn, acts: str, reads: str) -> None:
    booking = make_booking(student=make_student(locale=reads))
    booking.teacher.locale = acts
    booking.teacher.save(update_fields=["locale"])

    sign_in(booking.teacher).post(f"/bookings/{booking.pk}/decline")

    declined = dict(zip(LANGUAGES, in_each(reasons.DECLINED), strict=True))
    for page in (f"/bookings/{booking.pk}/", "/notices/"):
        said = words(sign_in(booking.student).get(page))
        assert declined[reads] in said
        assert declined[acts] not in said


@pytest.mark.parametrize("acts", LANGUAGES)
@pytest.mark.parametrize("kept", [reasons.NO_HOST_FREE, reasons.HOST_LIMIT])
@pytest.mark.django_db
def test_trouble_of_a_meeting_is_told_in_both_languages(
    school: School, sign_in: SignIn, kept: str, acts: str, host: ZoomHost
) -> None:
    Meeting.objects.filter(pk=school.meeting.pk).update(
        sync_status="failed", sync_error=kept, next_attempt_at=timezone.now()
    )
    school.teacher.locale = acts
    school.teacher.save(update_fields=["locale"])

    said = words(sign_in(school.teacher).get(f"/meetings/{school.meeting.pk}/"))

    english, arabic = (text.partition("|")[0].strip() for text in in_each(kept, {"day": "|"}))
    assert ("%(day)s" in said, english in said, arabic in said) == (False, acts == "en", acts == "ar")


@pytest.mark.usefixtures("zoom")
def test_meeting_without_a_host_keeps_its_trouble_in_english() -> None:
    with translation.override("ar"):
        meeting = want_meeting(spec(), now=timezone.now())
        sync_now(meeting.pk)

    meeting.refresh_from_db()
    assert meeting.sync_error == reasons.NO_HOST_FREE


@BOTH_WAYS
@pytest.mark.usefixtures("zoom_hosts")
def test_why_somebody_is_not_registered_is_told_to_its_reader(
    zoom: ZoomClient, settings: Any, acts: str, reads: str
) -> None:
    group = make_class(students=[make_student(email="b@elsewhere.example")])
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"student_email_domains": "campus.example"})
    meeting = want_meeting(
        spec(group.teachers.get(), group=group, audience="class", registration=True), now=timezone.now()
    )
    sync_now(meeting.pk)

    with translation.override(acts):
        registration.register_everybody(meeting.pk, zoom)

    row = Registrant.objects.get(meeting=meeting)
    with translation.override(reads):
        said = row.error_in_words
    assert "b@elsewhere.example" in said
    assert bool(ARABIC.search(said)) == (reads == "ar")


@BOTH_WAYS
@pytest.mark.django_db
def test_what_stays_out_of_a_term_is_told_in_the_language_of_then(
    host: ZoomHost, sign_in: SignIn, acts: str, reads: str
) -> None:
    admin = make_admin(locale=reads)
    rows = (
        "A,Algebra,t1@ist.example,mon,09:00,10:30,0",
        "C,Chess,nobody,mon,09:00,10:00,0",
        "D,Drama,t1@ist.example,x,9:00,10:00,0",
    )
    with translation.override(acts):
        draft = handed_in(admin, *rows, now=timezone.now())

    said = words(sign_in(admin).get(f"/classes/term/{draft.pk}"))

    expected = in_each("“%(email)s” is no e-mail address.", {"email": "nobody"})
    assert [text in said for text in expected] == [reads == "en", reads == "ar"]
    assert bool(ARABIC.search(said.replace("العربيّة", ""))) == (reads == "ar")


@pytest.mark.django_db
def test_nothing_that_an_arabic_speaker_did_is_told_in_arabic_to_an_english_one(
    school: School, sign_in: SignIn, host: ZoomHost
) -> None:
    booking = make_booking(student=school.member)
    for person in (school.admin, booking.teacher):
        person.locale = "ar"
        person.save(update_fields=["locale"])

    declined = sign_in(booking.teacher).post(f"/bookings/{booking.pk}/decline")
    closed = sign_in(school.admin).post(f"/classes/{school.group.pk}/close")

    everybodys = [
        "/",
        "/notices/",
        "/calendar/",
        "/week/",
        f"/meetings/{school.meeting.pk}/",
        f"/classes/{school.group.pk}/",
    ]
    pages = {
        school.member: [*everybodys, "/bookings/", f"/bookings/{booking.pk}/"],
        school.teacher: [*everybodys, "/classes/"],
        make_admin(): [*everybodys, "/classes/", "/audit/", "/meetings/", f"/bookings/{booking.pk}/"],
    }
    assert (declined.status_code, closed.status_code) == (302, 302)
    for person, addresses in pages.items():
        for address in addresses:
            response = sign_in(person).get(address)
            said = words(response).replace("العربيّة", "")
            assert (address, response.status_code, ARABIC.findall(said)) == (address, 200, [])


@pytest.mark.django_db
def test_what_was_kept_in_arabic_is_kept_in_english_from_now_on(school: School) -> None:
    """Of lessons, sessions, notices and history; nobody is said to have changed anything, and what people typed stays."""
    migration = import_module(OF_REASONS)
    first: Any
    first, second, *_others = Occurrence.objects.filter(meeting=school.meeting).order_by("starts_at")
    for occurrence, reason in ((first, "أُغلق الصف."), (second, TYPED)):
        Occurrence.objects.filter(pk=occurrence.pk).update(
            is_exception=True, status="cancelled", cancellation_reason=reason
        )
    Occurrence.objects.filter(pk=first.pk).update(status="scheduled")
    notice = Notice.objects.create(
        user=school.member,
        kind="sessions_cancelled",
        facts={"title": "x", "reason": "رفضه المعلّم."},
        created_at=timezone.now(),
    )
    before = first.history.count()

    migration.keep_in_english(None, SimpleNamespace(connection=connection))

    for row in (first, second, notice):
        row.refresh_from_db()
    assert (first.cancellation_reason, second.cancellation_reason) == (reasons.CLASS_CLOSED, TYPED)
    assert notice.facts == {"title": "x", "reason": reasons.DECLINED}
    assert first.history.count() == before
    assert set(first.history.values_list("cancellation_reason", flat=True)) == {"", reasons.CLASS_CLOSED}
    # Sentences that came later were never kept in Arabic.
    assert set(migration.KEPT.values()) <= reasons.OURS


@pytest.mark.django_db
def test_errors_that_were_kept_in_sentences_are_kept_with_their_facts(school: School) -> None:
    said = {
        "البريد a@b.example ليس من بريد المدرسة.": {"email": "a@b.example"},
        "Others of this meeting have a@b.example too, and Zoom registers each address once.": {"email": "a@b.example"},
        "They have no e-mail address, and Zoom registers nobody without one.": {},
        "Zoom says no (code 3038).": None,
    }
    for text in said:
        Registrant.objects.create(
            meeting=school.meeting, user=make_student(), status=RegistrantStatus.FAILED, error=text
        )
    Meeting.objects.update(
        sync_error="حدّ Zoom اليومي لهذا المضيف؛ يخرج بعد 00:00 بالتوقيت العالمي يوم 30 نوفمبر.",
        next_attempt_at=timezone.now(),
    )

    import_module(OF_ERRORS).keep_in_english(None, SimpleNamespace(connection=connection))

    with translation.override("ar"):
        told = [row.error_in_words for row in Registrant.objects.order_by("pk")]
    assert list(Registrant.objects.order_by("pk").values_list("error_facts", flat=True)) == list(said.values())
    assert told[0] == next(iter(said))
    assert all(ARABIC.search(text) for text in told)
    said_by_zoom = [row.zooms_words for row in Registrant.objects.order_by("pk")]
    assert said_by_zoom == ["", "", "", "Zoom says no (code 3038)."]
    assert Meeting.objects.get().sync_error == reasons.HOST_LIMIT
