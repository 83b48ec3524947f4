"""The one kind of exception that every module may raise to say no."""

from collections.abc import Sequence
from typing import Any, ClassVar


class DomainError(Exception):
    """
    A rule said no: expected, shown to the person, never logged as a crash.

    `details` is a list of JSON-ready objects for whoever wants more than the sentence (clashes, fields, lines of a file).
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, message: str, *, details: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(message)
        self.details = list(details)
