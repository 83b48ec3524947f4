import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format

from classbell.meetings.models import Meeting, SyncStatus
from classbell.meetings.recurrence import weekly_rule
from classbell.web.kit.forms.timezones import searchable_timezones
from classbell.web.kit.labels import relative, rule_in_words, sync_state
from classbell.web.templatetags.classbell import direction, initials
from classbell.zones import place_of
from tests.wording import for_admins, retired

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "ar/LC_MESSAGES/django.po"
# Answers of the API, whose sentences programs may read; no page says them.
OF_THE_API = {
    "Only teachers can create halakat",
    "Halaka created successfully",
    "Halaka updated successfully",
    "Halaka deleted successfully",
}
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
READY = {"zoom_meeting_id": "81234567890"}


@pytest.mark.parametrize(
    ("fields", "for_host", "kind", "sentence", "works"),
    [
        pytest.param(
            READY | {"sync_status": SyncStatus.SYNCED},
            False,
            "ok",
            "Confirmed. The Zoom meeting is ready.",
            True,
            id="synced",
        ),
        pytest.param(
            {"sync_error_code": "zoom_unavailable"},
            False,
            "wait",
            "Confirmed. Zoom is slow just now; the link will be here in a minute.",
            False,
            id="slow",
        ),
        pytest.param(
            READY,
            False,
            "wait",
            "The link works. The latest change is on its way to Zoom.",
            True,
            id="change-on-its-way",
        ),
        pytest.param(
            {"sync_status": SyncStatus.FAILED, "sync_error_code": "no_host_free"},
            True,
            "bad",
            "All of the school’s Zoom licences are in use at these times. Choose other times or add a licence, "
            "then try again.",
            False,
            id="failed-for-its-teacher",
        ),
        pytest.param(
            {"sync_status": SyncStatus.FAILED, "sync_error_code": "no_host_free"},
            False,
            "bad",
            "Confirmed. The Zoom link is not ready yet; your teacher sees why.",
            False,
            id="failed-for-a-student",
        ),
        pytest.param(
            READY | {"wanted": False},
            False,
            "off",
            "Cancelled. Its Zoom meeting is being removed.",
            False,
            id="cancelled",
        ),
    ],
)
def test_sync_state_says_what_it_means_for_the_reader(
    fields: dict[str, Any], for_host: bool, kind: str, sentence: str, works: bool
) -> None:
    state = sync_state(Meeting(**fields), for_host=for_host)

    assert (state.kind, state.sentence, state.works) == (kind, sentence, works)


@pytest.mark.parametrize(
    ("rule", "language", "expected"),
    [
        pytest.param("", "en", "", id="single"),
        pytest.param(weekly_rule([0, 2], count=8), "en", "Mondays and Wednesdays", id="weekly"),
        pytest.param(weekly_rule([0, 2], count=8), "ar", "الاثنين والأربعاء", id="weekly-in-arabic"),
        pytest.param(weekly_rule([4], count=8, interval=2), "en", "Fridays, every 2 weeks", id="every-second-week"),
        pytest.param(weekly_rule([4], count=8, interval=2), "ar", "الجمعة، كل أسبوعين", id="dual-in-arabic"),
        pytest.param("FREQ=DAILY;COUNT=5", "en", "Every day", id="daily"),
        pytest.param("FREQ=MONTHLY;BYMONTHDAY=3;COUNT=5", "en", "8 sessions", id="what-has-no-short-name"),
    ],
)
def test_rule_is_said_in_words(rule: str, language: str, expected: str) -> None:
    with translation.override(language):
        assert rule_in_words(rule, occurrences=8) == expected


@pytest.mark.parametrize(
    ("minutes", "language", "expected"),
    [(12, "en", "in 12 minutes"), (-120, "en", "2 hours ago"), (2, "ar", "خلال دقيقتين"), (12, "ar", "خلال 12 دقيقة")],
    ids=["near", "past", "dual-in-arabic", "latin-digits-in-arabic"],
)
def test_relative_time_speaks_the_language(minutes: int, language: str, expected: str) -> None:
    with translation.override(language):
        assert relative(NOW + timedelta(minutes=minutes), now=NOW) == expected


