"""Measures the pages of the installation that the environment names, in this process: `python -m bench.pages FILE`."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import django
import httpx

django.setup()

from django.db import connection  # noqa: E402 -- Django is set up only now
from django.urls import reverse  # noqa: E402
from tests.browser.crawl import Crawl, sign_in  # noqa: E402
from tests.browser.weight import Scale  # noqa: E402

from bench.processor import Spent  # noqa: E402
from classbell.config.wsgi import application  # noqa: E402

RUNS = 9
PEOPLE = ("visitor", "student", "teacher", "admin")
A_YEAR_AGO = datetime.now(UTC).date() - timedelta(days=364)
# What a page shows when it is asked for more than at first.
ASKED = (
    ("search", "q=ma"),
    ("calendar", "view=month"),
    ("people", "q=an"),
    ("classes", "q=an"),
    ("reports", "by=student"),
    ("reports", "by=teacher"),
    ("reports", f"from={A_YEAR_AGO}"),
)


def measure(who: str, pages: dict[str, str] | None) -> list[dict[str, Any]]:
    """Return a row per page that somebody can open; `pages` names them, or else they are found by following links."""
    transport = httpx.WSGITransport(app=application)
    with httpx.Client(transport=transport, base_url="http://localhost") as client:
        if who != "visitor":
            sign_in(client, f"{who}@classbell.example")
        scale, rows = Scale(client), []
        for name, path in (pages or _found(client)).items():
            client.get(path)  # the first time templates are read
            asked: list[str] = []
            with connection.execute_wrapper(partial(_note, asked)):
                html = client.get(path).raise_for_status().text
            rows.append(
                {
                    "who": who,
                    "page": name,
                    "path": path,
                    "milliseconds": min(_milliseconds(client, path) for _ in range(RUNS)),
                    "statements": len(asked),
                    "weight": scale.weigh(html),
                    "size": len(html.encode()),
                }
            )
    return rows


def _found(client: httpx.Client) -> dict[str, str]:
    pages = Crawl(client).pages
    more = {f"{name}?{query}": f"{reverse(name)}?{query}" for name, query in ASKED if name in pages}
    return pages | more


def _note(asked: list[str], execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
    asked.append(sql)
    return execute(sql, *arguments)


def _milliseconds(client: httpx.Client, path: str) -> float:
    with Spent() as spent:
        client.get(path)
    return spent.milliseconds


def main(file: Path) -> None:
    """Write what was measured; a file written before says which pages."""
    # One session, or what is set here is forgotten after some minutes, and a session that has ended tells no time.
    connection.settings_dict["CONN_MAX_AGE"] = None
    with connection.cursor() as cursor:
        # What another process took would not be counted.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    before = json.loads(file.read_text()) if file.exists() else []
    rows = [
        row
        for who in PEOPLE
        for row in measure(who, {row["page"]: row["path"] for row in before if row["who"] == who} or None)
    ]
    file.write_text(json.dumps(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
