"""
A stand-in for Stripe, for the demo alone: whoever presses its button has paid, and nothing is taken from anybody.

It answers what Classbell asks of Stripe (Checkout Sessions and refunds), has a page at which sessions are paid, and sends
signed webhooks. It keeps nothing: after a restart what was not paid is over.

    python -m classbell.demo.bank --port 9092 --webhook http://localhost:8000/api/payments/stripe/webhook
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Annotated, Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import stripe
import typer
from django.utils.html import format_html

SECRET_KEY: Final = "sk_test_demo"
WEBHOOK_SECRET: Final = "whsec_demo"
SESSIONS: Final = "/v1/checkout/sessions"
REFUNDS: Final = "/v1/refunds"
PAY: Final = "/pay/"
PRICE: Final = "line_items[0][price_data]"
# For the demo's own server, on the same machine.
TIMEOUT_SECONDS: Final = 30
PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Demo payment</title>
<style>
  body {{ font: 1.125rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 24rem; padding: 0 1rem }}
  button {{ font: inherit; padding: .75rem 1rem; width: 100%; margin-top: 1rem }}
</style>
<h1><bdi>{title}</bdi></h1>
<p><strong><bdi dir="ltr">{amount} {currency}</bdi></strong></p>
<p>This is the demo’s stand-in for Stripe. Nothing is taken from anybody.</p>
<p lang="ar" dir="rtl">هذه صفحة تجريبية بدلًا من Stripe، ولا يُؤخذ مال من أحد.</p>
<form method="post"><button name="does" value="pay">Pay · ادفع</button></form>
<form method="post"><button name="does" value="wait">Pay by bank, which takes days · تحويل مصرفي</button></form>
<p><a href="{back}">Back without paying · رجوع دون دفع</a></p>
"""

Fields = Mapping[str, str]


class Bank:
    """What was asked for and paid. `webhook` is where the school hears of it."""

    def __init__(self, *, url: str, webhook: str) -> None:
        self.url = url
        self.webhook = webhook
        self._sessions: dict[str, dict[str, Any]] = {}
        self._keys: dict[str, str] = {}
        self._refunds: dict[str, dict[str, Any]] = {}
        self._lock = Lock()

    def begin(self, asked: Fields, key: str) -> dict[str, Any]:
        """Return the session that is asked for, the same for the same idempotency key."""
        with self._lock:
            if key in self._keys:
                return self._sessions[self._keys[key]]
            made = f"cs_test_{uuid4().hex}"
            self._keys[key] = made
            self._sessions[made] = {
                "id": made,
                "object": "checkout.session",
                "status": "open",
                "payment_status": "unpaid",
                "payment_intent": None,
                "amount_total": int(asked[f"{PRICE}[unit_amount]"]),
                "currency": asked[f"{PRICE}[currency]"],
                "title": asked[f"{PRICE}[product_data][name]"],
                "url": f"{self.url}{PAY}{made}",
                "metadata": {"purchase_id": asked["metadata[purchase_id]"]},
                "success_url": asked["success_url"],
            }
            return self._sessions[made]

    def session(self, key: str) -> dict[str, Any]:
        """Return a session; one that is not known, as after a restart, is over."""
        return self._sessions.get(key) or {"id": key, "object": "checkout.session", "status": "expired", "url": None}

    def pay(self, key: str, *, waits: bool) -> str:
        """Let a session be paid, or wait for a bank that never says; tell the school, and return where the payer goes."""
        with self._lock:
            session = self._sessions[key]
            if session["status"] == "open":
                session.update(status="complete", url=None)
                if not waits:
                    session.update(payment_status="paid", payment_intent=f"pi_{uuid4().hex}")
        Thread(target=self._tell, args=(dict(session),), daemon=True).start()
        return str(session["success_url"])

    def refund(self, asked: Fields, key: str) -> dict[str, Any]:
        """Return the refund that is asked for, the same for the same idempotency key."""
        made = {
            "id": f"re_{uuid4().hex}",
            "object": "refund",
            "status": "succeeded",
            "payment_intent": asked["payment_intent"],
            "amount": int(asked["amount"]),
            "metadata": {"refund_key": asked["metadata[refund_key]"]},
        }
        with self._lock:
            return self._refunds.setdefault(key, made)

    def refunds(self, payment: str) -> list[dict[str, Any]]:
        """Return what went back of a payment."""
        return [one for one in list(self._refunds.values()) if one["payment_intent"] == payment]

    def _tell(self, session: dict[str, Any]) -> None:
        message = {"id": f"evt_{uuid4().hex}", "object": "event", "type": "checkout.session.completed"}
        raw = json.dumps(message | {"data": {"object": session}})
        signature = stripe.WebhookSignature.generate_signature_header(raw, WEBHOOK_SECRET)
        httpx.post(self.webhook, content=raw, headers={"Stripe-Signature": signature}, timeout=TIMEOUT_SECONDS)


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one bank."""

    bank: Bank

    def do_GET(self) -> None:
        """Answer a session, the refunds of a payment, or the page at which a session is paid."""
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path.startswith(f"{SESSIONS}/"):
            self._json(self.bank.session(path.rpartition("/")[2]))
        elif path == REFUNDS:
            found = self.bank.refunds(query["payment_intent"][0])
            self._json({"object": "list", "data": found, "has_more": False, "url": REFUNDS})
        elif path.startswith(PAY):
            self._page(self.bank.session(path.removeprefix(PAY)))
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Begin a session, refund, or take what the payer pressed."""
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        key = self.headers.get("idempotency-key", uuid4().hex)
        if self.path == SESSIONS:
            self._json(self.bank.begin(asked, key))
        elif self.path == REFUNDS:
            self._json(self.bank.refund(asked, key))
        elif self.path.startswith(PAY) and self.bank.session(self.path.removeprefix(PAY))["status"] == "open":
            back = self.bank.pay(self.path.removeprefix(PAY), waits=asked.get("does") == "wait")
            self._send(HTTPStatus.SEE_OTHER, b"", "text/plain", location=back)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _page(self, session: dict[str, Any]) -> None:
        if session["status"] != "open":
            self.send_error(HTTPStatus.GONE, "This payment is over.")
            return
        amount, currency = f"{session['amount_total'] / 100:.2f}", session["currency"].upper()
        facts = {"title": session["title"], "amount": amount, "currency": currency, "back": session["success_url"]}
        self._send(HTTPStatus.OK, format_html(PAGE, **facts).encode(), "text/html; charset=utf-8")

    def _json(self, said: dict[str, Any], *, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(status, json.dumps(said).encode(), "application/json")

    def _send(self, status: HTTPStatus, body: bytes, kind: str, *, location: str = "") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        if location:
            self.send_header("location", location)
        self.end_headers()
        self.wfile.write(body)


def main(
    port: Annotated[int, typer.Option(help="Where it listens.")],
    webhook: Annotated[str, typer.Option(help="Where the school hears of payments.")],
) -> None:
    """Run until it is stopped."""
    Handler.bank = Bank(url=f"http://localhost:{port}", webhook=webhook)
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    typer.run(main)
