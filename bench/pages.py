"""Measures the pages of the installation that the environment names, in this process."""

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import django
import httpx

django.setup()

from django.db import connection  # noqa: E402 -- Django is set up only now
from tests.browser.crawl import Crawl, sign_in  # noqa: E402
from tests.browser.weight import MOST_BYTES, Scale  # noqa: E402

from classbell.config.wsgi import application  # noqa: E402

MOST_STATEMENTS = 12
RUNS = 5
PEOPLE = ("visitor", "student", "teacher", "admin")


def measure(who: str) -> None:
    """Print a line per page that somebody can open, the slowest first, and whether it is over a limit."""
    transport = httpx.WSGITransport(app=application)
    with httpx.Client(transport=transport, base_url="http://localhost") as client:
        if who != "visitor":
            sign_in(client, f"{who}@classbell.example")
        scale, lines = Scale(client), []
        for name, path in Crawl(client).pages.items():
            asked: list[str] = []
            with connection.execute_wrapper(partial(_note, asked)):
                html = client.get(path).text
            took = statistics.median(_milliseconds(client, path) for _ in range(RUNS))
            lines.append((took, name, len(asked), scale.weigh(html), len(html.encode())))
    print(f"\n{who}: {len(lines)} pages")
    for took, name, count, weight, size in sorted(lines, reverse=True):
        over = " OVER" if count > MOST_STATEMENTS or weight > MOST_BYTES else ""
        print(
            f"  {took:7.1f} ms {count:4} statements {weight / 1000:6.1f} KB + {size / 1000:6.1f} KB page  {name}{over}"
        )


def _note(asked: list[str], execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
    asked.append(sql)
    return execute(sql, *arguments)


def _milliseconds(client: httpx.Client, path: str) -> float:
    started = time.perf_counter()
    client.get(path)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    for person in PEOPLE:
        measure(person)
