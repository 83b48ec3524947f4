"""
What is measured of an installation, for Prometheus.

Everything is read from the database when it is asked for, so that any process answers for all of them and no number
depends on which one was asked: ask one address, as often as once in fifteen seconds.
"""

import hmac
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from math import inf
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

import classbell
from classbell.config.measures import MEASURES
from classbell.meetings.hosts.budget import pool_budget
from classbell.meetings.sync.too_many_requests import AT_THE_DOOR
from classbell.meetings.zoom_accounts import account_names
from classbell.operation.requests import STEPS

HERE = frozenset({"127.0.0.1", "::1"})


class DatabaseCollector(Collector):
    """Asks the database at each collection. One statement a measure, none of which reads a whole table of stays."""

    def collect(self) -> Iterable[Metric]:
        """Yield every measure."""
        yield _gauge("classbell_info", "The version that runs.", ("version",), [(classbell.__version__, 1)])
        yield from _budgets()
        with connection.cursor() as cursor:
            cursor.execute("SELECT kind, count FROM meetings_refusal ORDER BY kind")
            yield from _refusals(cursor.fetchall())
            cursor.execute("SELECT operation, status, count, seconds FROM operation_requestcount ORDER BY 1, 2")
            yield from _requests(cursor.fetchall())
            cursor.execute("SELECT kind, up_to, count, seconds FROM operation_requestduration ORDER BY 1, 2")
            yield _durations(cursor.fetchall())
            for name, (help_text, labels, statement) in MEASURES.items():
                cursor.execute(statement)
                yield _gauge(name, help_text, labels, cursor.fetchall())

    def describe(self) -> Iterator[Metric]:
        """Nothing is known before the database is asked."""
        return iter(())


def _gauge(name: str, help_text: str, labels: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> Metric:
    """Return a gauge of rows that hold the labels' values, then the number."""
    gauge = GaugeMetricFamily(name, help_text, labels=labels)
    for *values, number in rows:
        gauge.add_metric([str(value) for value in values], float(number))
    return gauge


def _budgets() -> Iterator[Metric]:
    hosts = pool_budget(now=timezone.now()).hosts
    names = account_names()
    rows = [
        (names.get(host.account_id, host.account_id), host.email, host.left) for host in hosts if host.left is not None
    ]
    help_text = (
        "Creates and updates that Zoom still takes today, of each usable host; none on plans without such a limit."
    )
    yield _gauge("classbell_zoom_writes_left", help_text, ("account", "host"), rows)


def _requests(rows: list[tuple[str, str, int, float]]) -> Iterator[Metric]:
    help_text = "Requests that were answered, by operation and kind of answer."
    counted = CounterMetricFamily("classbell_requests", help_text, labels=["operation", "status"])
    help_text = "How long these requests took together."
    took = CounterMetricFamily("classbell_request_seconds", help_text, labels=["operation", "status"])
    for operation, status, count, seconds in rows:
        counted.add_metric([operation, status], float(count))
        took.add_metric([operation, status], seconds)
    yield from (counted, took)


def _durations(rows: list[tuple[str, float, int, float]]) -> Metric:
    help_text = "How long requests took, by kind."
    measured = HistogramMetricFamily("classbell_request_duration_seconds", help_text, labels=["kind"])
    for kind in sorted({row[0] for row in rows}):
        counts = {step: count for of, step, count, _seconds in rows if of == kind}
        totals = accumulate(counts.get(step, 0) for step in STEPS)
        buckets = [
            ("+Inf" if step == inf else str(step), float(total)) for step, total in zip(STEPS, totals, strict=True)
        ]
        seconds = sum(took for of, _step, _count, took in rows if of == kind)
        measured.add_metric([kind], buckets=buckets, sum_value=seconds)
    return measured


def _refusals(rows: list[tuple[str, int]]) -> Iterator[Metric]:
    help_text = "Requests that were answered 429: Zoom's to us by limit (zoom_...), ours by what was asked for."
    answered = CounterMetricFamily("classbell_too_many_requests", help_text, labels=["kind"])
    help_text = "Requests that the front door did not take in, by the code of its answer: 408, 413, 429 or 503."
    not_taken_in = CounterMetricFamily("classbell_requests_not_taken_in", help_text, labels=["code"])
    for kind, count in rows:
        if kind.startswith(AT_THE_DOOR):
            not_taken_in.add_metric([kind.removeprefix(AT_THE_DOOR)], float(count))
        else:
            answered.add_metric([kind], float(count))
    yield from (answered, not_taken_in)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """
    Answer in Prometheus's text format: to who sends CLASSBELL_METRICS_TOKEN as a bearer token, or, without such a setting, on
    this machine only.
    """
    token = settings.ENVIRONMENT.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and not hmac.compare_digest(given.encode(), token.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    if not token and not _is_asked_here(request):
        text = "Set CLASSBELL_METRICS_TOKEN and send it as a bearer token, or ask on the machine itself."
        return HttpResponse(text, status=403, content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(DatabaseCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _is_asked_here(request: HttpRequest) -> bool:
    """Say whether a request comes from this machine, and not through a proxy on it."""
    return request.META.get("REMOTE_ADDR") in HERE and "X-Forwarded-For" not in request.headers
