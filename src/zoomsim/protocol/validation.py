"""
Reading the fields of a request as Zoom does.

Unknown fields are ignored, null counts as absent, numbers and booleans may come as text. What is wrong is collected, so
that one answer names every bad field.
"""

from collections.abc import Collection
from typing import Any

from zoomsim.protocol.errors import invalid
from zoomsim.protocol.wire import Json

INVALID_FIELD = "Invalid field."


class Reader:
    """The fields of one object; `prefix` is where it sits in the body, such as `settings.`."""

    def __init__(self, raw: Json, prefix: str = "") -> None:
        self.raw = raw
        self.prefix = prefix
        self.errors: list[tuple[str, str]] = []

    def has(self, name: str) -> bool:
        """Whether the field was sent with a value."""
        return self.raw.get(name) is not None

    def refuse(self, name: str, message: str = INVALID_FIELD) -> None:
        """Note that a field is wrong."""
        self.errors.append((self.prefix + name, message))

    def raise_errors(self) -> None:
        """Raise ZoomError 400/300 when anything was wrong."""
        if self.errors:
            raise invalid(*self.errors)

    def text(self, name: str, *, longest: int | None = None, required: bool = False) -> str | None:
        """Return a text, trimmed; None when absent or wrong."""
        value = self._value(name, required)
        if value is None:
            return None
        if isinstance(value, dict | list | bool):
            self.refuse(name)
            return None
        text = str(value).strip()
        if required and not text:
            self.refuse(name, "This field is required.")
        if longest is not None and len(text) > longest:
            self.refuse(name, f"The value must be at most {longest} characters long.")
            return None
        return text

    def choice(self, name: str, choices: Collection[str], *, required: bool = False) -> str | None:
        """Return one of several texts; None when absent or wrong."""
        text = self.text(name, required=required)
        if text is not None and text not in choices:
            self.refuse(name)
            return None
        return text

    def integer(
        self,
        name: str,
        *,
        low: int | None = None,
        high: int | None = None,
        choices: Collection[int] | None = None,
        required: bool = False,
    ) -> int | None:
        """Return a whole number within its bounds; None when absent or wrong."""
        value = self._value(name, required)
        if value is None:
            return None
        number = as_integer(value)
        if (
            number is None
            or (choices is not None and number not in choices)
            or (low is not None and number < low)
            or (high is not None and number > high)
        ):
            self.refuse(name)
            return None
        return number

    def boolean(self, name: str) -> bool | None:
        """Return a truth value; None when absent or wrong."""
        value = self._value(name, required=False)
        if value is None:
            return None
        truth = as_boolean(value)
        if truth is None:
            self.refuse(name)
        return truth

    def objects(self, name: str, *, most: int | None = None, required: bool = False) -> list[Json]:
        """Return a list of objects; empty when absent or wrong."""
        value = self._value(name, required)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.refuse(name)
            return []
        if most is not None and len(value) > most:
            self.refuse(name, f"At most {most} can be given.")
            return []
        return value

    def texts(self, name: str) -> list[str]:
        """Return a list of texts; empty when absent or wrong."""
        value = self._value(name, required=False)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse(name)
            return []
        return value

    def _value(self, name: str, required: bool) -> Any:
        value = self.raw.get(name)
        if value is None and required:
            self.refuse(name, "This field is required.")
        return value


def as_integer(value: object) -> int | None:
    """Return a whole number that may have come as text or as 60.0; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str):
        try:
            return int(value.strip())
        except ValueError:
            return None
    return None


def as_boolean(value: object) -> bool | None:
    """Return a truth value that may have come as text; None for anything else."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None
