import pytest

from classbell.web.kit.assets import sheet
from classbell.web.kit.views.styleguide import TOKEN
from tests.web.conftest import School, SignIn
from tests.web.html import attributes, inline_code, words


def test_styleguide_shows_every_token_of_the_sheet(school: School, sign_in: SignIn) -> None:
    response = sign_in(school.admin).get("/styleguide")

    text = words(response)
    tokens = sheet("tokens").partition("}")[0]
    shown = {name for name, _value in TOKEN.findall(tokens) if not name.startswith(("font", "leading"))}
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
