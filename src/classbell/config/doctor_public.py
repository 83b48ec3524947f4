"""What is fine on a laptop and unsafe where everybody comes by: the part of `classbell doctor` about it."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from classbell.accounts.models import Role, User
from classbell.accounts.sso.policy import sign_in_policy
from classbell.config.findings import Finding, Verdict
from classbell.secret_keys import verifying_keys

ON_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
# Those of ./run demo, whose password stands in the README.
DEMO_PEOPLE: Final = "@classbell.example"
SHORTEST_KEY: Final = 32
FEWEST_CHARACTERS: Final = 8
SHORTEST_TOKEN: Final = 16
# What documents, tutorials and our own simulator write where a secret belongs.
KNOWN_TO_ALL: Final = ("change", "example", "secret-key", "django-insecure", "for-tests", "the-", "your-", "sim-")
ZOOMS_OWN: Final = (".zoom.us", ".zoomgov.com")
TIMEOUT_SECONDS: Final = 5


def is_public() -> bool:
    """Say whether people come by a name that is not this machine's own to itself."""
    return (urlsplit(settings.ENVIRONMENT.public_url).hostname or "") not in ON_THIS_MACHINE


def unsafe_in_public() -> Iterator[Finding]:
    """Yield what must not be so on a public address; nothing on a laptop's own."""
    if not is_public():
        return
    yield from _debug()
    yield from _measures()
    yield from _simulated_zoom()
    yield from _known_secrets()
    # These need the database: without it, the others are still said.
    yield from _demo_people()
    yield from _admins_by_password_alone()


def _debug() -> Iterator[Finding]:
    if settings.DEBUG:
        text = "is on: error pages show settings and code to everybody. Take the line CLASSBELL_DEBUG out, and restart."
        yield Finding(subject="CLASSBELL_DEBUG", verdict=Verdict.BROKEN, text=text)


def _demo_people() -> Iterator[Finding]:
    count = User.objects.filter(email__endswith=DEMO_PEOPLE, is_active=True).count()
    if count:
        text = (
            f"{count} accounts of the demo ({DEMO_PEOPLE}) may sign in, by a password that everybody can read. "
            "Let the school begin with a new database, or deactivate them on the page People."
        )
        yield Finding(subject="Demo accounts", verdict=Verdict.BROKEN, text=text)


def _measures() -> Iterator[Finding]:
    """Ask for the measures as a stranger would."""
    try:
        answer = httpx.get(urljoin(settings.ENVIRONMENT.public_url, "/metrics"), timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError:
        return  # That the address does not answer is another finding's.
    if answer.is_success:
        text = (
            "/metrics is open to everybody. Set CLASSBELL_METRICS_TOKEN, and let the proxy set X-Forwarded-For; "
            "docs/install/nginx.conf does."
        )
        yield Finding(subject="Metrics", verdict=Verdict.BROKEN, text=text)


def _simulated_zoom() -> Iterator[Finding]:
    environment = settings.ENVIRONMENT
    for name, url in (
        ("ZOOM_API_URL", environment.zoom_api_url),
        ("ZOOM_OAUTH_URL", environment.zoom_oauth_url),
        ("ZOOM_SDK_URL", environment.zoom_sdk_url),
    ):
        host = urlsplit(url).hostname or ""
        if not f".{host}".endswith(ZOOMS_OWN):
            text = f"leads to {host}, which is not Zoom: classes would meet nowhere. Take the line out, and restart."
            yield Finding(subject=name, verdict=Verdict.WARNING, text=text)


def _known_secrets() -> Iterator[Finding]:
    environment = settings.ENVIRONMENT
    if _is_guessable(settings.SECRET_KEY):
        text = (
            "can be guessed: whoever knows it signs in as anybody. Make one with: python3 -c 'import secrets; "
            "print(secrets.token_urlsafe(50))', and put it in its place as docs/secrets.md says."
        )
        yield Finding(subject="CLASSBELL_SECRET_KEY", verdict=Verdict.BROKEN, text=text)
    if any(_is_guessable(key) for key in verifying_keys()[1:]):
        text = "holds a key that can be guessed and still verifies. Run classbell rotate-secrets, and take it out now."
        yield Finding(subject="CLASSBELL_SECRET_KEY_OLD", verdict=Verdict.BROKEN, text=text)
    if _is_known(environment.zoom_webhook_secret.get_secret_value()):
        text = "is the simulator's or a document's: anybody can send messages as Zoom. Copy the app's own secret token."
        yield Finding(subject="ZOOM_WEBHOOK_SECRET", verdict=Verdict.BROKEN, text=text)
    token = environment.metrics_token.get_secret_value()
    if token and (len(token) < SHORTEST_TOKEN or _is_known(token)):
        text = f"can be guessed. Let it have {SHORTEST_TOKEN} random characters or more."
        yield Finding(subject="CLASSBELL_METRICS_TOKEN", verdict=Verdict.BROKEN, text=text)


def _admins_by_password_alone() -> Iterator[Finding]:
    """Count the admins for whom a password that somebody else learns is enough."""
    policy = sign_in_policy()
    admins = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    if policy.only_providers:
        admins = admins.filter(pk=policy.always_in.pk) if policy.always_in else admins.none()
    count = admins.exclude(pk__in=Authenticator.objects.values("user")).count()
    if count:
        text = (
            f"{count} admins sign in by a password alone. Let them add a passkey, or an app with codes, under Settings."
        )
        yield Finding(subject="Second steps", verdict=Verdict.WARNING, text=text)


def _is_guessable(key: str) -> bool:
    return len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS or _is_known(key)


def _is_known(secret: str) -> bool:
    return secret.lower().startswith(KNOWN_TO_ALL)
