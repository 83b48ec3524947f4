"""What is sent, taken in by the library for receivers written in JavaScript."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from classbell.hooks import delivery, services
from classbell.hooks.services import IssuedSecret
from tests import processes
from tests.node import NODE, folder_with
from tests.receiver import Received, Receiver

VERIFY = """
const { Webhook } = require(process.argv[1]);
const { secret, body, headers } = JSON.parse(process.argv[2]);
try { console.log(JSON.stringify(new Webhook(secret).verify(body, headers))); }
catch (error) { console.log(JSON.stringify({ refused: error.message })); }
"""

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not Path(NODE).exists(), reason="There is no Node."),
    pytest.mark.slow,
]


def verified(came: Received, secret: str, body: bytes | None = None) -> Any:
    """Return what the library makes of what came."""
    facts = {"secret": secret, "body": (body or came.body).decode(), "headers": dict(came.headers)}
    library = folder_with("standardwebhooks", "1.1.1") / "node_modules" / "standardwebhooks"
    command = [NODE, "--eval", VERIFY, str(library), json.dumps(facts)]
    done = processes.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_library_takes_in_what_is_sent_and_nothing_else(
    receiver: Receiver, wanted: Callable[..., IssuedSecret]
) -> None:
    made = wanted()
    renewed = services.rotate_secret(webhook_id=made.webhook.pk, now=timezone.now())
    services.send_test(webhook_id=made.webhook.pk, now=timezone.now())
    delivery.deliver_due(made.webhook.pk)

    (came,) = receiver.received
    assert verified(came, made.secret)["type"] == "webhook.test"
    assert verified(came, renewed.secret) == verified(came, made.secret)
    assert verified(came, renewed.secret, came.body.replace(b"reaches", b"leaves")) == {
        "refused": "No matching signature found"
    }
    old = Received(path=came.path, body=came.body, headers=dict(came.headers) | {"webhook-timestamp": "1"})
    assert "refused" in verified(old, renewed.secret)
    assert timedelta(0) < services.GRACE
