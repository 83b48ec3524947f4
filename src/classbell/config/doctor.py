"""`classbell doctor`: is everything set up, and if not, what to do."""

import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from smtplib import SMTPException
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import httpx
from django.conf import settings
from django.core.mail import get_connection
from django.db import DatabaseError, connection, connections
from django.http.request import validate_host

import classbell
from classbell.accounts.models import Role, User
from classbell.config.doctor_files import authorities, settings_files, static_files
from classbell.config.doctor_public import ON_THIS_MACHINE, unsafe_in_public
from classbell.config.findings import Finding, Verdict
from classbell.meetings.models import FREE_MINUTES, ZoomHost
from classbell.meetings.sync.gateway import is_configured, zoom_client
from classbell.meetings.zoom_accounts import Account, school_accounts
from classbell.postgres.migrations import missing_migrations, unknown_migrations
from classbell.postgres.pooler import Pooling, find_pooling
from classbell.postgres.reach import REPLICA
from classbell.postgres.replica import seconds_behind
from classbell.zoom.check import CLASSIC_SCOPES, GRANULAR_SCOPES, check_connection
from classbell.zoom.errors import ZoomError
from classbell.zoom.service import legacy_credentials_message

LARGEST_CLOCK_DIFFERENCE_SECONDS = 30
CLOCK_TIMEOUT_SECONDS = 5
LIVELY_WORKERS = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def examine() -> Iterator[Finding]:
    """Run every check and yield its finding as soon as it is known. Never raises for what it examines."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _version,
        _database,
        _pooler,
        _replica,
        _admins,
        _workers,
        authorities,
        _legacy_credentials,
        _zoom,
        _clock,
        _hosts,
        _webhook_secret,
        _older_keys,
        _sdk_keys,
        _payments,
        _backup_rooms,
        _public_address,
        _mail,
        _proxy,
        settings_files,
        static_files,
        unsafe_in_public,
    )
    for check in checks:
        try:
            yield from check()
        except DatabaseError:
            continue  # That it is away, or its tables are, is said by the check of it.
        except OSError as error:
            what = check.__name__.strip("_").replace("_", " ")
            yield Finding(
                subject="System", verdict=Verdict.BROKEN, text=f"it kept us from looking at: {what} ({error})."
            )


def _version() -> Iterator[Finding]:
    text = f"{classbell.__version__}, on Python {platform.python_version()}."
    yield Finding(subject="Classbell", verdict=Verdict.OK, text=text)


def _database() -> Iterator[Finding]:
    try:
        missing, newer = missing_migrations(), unknown_migrations()
        version = connection.cursor().execute("SHOW server_version").fetchone()
    except DatabaseError as error:
        yield Finding(subject="Database", verdict=Verdict.BROKEN, text=f"unreachable ({error}). Check DATABASE_URL.")
        return
    if missing:
        text = f"{missing} migrations have not run. Run: classbell migrate"
        yield Finding(subject="Database", verdict=Verdict.BROKEN, text=text)
    elif newer:
        text = (
            f"PostgreSQL {version[0]}, of a newer Classbell ({newer[-1]}). Upgrade this machine too: docs/upgrade.md."
        )
        yield Finding(subject="Database", verdict=Verdict.WARNING, text=text)
    else:
        yield Finding(subject="Database", verdict=Verdict.OK, text=f"PostgreSQL {version[0]}, tables up to date.")


def _pooler() -> Iterator[Finding]:
    pooling = find_pooling()
    if pooling is Pooling.SHARED_SESSIONS:
        text = (
            "a pooler gives our sessions to others between transactions, so locks are lost and two may do one thing. Let it "
            "pool sessions (PgBouncer: pool_mode = session), or name PostgreSQL itself in DATABASE_URL."
        )
        yield Finding(subject="Pooler", verdict=Verdict.BROKEN, text=text)
    elif pooling is Pooling.OWN_SESSIONS:
        yield Finding(subject="Pooler", verdict=Verdict.OK, text="each connection has a session of its own.")


def _replica() -> Iterator[Finding]:
    if REPLICA not in connections.settings:
        return
    try:
        behind = seconds_behind(connections[REPLICA])
    except DatabaseError as error:
        text = f"away ({error}), so the database itself is asked. Check DATABASE_REPLICA_URL."
        yield Finding(subject="Replica", verdict=Verdict.WARNING, text=text)
        return
    if behind is None or behind > settings.ENVIRONMENT.replica_lag.total_seconds():
        text = "too far behind, so the database itself is asked. Without a worker running it always seems to be."
        yield Finding(subject="Replica", verdict=Verdict.WARNING, text=text)
    else:
        yield Finding(subject="Replica", verdict=Verdict.OK, text=f"{behind:.1f} s behind.")


def _admins() -> Iterator[Finding]:
    if not User.objects.filter(role=Role.ADMIN, is_active=True).exists():
        text = "there is none, so nobody can invite others or set anything up. Run: classbell invite-admin YOUR-ADDRESS"
        yield Finding(subject="Admins", verdict=Verdict.BROKEN, text=text)


def _workers() -> Iterator[Finding]:
    """Look for signs of life of workers, on whichever machine."""
    (count,) = connection.cursor().execute(LIVELY_WORKERS).fetchone()
    if count:
        yield Finding(subject="Workers", verdict=Verdict.OK, text=f"{count} at work.")
        return
    text = "none runs: nothing goes to Zoom, no mail goes out. Start one with: classbell worker"
    yield Finding(subject="Workers", verdict=Verdict.WARNING, text=text)


def _legacy_credentials() -> Iterator[Finding]:
    environment = settings.ENVIRONMENT
    if environment.zoom_api_key or environment.zoom_api_secret.get_secret_value():
        verdict = Verdict.WARNING if is_configured() else Verdict.BROKEN
        yield Finding(subject="ZOOM_API_KEY", verdict=verdict, text=legacy_credentials_message())


def _zoom() -> Iterator[Finding]:
    if not is_configured():
        text = (
            "not configured. Make a Server-to-Server OAuth app in the Zoom App Marketplace, activate it, and set "
            "ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET. Until then everything works but Zoom meetings."
        )
        yield Finding(subject="Zoom", verdict=Verdict.WARNING, text=text)
        text = f"the app needs {', '.join(GRANULAR_SCOPES)}; one made before 2024 {', '.join(CLASSIC_SCOPES)}."
        yield Finding(subject="Zoom scopes", verdict=Verdict.WARNING, text=text)
        return
    for one in school_accounts():
        yield from _account(one, subject=f"Zoom {one.name}".strip())


def _account(one: Account, *, subject: str) -> Iterator[Finding]:
    try:
        report = check_connection(zoom_client(one.account_id))
    except ZoomError as error:
        where = "its credentials on the page of Zoom accounts" if one.name else "the three ZOOM_ values"
        yield Finding(subject=subject, verdict=Verdict.BROKEN, text=f"{error} Check {where} and the app.")
        return
    yield Finding(subject=subject, verdict=Verdict.OK, text=f"the credentials work; the app belongs to {report.email}.")
    for purpose, scopes in report.missing.items():
        text = f"to {purpose}, add to the app and activate it again: {', '.join(scopes)}"
        yield Finding(subject=f"{subject} scopes", verdict=Verdict.BROKEN, text=text)


def _clock() -> Iterator[Finding]:
    """Compare this machine's clock with Zoom's: tokens and signatures are refused when it is wrong."""
    if not is_configured():
        return
    try:
        answer = httpx.get(settings.ENVIRONMENT.zoom_oauth_url, timeout=CLOCK_TIMEOUT_SECONDS)
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (httpx.HTTPError, KeyError, ValueError):
        yield Finding(subject="Clock", verdict=Verdict.WARNING, text="could not be compared: Zoom did not answer.")
        return
    seconds = abs((datetime.now(UTC) - theirs).total_seconds())
    wrong = seconds > LARGEST_CLOCK_DIFFERENCE_SECONDS
    text = f"{seconds:.0f} s from Zoom's. Let the machine keep time by NTP." if wrong else "agrees with Zoom's."
    yield Finding(subject="Clock", verdict=Verdict.BROKEN if wrong else Verdict.OK, text=text)


def _hosts() -> Iterator[Finding]:
    if not is_configured():
        return
    count = ZoomHost.objects.usable().filter(is_licensed=True).count()
    basic = ZoomHost.objects.usable().filter(is_licensed=False, in_pool=True).count()
    if count:
        yield Finding(subject="Hosts", verdict=Verdict.OK, text=f"Licensed Zoom users who can host: {count}.")
    elif basic:
        text = f"{basic} Zoom users can host, none with a licence: Zoom ends each meeting after {FREE_MINUTES} minutes."
        yield Finding(subject="Hosts", verdict=Verdict.WARNING, text=text)
    else:
        text = "none known yet. Run: classbell read-hosts. If it stays so, no user of the account may host."
        yield Finding(subject="Hosts", verdict=Verdict.WARNING, text=text)


def _webhook_secret() -> Iterator[Finding]:
    if settings.ENVIRONMENT.zoom_webhook_secret.get_secret_value():
        yield Finding(subject="Webhooks", verdict=Verdict.OK, text="the secret is set.")
    else:
        text = "ZOOM_WEBHOOK_SECRET is not set: copy the app's secret token, so that Zoom's events can be trusted."
        yield Finding(subject="Webhooks", verdict=Verdict.WARNING, text=text)


def _older_keys() -> Iterator[Finding]:
    """Look at keys and secrets that were changed for others and are still taken."""
    environment, subject = settings.ENVIRONMENT, "CLASSBELL_SECRET_KEY_OLD"
    today = datetime.now(ZoneInfo(environment.timezone)).date()
    for number, old in enumerate(environment.old_secret_keys, start=1):
        if old.key == settings.SECRET_KEY:
            text = f"key {number} is the present CLASSBELL_SECRET_KEY itself. Take it out."
            yield Finding(subject=subject, verdict=Verdict.WARNING, text=text)
        elif old.until is not None and old.until < today:
            text = (
                f"key {number} verifies nothing since the end of {old.until}. Run classbell rotate-secrets, so that nothing "
                "stored needs it; then take it out."
            )
            yield Finding(subject=subject, verdict=Verdict.WARNING, text=text)
    if environment.zoom_webhook_secret_old.get_secret_value():
        text = (
            "is taken too. Take it out once messages have come that Zoom signed with the new one: page Zoom, Messages."
        )
        yield Finding(subject="ZOOM_WEBHOOK_SECRET_OLD", verdict=Verdict.WARNING, text=text)


def _sdk_keys() -> Iterator[Finding]:
    environment = settings.ENVIRONMENT
    if environment.zoom_sdk_key and environment.zoom_sdk_secret.get_secret_value():
        yield Finding(subject="Meeting SDK", verdict=Verdict.OK, text="the keys are set.")
    else:
        text = "ZOOM_SDK_KEY and ZOOM_SDK_SECRET are not set: people join by link, not inside the page."
        yield Finding(subject="Meeting SDK", verdict=Verdict.WARNING, text=text)


def _payments() -> Iterator[Finding]:
    environment = settings.ENVIRONMENT
    secret_key = environment.stripe_secret_key.get_secret_value()
    if secret_key and not environment.stripe_webhook_secret.get_secret_value():
        text = (
            "STRIPE_WEBHOOK_SECRET is not set: nobody tells of payments, so they are asked about, minutes later. "
            "Add the webhook at Stripe and set its signing secret (docs/payments.md)."
        )
        yield Finding(subject="Payments", verdict=Verdict.WARNING, text=text)
    elif secret_key:
        mode = "trial payments only" if "_test_" in secret_key else "real payments"
        yield Finding(subject="Payments", verdict=Verdict.OK, text=f"by Stripe, {mode}.")


def _backup_rooms() -> Iterator[Finding]:
    environment = settings.ENVIRONMENT
    if not environment.backup_room_url:
        text = (
            "CLASSBELL_BACKUP_ROOM_URL is not set: when Zoom is down, classes have nowhere else to meet. "
            "A Jitsi or BigBlueButton address such as https://meet.example.org/{name}-{token} gives them a place."
        )
        yield Finding(subject="Backup rooms", verdict=Verdict.WARNING, text=text)
        return
    place, minutes = urlsplit(environment.backup_room_url).netloc, environment.backup_room_minutes
    text = f"at {place}, {minutes} minutes before a class for which Zoom has no meeting."
    yield Finding(subject="Backup rooms", verdict=Verdict.OK, text=text)


def _public_address() -> Iterator[Finding]:
    """Look at the address that links in mails carry, and that Zoom sends its events to."""
    environment = settings.ENVIRONMENT
    url, parts = environment.public_url, urlsplit(environment.public_url)
    host, subject = parts.hostname or "", "Public address"
    if host in ON_THIS_MACHINE:
        text = (
            f"{url} leads people to their own machine, and Zoom nowhere. Set CLASSBELL_PUBLIC_URL to the address that people "
            "use, such as https://school.example, and CLASSBELL_ALLOWED_HOSTS to its name."
        )
        yield Finding(subject=subject, verdict=Verdict.WARNING, text=text)
        return
    if not validate_host(host, settings.ALLOWED_HOSTS):
        text = f"CLASSBELL_ALLOWED_HOSTS does not name {host}, so every page there answers 400. Add it."
        yield Finding(subject=subject, verdict=Verdict.BROKEN, text=text)
    if parts.scheme != "https":
        text = (
            f"{url} is not https: passwords travel readably, and Zoom sends its events to https addresses only. "
            "Let a proxy speak TLS; docs/install/nginx.conf is one that fits."
        )
        yield Finding(subject="HTTPS", verdict=Verdict.BROKEN, text=text)
    try:
        httpx.get(urljoin(url, "/healthz/live"), timeout=CLOCK_TIMEOUT_SECONDS).raise_for_status()
    except httpx.HTTPError as error:
        text = f"{url} does not answer this machine ({error}). Is classbell serve running, its proxy, its certificate valid?"
        yield Finding(subject=subject, verdict=Verdict.WARNING, text=text)
    else:
        yield Finding(subject=subject, verdict=Verdict.OK, text=f"{url} answers.")


def _mail() -> Iterator[Finding]:
    if settings.ENVIRONMENT.mailbox:
        text = f"CLASSBELL_MAILBOX is set: mails are kept in {settings.ENVIRONMENT.mailbox} and nobody is sent any."
        yield Finding(subject="Mail", verdict=Verdict.WARNING, text=text)
        return
    if not settings.EMAIL_HOST:
        text = (
            "EMAIL_HOST is not set: notices stay on pages, and admins hand on the links of invitations and new passwords "
            "themselves. Set the SMTP server and DEFAULT_FROM_EMAIL."
        )
        yield Finding(subject="Mail", verdict=Verdict.WARNING, text=text)
        return
    try:
        with get_connection(backend=SMTP):
            pass
    except (OSError, SMTPException) as error:
        text = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} takes no mail ({error}). Check the EMAIL_ settings."
        yield Finding(subject="Mail", verdict=Verdict.BROKEN, text=text)
        return
    if "@localhost" in settings.DEFAULT_FROM_EMAIL:
        text = "the server answers, but mails come from localhost, which others refuse. Set DEFAULT_FROM_EMAIL."
        yield Finding(subject="Mail", verdict=Verdict.WARNING, text=text)
        return
    yield Finding(subject="Mail", verdict=Verdict.OK, text=f"{settings.EMAIL_HOST} takes mail.")


def _proxy() -> Iterator[Finding]:
    environment = settings.ENVIRONMENT
    if environment.public_url.startswith("https://") and not environment.trusted_proxies:
        text = (
            "CLASSBELL_TRUSTED_PROXIES is 0 though people come by https: something stands before Classbell, and everybody "
            "seems to come from its address. Set how many proxies there are; docs/install/nginx.conf is one that fits."
        )
        yield Finding(subject="Proxy", verdict=Verdict.WARNING, text=text)
