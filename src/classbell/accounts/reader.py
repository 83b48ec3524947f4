"""Whose eyes an answer is for: set by `@allowed` around every operation and page, nobody in jobs and commands."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.contrib.auth.models import AnonymousUser

from classbell.accounts.models import User

Reader = User | AnonymousUser

_reader: Final[ContextVar[Reader | None]] = ContextVar("reader", default=None)
_guardian: Final[ContextVar[User | None]] = ContextVar("guardian", default=None)


@contextmanager
def read_by(user: Reader, *, guardian: User | None = None) -> Iterator[None]:
    """Let whatever is said meanwhile be said to this person; or, of what is theirs, to their guardian."""
    token, guardian_token = _reader.set(user), _guardian.set(guardian)
    try:
        yield
    finally:
        _reader.reset(token)
        _guardian.reset(guardian_token)


def reader() -> Reader | None:
    """Return who reads what is being put into words; None when nobody asked: a job, or whoever runs the installation."""
    return _reader.get()


def reading_guardian() -> User | None:
    """Return the guardian who reads in the place of `reader`, None where they read themselves."""
    return _guardian.get()
