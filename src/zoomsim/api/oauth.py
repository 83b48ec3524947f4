"""`POST /oauth/token`: Server-to-Server OAuth."""

import base64
import hmac
from urllib.parse import parse_qsl

from zoomsim.protocol.wire import Answer
from zoomsim.simulation import Simulation
from zoomsim.tokens import ACCESS_TOKEN_LIFE

BAD_CLIENT = Answer(400, {"reason": "Invalid client_id or client_secret", "error": "invalid_client"})
BAD_GRANT = Answer(400, {"reason": "unsupported grant type", "error": "unsupported_grant_type"})
BAD_ACCOUNT = Answer(400, {"reason": "Bad Request", "error": "invalid_request"})


def issue_token(sim: Simulation, authorization: str, query: dict[str, str], body: bytes) -> Answer:
    """
    Answer a token request, whose parameters may stand in the body as a form, in the query, or in both. Client id and secret
    stand in the header, or among them.

    The content type does not matter: some clients announce JSON and send nothing.
    """
    sent = query | dict(parse_qsl(body.decode(errors="replace")))
    if not _knows_secret(sim, _credentials(authorization, sent)):
        return BAD_CLIENT
    if sent.get("grant_type") != "account_credentials":
        return BAD_GRANT
    if sent.get("account_id") != sim.options.account_id:
        return BAD_ACCOUNT
    return Answer(
        200,
        {
            "access_token": sim.tokens.access_token(sim.options.scopes),
            "token_type": "bearer",
            "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
            "scope": " ".join(sim.options.scopes),
            "api_url": sim.base_url,
        },
    )


def _credentials(authorization: str, sent: dict[str, str]) -> bytes:
    """Return `id:secret` as sent, in the header (RFC 6749, 2.3.1) or in the form; b"" for none."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return f"{sent['client_id']}:{sent.get('client_secret', '')}".encode() if "client_id" in sent else b""
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        return b""


def _knows_secret(sim: Simulation, sent: bytes) -> bool:
    return hmac.compare_digest(sent, f"{sim.options.client_id}:{sim.options.client_secret}".encode())
