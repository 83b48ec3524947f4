"""
`POST /oauth/token` and `/oauth/revoke`.

There are two apps: the account's own (Server-to-Server OAuth), and one to which users consent.
"""

import base64
import hmac
from collections.abc import Callable
from urllib.parse import parse_qsl

from zoomsim.grants import BadGrant
from zoomsim.protocol.wire import Answer
from zoomsim.simulation import Simulation
from zoomsim.state.models import Grant
from zoomsim.tokens import ACCESS_TOKEN_LIFE

BAD_CLIENT = Answer(400, {"reason": "Invalid client_id or client_secret", "error": "invalid_client"})
BAD_GRANT_TYPE = Answer(400, {"reason": "unsupported grant type", "error": "unsupported_grant_type"})
BAD_ACCOUNT = Answer(400, {"reason": "Bad Request", "error": "invalid_request"})

Sent = dict[str, str]
GrantTypes = dict[str, Callable[[Simulation, Sent], Answer]]


def answer_token(sim: Simulation, authorization: str, query: Sent, body: bytes) -> Answer:
    """
    Answer a token request, whose parameters may stand in the body as a form, in the query, or in both. Client id and secret
    stand in the header, or among them.

    The content type does not matter: some clients announce JSON and send nothing.
    """
    sent = query | dict(parse_qsl(body.decode(errors="replace")))
    grants = _grant_types_of(sim, _credentials(authorization, sent))
    if grants is None:
        return BAD_CLIENT
    grant = grants.get(sent.get("grant_type", ""))
    if grant is None:
        return BAD_GRANT_TYPE
    try:
        return grant(sim, sent)
    except BadGrant as error:
        return _bad_grant(error)


def answer_revocation(sim: Simulation, authorization: str, query: Sent, body: bytes) -> Answer:
    """Answer a request of the app that users consent to, to end the tokens of one consent; sent as token requests are."""
    sent = query | dict(parse_qsl(body.decode(errors="replace")))
    if not _is_users_app(sim, _credentials(authorization, sent)):
        return BAD_CLIENT
    try:
        sim.grants.revoke(sent.get("token", ""))
    except BadGrant as error:
        return _bad_grant(error)
    return Answer(200, {"status": "success"})


def _for_account(sim: Simulation, sent: Sent) -> Answer:
    if sent.get("account_id") != sim.options.account_id:
        return BAD_ACCOUNT
    return _tokens(sim, sim.options.scopes)


def _by_code(sim: Simulation, sent: Sent) -> Answer:
    code, redirect_uri, verifier = (sent.get(name, "") for name in ("code", "redirect_uri", "code_verifier"))
    grant = sim.grants.redeem(code, redirect_uri, verifier)
    return _tokens(sim, grant.scopes, grant)


def _by_refresh_token(sim: Simulation, sent: Sent) -> Answer:
    grant = sim.grants.refresh(sent.get("refresh_token", ""))
    return _tokens(sim, grant.scopes, grant)


ACCOUNTS_GRANTS: GrantTypes = {"account_credentials": _for_account}
USERS_GRANTS: GrantTypes = {"authorization_code": _by_code, "refresh_token": _by_refresh_token}


def _tokens(sim: Simulation, scopes: tuple[str, ...], grant: Grant | None = None) -> Answer:
    refresh = {"refresh_token": sim.tokens.refresh_token(grant)} if grant else {}
    return Answer(
        200,
        {
            "access_token": sim.tokens.access_token(scopes, grant),
            "token_type": "bearer",
            **refresh,
            "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
            "scope": " ".join(scopes),
            "api_url": sim.base_url,
        },
    )


def _bad_grant(error: BadGrant) -> Answer:
    return Answer(400, {"reason": str(error), "error": "invalid_grant"})


def _credentials(authorization: str, sent: Sent) -> bytes:
    """Return `id:secret` as sent, in the header (RFC 6749, 2.3.1) or in the form; b"" for none."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return f"{sent['client_id']}:{sent.get('client_secret', '')}".encode() if "client_id" in sent else b""
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        return b""


def _grant_types_of(sim: Simulation, sent: bytes) -> GrantTypes | None:
    """Return what the app of these credentials may ask for; None when there is no such app."""
    if hmac.compare_digest(sent, f"{sim.options.client_id}:{sim.options.client_secret}".encode()):
        return ACCOUNTS_GRANTS
    return USERS_GRANTS if _is_users_app(sim, sent) else None


def _is_users_app(sim: Simulation, sent: bytes) -> bool:
    return hmac.compare_digest(sent, f"{sim.options.oauth_client_id}:{sim.options.oauth_client_secret}".encode())
