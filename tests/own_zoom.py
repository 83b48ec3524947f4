"""Teachers with a Zoom of their own: a simulator in which they are users, and the way over its consent page."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from pydantic import SecretStr

from classbell.accounts.models import User
from tests.simulator import Simulator

AMINA, BILAL, BASIC = "amina@own.example", "bilal@own.example", "basic01@zoomsim.example"
HOOK = "own-hook"


def own_simulator(**more: Any) -> Simulator:
    """Return another Zoom, whose users are nobody's hosts: two with a licence, one without."""
    return Simulator(
        plan="unlimited",
        hosts=0,
        basic_hosts=1,
        host_email=[AMINA, BILAL],
        account_id="own",
        webhook_secret=HOOK,
        **more,
    )


def use_app_of(simulator: Simulator, monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
    """Let the settings define the app that the users of this simulator consent to."""
    values = {
        "zoom_user_app_client_id": "sim-oauth-client",
        "zoom_user_app_client_secret": SecretStr("sim-oauth-secret"),
        "zoom_user_app_webhook_secret": SecretStr(HOOK),
        "zoom_user_app_api_url": simulator.api_url,
        "zoom_user_app_oauth_url": simulator.oauth_url,
    }
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=values | more))


def set_out(client: Client) -> str:
    """Press Connect, and return the address at Zoom that the browser is sent to."""
    answer = client.get("/me/zoom/connect")
    assert answer.status_code == 302
    return str(answer["Location"])


def decide(simulator: Simulator, address: str, email: str = AMINA, *, decision: str = "allow") -> str:
    """Say yes or no at Zoom as one of its users, and return where the browser is sent then, without the host."""
    user = next(host["id"] for host in simulator.state()["hosts"] if host["email"] == email)
    answer = simulator.http.post(address, data={"user": user, "decision": decision})
    assert answer.status_code == 303, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def connect(simulator: Simulator, teacher: User, email: str = AMINA) -> tuple[Client, Any]:
    """Go all the way as a teacher; return their browser and the page that they end on."""
    client = Client()
    client.force_login(teacher)
    return client, client.get(decide(simulator, set_out(client), email), follow=True)
