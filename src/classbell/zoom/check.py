"""Is the app set up as the product needs it? One token, one call, and a list of what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from classbell.zoom.client import ZoomClient

# What a purpose needs: granular scopes, all of them, or the classic one that stands for them.
# Server-to-Server apps need the `:admin` ones.
# Source: the scopes of each call, https://developers.zoom.us/docs/api/ (August 2026).
NEEDED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "read hosts": (
        ("user:read:user:admin", "user:read:list_users:admin", "user:read:settings:admin"),
        "user:read:admin",
    ),
    "start meetings as host": (("user:read:token:admin",), "user:read:admin"),
    "create and change meetings": (
        (
            "meeting:write:meeting:admin",
            "meeting:update:meeting:admin",
            "meeting:delete:meeting:admin",
            "meeting:update:status:admin",
        ),
        "meeting:write:admin",
    ),
    "read meetings": (("meeting:read:meeting:admin", "meeting:read:list_meetings:admin"), "meeting:read:admin"),
    "register people": (
        (
            "meeting:write:registrant:admin",
            "meeting:write:batch_registrants:admin",
            "meeting:update:registrant_status:admin",
            "meeting:delete:registrant:admin",
            "meeting:read:list_registrants:admin",
        ),
        "meeting:write:admin",
    ),
    "read past meetings": (
        (
            "meeting:read:past_meeting:admin",
            "meeting:read:list_past_instances:admin",
            "meeting:read:list_past_participants:admin",
        ),
        "meeting:read:admin",
    ),
    "read attendance reports": (
        ("report:read:list_meeting_participants:admin", "report:read:meeting:admin", "report:read:user:admin"),
        "report:read:admin",
    ),
}


# What no app may do that acts in the name of one user: Zoom gives these to accounts only, and users are not listed.
FOR_ACCOUNTS_ONLY: Final = frozenset({"user:read:list_users:admin", *NEEDED["read attendance reports"][0]})
ADMIN: Final = ":admin"


def _of_user(scopes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(scope.removesuffix(ADMIN) for scope in scopes if scope not in FOR_ACCOUNTS_ONLY)


# What the same purposes need of an app that teachers consent to, for their own things.
NEEDED_OF_USER: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    purpose: (_of_user(granular), classic.removesuffix(ADMIN))
    for purpose, (granular, classic) in NEEDED.items()
    if _of_user(granular)
}
USER_SCOPES: Final[tuple[str, ...]] = tuple(
    scope for granular, _classic in NEEDED_OF_USER.values() for scope in granular
)

# For schools that record: without them nothing else is amiss, so nobody is told that they are missing.
RECORDING_SCOPES: tuple[tuple[str, ...], tuple[str, ...]] = (
    (
        "cloud_recording:read:list_user_recordings:admin",
        "cloud_recording:read:list_recording_files:admin",
        "cloud_recording:delete:recording_file:admin",
    ),
    ("recording:read:admin", "recording:write:admin"),
)


def lets_recordings_be_read(scopes: frozenset[str]) -> bool:
    """Say whether an app with these scopes may read what was recorded: of an account, or of who consented."""
    granular, classic = RECORDING_SCOPES
    if any(scope.endswith(ADMIN) for scope in scopes):
        return scopes.issuperset(granular[:2]) or not scopes.isdisjoint(classic)
    of_user, classic_of_user = _of_user(granular[:2]), {scope.removesuffix(ADMIN) for scope in classic}
    return scopes.issuperset(of_user) or not scopes.isdisjoint(classic_of_user)


GRANULAR_SCOPES: tuple[str, ...] = tuple(scope for granular, _classic in NEEDED.values() for scope in granular)
"""Every scope the product needs, for apps made since 2024: the one list that everybody is shown."""

CLASSIC_SCOPES: tuple[str, ...] = tuple(dict.fromkeys(classic for _granular, classic in NEEDED.values()))
"""The same for older apps."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionReport:
    """Who the app acts as, and which scopes are missing for which purpose (empty: nothing)."""

    user_id: str
    email: str
    account_id: str
    missing: Mapping[str, tuple[str, ...]]


def check_connection(client: ZoomClient) -> ConnectionReport:
    """
    Ask Zoom who we are and compare the token's scopes with what is needed.

    Raises ZoomUnauthorized for wrong credentials, ZoomScopeMissing when not even the owner may be read, ZoomError.
    """
    if client.by_consent:
        missing = missing_of_user(client.token().scopes)
    elif missing := missing_scopes(client.token().scopes):
        # They may have been added since this token was issued.
        missing = missing_scopes(client.token(renewed=True).scopes)
    owner = client.get_user("me")
    return ConnectionReport(user_id=owner.id, email=owner.email, account_id=owner.account_id, missing=missing)


def missing_scopes(scopes: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """
    Return, by purpose, the scopes to add to an app that has these.

    An app made before 2024 may have classic scopes; then it is told of those.
    """
    return _missing(scopes, NEEDED, GRANULAR_SCOPES)


def missing_of_user(scopes: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return the same for the app that a user consented to. They show only after another consent."""
    return _missing(scopes, NEEDED_OF_USER, USER_SCOPES)


def _missing(
    scopes: frozenset[str], needed: Mapping[str, tuple[tuple[str, ...], str]], all_granular: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    is_classic = bool(scopes) and scopes.isdisjoint(all_granular)
    missing = {}
    for purpose, (granular, classic) in needed.items():
        lacking = tuple(scope for scope in granular if scope not in scopes)
        if lacking and classic not in scopes:
            missing[purpose] = (classic,) if is_classic else lacking
    return missing
