"""A whole installation whose database goes away and comes back: what each process says meanwhile, and that it goes on."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.database_proxy import DatabaseProxy
from tests.simulator import Simulator, wait_until
from tests.system import System, fresh_system
from tests.zoom_events import as_bytes, event, headers

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("database_away")]


@pytest.fixture
def proxy() -> Iterator[DatabaseProxy]:
    with DatabaseProxy(os.environ["DATABASE_URL"]) as proxy:
        yield proxy


@pytest.fixture
def system(simulator: Simulator, proxy: DatabaseProxy, tmp_path: Path) -> Iterator[System]:
    with fresh_system(simulator, tmp_path) as system:
        name = system.database_url.partition("?")[0].rpartition("/")[2]
        system.environment["DATABASE_URL"] = proxy.url(name)
        yield system


def get(system: System, path: str, **request: str) -> httpx.Response:
    return httpx.get(f"{system.url}{path}", headers=request, timeout=20)


def works_again(system: System) -> bool:
    return get(system, "/healthz").status_code == 200


def workers_alive(system: System) -> int:
    rows = system.query(
        "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > clock_timestamp() - interval '6 seconds'"
    )
    return int(rows[0][0])


def log_of(system: System) -> str:
    return system.log.read_text()


@pytest.mark.parametrize("how", ["cut", "hang"])
def test_every_entrance_says_that_it_is_away_and_serves_again(system, proxy, how):
    system.start_web()
    system.wait_for_web()
    getattr(proxy, how)()
    wait_until(lambda: get(system, "/healthz").status_code == 503, what="the absence")

    page = get(system, "/", Cookie="sessionid=anybodys")
    answer = get(system, "/api/zoom/classes", Cookie="sessionid=anybodys")
    raw = as_bytes(event("meeting.alert", datetime.now(UTC), id="1"))
    hook = httpx.post(
        f"{system.url}/api/zoom/webhook", content=raw, headers=headers(raw, secret=Simulator.webhook_secret)
    )

    assert get(system, "/healthz/live").status_code == 200
    assert [one.status_code for one in (page, answer, hook)] == [503, 503, 503]
    assert {one.headers["Retry-After"] for one in (page, answer, hook)} == {"5"}
    assert answer.json()["code"] == hook.json()["code"] == "database_unavailable"
    assert 'lang="ar"' in page.text
    proxy.mend()
    wait_until(lambda: works_again(system), what="its return")
    assert "Traceback" not in log_of(system)


def test_restart_of_the_database_fails_no_request(system, proxy):
    system.start_web()
    system.wait_for_web()
    proxy.cut()
    proxy.mend()

    assert [get(system, "/healthz").status_code for _ in range(8)] == [200] * 8


def test_reading_under_way_when_the_database_restarts_is_answered_all_the_same(system):
    system.start_web()
    system.wait_for_web()
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with psycopg.connect(system.database_url) as somebody, ThreadPoolExecutor(1) as browser:
        somebody.execute("LOCK TABLE accounts_user")
        asked = browser.submit(get, system, "/teachers/")
        wait_until(lambda: bool(system.query(waiting)), what="the request")

        system.execute(f"SELECT pg_terminate_backend(pid) FROM ({waiting}) AS waits")
        wait_until(lambda: "request_without_database" in log_of(system), what="the broken connection")
        somebody.rollback()

        assert asked.result().status_code == 200


def test_server_and_worker_that_start_before_the_database_wait_for_it(system, proxy):
    proxy.cut()
    system.start_web()
    system.start_worker()
    wait_until(lambda: "worker_waits_for_database" in log_of(system), seconds=60, what="the worker's word")
    wait_until(lambda: get(system, "/healthz/live").is_success, seconds=60, what="the server")

    proxy.mend()

    wait_until(lambda: works_again(system), what="the server's work")
    wait_until(lambda: workers_alive(system) == 1, seconds=60, what="the worker's work")
    assert "Traceback" not in log_of(system)


def test_worker_goes_on_when_the_database_is_back(system, proxy):
    system.start_worker()
    wait_until(lambda: workers_alive(system) == 1, seconds=60, what="the worker")
    proxy.cut()
    wait_until(lambda: "worker_waits_for_database" in log_of(system), seconds=60, what="the worker's word")
    system.execute("DELETE FROM procrastinate_workers")

    proxy.mend()

    wait_until(lambda: workers_alive(system) == 1, seconds=60, what="the worker's return")
    assert system.processes["worker"].poll() is None


def test_jobs_whose_end_could_not_be_written_are_done_again(system):
    system.execute(
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE 'no space left on device' USING ERRCODE = '53100'; END $$"
    )
    system.execute(
        "CREATE TRIGGER no_room BEFORE UPDATE OR DELETE ON procrastinate_jobs FOR EACH ROW WHEN (OLD.status = 'doing') "
        "EXECUTE FUNCTION no_room()"
    )
    system.start_worker()
    wait_until(lambda: "trouble=database_full" in log_of(system), seconds=90, what="the worker's word")
    ((newest,),) = system.query("SELECT max(id) FROM procrastinate_jobs WHERE status = 'doing'")

    system.execute("DROP TRIGGER no_room ON procrastinate_jobs")

    left = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND id <= %s"
    wait_until(lambda: system.query(left, newest) == [(0,)], seconds=90, what="the jobs to be done")


def test_worker_that_waits_for_the_database_ends_when_told(system, proxy):
    proxy.cut()
    system.start_worker()
    wait_until(lambda: "worker_waits_for_database" in log_of(system), seconds=60, what="the worker's word")

    system.processes["worker"].send_signal(signal.SIGTERM)

    assert system.processes["worker"].wait(30) == 0


def test_database_that_only_reads_refuses_writes_and_serves_reads(system):
    system.start_web()
    system.wait_for_web()
    system.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$"
    )
    ours = "application_name = 'classbell' AND datname = current_database()"
    system.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")
    raw = as_bytes(event("meeting.alert", datetime.now(UTC), id="1"))

    hook = httpx.post(
        f"{system.url}/api/zoom/webhook", content=raw, headers=headers(raw, secret=Simulator.webhook_secret), timeout=20
    )

    assert (hook.status_code, hook.json()["code"]) == (503, "database_read_only")
    assert get(system, "/accounts/login/").status_code == 200


def test_worker_touches_no_job_before_the_database_is_migrated(system):
    ((name,),) = system.query("SELECT name FROM django_migrations WHERE app = 'bookings' ORDER BY name DESC LIMIT 1")
    system.execute(f"DELETE FROM django_migrations WHERE app = 'bookings' AND name = '{name}'")
    system.execute("INSERT INTO procrastinate_jobs (task_name, queue_name, args) VALUES ('no.such_task', 'zoom', '{}')")
    system.start_worker()
    wait_until(lambda: "worker_waits_for_migrations" in log_of(system), seconds=60, what="the worker's word")
    jobs = "SELECT status FROM procrastinate_jobs WHERE task_name = 'no.such_task'"
    assert system.query(jobs) == [("todo",)]

    system.execute(f"INSERT INTO django_migrations (app, name, applied) VALUES ('bookings', '{name}', now())")

    wait_until(lambda: system.query(jobs) != [("todo",)], seconds=60, what="the worker's work")
    assert "inbox_interrupted" not in log_of(system)
