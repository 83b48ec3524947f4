"""An OpenID provider for tests that signs whatever it is told to, so that it can also be a bad one."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from jwt.algorithms import RSAAlgorithm
from pydantic import SecretStr

from classbell.accounts.key_sets import key_set
from classbell.accounts.sso.provider import Provider
from tests.answers import Answer

CLIENT_ID = "classbell"
CLIENT_SECRET = "client secret"
SUBJECT = "subject-1"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
# Nobody publishes it.
STRANGERS_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
BEGIN = "/accounts/sso/school/begin"
CALLBACK = "/accounts/oidc/school/callback"

_numbers = count(1)

MakeToken = Callable[[dict[str, Any]], str]


def signed(claims: dict[str, Any], *, key: Any = KEY, algorithm: str = "RS256", kid: str | None = "key") -> str:
    """Return a token as the provider makes them."""
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else {})


class OpenIDServer:
    """
    One provider. `claims` are added to each ID token, None takes one out; `make_token` signs them. `userinfo` is what its
    UserInfo endpoint says; `config` is added to its discovery document.
    """

    def __init__(self) -> None:
        self.issuer = ""
        self.reset()

    def reset(self) -> None:
        """Be good again, and know of no sign-in."""
        self.claims: dict[str, Any] = {"email": "amina@school.example", "email_verified": True}
        self.userinfo: Any = None
        self.config: dict[str, Any] = {}
        self.make_token: MakeToken = signed
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        key_set.cache_clear()

    @property
    def discovery(self) -> dict[str, Any]:
        """What anybody may know of it."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        } | self.config

    @property
    def keys(self) -> dict[str, Any]:
        """Its published keys."""
        return {"keys": [{**json.loads(RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "key", "use": "sig"}]}

    def provider(self, **changes: Any) -> Provider:
        """Return what an admin says of it."""
        said: dict[str, Any] = {
            "slug": "school",
            "name": "School account",
            "issuer": self.issuer,
            "client_id": CLIENT_ID,
            "client_secret": SecretStr(CLIENT_SECRET),
        }
        return Provider(**(said | changes))

    def approve(self, address: str) -> dict[str, str]:
        """Let somebody who was sent to this address sign in; return what their browser brings back."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = f"code-{next(_numbers)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def token(self, form: dict[str, str]) -> tuple[int, Any]:
        """Answer the token endpoint: a code is good once, for whoever began with it."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or form.get("client_secret") != CLIENT_SECRET:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": SUBJECT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        } | self.claims
        token = self.make_token({name: value for name, value in claims.items() if value is not None})
        return 200, {"access_token": "access", "token_type": "Bearer", "id_token": token}

    def answer(self, path: str, form: dict[str, str] | None) -> tuple[int, Any]:
        """Answer one request."""
        self.asked.append(path)
        if path == "/token" and form is not None:
            return self.token(form)
        answers = {
            "/.well-known/openid-configuration": self.discovery,
            "/jwks": self.keys,
            "/userinfo": self.userinfo,
        }
        return (200, answers[path]) if answers.get(path) is not None else (404, {})


@contextmanager
def served() -> Iterator[OpenIDServer]:
    """Serve a provider on a port of its own."""
    openid = OpenIDServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(*openid.answer(self.path, None))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.reply(*openid.answer(self.path, {name: values[0] for name, values in parse_qs(body).items()}))

        def reply(self, status: int, content: Any) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class names it
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    openid.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield openid
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sign_in(client: Client, openid: OpenIDServer, **changes: str) -> Answer:
    """Go the whole way to a provider and back; `changes` are to what the browser brings back."""
    sent = client.get(BEGIN)
    assert sent.status_code == 302, sent.content
    return client.get(CALLBACK, openid.approve(sent["Location"]) | changes)
