import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from classbell.zoom.errors import ZoomBusy, ZoomUnavailable
from classbell.zoom.oauth import MemoryTokenStore, Token, token_from_answer
from tests.zoom.payloads import payload

NOW = datetime(2026, 11, 29, 15, 0, tzinfo=UTC)


def token(text="secret-one"):
    return Token(access_token=text, expires_at=NOW + timedelta(hours=1), scopes=frozenset({"a"}))


def test_token_is_read_from_zooms_answer():
    answer = payload("oauth_token.200")

    token = token_from_answer(answer, asked_at=NOW)

    assert token.access_token == answer["access_token"]
    assert token.expires_at == NOW + timedelta(hours=1)
    assert token.scopes == frozenset(answer["scope"].split())
    assert token.api_url == "https://api.zoom.us"


@pytest.mark.parametrize("answer", [None, [], {}, {"access_token": None}, "<html>"])
def test_answer_without_a_token_is_trouble_and_not_shown(answer):
    with pytest.raises(ZoomUnavailable, match="no token") as raised:
        token_from_answer(answer, asked_at=NOW)

    assert raised.value.__cause__ is None


def test_token_is_not_in_its_repr():
    assert "secret-one" not in repr(token())


def test_token_is_fresh_until_five_minutes_before_its_end():
    assert token().is_fresh(NOW + timedelta(minutes=54))
    assert not token().is_fresh(NOW + timedelta(minutes=55))


def test_store_keeps_accounts_apart():
    store = MemoryTokenStore()

    store.renew("a", None, lambda: token("of a"))
    store.renew("b", None, lambda: token("of b"))

    assert store.current("a") == token("of a")
    assert store.current("b") == token("of b")
    assert store.current("c") is None


def test_token_that_somebody_else_renewed_is_taken_instead_of_a_new_one():
    store = MemoryTokenStore()
    stale = store.renew("a", None, lambda: token("stale"))
    renewed = store.renew("a", stale, lambda: token("renewed"))

    assert store.renew("a", stale, lambda: token("needless")) == renewed


def test_many_threads_fetch_once():
    store, fetched, got, gate = MemoryTokenStore(), [], [], threading.Barrier(16)

    def fetch():
        fetched.append(1)
        return token(f"number {len(fetched)}")

    def ask():
        gate.wait()
        got.append(store.renew("a", None, fetch))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(fetched) == 1
    assert got == [token("number 1")] * 16


def test_who_has_little_time_does_not_wait_for_anothers_fetch():
    store, fetching, done = MemoryTokenStore(), threading.Event(), threading.Event()

    def fetch():
        fetching.set()
        done.wait()
        return token()

    other = threading.Thread(target=lambda: store.renew("a", None, fetch))
    other.start()
    fetching.wait()

    try:
        with pytest.raises(ZoomBusy):
            store.renew("a", None, token, deadline=time.monotonic() + 0.01)
    finally:
        done.set()
        other.join()


def test_failed_fetch_is_raised_and_the_next_caller_tries_again():
    store = MemoryTokenStore()

    def fail():
        raise ZoomUnavailable

    with pytest.raises(ZoomUnavailable):
        store.renew("a", None, fail)

    assert store.renew("a", None, token) == token()
