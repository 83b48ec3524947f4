"""The whole way with an independent SAML identity provider, run by Node: there and back, roles, another certificate."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.http import QueryDict

from classbell.accounts.models import User
from classbell.accounts.sso.provider import Provider
from classbell.web.school.provider_forms import SamlForm
from tests.accounts.sso.saml_idp import key_and_certificate
from tests.node import NODE, folder_with
from tests.simulator import free_port

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("saml-provider")]

SCRIPT = Path(__file__).with_name("saml_provider.mjs")
KEY, CERTIFICATE = key_and_certificate()
OTHER_KEY, OTHER_CERTIFICATE = key_and_certificate()
ENTITY = "urn:school.example:idp"


@dataclass(frozen=True)
class Idp:
    """The provider that runs, and how the settings may name it."""

    url: str
    here: str
    monkeypatch: pytest.MonkeyPatch

    def named(self, **changes: Any) -> None:
        """Let the settings name it, with what else is said of it."""
        said: dict[str, Any] = {
            "slug": "school",
            "kind": "saml",
            "name": "School account",
            "entity_id": ENTITY,
            "sso_url": f"{self.url}/sso",
            "certificate": CERTIFICATE,
            "domains": ("school.example",),
            "makes_accounts": True,
            "roles": ({"claim": "http://schemas.passportjs.com/memberOf", "value": "staff", "role": "teacher"},),
        }
        wanted = {"sign_in_providers": (Provider(**said | changes),), "public_url": self.here}
        self.monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=wanted))

    def sign_in(self, browser: httpx.Client) -> httpx.Response:
        """Press the button, and post the form with which the provider answers; return where that leads."""
        page = browser.get(f"{self.here}/accounts/sso/school/begin")
        assert page.status_code == 200, page.text
        form = re.search(r'action="([^"]+)"', page.text)
        hidden = dict(re.findall(r'name="(\w+)"\s+value="([^"]*)"', page.text))
        assert form is not None, page.text
        return browser.post(unescape(form[1]), data={name: unescape(value) for name, value in hidden.items()})


@pytest.fixture(scope="module")
def modules() -> Path:
    """Return where the provider\'s package is."""
    return folder_with("samlp", "8.0.0")


@pytest.fixture
def idp(modules: Path, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Idp]:
    """Run the provider, and let the settings name it."""
    port = free_port()
    environment = os.environ | {
        "MODULES": str(modules),
        "PORT": str(port),
        "ENTITY": ENTITY,
        "ACS": f"{live_server.url}/accounts/saml/school/acs",
        "KEY": KEY,
        "CERTIFICATE": CERTIFICATE,
        "OTHER_KEY": OTHER_KEY,
        "OTHER_CERTIFICATE": OTHER_CERTIFICATE,
    }
    process = subprocess.Popen(
        [NODE, "--no-deprecation", str(SCRIPT)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        if not any("ready" in line for line in iter(process.stdout.readline, "")):
            pytest.skip("samlp does not run with this Node.")
        idp = Idp(url=f"http://localhost:{port}", here=live_server.url, monkeypatch=monkeypatch)
        idp.named()
        yield idp
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        yield browser


def is_signed_in(browser: httpx.Client, idp: Idp) -> bool:
    return browser.get(f"{idp.here}/me/").url.path == "/me/"


@pytest.mark.parametrize("way", ["/sso", "/sso/both"], ids=["signed assertion", "signed response too"])
def test_there_and_back_with_the_role_of_a_group(idp: Idp, browser: httpx.Client, way: str) -> None:
    idp.named(sso_url=f"{idp.url}{way}")

    page = idp.sign_in(browser)

    assert (page.status_code, page.url.path) == (200, "/")
    amina = User.objects.get()
    assert (amina.email, amina.name, amina.role) == ("amina@school.example", "Amina Haddad", "teacher")
    assert is_signed_in(browser, idp)


@pytest.mark.parametrize("way", ["/sso/other-key", "/sso/response-only"], ids=["another key", "unsigned assertion"])
def test_what_its_key_has_not_signed_is_refused(idp: Idp, browser: httpx.Client, way: str) -> None:
    idp.named(sso_url=f"{idp.url}{way}")

    page = idp.sign_in(browser)

    assert page.status_code == 401
    assert "cannot be trusted" in page.text
    assert not is_signed_in(browser, idp)
    assert not User.objects.exists()


@pytest.mark.parametrize("way", ["/sso", "/sso/other-key"], ids=["before", "after"])
def test_while_it_changes_its_certificate_people_go_on_signing_in(idp: Idp, browser: httpx.Client, way: str) -> None:
    idp.named(sso_url=f"{idp.url}{way}", certificate=CERTIFICATE + OTHER_CERTIFICATE)

    idp.sign_in(browser)

    assert is_signed_in(browser, idp)


def test_its_own_metadata_says_all_that_is_asked(idp: Idp) -> None:
    metadata = httpx.get(f"{idp.url}/metadata").text
    typed = QueryDict(mutable=True)
    typed.update({"name": "School", "slug": "other", "domains": "school.example", "metadata": metadata})

    form = SamlForm(typed, kept=None)

    assert form.is_valid(), form.errors
    assert (form.cleaned_data["entity_id"], form.cleaned_data["sso_url"]) == (ENTITY, f"{idp.url}/sso")
    assert "".join(CERTIFICATE.split()[2:-2]) in "".join(form.cleaned_data["certificate"].split())
