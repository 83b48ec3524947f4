"""Pages for when nothing can be asked of the database: they stand by themselves, in the reader's direction."""

import pytest
from django.db import connection
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.web.html import attributes, words

SAID = [
    {"code": "ar", "direction": "rtl", "title": "ليس الآن", "sentence": "حاول بعد دقيقة.", "again": "مرة أخرى"},
    {"code": "en", "direction": "ltr", "title": "Not now", "sentence": "Try in a minute.", "again": "Again"},
]


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
@pytest.mark.parametrize("template", ["500.html", "503.html", "503_database.html"])
def test_bare_page_is_whole_and_asks_nothing_of_the_database(template: str, language: str, direction: str) -> None:
    said = SAID if language == "ar" else SAID[::-1]

    with translation.override(language), CaptureQueriesContext(connection) as asked:
        page = HttpResponse(render_to_string(template, {"reason": "Zoom is away.", "said": said}))

    assert len(asked) == 0
    (html,) = attributes(page, "html")
    assert (html["lang"], html["dir"]) == (language, direction)
    assert page.content.lstrip().lower().startswith(b"<!doctype html>")
    assert page.content.count(b"<h1>") == 1
    if template == "503.html":
        assert "Zoom is away." in words(page)
    if template == "503_database.html":
        assert "Try in a minute." in words(page)
        assert "حاول بعد دقيقة." in words(page)
