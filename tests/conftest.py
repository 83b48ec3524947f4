"""Fixtures for all tests."""

import functools
import gc
import signal
import ssl
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from classbell import visitors
from classbell.accounts.models import User
from classbell.accounts.tokens import issue_tokens
from classbell.meetings.sync import gateway
from tests import databases
from tests.api_client import ApiClient
from tests.examples import leave_out_some, register_profiles

# Kinds of tests by their marks, from those that take minutes together in one process to those that take seconds.
LONGEST_FIRST = ("each_run", "browser", "chaos", "slow", "xdist_group")

pytest_plugins = ["tests.zoom_setup", "tests.roles.world", "tests.demo.running"]


register_profiles()


def pytest_configure(config: pytest.Config) -> None:
    """
    Make the database server quick, once for all processes of a run; what each client of HTTP reads, once in each; and let
    what tests start be interrupted.
    """
    # What a shell starts in the background ignores Ctrl-C, and so would every program that a test starts and interrupts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # The list of authorities, for encrypted connections that no test makes: a third of what beginning with Zoom takes.
    ssl.create_default_context = functools.cache(ssl.create_default_context)  # type: ignore[assignment]
    if not hasattr(config, "workerinput"):
        databases.stop_taking_care()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Begin with what takes longest where several processes share a run, so that none is left alone with it at the end.

    Whatever order the tests came in, shuffled too, they keep it among their like. `run` tells xdist to leave it so.
    """
    leave_out_some(config, items)
    if hasattr(config, "workerinput"):
        items.sort(
            key=lambda item: next((n for n, mark in enumerate(LONGEST_FIRST) if item.get_closest_marker(mark)), 9)
        )


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking at what lasts as long as the run: a tenth of the time of a page."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how to have the order of a run that failed again."""
    if terminalreporter.stats.keys() & {"failed", "error"} and config.pluginmanager.hasplugin("randomly"):
        seed = config.getoption("randomly_seed")
        terminalreporter.write_line(f"The same order again: --randomly-seed={seed}, and -n 0 to have it in one process")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Have what each process's own database is a copy of."""
    databases.ensure_migrated()


@pytest.fixture(autouse=True)
def _nothing_left_over() -> Iterator[None]:
    """
    Forget earlier tests' failed sign-ins, the language and timezone of who asked last, as a new thread would, and the
    client of Zoom that a test made for settings of its own.
    """
    cache.clear()
    visitors.BUCKETS.clear()
    translation.deactivate()
    timezone.deactivate()
    yield
    gateway._client.cache_clear()


@pytest.fixture
def api() -> Callable[..., ApiClient]:
    """
    Return a function that makes a client of the API for a person, signed in by token; for nobody without one.

    `api(teacher).post("/api/zoom/classes", {"name": "Algebra"})`
    """

    def client_for(user: User | None = None) -> ApiClient:
        return ApiClient(access_token=issue_tokens(user).access_token if user else None)

    return client_for
