"""
What asking a limit costs: in the memory of a process, against one statement in PostgreSQL that does the same (GCRA in an
unlogged table, committed without waiting for the disk: the least that a shared count can cost).

Each is asked by so many threads at once: by people who are all different, and by one program over and over.
"""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import local

import psycopg
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server

from classbell.buckets import Buckets, Limit

SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
THREADS = 4
PEOPLE = 5_000
LIMIT = Limit(requests=1_000_000, seconds=60)
GOAL = 20

TABLE = "CREATE UNLOGGED TABLE bench_bucket (who text PRIMARY KEY, full_at double precision NOT NULL) WITH (fillfactor = 50)"
TAKE = """
INSERT INTO bench_bucket AS bucket (who, full_at) VALUES (%(who)s, extract(epoch FROM clock_timestamp()) + %(each)s)
ON CONFLICT (who) DO UPDATE
SET full_at = greatest(bucket.full_at, extract(epoch FROM clock_timestamp())) + %(each)s
WHERE greatest(bucket.full_at, extract(epoch FROM clock_timestamp())) + %(each)s
    <= extract(epoch FROM clock_timestamp()) + %(seconds)s
RETURNING full_at
"""


def main() -> None:
    """Print takes a second and their ratio, for many people and for one program."""
    with psycopg.connect(_database(), autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_bucket")
        connection.execute(TABLE)
        try:
            _compare("5,000 people", lambda number: f"person {number % PEOPLE}")
            _compare("one program", lambda _number: "key 1")
        finally:
            connection.execute("DROP TABLE bench_bucket")


def _compare(said: str, who: Callable[[int], str]) -> None:
    buckets = Buckets()
    here = _a_second(lambda number: buckets.take(who(number), LIMIT))
    take = _in_database()
    there = _a_second(lambda number: take(who(number)))
    print(f"{said}, {THREADS} threads: in process {here:,.0f} a second ({1e6 * THREADS / here:.1f} µs each)")
    print(f"{said}, {THREADS} threads: PostgreSQL {there:,.0f} a second ({1e6 * THREADS / there:,.0f} µs each)")
    print(f"ratio {here / there:.0f} (goal: above {GOAL}, or sharing would cost little)")


def _in_database() -> Callable[[str], object]:
    mine = local()

    def take(who: str) -> object:
        if not hasattr(mine, "connection"):
            mine.connection = psycopg.connect(_database(), autocommit=True)
            mine.connection.execute("SET synchronous_commit = off")
        values = {"who": who, "each": LIMIT.seconds / LIMIT.requests, "seconds": LIMIT.seconds}
        return mine.connection.execute(TAKE, values, prepare=True).fetchone()

    return take


def _a_second(take: Callable[[int], object]) -> float:
    """Return how many takes a second all threads together come to."""
    numbers, end = count(), time.perf_counter() + SECONDS

    def work() -> int:
        done = 0
        while time.perf_counter() < end:
            take(next(numbers))
            done += 1
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(running.result() for running in [pool.submit(work) for _ in range(THREADS)]) / SECONDS


def _database() -> str:
    return os.environ["DATABASE_URL"]


if __name__ == "__main__":
    main()
