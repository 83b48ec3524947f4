"""
What leaves this installation for Sentry and for OpenTelemetry, when a school wants that: nothing of either is imported
otherwise.

To Sentry go lines of the log at level ERROR, with their traceback. No variables, bodies, headers, cookies or people: Sentry's
own integrations, which would gather them, are off. To a collector of OpenTelemetry go spans with their names and numbers. All
texts pass the same sieve as the log.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from pydantic_settings import SettingsError

import classbell
from classbell.config.environment import Environment
from classbell.config.logging import no_secrets
from classbell.tracing import Headers, Value, trace_by

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

# What of a line goes along as tags, by which Sentry finds.
TAGS: Final = ("request_id", "job_id", "task", "method", "status")
NAME: Final = "classbell"
SECONDS_TO_FINISH: Final = 3.0

_finish: Final[list[Callable[[], object]]] = []


def start_telemetry(environment: Environment) -> None:
    """Begin to send, where the settings say to. Raises SettingsError when what it takes is not installed."""
    secrets = environment.secrets
    if dsn := environment.sentry_dsn.get_secret_value():
        _need("sentry_sdk", variable="CLASSBELL_SENTRY_DSN", extra="sentry")
        _start_sentry(dsn, secrets, place=environment.public_url)
    if environment.otlp_endpoint:
        _need("opentelemetry.sdk", variable="CLASSBELL_OTLP_ENDPOINT", extra="otel")
        _start_tracing(environment.otlp_endpoint, secrets)


def finish_telemetry() -> None:
    """Send what waits to be sent, within a few seconds: a process is about to end."""
    for finish in _finish:
        finish()


def _need(module: str, *, variable: str, extra: str) -> None:
    try:
        found = find_spec(module) is not None
    except ModuleNotFoundError:
        found = False
    if not found:
        raise SettingsError(f"{variable} is set, but what it takes is not installed: pip install 'classbell[{extra}]'")


def scrubbed(value: Any, secrets: Collection[str]) -> Any:
    """Return a value of JSON in which no text lets anybody in."""
    if isinstance(value, str):
        return no_secrets(value, secrets)
    if isinstance(value, Mapping):
        return {key: scrubbed(inner, secrets) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [scrubbed(inner, secrets) for inner in value]
    return value


def _start_sentry(dsn: str, secrets: Collection[str], *, place: str) -> None:
    import sentry_sdk  # noqa: PLC0415 -- an extra

    def before_send(event: "Event", _hint: "Hint") -> "Event":
        cleaned: Event = scrubbed(event, secrets)
        return cleaned

    sentry_sdk.init(
        dsn=dsn,
        release=f"{NAME}@{classbell.__version__}",
        environment=place,
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        send_default_pii=False,
        max_breadcrumbs=0,
        before_send=before_send,
    )
    logging.getLogger().addHandler(SentryHandler(logging.ERROR))
    _finish.append(lambda: sentry_sdk.flush(SECONDS_TO_FINISH))


class SentryHandler(logging.Handler):
    """Sends lines of the log, and tracebacks with them, as events."""

    def emit(self, record: logging.LogRecord) -> None:
        """Send one. What Sentry itself logs is left alone."""
        import sentry_sdk  # noqa: PLC0415 -- an extra
        from sentry_sdk.utils import event_from_exception  # noqa: PLC0415 -- an extra

        if record.name.startswith(("sentry_sdk", "urllib3")):
            return
        said: dict[str, Any] = record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}
        error = said.get("exc_info") or record.exc_info
        if isinstance(error, tuple):
            error = error[1]
        event: dict[str, Any] = {}
        if isinstance(error, BaseException):
            made, _hint = event_from_exception(error, client_options=sentry_sdk.get_client().options)
            event |= made
        known = _bound() | said
        event |= {
            "level": record.levelname.lower(),
            "logger": record.name,
            "logentry": {"message": str(said.get("event", ""))},
            "tags": {name: str(known[name]) for name in TAGS if name in known},
        }
        sentry_sdk.capture_event(event)  # type: ignore[arg-type]  # made of what it makes itself


def _bound() -> dict[str, Any]:
    import structlog  # noqa: PLC0415 -- beside the extras

    return structlog.contextvars.get_contextvars()


def _start_tracing(endpoint: str, secrets: Collection[str]) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 -- an extra
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 -- an extra
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 -- an extra
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 -- an extra
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415 -- an extra
        TraceContextTextMapPropagator,
    )

    described = Resource.create({"service.name": NAME, "service.version": classbell.__version__})
    provider = TracerProvider(resource=described)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    _finish.append(lambda: provider.force_flush(int(SECONDS_TO_FINISH * 1000)))
    tracer, propagator = provider.get_tracer(NAME), TraceContextTextMapPropagator()

    @contextmanager
    def begin(name: str, values: Mapping[str, Value], headers: Headers) -> Iterator[Callable[[str, Value], None]]:
        parent = propagator.extract(headers) if headers else None
        # Only that it failed and how it is called: what an error says may hold what somebody typed.
        with tracer.start_as_current_span(
            scrubbed(name, secrets),
            context=parent,
            attributes=scrubbed(values, secrets),
            record_exception=False,
            set_status_on_exception=False,
        ) as opened:
            try:
                yield lambda key, value: opened.set_attribute(key, scrubbed(value, secrets))
            except BaseException as error:
                opened.set_attribute("error.type", type(error).__name__)
                raise

    trace_by(begin)
