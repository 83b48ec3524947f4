import re
from pathlib import Path

import pytest

from classbell.zoom.check import CLASSIC_SCOPES, GRANULAR_SCOPES, NEEDED, check_connection, missing_scopes
from classbell.zoom.errors import ZoomUnauthorized
from tests.zoom.payloads import payload

ROOT = Path(__file__).resolve().parents[2]
GRANULAR, CLASSIC = frozenset(GRANULAR_SCOPES), frozenset(CLASSIC_SCOPES)


def test_connection_names_the_owner_and_misses_nothing(client):
    report = check_connection(client)

    owner = client.get_user("me")
    assert (report.user_id, report.email, report.account_id) == (owner.id, owner.email, owner.account_id)
    assert report.missing == {}


def test_wrong_credentials_are_said(client_for):
    with pytest.raises(ZoomUnauthorized):
        check_connection(client_for(client_secret="wrong"))


@pytest.mark.parametrize("scopes", [GRANULAR, CLASSIC, GRANULAR | CLASSIC], ids=["granular", "classic", "both"])
def test_either_generation_of_scopes_is_enough(scopes):
    assert missing_scopes(scopes) == {}


def test_missing_granular_scopes_are_named_by_purpose():
    scopes = frozenset(payload("oauth_token.200")["scope"].split())

    assert missing_scopes(scopes) == {
        "read hosts": ("user:read:settings:admin",),
        "register people": (
            "meeting:write:registrant:admin",
            "meeting:write:batch_registrants:admin",
            "meeting:update:registrant_status:admin",
            "meeting:delete:registrant:admin",
            "meeting:read:list_registrants:admin",
        ),
        "read past meetings": (
            "meeting:read:past_meeting:admin",
            "meeting:read:list_past_instances:admin",
            "meeting:read:list_past_participants:admin",
        ),
        "read attendance reports": (
            "report:read:list_meeting_participants:admin",
            "report:read:meeting:admin",
            "report:read:user:admin",
        ),
    }


def test_classic_app_is_told_of_classic_scopes():
    assert missing_scopes(CLASSIC - {"report:read:admin"}) == {"read attendance reports": ("report:read:admin",)}


def test_scopes_without_admin_are_not_enough_for_a_server_to_server_app():
    assert set(missing_scopes(frozenset(scope.removesuffix(":admin") for scope in GRANULAR))) == set(NEEDED)


def test_app_without_scopes_is_told_of_all():
    assert missing_scopes(frozenset()) == {purpose: granular for purpose, (granular, _classic) in NEEDED.items()}


def test_readme_lists_the_scopes_that_the_code_asks_for():
    named = re.findall(r"\b[a-z]+:[a-z_:]+:admin\b", (ROOT / "README.md").read_text())

    assert named == [*GRANULAR_SCOPES, *CLASSIC_SCOPES]
