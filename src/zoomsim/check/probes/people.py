"""Signing in, and users."""

from zoomsim.check.probes.probe import GRANT, HOST, LISTED, NOBODY, USER, Probe, error
from zoomsim.check.shapes import Kept, OneOf

SIGNING_IN = (
    Probe(
        "token",
        "the account's app gets a token for an hour",
        "POST",
        "/oauth/token",
        200,
        {"access_token": str, "token_type": "bearer", "expires_in": int, "scope": str, "api_url": str},
        as_whom="token",
        body=GRANT,
    ),
    Probe(
        "token-secret",
        "a wrong secret is told as invalid_client",
        "POST",
        "/oauth/token",
        OneOf((400, 401)),
        {"reason": str, "error": "invalid_client"},
        as_whom="wrong",
        body=GRANT,
    ),
    Probe(
        "token-grant",
        "another grant type is told as unsupported_grant_type",
        "POST",
        "/oauth/token",
        400,
        {"reason": str, "error": "unsupported_grant_type"},
        as_whom="token",
        body=GRANT | {"grant_type": "password"},
    ),
    Probe(
        "no-token", "a call without a token is refused by 124", "GET", "/users/me", 401, error(124), as_whom="nobody"
    ),
    Probe("forged-token", "a forged token is refused by 124", "GET", "/users/me", 401, error(124), as_whom="forged"),
    Probe("no-such-call", "an unknown path is refused by 2300", "GET", "/zoom-check", OneOf((400, 404)), error(2300)),
)

USERS = (
    Probe(
        "host",
        "the host is there, with id, e-mail, kind, state and timezone",
        "GET",
        HOST,
        200,
        USER,
        keeps={"host_email": "email", "host_id": "id"},
    ),
    Probe("host-by-email", "a user is found by e-mail", "GET", "/users/{host_email}", 200, {"id": Kept("host_id")}),
    Probe("no-user", "an unknown user is told by 1001", "GET", f"/users/{NOBODY}", 404, error(1001)),
    Probe(
        "users",
        "users are listed in pages with all five numbers",
        "GET",
        "/users",
        200,
        LISTED | {"page_size": 1, "users": [{"id": str, "email": str, "type": int, "status": "active"}]},
        query={"page_size": "1"},
    ),
    Probe(
        "users-token",
        "a page token that was never given is refused by 300",
        "GET",
        "/users",
        400,
        error(300),
        query={"next_page_token": "zoom-check"},
    ),
    Probe(
        "users-status",
        "an unknown state of users is refused by 300",
        "GET",
        "/users",
        400,
        error(300),
        query={"status": "zoom-check"},
    ),
    Probe(
        "host-settings",
        "a user's settings say capacity, waiting room, early joining and passcodes",
        "GET",
        f"{HOST}/settings",
        200,
        {
            "feature": {"meeting_capacity": int},
            "in_meeting": {"waiting_room": bool},
            "schedule_meeting": {"join_before_host": bool, "meeting_password_requirement": {"length": int}},
        },
    ),
    Probe(
        "zak", "a host's ZAK is given", "GET", f"{HOST}/token", 200, {"token": str}, query={"type": "zak", "ttl": "60"}
    ),
    Probe(
        "zak-nobody",
        "nobody's ZAK is told by 1001",
        "GET",
        f"/users/{NOBODY}/token",
        404,
        error(1001),
        query={"type": "zak"},
    ),
)