@pytest.mark.parametrize(
    ("from_time", "to_time", "expected"),
    [
        ("2026-11-30T00:27", "2026-12-02T18:00", "in 2 days"),
        ("2026-11-30T18:00", "2026-12-02T08:00", "in 2 days"),
        ("2026-11-30T18:00", "2026-12-01T17:00", "in 23 hours"),
        ("2026-12-02T08:00", "2026-11-30T18:00", "2 days ago"),
        ("2026-11-30T00:00", "2026-12-07T00:00", "in 1 week"),
        ("2026-11-30T18:00", "2026-11-30T18:00", "Now"),
    ],
    ids=["late-that-day", "early-that-day", "under-a-day", "past", "a-week", "this-moment"],
)
def test_days_are_counted_as_a_calendar_counts_them(from_time: str, to_time: str, expected: str) -> None:
    riyadh = ZoneInfo("Asia/Riyadh")
    now, moment = (datetime.fromisoformat(text).replace(tzinfo=riyadh) for text in (from_time, to_time))

    with timezone.override(riyadh):
        assert relative(moment, now=now) == expected


@pytest.mark.parametrize(
    ("zone", "language", "expected"),
    [("Europe/Lisbon", "en", "Lisbon"), ("Asia/Riyadh", "ar", "الرياض"), ("UTC", "ar", "UTC")],
)
def test_timezone_is_called_by_its_city(zone: str, language: str, expected: str) -> None:
    with translation.override(language):
        assert place_of(ZoneInfo(zone)) == expected


def test_every_timezone_that_is_offered_has_a_city_in_arabic() -> None:
    with translation.override("ar"):
        assert [place for place in searchable_timezones() if place[1].isascii()] == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Inês Figueiredo-Montenegro", "IF"), ("Plato", "P"), ("خالد العبد الرحمن", "خ"), ("", "")],
    ids=["two-words", "one-word", "arabic", "nobody"],
)
def test_initials_stand_for_a_name(name: str, expected: str) -> None:
    assert initials(name) == expected


@pytest.mark.parametrize(
    ("text", "way"),
    [
        pytest.param("Reading circle", "ltr", id="latin"),
        pytest.param("حلقة تلاوة وتجويد", "rtl", id="arabic"),
        pytest.param("“تلاوة” on Thursday 3 December, 17:30 is cancelled", "ltr", id="english-begins-with-arabic"),
        pytest.param("«Reading» يوم الخميس 3 ديسمبر أُلغيت", "rtl", id="arabic-begins-with-latin"),
        pytest.param("أُلغيت حصة «Reading the news, part 11» يوم 9 ديسمبر", "rtl", id="long-title-in-quotes"),
        pytest.param("“حلقة المراجعة والتثبيت”: it is off", "ltr", id="arabic-title-in-quotes"),
        pytest.param("«حلقة التلاوة»", "rtl", id="only-a-title"),
        pytest.param("17:30", "ltr", id="no-letters"),
    ],
)
def test_a_text_runs_the_way_of_most_of_its_letters(text: str, way: str) -> None:
    assert direction(text) == way


def texts(language: str) -> Iterator[str]:
    """Yield all texts of a language that people read, names of placeholders left out."""
    with CATALOGUE.open("rb") as file:
        for message in read_po(file):
            if not message.id or message.id in OF_THE_API:
                continue
            forms = message.id if language == "en" else message.string
            for text in (forms,) if isinstance(forms, str) else forms or ():
                yield re.sub(r"%\(\w+\)", "", text)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_texts_have_one_word_for_each_thing(language: str) -> None:
    assert [(text, said) for text in texts(language) if (said := retired(text, language))] == []


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Halakat", "en", ["Halakat: say circle"]),
        ("This sitting was called off.", "en", ["sitting: say session", "called off: say cancel"]),
        ("Call the meeting off", "en", ["Call the meeting off: say cancel"]),
        ("Bring the term in", "en", ["Bring the term in: say import"]),
        ("All circles, sessions and places; a recalled offer", "en", []),
        ("كل الجلسات", "ar", ["جلسات: say حصة"]),
        ("كل الحصص، والمعلّم في المدرسة", "ar", []),
    ],
)
def test_retired_words_are_found(text: str, language: str, said: list[str]) -> None:
    assert retired(text, language) == said


def test_words_for_admins_are_found() -> None:
    assert for_admins("3 sessions; Zoom: 3 calls, no Zoom host is free; a guest calls") == ["Zoom: 3 calls", "host"]


@pytest.mark.parametrize("day", range(7))
def test_short_names_of_days_have_their_article_in_arabic(day: int) -> None:
    someday = date(2026, 11, 30) + timedelta(days=day)

    with translation.override("ar"):
        assert date_format(someday, "D") == date_format(someday, "l")
    with translation.override("en"):
        assert date_format(someday, "D") == date_format(someday, "l")[:3]
