"""`POST /oauth/token`: Server-to-Server OAuth."""

import base64
import hmac
from urllib.parse import parse_qsl

from zoomsim.api.tokens import ACCESS_TOKEN_LIFE
from zoomsim.api.wire import Answer
from zoomsim.simulation import Simulation

BAD_CLIENT = Answer(400, {"reason": "Invalid client_id or client_secret", "error": "invalid_client"})
BAD_GRANT = Answer(400, {"reason": "unsupported grant type", "error": "unsupported_grant_type"})
BAD_ACCOUNT = Answer(400, {"reason": "Bad Request", "error": "invalid_request"})


def issue_token(sim: Simulation, authorization: str, query: dict[str, str], body: bytes) -> Answer:
    """
    Answer a token request, whose parameters may stand in the body as a form, in the query, or in both.

    The content type does not matter: some clients announce JSON and send nothing.
    """
    sent = query | dict(parse_qsl(body.decode(errors="replace")))
    if not _knows_secret(sim, authorization):
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


def _knows_secret(sim: Simulation, authorization: str) -> bool:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        sent = base64.b64decode(encoded, validate=True)
    except ValueError:
        return False
    return hmac.compare_digest(sent, f"{sim.options.client_id}:{sim.options.client_secret}".encode())
