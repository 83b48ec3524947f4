"""Addresses: one spelling each, and lists of them however they were pasted."""

import pytest

from classbell.addresses import Address, NotAnAddress, address_list, email_key, is_email, read_addresses

ONE, TWO = "s.one@x.example", "s.two@x.example"
KELVIN = "\N{KELVIN SIGN}"


def pairs(text: str) -> list[tuple[str, str]]:
    return [(address.name, address.email) for address in address_list(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            f"Trial, One <{ONE}>; Trial, Two <{TWO}>;", [("Trial, One", ONE), ("Trial, Two", TWO)], id="Outlook"
        ),
        pytest.param(
            f"Trial, One <{ONE}>, Trial, Two <{TWO}>", [("Trial, One", ONE), ("Trial, Two", TWO)], id="commas"
        ),
        pytest.param(f'"Doe, Jane" <{ONE}>, {TWO} (Bob)', [("Doe, Jane", ONE), ("Bob", TWO)], id="RFC 5322"),
        pytest.param(f'"a \\"b\\" c@d" <{ONE}>', [('a "b" c@d', ONE)], id="quotes in quotes"),
        pytest.param(f"Class 7: {ONE}, {TWO};", [("", ONE), ("", TWO)], id="a group"),
        pytest.param(f"{ONE} {TWO}", [("", ONE), ("", TWO)], id="spaces"),
        pytest.param(f"Amina Haddad\t{ONE}\r\nAli\t{TWO}\r\n", [("Amina Haddad", ONE), ("Ali", TWO)], id="a table"),
        pytest.param(f"{ONE}\tAmina Haddad", [("Amina Haddad", ONE)], id="a table, the name behind"),
        pytest.param(f"{ONE}، {TWO}؛", [("", ONE), ("", TWO)], id="Arabic marks"),
        pytest.param(f"الحربي، أحمد <{ONE}>", [("الحربي، أحمد", ONE)], id="an Arabic name, the last first"),
        pytest.param(f"\u200b{ONE}\u202c\u2028\ufeff{TWO}", [("", ONE), ("", TWO)], id="hidden characters"),
        pytest.param(f"S.ONE@X.example, {ONE}", [("", ONE)], id="twice"),
        pytest.param(f"mailto:{ONE}, <mailto:{TWO}>", [("", ONE), ("", TWO)], id="links"),
        pytest.param(f"Jane <{ONE}> Bob <{TWO}>", [("Jane", ONE), ("Bob", TWO)], id="nothing between two"),
        pytest.param(f"'{ONE}'; \"{TWO}\"", [("", ONE), ("", TWO)], id="addresses in quotation marks"),
        pytest.param(f"“Jane Doe” <{ONE}>, {TWO} <{TWO}>", [("Jane Doe", ONE), ("", TWO)], id="a name that is none"),
        pytest.param(f"1. {ONE}\n- {TWO}.", [("", ONE), ("", TWO)], id="a numbered list, a full stop"),
        pytest.param(f"Jane – {ONE}; {TWO} - Bob", [("Jane", ONE), ("Bob", TWO)], id="dashes"),
        pytest.param(f"Jane, {ONE}, Bob,{TWO}", [("Jane", ONE), ("Bob", TWO)], id="commas between names and addresses"),
        pytest.param(f"Jane [mailto:{ONE}]", [("Jane", ONE)], id="a mail that was answered"),
        pytest.param(f"\n;,{ONE},;\n", [("", ONE)], id="nothing between marks"),
        pytest.param(" \n", [], id="nothing"),
    ],
)
def test_address_list_is_read_however_it_was_pasted(text: str, found: list[tuple[str, str]]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param(f"{ONE}; nobody; {TWO}", "nobody", id="a word"),
        pytest.param(f"{ONE} and {TWO}", "and", id="a word between"),
        pytest.param("Jane <jane@>", "jane@", id="half an address"),
        pytest.param(f"{KELVIN}halid@x.example", f"{KELVIN}halid@x.example", id="a letter that only looks like k"),
        pytest.param("\N{CYRILLIC SMALL LETTER A}na@x.example", "CYRILLIC SMALL LETTER A", id="another script"),
        pytest.param(
            "ana@\N{CYRILLIC SMALL LETTER IE}x.example", "CYRILLIC SMALL LETTER IE", id="two scripts in a domain"
        ),
        pytest.param(f"Jane <>; {TWO}", "Jane <>", id="nothing in the brackets"),
        pytest.param("x" * 600, "x" * 80, id="a book"),
    ],
)
def test_what_is_no_address_is_named(text: str, named: str) -> None:
    with pytest.raises(NotAnAddress) as refused:
        address_list(text)

    assert named in str(refused.value)


def test_name_of_nothing_but_commas_is_not_read_to_its_end() -> None:
    with pytest.raises(NotAnAddress):
        address_list("," * 20_000 + "a," * 10_000)


@pytest.mark.parametrize("look_alike", [KELVIN, "\u017f", "\uff4b", "\u0131", "\u0130"])
def test_letter_that_only_looks_like_another_is_nobodys(look_alike: str) -> None:
    email = f"{look_alike}halid@x.example"

    assert not is_email(email)
    assert not email_key(email).isascii()


def test_address_is_kept_in_one_spelling() -> None:
    assert email_key(" \u202aKhalid@X.Example\u202c\n") == "khalid@x.example"
    assert address_list("Khalid@X.Example") == [Address(email="khalid@x.example")]


def test_what_is_no_address_can_be_told_by_the_caller() -> None:
    assert read_addresses(f"nobody; Jane <jane@>; {ONE}") == [("", "nobody"), ("Jane", "jane@"), ("", ONE)]


@pytest.mark.parametrize(
    "email", ["a@münchen.example", "a@مثال.example", "a@почта.example", "a@xn--mnchen-3ya.example"]
)
def test_domain_in_a_script_of_its_own_is_one(email: str) -> None:
    assert is_email(email)
