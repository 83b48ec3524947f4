"""What pages are made of is kept by browsers for good, under addresses that change with it."""

from pathlib import Path

import pytest
from django.conf import settings
from django.templatetags.static import static

from classbell.config.static_version import version_of
from tests.web.conftest import School, SignIn
from tests.web.html import attributes


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_stylesheet_and_scripts_are_kept_for_good_where_pages_name_them(
    school: School, sign_in: SignIn, encoding: str
) -> None:
    visitor = sign_in(None)
    page = visitor.get("/accounts/login/")
    sheets = [given["href"] or "" for given in attributes(page, "link") if given["rel"] == "stylesheet"]
    scripts = [given["src"] or "" for given in attributes(page, "script") if "src" in given]

    responses = [visitor.get(link, headers={"Accept-Encoding": encoding}) for link in sheets + scripts]

    assert [link.rpartition("/")[2] for link in sheets + scripts] == ["site.css", "htmx.js", "app.js", "passkeys.js"]
    assert all("immutable" in response.headers["Cache-Control"] for response in responses)
    assert {response.headers.get("Content-Encoding", "identity") for response in responses} == {encoding}


def test_typefaces_icons_and_sheets_of_single_pages_are_kept_for_good(school: School, sign_in: SignIn) -> None:
    visitor = sign_in(None)
    page = visitor.get("/accounts/login/")
    links = [given["href"] or "" for given in attributes(page, "link") if given["rel"] != "stylesheet"]
    links += [static("web/icons.svg"), static("web/css/calendar.css"), static("admin/css/base.css")]

    responses = {link: visitor.get(link) for link in links}

    assert {link for link, response in responses.items() if response.status_code != 200} == set()
    assert {
        link for link, response in responses.items() if "immutable" not in response.headers["Cache-Control"]
    } == set()


@pytest.mark.parametrize("path", ["/assets/000000000000/app.js", "/static/000000000000/web/css/calendar.css"])
def test_page_of_another_version_gets_files_but_does_not_keep_them(school: School, sign_in: SignIn, path: str) -> None:
    response = sign_in(None).get(path)

    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/000000000000/nothing.js",
        "/static/000000000000/web/nothing.css",
        "/static/000000000000/web/css",
        f"/static/{settings.STATIC_VERSION}/web/nothing.css",
        "/static/web/icons.svg",
    ],
)
def test_file_that_does_not_exist_is_not_found(school: School, sign_in: SignIn, path: str) -> None:
    assert sign_in(None).get(path).status_code == 404


@pytest.mark.parametrize("path", ["../settings.py", "..%2f..%2fsettings.py", "/etc/passwd"])
def test_nothing_but_static_files_is_served(school: School, sign_in: SignIn, path: str) -> None:
    assert sign_in(None).get(f"/static/000000000000/{path}").status_code in {400, 404}


def test_version_changes_with_a_files_content_or_name_and_with_a_library(tmp_path: Path) -> None:
    file = tmp_path / "css" / "base.css"
    file.parent.mkdir()
    file.write_text("a {}")
    first = version_of([tmp_path])

    assert version_of([tmp_path]) == first
    assert version_of([tmp_path], "django") != first
    file.write_text("b {}")
    second = version_of([tmp_path])
    file.rename(file.with_name("site.css"))
    assert len({first, second, version_of([tmp_path])}) == 3


def test_no_two_subjects_call_a_file_the_same() -> None:
    files = [file.relative_to(folder) for folder in settings.STATIC_FOLDERS for file in folder.rglob("*.*")]

    assert len(files) == len(set(files)) > 0
