"""An outside issuer for tests: keys, tokens, and a key set served over HTTP."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://school.supabase.example/auth/v1"
AUDIENCE = "authenticated"
SECRET = "a shared secret of thirty-two bytes and more"

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
LATER_KEY = ec.generate_private_key(ec.SECP256R1())


def claims(**changes: Any) -> dict[str, Any]:
    """Return the claims of a good token of a confirmed Supabase user, with changes; None takes a claim out."""
    now = int(time.time())
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "5f1c6f0e-0000-4000-8000-000000000001",
        "exp": now + 60,
        "iat": now,
        "role": "authenticated",
        "is_anonymous": False,
        "email": "amina@school.example",
        "app_metadata": {"provider": "email"},
        "user_metadata": {"role": "admin", "email_verified": True},
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def by_secret(**changes: Any) -> str:
    """Return a token signed with the shared secret."""
    return jwt.encode(claims(**changes), SECRET, algorithm="HS256")


def by_rsa(**changes: Any) -> str:
    """Return a token signed with the RSA key of the key set."""
    return jwt.encode(claims(**changes), RSA_KEY, algorithm="RS256", headers={"kid": "rsa"})


def by_ec(**changes: Any) -> str:
    """Return a token signed with the elliptic key of the key set."""
    return jwt.encode(claims(**changes), EC_KEY, algorithm="ES256", headers={"kid": "ec"})


def by_later_key(**changes: Any) -> str:
    """Return a token signed with a key that the set holds only after a rotation."""
    return jwt.encode(claims(**changes), LATER_KEY, algorithm="ES256", headers={"kid": "later"})


class KeySet:
    """What the issuer publishes: change `keys`, count `fetched`, break it with `status` or `body`."""

    def __init__(self) -> None:
        self.url = ""
        self.begin_anew()

    def begin_anew(self) -> None:
        """Publish what is published at the beginning, fetched by nobody."""
        self.keys: list[dict[str, Any]] = [
            {**json.loads(RSAAlgorithm.to_jwk(RSA_KEY.public_key())), "kid": "rsa", "use": "sig"},
            {**json.loads(ECAlgorithm.to_jwk(EC_KEY.public_key())), "kid": "ec", "use": "sig"},
        ]
        self.fetched = 0
        self.status = 200
        self.body: bytes | None = None

    def rotate(self) -> None:
        """Publish one more key."""
        self.keys.append({**json.loads(ECAlgorithm.to_jwk(LATER_KEY.public_key())), "kid": "later", "use": "sig"})


@contextmanager
def served() -> Iterator[KeySet]:
    """Serve a key set on a port of its own."""
    key_set = KeySet()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key_set.fetched += 1
            body = json.dumps({"keys": key_set.keys}).encode() if key_set.body is None else key_set.body
            self.send_response(key_set.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class names it
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    key_set.url = f"http://127.0.0.1:{server.server_port}/.well-known/jwks.json"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield key_set
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
