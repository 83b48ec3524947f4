"""
Stripe, as far as it is needed: `localstripe` in a process of its own, and before it a small server that has what it lacks.

That is Checkout Sessions, idempotency keys, metadata on charges, and faults. Everything else (payment intents, charges,
refunds) is asked of localstripe.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from subprocess import DEVNULL
from threading import Lock, Thread
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import uuid4

import httpx

from tests import processes
from tests.simulator import free_port, wait_until

SECRET_KEY: Final = "sk_test_of_this_school"
SESSIONS: Final = "/v1/checkout/sessions"
AUTH: Final = {"Authorization": f"Bearer {SECRET_KEY}"}
CARD: Final = "4242424242424242"


class Fault(StrEnum):
    """What goes wrong with the next request that changes something."""

    DOWN = "down"  # nothing is done
    ANSWER_LOST = "answer_lost"  # it is done, and nobody hears of it
    REFUSED = "refused"  # nothing is done, and it says so


@dataclass
class StripeServer:
    """What the school has at Stripe, and what its payers do there."""

    localstripe: str
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, tuple[bytes, int, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    fault: Fault | None = None
    lock: Lock = field(default_factory=Lock)
    url: str = ""

    def empty(self) -> None:
        """Forget everything."""
        self.sessions.clear()
        self.answers.clear()
        self.asked.clear()
        self.fault = None

    def pay(self, session_id: str, *, amount: int | None = None) -> dict[str, Any]:
        """Let the payer pay a session with a card; another amount than was asked for, if one is named. Return the session."""
        session = self.sessions[session_id]
        card = {"number": CARD, "exp_month": "12", "exp_year": "2030", "cvc": "123"}
        method = self.post("/v1/payment_methods", {"type": "card"} | {f"card[{k}]": v for k, v in card.items()})
        asked = {
            "amount": amount or session["amount_total"],
            "currency": session["currency"],
            "payment_method": method["id"],
            "confirm": "true",
        }
        intent = self.post("/v1/payment_intents", asked)
        assert intent["status"] == "succeeded", intent
        paid = {"status": "complete", "payment_status": "paid", "payment_intent": intent["id"], "url": None}
        session.update(paid, amount_total=intent["amount"])
        return session

    def begin_bank_transfer(self, session_id: str) -> dict[str, Any]:
        """Let the payer do all they can: the bank has not said yet."""
        session = self.sessions[session_id]
        session.update(status="complete", url=None)
        return session

    def expire(self, session_id: str) -> dict[str, Any]:
        """Let the time of a session be over."""
        session = self.sessions[session_id]
        session.update(status="expired", url=None)
        return session

    def refund(self, session_id: str, amount: int | None = None) -> dict[str, Any]:
        """Refund at the dashboard; all of it if no amount is named. Return the charge as Stripe sends it then."""
        intent = self.sessions[session_id]["payment_intent"]
        self.post("/v1/refunds", {"payment_intent": intent} | ({"amount": amount} if amount else {}))
        return self.charge(session_id)

    def charge(self, session_id: str) -> dict[str, Any]:
        """Return the charge of a session that is paid, with the metadata that Stripe copies onto it."""
        session = self.sessions[session_id]
        intent = self.get(f"/v1/payment_intents/{session['payment_intent']}")
        charge = intent["latest_charge"]
        found = charge if isinstance(charge, dict) else self.get(f"/v1/charges/{charge}")
        return found | {"metadata": session["metadata"], "payment_intent": intent["id"]}

    def refunds(self, session_id: str) -> list[dict[str, Any]]:
        """Return the refunds of a session that is paid, the latest first."""
        return list(self.get(f"/v1/refunds?payment_intent={self.sessions[session_id]['payment_intent']}")["data"])

    def get(self, path: str) -> Any:
        """Ask localstripe."""
        return httpx.get(self.localstripe + path, headers=AUTH, timeout=30).raise_for_status().json()

    def post(self, path: str, fields: dict[str, Any]) -> Any:
        """Have localstripe do something."""
        answer = httpx.post(self.localstripe + path, data=fields, headers=AUTH, timeout=30)
        return answer.raise_for_status().json()

    def answer(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes] | None:
        """Answer one request; None: it gets no answer."""
        if headers.get("authorization") != AUTH["Authorization"]:
            return _error(401, "invalid_request_error", "No such key.")
        if method == "GET":
            return self._do(method, path, body)
        with self.lock:
            self.asked.append((method, path))
            fault, self.fault = self.fault, None
            if fault is Fault.DOWN:
                return _error(503, "api_error", "Down.")
            if fault is Fault.REFUSED:
                return _error(400, "invalid_request_error", "Not this one.")
            key = headers.get("idempotency-key", "")
            kept = self.answers.get(key)
            if kept and kept[0] != body:
                return _error(400, "idempotency_error", "This key came with another request.")
            status, said = kept[1:] if kept else self._do(method, path, body)
            if key and status < 500:
                self.answers[key] = (body, status, said)
            return None if fault is Fault.ANSWER_LOST else (status, said)

    def _do(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if method == "POST" and path == SESSIONS:
            return 200, json.dumps(self._new_session(body)).encode()
        if path.startswith(SESSIONS):
            session = self.sessions.get(path.rpartition("/")[2])
            return (200, json.dumps(session).encode()) if session else _error(404, "invalid_request_error", "No such.")
        form = {"content-type": "application/x-www-form-urlencoded"}
        passed = httpx.request(method, self.localstripe + path, content=body, headers=AUTH | form, timeout=30)
        return passed.status_code, passed.content

    def _new_session(self, body: bytes) -> dict[str, Any]:
        asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        key = f"cs_test_{uuid4().hex}"
        price = "line_items[0][price_data]"
        assert asked["mode"] == "payment"
        assert asked["metadata[purchase_id]"] == asked["payment_intent_data[metadata][purchase_id]"]
        session = {
            "id": key,
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": int(asked[f"{price}[unit_amount]"]) * int(asked["line_items[0][quantity]"]),
            "currency": asked[f"{price}[currency]"],
            "url": f"{self.url}/pay/{key}",
            "metadata": {"purchase_id": asked["metadata[purchase_id]"]},
            "success_url": asked["success_url"],
            "customer_email": asked.get("customer_email"),
            "automatic_tax": {"enabled": asked["automatic_tax[enabled]"] == "true"},
            "expires_at": int(asked["expires_at"]),
        }
        self.sessions[key] = session
        return session


@contextmanager
def running() -> Iterator[StripeServer]:
    """Run both."""
    port = free_port()
    command = [sys.executable, "-m", "localstripe", "--from-scratch", "--port", str(port)]
    with processes.running(command, stdout=DEVNULL, stderr=DEVNULL):
        stripe = StripeServer(localstripe=f"http://localhost:{port}")
        wait_until(lambda: _answers(stripe), seconds=60, what="localstripe")
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(stripe))
        server.daemon_threads = True
        stripe.url = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield stripe
        finally:
            server.shutdown()
            server.server_close()


def _handler(stripe: StripeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = stripe.answer(self.command, self.path, body, headers)
            if answer is None:
                self.close_connection = True
                return
            status, said = answer
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    for method in ("GET", "POST"):
        setattr(Handler, f"do_{method}", Handler.answer)
    return Handler


def _error(status: int, kind: str, message: str) -> tuple[int, bytes]:
    return status, json.dumps({"error": {"type": kind, "message": message}}).encode()


def _answers(stripe: StripeServer) -> bool:
    try:
        return httpx.get(f"{stripe.localstripe}/v1/refunds", headers=AUTH, timeout=5).status_code == 200
    except httpx.TransportError:
        return False
