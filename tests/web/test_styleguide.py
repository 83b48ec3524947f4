import pytest

from classbell.web.assets import CSS
from classbell.web.views.styleguide import TOKEN
from tests.web.conftest import School, SignIn
from tests.web.html import attributes, inline_code, words


def test_styleguide_shows_every_token_of_the_sheet(school: School, sign_in: SignIn) -> None:
    response = sign_in(school.admin).get("/styleguide")

    text = words(response)
    sheet = (CSS / "tokens.css").read_text().partition("}")[0]
    shown = {name for name, _value in TOKEN.findall(sheet) if not name.startswith(("font", "leading"))}
    assert {name for name in shown if f"--{name}" not in text} == set()


def test_styleguide_shows_parts_light_dark_and_from_right_to_left(school: School, sign_in: SignIn) -> None:
    response = sign_in(school.admin).get("/styleguide")

    panes = [given for given in attributes(response, "div") if given.get("class") == "guide-pane"]
    assert [(pane["data-theme"], pane["dir"]) for pane in panes] == [
        ("light", "ltr"),
        ("dark", "ltr"),
        ("light", "rtl"),
    ]
    assert inline_code(response) == []


@pytest.mark.parametrize(("who", "status"), [("visitor", 302), ("member", 403), ("teacher", 403), ("admin", 200)])
def test_styleguide_is_for_admins_outside_development(school: School, sign_in: SignIn, who: str, status: int) -> None:
    assert sign_in(school.person(who)).get("/styleguide").status_code == status


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_stylesheet_is_kept_for_good_under_the_name_that_pages_link(
    school: School, sign_in: SignIn, encoding: str
) -> None:
    visitor = sign_in(None)
    (link,) = [
        given["href"] for given in attributes(visitor.get("/accounts/login/"), "link") if given["rel"] == "stylesheet"
    ]

    response = visitor.get(link, headers={"Accept-Encoding": encoding})

    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers.get("Content-Encoding", "identity") == encoding


def test_stylesheet_of_another_version_is_not_kept(school: School, sign_in: SignIn) -> None:
    response = sign_in(None).get("/assets/000000000000.css")

    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_scripts_are_kept_for_good_under_the_names_that_pages_link(
    school: School, sign_in: SignIn, encoding: str
) -> None:
    visitor = sign_in(None)
    links = [given["src"] for given in attributes(visitor.get("/accounts/login/"), "script") if "src" in given]

    responses = [visitor.get(link, headers={"Accept-Encoding": encoding}) for link in links]

    assert [link.rpartition("/")[2] for link in links] == ["htmx.js", "app.js"]
    assert all("immutable" in response.headers["Cache-Control"] for response in responses)
    assert {response.headers.get("Content-Encoding", "identity") for response in responses} == {encoding}


def test_script_of_another_version_is_not_kept(school: School, sign_in: SignIn) -> None:
    response = sign_in(None).get("/assets/000000000000/app.js")

    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-cache")


def test_script_that_does_not_exist_is_not_found(school: School, sign_in: SignIn) -> None:
    response = sign_in(None).get("/assets/000000000000/nothing.js")

    assert response.status_code == 404
