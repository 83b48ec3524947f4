"""
What is measured of an installation, for Prometheus.

Everything is read from the database when it is asked for, so that any process answers for all of them and no number
depends on which one was asked: ask one address, as often as once in fifteen seconds.
"""

import hmac
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

import classbell
from classbell.meetings.sync.too_many_requests import AT_THE_DOOR

HERE = frozenset({"127.0.0.1", "::1"})

# name → (help, label or "", statement that yields (label's value or "", number)).
MEASURES: dict[str, tuple[str, str, str]] = {
    "classbell_meetings": (
        "Meetings by how Zoom stands to them.",
        "status",
        "SELECT sync_status, count(*) FROM meetings_meeting GROUP BY 1",
    ),
    "classbell_oldest_pending_meeting_seconds": (
        "How long the meeting that has waited longest for Zoom has waited.",
        "",
        "SELECT '', coalesce(extract(epoch FROM clock_timestamp() - min(updated_at)), 0) FROM meetings_meeting "
        "WHERE sync_status = 'pending'",
    ),
    "classbell_sittings_without_zoom": (
        "Sessions of the next 24 hours that have no Zoom meeting yet.",
        "",
        "SELECT '', count(*) FROM meetings_occurrence o JOIN meetings_meeting m ON m.id = o.meeting_id "
        "WHERE o.starts_at BETWEEN now() AND now() + interval '24 hours' AND o.status <> 'cancelled' "
        "AND m.wanted AND m.zoom_meeting_id = ''",
    ),
    "classbell_live_sittings": (
        "Sessions running now.",
        "",
        "SELECT '', count(*) FROM meetings_occurrence WHERE status = 'live'",
    ),
    "classbell_circuit_open": (
        "1 while nobody asks Zoom because it does not answer.",
        "account",
        "SELECT account_id, (open_until IS NOT NULL)::int FROM meetings_circuit",
    ),
    "classbell_zoom_writes_today": (
        "Creates and updates sent to Zoom since 00:00 UTC, of each budget.",
        "budget",
        "SELECT key, used FROM meetings_dailybudget WHERE day = (now() AT TIME ZONE 'UTC')::date",
    ),
    "classbell_webhooks_waiting": (
        "Webhooks stored and not understood yet, by whether they have failed before.",
        "failed",
        "SELECT CASE WHEN error = '' THEN 'no' ELSE 'yes' END, count(*) FROM meetings_webhookevent "
        "WHERE processed_at IS NULL GROUP BY 1",
    ),
    "classbell_latest_webhook_seconds": (
        "How long ago the latest webhook came.",
        "",
        "SELECT '', extract(epoch FROM now() - max(received_at)) FROM meetings_webhookevent HAVING count(*) > 0",
    ),
    "classbell_jobs": (
        "Jobs by state.",
        "status",
        "SELECT status::text, count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1",
    ),
    "classbell_forgotten_rows": (
        "Rows that the last night's job deleted, by what they are; -1 where it has not finished.",
        "kind",
        "SELECT DISTINCT ON (kind) kind, CASE WHEN finished THEN deleted ELSE -1 END FROM privacy_retentionrun "
        "ORDER BY kind, ran_at DESC",
    ),
    "classbell_latest_forgetting_seconds": (
        "How long ago the nightly job last forgot what is too old.",
        "",
        "SELECT '', extract(epoch FROM now() - max(ran_at)) FROM privacy_retentionrun HAVING count(*) > 0",
    ),
    "classbell_workers": (
        "Workers heard of within the last 30 seconds.",
        "",
        "SELECT '', count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'",
    ),
}


class DatabaseCollector(Collector):
    """Asks the database at each collection. One statement a measure, none of which reads a whole table of stays."""

    def collect(self) -> Iterable[Metric]:
        """Yield every measure."""
        yield _gauge("classbell_info", "The version that runs.", "version", [(classbell.__version__, 1)])
        with connection.cursor() as cursor:
            cursor.execute("SELECT kind, count FROM meetings_refusal ORDER BY kind")
            yield from _refusals(cursor.fetchall())
            for name, (help_text, label, statement) in MEASURES.items():
                cursor.execute(statement)
                yield _gauge(name, help_text, label, cursor.fetchall())

    def describe(self) -> Iterator[Metric]:
        """Nothing is known before the database is asked."""
        return iter(())


def _gauge(name: str, help_text: str, label: str, rows: list[tuple[str, float]]) -> Metric:
    gauge = GaugeMetricFamily(name, help_text, labels=[label] if label else [])
    for value, number in rows:
        gauge.add_metric([value] if label else [], float(number))
    return gauge


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
