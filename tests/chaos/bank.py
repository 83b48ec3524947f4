"""Where people of a stage pay: the demo's stand-in for Stripe by the stage's clock, which fails when told to."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Final, Self

import httpx
import stripe

from classbell.demo import bank
from classbell.demo.bank import Fields
from tests.simulator import free_port

TIMEOUT_SECONDS: Final = 15.0


class Bank(bank.Bank):
    """
    `mode` is how it behaves: well, refuse (it answers nothing but 503), decline (it makes no refund that it has not made
    before), mute (it does what it is asked to and does not answer), silent (the school hears of no payment) or doubled (of
    each twice). `webhook` and `now` are known once the school is.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        port = free_port()
        super().__init__(url=f"http://localhost:{port}", webhook="")
        self.mode = "well"
        self._now = now
        self._server = ThreadingHTTPServer(("127.0.0.1", port), type("Here", (_Handler,), {"bank": self}))
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self) -> dict[str, str]:
        """Return what an installation is told, to be paid here."""
        return {
            "STRIPE_SECRET_KEY": bank.SECRET_KEY,
            "STRIPE_WEBHOOK_SECRET": bank.WEBHOOK_SECRET,
            "STRIPE_API_URL": self.url,
        }

    def behave(self, mode: str) -> None:
        """Behave in this way from now on."""
        self.mode = mode

    def empty(self) -> None:
        """Forget everything, and behave."""
        self.mode = "well"
        self._sessions.clear()
        self._keys.clear()
        self._refunds.clear()

    def all_of_it(self) -> list[dict[str, Any]]:
        """Return each checkout that was begun here."""
        return list(self._sessions.values())

    def paid(self) -> list[str]:
        """Return the ids of the checkouts that are paid."""
        return [one["id"] for one in self.all_of_it() if one["payment_status"] == "paid"]

    def given_back(self) -> list[dict[str, Any]]:
        """Return each refund that was made here."""
        return list(self._refunds.values())

    def has_made(self, key: str) -> bool:
        """Whether a refund of this idempotency key was made."""
        return key in self._refunds

    def refund(self, asked: Fields, key: str) -> dict[str, Any]:
        """Return the refund that is asked for, and tell the school, as Stripe does."""
        made = super().refund(asked, key)
        payment = made["payment_intent"]
        charge = {
            "payment_intent": payment,
            "amount_refunded": sum(one["amount"] for one in self.refunds(payment)),
            "currency": "eur",
            "metadata": next(one["metadata"] for one in self.all_of_it() if one["payment_intent"] == payment),
        }
        Thread(target=self._say, args=("charge.refunded", made["id"], charge), daemon=True).start()
        return made

    def _tell(self, session: dict[str, Any]) -> None:
        self._say("checkout.session.completed", session["id"], session)

    def _say(self, kind: str, about: str, what: dict[str, Any]) -> None:
        raw = json.dumps({"id": f"evt_of_{about}", "object": "event", "type": kind, "data": {"object": what}})
        for _time in range({"silent": 0, "doubled": 2}.get(self.mode, 1)):
            signature = stripe.WebhookSignature.generate_signature_header(
                raw, bank.WEBHOOK_SECRET, int(self._now().timestamp())
            )
            with suppress(httpx.HTTPError):
                httpx.post(self.webhook, content=raw, headers={"Stripe-Signature": signature}, timeout=TIMEOUT_SECONDS)


class _Handler(bank.Handler):
    bank: Bank

    def parse_request(self) -> bool:
        """Return whether this request is to be answered as ever."""
        if not super().parse_request():
            return False
        if self.bank.mode == "refuse":
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
        return self.bank.mode != "refuse"

    def do_POST(self) -> None:  # noqa: N802 -- the standard library's name
        """As ever, but for refunds that are declined, as a bank does when there is nothing to give back from."""
        key = self.headers.get("idempotency-key", "")
        if self.bank.mode == "decline" and self.path == bank.REFUNDS and not self.bank.has_made(key):
            error = {"type": "invalid_request_error", "code": "insufficient_funds", "message": "Nothing is left."}
            self._json({"error": error}, status=HTTPStatus.PAYMENT_REQUIRED)
        else:
            super().do_POST()

    def _send(self, status: HTTPStatus, body: bytes, kind: str, *, location: str = "") -> None:
        # What is only read is answered: before it asks for a refund, the school reads which there are.
        if self.bank.mode == "mute" and self.command == "POST":
            self.close_connection = True
        else:
            super()._send(status, body, kind, location=location)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""
