"""What may be typed about public pages."""

import pytest
from django.utils import translation

from classbell.door import values


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("amina", "amina"), (" Amina-Haddad ", "amina-haddad"), ("2b-or-not-2b", "2b-or-not-2b"), ("a" * 60, "a" * 60)],
)
def test_address_is_kept_in_lower_case(typed: str, kept: str) -> None:
    assert values.checked_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "ab", "a" * 61, "amina haddad", "-amina", "amina-", "am--ina", "../etc", "أمينة", "аmina", "amina/x", "a.b.c"],
)
def test_what_cannot_be_typed_by_everybody_is_no_address(typed: str) -> None:
    with pytest.raises(ValueError, match=r"Use "):
        values.checked_address(typed)


@pytest.mark.parametrize(
    ("name", "address"),
    [("Amina Haddad", "amina-haddad"), ("José Núñez", "jose-nunez"), ("أمينة حداد", ""), ("X" * 90, "x" * 60)],
)
def test_address_is_proposed_from_the_name_where_it_can_be_written(name: str, address: str) -> None:
    assert values.proposed_address(name) == address


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://school.example", "https://school.example"),
        ("HTTPS://WWW.School.example/", "https://www.school.example"),
        ("https://school.example:8443", "https://school.example:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
    ],
)
def test_origin_is_a_site_without_a_path(typed: str, kept: str) -> None:
    assert values.checked_origin(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "*",
        "https://*.school.example",
        "school.example",
        "http://school.example",
        "https://school.example/booking",
        "https://school.example?x=1",
        "https://user@school.example",
        "https://school.example; script-src *",
        "https://school.example 'self'",
        "https://school.example,https://other.example",
        "https://school.example#x'",
        "https://sch\nool.example'",
        "data:text/html,x",
        "https://school.example:99999",
        "https://[::1",
    ],
)
def test_no_origin_loosens_the_policy_of_pages(typed: str) -> None:
    with pytest.raises(ValueError, match="is no site"):
        values.checked_origin(typed)


@pytest.mark.parametrize("typed", ["", "https://cdn.example/a.jpg", "https://cdn.example:8443/a%20b.png?w=200"])
def test_picture_is_an_https_address_or_nothing(typed: str) -> None:
    assert values.checked_picture(typed) == typed


@pytest.mark.parametrize(
    "typed",
    [
        "http://cdn.example/a.jpg",
        "//cdn.example/a.jpg",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "https://",
        "https:///a.jpg",
        "https://user:pass@cdn.example/a.jpg",
        'https://cdn.example/a.jpg" onload="x',
        "https://cdn.example/a b.jpg",
    ],
)
def test_other_addresses_are_no_picture(typed: str) -> None:
    with pytest.raises(ValueError, match="whole address"):
        values.checked_picture(typed)


def test_languages_are_named_in_the_readers_own() -> None:
    english = values.language_names()
    with translation.override("ar"):
        arabic = values.language_names()

    assert (english["ar"], arabic["en"]) == ("Arabic", "الإنجليزية")
    assert list(english)[:2] == ["ar", "en"]
    assert english.keys() == arabic.keys() == set(values.LANGUAGES)
