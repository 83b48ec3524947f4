"""What leaves for Sentry and OpenTelemetry: nothing unless wanted, and then nothing that lets anybody in."""

import gzip
import json
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from threading import Thread
from typing import Any

import pytest

from classbell.config.telemetry import scrubbed
from tests import processes
from tests.simulator import STUCK_SECONDS, free_port

needs_sentry = pytest.mark.skipif(find_spec("sentry_sdk") is None, reason="sentry-sdk is not installed here.")
needs_otel = pytest.mark.skipif(find_spec("opentelemetry") is None, reason="OpenTelemetry is not installed here.")

PASSWORD, KEY = "planted-mail-password-21", "planted-key-of-the-installation-19"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
START = "import django; django.setup(); import structlog; log = structlog.get_logger('classbell.test')\n"
FAILS = (
    START
    + f"""
from classbell.config.telemetry import finish_telemetry
def fail(password):
    raise ValueError('smtp said no to {PASSWORD} at https://school.example/people/welcome/abc0123456789abcdef0')
with structlog.contextvars.bound_contextvars(request_id='the-request-1', job_id=7):
    try:
        fail('{KEY}')
    except ValueError as error:
        log.error('request_failed', exc_info=error, token='{JWT}', path='/x')
    log.warning('not_so_bad')
finish_telemetry()
"""
)
TRACES = (
    START
    + f"""
from classbell.config.telemetry import finish_telemetry
from django.test import Client
from classbell.tracing import span
parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
Client().get('/healthz/live?token={JWT}', headers={{'traceparent': parent, 'X-Request-ID': 'the-request-1'}})
try:
    with span('job mail', values={{'job_id': 7, 'said': '{PASSWORD}'}}):
        raise ValueError('{KEY}')
except ValueError:
    pass
finish_telemetry()
"""
)


@dataclass
class Collector:
    """Takes in what is sent by HTTP, on the loopback interface."""

    port: int
    received: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def bodies(self) -> bytes:
        return b"\n".join(body for _path, body in self.received)


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector(free_port())

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            packed = self.headers.get("content-encoding", "")
            if packed == "gzip":
                body = gzip.decompress(body)
            elif packed == "deflate":
                body = zlib.decompress(body)
            collector.received.append((self.path, body))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}" if "envelope" in self.path else b"")

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", collector.port), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()


def run(code: str, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program with the settings of an installation."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "DJANGO_SETTINGS_MODULE": "classbell.config.settings",
        "DATABASE_URL": "postgresql://nobody@localhost:1/nothing",
        "CLASSBELL_SECRET_KEY": KEY,
        "EMAIL_HOST_PASSWORD": PASSWORD,
        "CLASSBELL_DATA": "/nonexistent",
        "CLASSBELL_ALLOWED_HOSTS": "testserver",
        **settings,
    }
    command = [sys.executable, "-c", code]
    return processes.run(command, env=environment, capture_output=True, text=True, check=False, timeout=STUCK_SECONDS)


def test_nothing_of_either_is_imported_unless_it_is_wanted() -> None:
    code = (
        START + "import sys; print([name for name in sys.modules if name.startswith(('sentry_sdk', 'opentelemetry'))])"
    )

    done = run(code, {})

    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "module", "extra"),
    [
        ("CLASSBELL_SENTRY_DSN", "http://key@localhost:1/1", "sentry_sdk", "sentry"),
        ("CLASSBELL_OTLP_ENDPOINT", "http://localhost:1/v1/traces", "opentelemetry", "otel"),
    ],
)
def test_extra_that_is_missing_is_named(variable: str, value: str, module: str, extra: str) -> None:
    hidden = f"import sys; sys.modules['{module}'] = None; sys.modules['{module}.sdk'] = None\n"
    code = hidden + "sys.argv = ['classbell', 'manage', 'check']; from classbell.cli import main; main()"

    done = run(code, {variable: value})

    assert done.returncode == 2, done.stderr
    assert f"{variable} is set" in done.stderr
    assert f"pip install 'classbell[{extra}]'" in done.stderr


@needs_sentry
def test_error_is_reported_to_sentry_without_any_secret() -> None:
    with collecting() as collector:
        done = run(FAILS, {"CLASSBELL_SENTRY_DSN": f"http://public-key@127.0.0.1:{collector.port}/42"})

        assert done.returncode == 0, done.stderr
        events = [event for path, body in collector.received for event in _events(path, body)]
        assert [event["logentry"]["message"] for event in events] == ["request_failed"]
        (event,) = events
        assert event["tags"] == {"request_id": "the-request-1", "job_id": "7"}
        (thrown,) = event["exception"]["values"]
        assert (thrown["type"], thrown["stacktrace"]["frames"][-1]["function"]) == ("ValueError", "fail")
        assert "smtp said no to ***" in thrown["value"]
        assert "vars" not in str(event)
        for secret in (PASSWORD, KEY, JWT, "abc0123456789abcdef0"):
            assert secret.encode() not in collector.bodies


def _events(path: str, body: bytes) -> list[dict[str, Any]]:
    """Return the events of an envelope: lines of JSON, a header before each."""
    assert path == "/api/42/envelope/"
    lines = [json.loads(line) for line in body.splitlines() if line]
    return [item for header, item in zip(lines[1::2], lines[2::2], strict=True) if header["type"] == "event"]


@needs_otel
def test_spans_go_to_the_collector_without_any_secret() -> None:
    with collecting() as collector:
        done = run(TRACES, {"CLASSBELL_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}/v1/traces"})

        assert done.returncode == 0, done.stderr
        spans = {span.name: span for path, body in collector.received for span in _spans(path, body)}
        request, job = spans["request"], spans["job mail"]
        assert request.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
        assert _values(request) == {
            "request_id": "the-request-1",
            "operation": "GET /healthz/live",
            "status": "200",
        }
        assert _values(job) == {"job_id": "7", "said": "***", "error.type": "ValueError"}
        for secret in (PASSWORD, KEY, JWT):
            assert secret.encode() not in collector.bodies


def _spans(path: str, body: bytes) -> list[Any]:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    assert path == "/v1/traces"
    sent = ExportTraceServiceRequest.FromString(body)
    return [span for resource in sent.resource_spans for scope in resource.scope_spans for span in scope.spans]


def _values(span: Any) -> dict[str, str]:
    return {one.key: one.value.string_value or str(one.value.int_value) for one in span.attributes}


def test_every_text_is_scrubbed_however_deep_it_lies() -> None:
    event = {"a": [{"b": ("https://x.example/?token=s3cret&x=1", f"with {PASSWORD}")}], "n": 1, "none": None}

    assert scrubbed(event, [PASSWORD]) == {
        "a": [{"b": ["https://x.example/?token=***&x=1", "with ***"]}],
        "n": 1,
        "none": None,
    }
