"""What the environment says, typed and checked at start; `settings.py` turns it into Django's settings."""

import json
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from classbell.accounts.sso.provider import Provider, slugs
from classbell.config.setting_files import SUFFIX, SettingsWithFiles
from classbell.postgres.address import parse_address
from classbell.postgres.bounds import Read
from classbell.secret_keys import OldKey, read_old_keys
from classbell.zoom.signature import SDK_URL

SETTINGS_FILE: Final = "classbell.env"
# Where other programs keep theirs; read too, but said to be in the wrong place.
OTHER_SETTINGS_FILE: Final = ".env"
KEPT_KEY: Final = "secret-key"


class DataFolder(BaseSettings):
    """Where this installation keeps what is not in a database server of yours."""

    model_config = SettingsConfigDict(env_prefix="CLASSBELL_", extra="ignore")

    data: Path = Field(default_factory=lambda: user_data_path("classbell"))


class DatabaseSettings(SettingsWithFiles):
    """Whether a database server is named, asked before anything else is read: without one, one is started."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    database_url: str = Field(default="", alias="DATABASE_URL")
    secret_key: SecretStr = Field(default=SecretStr(""), alias="CLASSBELL_SECRET_KEY")


class Environment(SettingsWithFiles):
    """
    Every setting of Classbell, one field each. Durations are seconds in the environment, `timedelta` here.

    Read, the strongest first, from the process environment and `classbell.env` in the data folder; between them from `.env`
    in the working directory, should there be one. Each may lie in a file that `NAME_FILE` names. A value of the wrong kind
    stops the program with a sentence that names it.
    """

    # A message about a secret of the wrong shape must not show it.
    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    data: Path = Field(alias="CLASSBELL_DATA")
    database_url: str = Field(default="", alias="DATABASE_URL")
    database_replica_url: str = Field(default="", alias="DATABASE_REPLICA_URL")
    # Workers show every three seconds that they are alive: a replica that knows of it lags no more than this.
    replica_lag: timedelta = Field(
        default=timedelta(seconds=10), ge=timedelta(seconds=5), alias="CLASSBELL_REPLICA_LAG"
    )
    secret_key: SecretStr = Field(default=SecretStr(""), alias="CLASSBELL_SECRET_KEY")
    # Older keys that still verify and read: classbell.secret_keys.
    secret_key_old: SecretStr = Field(default=SecretStr(""), alias="CLASSBELL_SECRET_KEY_OLD")
    debug: bool = Field(default=False, alias="CLASSBELL_DEBUG")
    public_url: str = Field(default="http://localhost:8000", alias="CLASSBELL_PUBLIC_URL")
    allowed_hosts: str = Field(default="localhost,127.0.0.1,[::1]", alias="CLASSBELL_ALLOWED_HOSTS")
    trusted_proxies: int = Field(default=0, ge=0, alias="CLASSBELL_TRUSTED_PROXIES")
    request_timeout: timedelta = Field(
        default=timedelta(seconds=30),
        ge=timedelta(seconds=1),
        le=timedelta(seconds=60),
        alias="CLASSBELL_REQUEST_TIMEOUT",
    )
    statement_timeout: timedelta = Field(
        default=timedelta(seconds=20), ge=timedelta(seconds=1), alias="CLASSBELL_STATEMENT_TIMEOUT"
    )
    # By what is read for; pages and the API as above unless they say otherwise.
    page_timeout: timedelta | None = Field(default=None, ge=timedelta(seconds=1), alias="CLASSBELL_PAGE_TIMEOUT")
    api_read_timeout: timedelta | None = Field(
        default=None, ge=timedelta(seconds=1), alias="CLASSBELL_API_READ_TIMEOUT"
    )
    report_timeout: timedelta = Field(
        default=timedelta(seconds=30), ge=timedelta(seconds=1), alias="CLASSBELL_REPORT_TIMEOUT"
    )
    export_timeout: timedelta = Field(
        default=timedelta(seconds=60), ge=timedelta(seconds=1), alias="CLASSBELL_EXPORT_TIMEOUT"
    )
    # How many days a report covers at most.
    report_days: int = Field(default=366, ge=31, le=3660, alias="CLASSBELL_REPORT_DAYS")
    # How a process ends that was told to: how long balancers have to notice, and how long what is in hand may take.
    stop_notice: timedelta = Field(
        default=timedelta(seconds=1), ge=timedelta(0), le=timedelta(minutes=5), alias="CLASSBELL_STOP_NOTICE"
    )
    stop_timeout: timedelta = Field(
        default=timedelta(seconds=25), ge=timedelta(0), le=timedelta(minutes=10), alias="CLASSBELL_STOP_TIMEOUT"
    )
    # How many requests in a minute; 0 for any number.
    requests_per_key: int = Field(default=600, ge=0, le=1_000_000, alias="CLASSBELL_REQUESTS_PER_KEY")
    requests_per_person: int = Field(default=300, ge=0, le=1_000_000, alias="CLASSBELL_REQUESTS_PER_PERSON")
    requests_per_address: int = Field(default=1200, ge=0, le=1_000_000, alias="CLASSBELL_REQUESTS_PER_ADDRESS")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", alias="CLASSBELL_LOG_LEVEL")
    log_format: Literal["text", "json"] = Field(default="text", alias="CLASSBELL_LOG_FORMAT")
    timezone: str = Field(default="UTC", alias="CLASSBELL_TIMEZONE")
    # Where errors and spans go; nowhere unless set. Each takes an extra of its name.
    sentry_dsn: SecretStr = Field(default=SecretStr(""), alias="CLASSBELL_SENTRY_DSN")
    otlp_endpoint: str = Field(default="", alias="CLASSBELL_OTLP_ENDPOINT")
    metrics_token: SecretStr = Field(default=SecretStr(""), alias="CLASSBELL_METRICS_TOKEN")

    zoom_account_id: str = Field(default="", alias="ZOOM_ACCOUNT_ID")
    zoom_client_id: str = Field(default="", alias="ZOOM_CLIENT_ID")
    zoom_client_secret: SecretStr = Field(default=SecretStr(""), alias="ZOOM_CLIENT_SECRET")
    zoom_api_url: str = Field(default="https://api.zoom.us/v2", alias="ZOOM_API_URL")
    zoom_oauth_url: str = Field(default="https://zoom.us/oauth/token", alias="ZOOM_OAUTH_URL")
    zoom_plan: Literal["free", "pro", "business", "unlimited"] = Field(default="pro", alias="ZOOM_PLAN")
    zoom_seats_per_host: int = Field(default=1, ge=1, le=20, alias="ZOOM_SEATS_PER_HOST")
    zoom_inline_timeout: timedelta = Field(default=timedelta(seconds=5), alias="ZOOM_INLINE_TIMEOUT")
    zoom_request_timeout: timedelta = Field(default=timedelta(seconds=10), alias="ZOOM_REQUEST_TIMEOUT")
    zoom_sdk_key: str = Field(default="", alias="ZOOM_SDK_KEY")
    zoom_sdk_secret: SecretStr = Field(default=SecretStr(""), alias="ZOOM_SDK_SECRET")
    # Where browsers load the Meeting SDK from; stands in a page's security policy.
    zoom_sdk_url: str = Field(default=SDK_URL, alias="ZOOM_SDK_URL", pattern=r"^https?://[\w.:\[\]-]+(/[\w./-]*)?$")
    # The app that teachers consent to, so that their meetings are held at their own Zoom.
    zoom_user_app_client_id: str = Field(default="", alias="ZOOM_USER_APP_CLIENT_ID")
    zoom_user_app_client_secret: SecretStr = Field(default=SecretStr(""), alias="ZOOM_USER_APP_CLIENT_SECRET")
    zoom_user_app_webhook_secret: SecretStr = Field(default=SecretStr(""), alias="ZOOM_USER_APP_WEBHOOK_SECRET")
    zoom_user_app_api_url: str = Field(default="", alias="ZOOM_USER_APP_API_URL")
    zoom_user_app_oauth_url: str = Field(default="", alias="ZOOM_USER_APP_OAUTH_URL")
    zoom_webhook_secret: SecretStr = Field(default=SecretStr(""), alias="ZOOM_WEBHOOK_SECRET")
    # The one before, which Zoom may sign with for a while.
    zoom_webhook_secret_old: SecretStr = Field(default=SecretStr(""), alias="ZOOM_WEBHOOK_SECRET_OLD")
    zoom_webhook_max_age: timedelta = Field(default=timedelta(hours=2), alias="ZOOM_WEBHOOK_MAX_AGE")

    student_email_domains: str = Field(default="", alias="CLASSBELL_STUDENT_EMAIL_DOMAINS")
    join_early_minutes: int | None = Field(default=None, ge=0, alias="CLASSBELL_JOIN_EARLY_MINUTES")
    guest_hold_minutes: int = Field(default=30, ge=5, le=1440, alias="CLASSBELL_GUEST_HOLD_MINUTES")
    door_grace_minutes: int = Field(default=15, ge=0, le=720, alias="CLASSBELL_DOOR_GRACE_MINUTES")
    # How far from its planned time a run at Zoom may still be a session's.
    run_early_minutes: int = Field(default=60, ge=0, le=720, alias="CLASSBELL_RUN_EARLY_MINUTES")
    run_late_minutes: int = Field(default=30, ge=0, le=720, alias="CLASSBELL_RUN_LATE_MINUTES")
    # Where classes meet while Zoom has no meeting for them; "" for nowhere.
    backup_room_url: str = Field(default="", alias="CLASSBELL_BACKUP_ROOM_URL")
    backup_room_minutes: int = Field(default=10, ge=1, le=120, alias="CLASSBELL_BACKUP_ROOM_MINUTES")

    # How many days what is older than it is useful stays; reports of a school year look back a year.
    keep_stays_days: int = Field(default=550, ge=400, alias="CLASSBELL_KEEP_STAYS_DAYS")
    keep_aliases_days: int = Field(default=730, ge=400, alias="CLASSBELL_KEEP_ALIASES_DAYS")
    keep_inbox_days: int = Field(default=90, ge=7, alias="CLASSBELL_KEEP_INBOX_DAYS")
    keep_history_days: int = Field(default=1095, ge=400, alias="CLASSBELL_KEEP_HISTORY_DAYS")
    keep_notices_days: int = Field(default=180, ge=30, alias="CLASSBELL_KEEP_NOTICES_DAYS")
    keep_guests_days: int = Field(default=30, ge=1, alias="CLASSBELL_KEEP_GUESTS_DAYS")
    keep_documents_days: int = Field(default=365, ge=30, alias="CLASSBELL_KEEP_DOCUMENTS_DAYS")
    keep_jobs_days: int = Field(default=30, ge=1, alias="CLASSBELL_KEEP_JOBS_DAYS")
    # Bytes of a document that comes with an excuse; no upload is larger than 5 MB anyway.
    largest_document: int = Field(default=4_000_000, ge=100_000, le=5_000_000, alias="CLASSBELL_LARGEST_DOCUMENT")
    # How teachers read e-mail addresses of students, and students the names of other students; admins read all of it.
    teachers_emails: Literal["whole", "masked", "none"] = Field(default="whole", alias="CLASSBELL_TEACHERS_EMAILS")
    students_names: Literal["whole", "initial", "none"] = Field(default="whole", alias="CLASSBELL_STUDENTS_NAMES")
    guardians_join: bool = Field(default=True, alias="CLASSBELL_GUARDIANS_JOIN")

    # Where webhooks may go besides addresses on the internet by https; plain http is for trials.
    webhook_ports: str = Field(default="443", alias="CLASSBELL_WEBHOOK_PORTS")
    webhook_private_hosts: str = Field(default="", alias="CLASSBELL_WEBHOOK_PRIVATE_HOSTS")
    webhook_allow_http: bool = Field(default=False, alias="CLASSBELL_WEBHOOK_ALLOW_HTTP")

    # For how long what is known of a teacher's own calendar holds when it can no longer be read.
    calendar_hold_hours: int = Field(default=72, ge=1, le=720, alias="CLASSBELL_CALENDAR_HOLD_HOURS")
    # By which the installation is known where teachers let it read when they are busy; "" for not at all.
    google_calendar_client_id: str = Field(default="", alias="CLASSBELL_GOOGLE_CALENDAR_CLIENT_ID")
    google_calendar_client_secret: SecretStr = Field(
        default=SecretStr(""), alias="CLASSBELL_GOOGLE_CALENDAR_CLIENT_SECRET"
    )
    microsoft_calendar_client_id: str = Field(default="", alias="CLASSBELL_MICROSOFT_CALENDAR_CLIENT_ID")
    microsoft_calendar_client_secret: SecretStr = Field(
        default=SecretStr(""), alias="CLASSBELL_MICROSOFT_CALENDAR_CLIENT_SECRET"
    )

    # Without a key nobody can pay online.
    stripe_secret_key: SecretStr = Field(default=SecretStr(""), alias="STRIPE_SECRET_KEY")
    stripe_webhook_secret: SecretStr = Field(default=SecretStr(""), alias="STRIPE_WEBHOOK_SECRET")
    stripe_api_url: str = Field(
        default="https://api.stripe.com", alias="STRIPE_API_URL", pattern=r"^https?://[\w.:\[\]/-]+$"
    )
    stripe_automatic_tax: bool = Field(default=False, alias="STRIPE_AUTOMATIC_TAX")

    # Mail goes out by SMTP; without a host, notices are shown on pages only.
    email_host: str = Field(default="", alias="EMAIL_HOST")
    email_port: int = Field(default=587, alias="EMAIL_PORT")
    email_host_user: str = Field(default="", alias="EMAIL_HOST_USER")
    email_host_password: SecretStr = Field(default=SecretStr(""), alias="EMAIL_HOST_PASSWORD")
    email_use_tls: bool = Field(default=True, alias="EMAIL_USE_TLS")
    mailbox: str = Field(default="", alias="CLASSBELL_MAILBOX")
    default_from_email: str = Field(default="Classbell <classbell@localhost>", alias="DEFAULT_FROM_EMAIL")

    # Retired by Zoom in September 2023; read only to tell people what to create instead.
    zoom_api_key: str = Field(default="", alias="ZOOM_API_KEY")
    zoom_api_secret: SecretStr = Field(default=SecretStr(""), alias="ZOOM_API_SECRET")

    # Tokens of an outside issuer (Supabase or any OpenID provider), accepted beside Classbell's own.
    jwt_issuer: str = Field(default="", alias="CLASSBELL_JWT_ISSUER")
    jwt_audience: str = Field(default="", alias="CLASSBELL_JWT_AUDIENCE")
    jwt_secret: SecretStr = Field(default=SecretStr(""), alias="CLASSBELL_JWT_SECRET")
    jwt_jwks_url: str = Field(default="", alias="CLASSBELL_JWT_JWKS_URL")
    jwt_role_claim: str = Field(default="app_metadata.role", alias="CLASSBELL_JWT_ROLE_CLAIM")

    # Where people of the school sign in, as JSON: a list of accounts.sso.provider.Provider.
    sign_in_providers: Annotated[tuple[Provider, ...], NoDecode] = Field(
        default=(), alias="CLASSBELL_SIGN_IN_PROVIDERS"
    )

    @field_validator(
        "request_timeout",
        "replica_lag",
        "statement_timeout",
        "page_timeout",
        "api_read_timeout",
        "report_timeout",
        "export_timeout",
        "stop_notice",
        "stop_timeout",
        "zoom_inline_timeout",
        "zoom_request_timeout",
        "zoom_webhook_max_age",
        mode="before",
    )
    @classmethod
    def _seconds(cls, value: object) -> object:
        return timedelta(seconds=float(value)) if isinstance(value, str) else value

    @field_validator("database_url", "database_replica_url")
    @classmethod
    def _known_address(cls, value: str) -> str:
        if value:
            parse_address(value)
        return value

    @field_validator("secret_key_old")
    @classmethod
    def _keys_with_days(cls, value: SecretStr) -> SecretStr:
        read_old_keys(value.get_secret_value())
        return value

    @field_validator("backup_room_url")
    @classmethod
    def _each_class_has_its_own_room(cls, value: str) -> str:
        without = value.replace("{token}", "").replace("{name}", "")
        if value and (not value.startswith(("https://", "http://")) or "{token}" not in value or "{" in without):
            raise ValueError(
                "must be an address with {token}, which nobody can guess, and {name} if you like; "
                "write one such as https://meet.example.org/{name}-{token}"
            )
        return value

    @field_validator("otlp_endpoint")
    @classmethod
    def _address_of_traces(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("must be an address; write one such as http://localhost:4318/v1/traces")
        return value

    @field_validator("webhook_ports")
    @classmethod
    def _ports(cls, value: str) -> str:
        if not all(part.strip().isdigit() and 0 < int(part) < 65_536 for part in value.split(",")):
            raise ValueError("must be ports with commas between them; write them such as 443,8443")
        return value

    @field_validator("sign_in_providers", mode="before")
    @classmethod
    def _json(cls, value: object) -> object:
        try:
            return json.loads(value) if isinstance(value, str) else value
        except ValueError as error:
            raise ValueError(f"must be a list in JSON ({error}); docs/sign-in.md has one") from error

    @field_validator("sign_in_providers")
    @classmethod
    def _each_provider_once(cls, value: tuple[Provider, ...]) -> tuple[Provider, ...]:
        if len(set(slugs(value))) < len(value):
            raise ValueError("names a provider twice; give each a slug of its own")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no IANA timezone; write one such as Europe/Lisbon") from error
        return value

    @model_validator(mode="after")
    def _secret_key_is_given_or_kept(self) -> Self:
        if self.secret_key.get_secret_value():
            return self
        if self.database_url:
            raise ValueError(
                "CLASSBELL_SECRET_KEY must be set when DATABASE_URL is: every machine that shares the database needs "
                "the same one. Make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
            )
        self.secret_key = SecretStr(kept_secret_key(self.data))
        return self

    @model_validator(mode="after")
    def _app_of_teachers_signs_with_its_own(self) -> Self:
        secret = self.zoom_user_app_webhook_secret.get_secret_value()
        if secret and secret in self.zoom_webhook_secrets:
            raise ValueError(
                "ZOOM_USER_APP_WEBHOOK_SECRET is the same as ZOOM_WEBHOOK_SECRET: they are two apps at Zoom, each with a "
                "secret token of its own. Copy it from the page “Feature” of the app that teachers consent to"
            )
        return self

    @property
    def secrets(self) -> frozenset[str]:
        """What must never be shown: the values of all secret settings, and the passwords in addresses of databases."""
        values = {value.get_secret_value() for value in dict(self).values() if isinstance(value, SecretStr)}
        values |= {provider.client_secret.get_secret_value() for provider in self.sign_in_providers}
        addresses = [url for url in (self.database_url, self.database_replica_url) if url]
        values |= {parse_address(url).get("password", "") for url in addresses}
        return frozenset(values - {""})

    @property
    def settings_file(self) -> Path:
        """Where these settings are kept, if not in the environment."""
        return self.data / SETTINGS_FILE

    @property
    def read_timeouts(self) -> dict[Read, timedelta]:
        """How long one statement may take, by what is read for."""
        return {
            Read.PAGE: self.page_timeout or self.statement_timeout,
            Read.API: self.api_read_timeout or self.statement_timeout,
            Read.REPORT: self.report_timeout,
            Read.EXPORT: self.export_timeout,
        }

    @property
    def old_secret_keys(self) -> tuple[OldKey, ...]:
        """The keys before the secret key, in the order they were written."""
        return read_old_keys(self.secret_key_old.get_secret_value())

    @property
    def zoom_webhook_secrets(self) -> tuple[str, ...]:
        """The secrets with which Zoom may sign, the present one first; none while webhooks are not configured."""
        both = (self.zoom_webhook_secret.get_secret_value(), self.zoom_webhook_secret_old.get_secret_value())
        return tuple(secret for secret in both if secret) if both[0] else ()

    @property
    def student_domains(self) -> frozenset[str]:
        """The e-mail domains of students who may join, in lower case; empty for any."""
        return frozenset(part.strip().lower() for part in self.student_email_domains.split(",") if part.strip())

    @property
    def webhook_port_numbers(self) -> frozenset[int]:
        """The ports to which webhooks may go."""
        return frozenset(int(part) for part in self.webhook_ports.split(","))

    @property
    def webhook_private_host_names(self) -> frozenset[str]:
        """The hosts, in lower case, to which webhooks may go although they are inside a network."""
        return frozenset(part.strip().lower() for part in self.webhook_private_hosts.split(",") if part.strip())

    @property
    def sdk_configured(self) -> bool:
        """Whether meetings can be joined inside the page."""
        return bool(self.zoom_sdk_key and self.zoom_sdk_secret.get_secret_value())

    @property
    def user_app_configured(self) -> bool:
        """Whether the app that teachers consent to is defined here."""
        return bool(self.zoom_user_app_client_id and self.zoom_user_app_client_secret.get_secret_value())

    @property
    def zoom_configured(self) -> bool:
        """Whether all three Server-to-Server OAuth values are there; says nothing about their being right."""
        return bool(self.zoom_account_id and self.zoom_client_id and self.zoom_client_secret.get_secret_value())


def data_folder() -> Path:
    """Return the absolute data folder, which need not exist yet."""
    return DataFolder().data.expanduser().resolve()


def read_environment() -> Environment:
    """Read and check all settings. Raises pydantic's ValidationError or SettingsError, which name each wrong variable."""
    data = data_folder()
    return Environment(_env_file=(data / SETTINGS_FILE, OTHER_SETTINGS_FILE), CLASSBELL_DATA=data)


def read_database_settings() -> DatabaseSettings:
    """Read what is needed to know whether a database has to be started. Raises SettingsError."""
    return DatabaseSettings(_env_file=(data_folder() / SETTINGS_FILE, OTHER_SETTINGS_FILE))


def secret_files() -> list[Path]:
    """Return the files that hold one setting each and are there: those that `NAME_FILE` names, and the key that is kept."""
    data = data_folder()
    names = [f"{field.alias}{SUFFIX}" for field in Environment.model_fields.values()]
    given = (os.environ, dotenv_values(OTHER_SETTINGS_FILE), dotenv_values(data / SETTINGS_FILE))
    named = {Path(path) for source in given for name in names if (path := source.get(name))}
    return sorted(path for path in named | {data / KEPT_KEY} if path.is_file())


def kept_secret_key(data: Path) -> str:
    """Return the key kept in the data folder, made at first use. One machine, one folder: enough for a laptop."""
    data.mkdir(parents=True, exist_ok=True)
    path = data / KEPT_KEY
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode=0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()
