"""
The circuit breaker that all processes share.

Closed: everybody asks Zoom. After `FAILURES_TO_OPEN` failures in a row it opens for `OPEN_SECONDS`: nobody asks. Then one
caller may try (its attempt keeps the others out for another `OPEN_SECONDS`); its success closes the circuit. One that would
stay open for longer was opened by a clock that has been put back since: it may be tried too.
"""

from django.db import connection

from classbell.meetings.models import Circuit
from classbell.postgres.trouble import unless_writes_are_refused
from classbell.zoom.errors import ZoomCircuitOpen

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 15.0


class PostgresBreaker:
    """Implements `classbell.zoom.breaker.Breaker` for one Zoom account."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id

    def check(self) -> None:
        """Raise ZoomCircuitOpen while it is too early for a probe."""
        left = self._seconds_left()
        if left is not None and left > 0:
            raise ZoomCircuitOpen(retry_after=left)

    def allow(self) -> None:
        """Return when the caller may ask Zoom. Raises ZoomCircuitOpen otherwise, with the seconds to wait."""
        left = self._seconds_left()
        if left is None:
            return
        with connection.cursor() as cursor:
            # Open, or half open: whoever moves `open_until` on first is the probe.
            cursor.execute(
                "UPDATE meetings_circuit SET open_until = clock_timestamp() + make_interval(secs => %s) "
                "WHERE account_id = %s AND open_until NOT BETWEEN clock_timestamp() "
                "AND clock_timestamp() + make_interval(secs => %s)",
                [OPEN_SECONDS, self._account_id, OPEN_SECONDS + 1],
            )
            if cursor.rowcount == 0:
                raise ZoomCircuitOpen(retry_after=max(0.5, left))

    def _seconds_left(self) -> float | None:
        """Return the seconds until a probe may go, negative when one may, None when the circuit is closed."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT extract(epoch FROM open_until - clock_timestamp())::float FROM meetings_circuit "
                "WHERE account_id = %s AND open_until IS NOT NULL",
                [self._account_id],
            )
            row = cursor.fetchone()
        if row is None:
            return None
        left: float = row[0]
        return left if left <= OPEN_SECONDS + 1 else -1.0

    def record_success(self) -> None:
        """Zoom answered: forget its failures."""
        failing = Circuit.objects.filter(account_id=self._account_id, failures__gt=0)
        with unless_writes_are_refused():
            failing.update(failures=0, open_until=None, opened_at=None)

    def record_failure(self) -> None:
        """Zoom did not answer, or with trouble of its own."""
        with unless_writes_are_refused(), connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO meetings_circuit AS circuit (account_id, failures) VALUES (%(account)s, 1)
                ON CONFLICT (account_id) DO UPDATE SET
                    failures = circuit.failures + 1,
                    open_until = CASE WHEN circuit.failures + 1 >= %(limit)s
                                      THEN clock_timestamp() + make_interval(secs => %(open_for)s)
                                      ELSE circuit.open_until END,
                    opened_at = CASE WHEN circuit.failures + 1 >= %(limit)s
                                     THEN coalesce(circuit.opened_at, clock_timestamp()) END
                """,
                {"account": self._account_id, "limit": FAILURES_TO_OPEN, "open_for": OPEN_SECONDS},
            )
