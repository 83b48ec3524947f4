"""The whole way with an independent, certified OpenID provider, run by Node: there and back, roles, signing out there."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from pydantic import SecretStr

from classbell.accounts.models import User
from classbell.accounts.sso.provider import Provider
from tests.node import NODE, folder_with
from tests.simulator import free_port

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("oidc-provider")]

SCRIPT = Path(__file__).with_name("oidc_provider.mjs")
CLAIMS = {
    "email": "amina@school.example",
    "email_verified": True,
    "given_name": "Amina",
    "family_name": "Haddad",
    "groups": ["teachers"],
}


@pytest.fixture(scope="module")
def modules() -> Path:
    """Return where the provider\'s package is."""
    return folder_with("oidc-provider", "9.13.3")


@pytest.fixture
def issuer(modules: Path, live_server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run the provider, and let the settings name it."""
    port = free_port()
    here = live_server.url
    environment = os.environ | {
        "MODULES": str(modules),
        "PORT": str(port),
        "HERE": here,
        "CLAIMS": json.dumps(CLAIMS),
        "NODE_ENV": "development",
    }
    process = subprocess.Popen([NODE, str(SCRIPT)], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        if not any("ready" in line for line in iter(process.stdout.readline, "")):
            pytest.skip("oidc-provider does not run with this Node.")
        issuer = f"http://localhost:{port}"
        provider = Provider(
            slug="school",
            name="School account",
            issuer=issuer,
            client_id="classbell",
            client_secret=SecretStr("a client secret"),
            domains=("school.example",),
            makes_accounts=True,
            roles=({"claim": "groups", "value": "teachers", "role": "teacher"},),  # type: ignore[arg-type]
        )
        wanted = {"sign_in_providers": (provider,), "public_url": here}
        monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=wanted))
        yield issuer
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def hidden(page: httpx.Response, name: str) -> str:
    """Return a hidden input of a page."""
    found = re.search(rf'name="{name}" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def sign_in(browser: httpx.Client, here: str) -> httpx.Response:
    """Press the button, sign in at the provider and agree there; return where that leads."""
    page = browser.get(f"{here}/accounts/sso/school/begin")
    assert "/interaction/" in str(page.url), page.text
    page = browser.post(str(page.url), data={"prompt": "login", "login": "amina", "password": "any"})
    return browser.post(str(page.url), data={"prompt": "consent"})


def test_there_and_back_and_signed_out_there(issuer: str, live_server) -> None:
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        page = sign_in(browser, live_server.url)

        assert (page.status_code, str(page.url)) == (200, f"{live_server.url}/")
        amina = User.objects.get()
        assert (amina.email, amina.name, amina.role) == ("amina@school.example", "Amina Haddad", "teacher")
        assert browser.get(f"{live_server.url}/me/").url.path == "/me/"

        asked = browser.get(f"{issuer}/session/end")
        browser.post(f"{issuer}/session/end/confirm", data={"xsrf": hidden(asked, "xsrf"), "logout": "yes"})

        assert browser.get(f"{live_server.url}/me/").url.path == "/accounts/login/"


def test_signing_out_here_offers_to_sign_out_there(issuer: str, live_server) -> None:
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        page = sign_in(browser, live_server.url)

        page = browser.post(
            f"{live_server.url}/accounts/logout/", data={"csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken")}
        )

        found = re.search(rf'href="({issuer}/session/end\?[^"]+)"', page.text)
        assert found, page.text
        assert browser.get(found[1].replace("&amp;", "&")).status_code == 200


def test_whoever_refuses_there_is_told_so_here(issuer: str, live_server) -> None:
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        page = browser.get(f"{live_server.url}/accounts/sso/school/begin")

        page = browser.get(f"{page.url}/abort")

        assert page.status_code == 401
        assert "You have not signed in" in page.text
