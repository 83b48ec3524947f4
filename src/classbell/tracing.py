"""
Spans for whoever traces: what took how long inside what. Costs nothing unless `config/telemetry.py` starts it.

No span carries anything but its name and a few values that are named here: no body, no header, no statement.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

Value = str | int | float | bool
Headers = Mapping[str, str]
Begin = Callable[[str, Mapping[str, Value], Headers], AbstractContextManager[Callable[[str, Value], None]]]

_begin: Begin | None = None


def trace_by(begin: Begin | None) -> None:
    """Let spans be begun by this from now on; None: by nobody."""
    global _begin  # noqa: PLW0603 -- one for the process
    _begin = begin


def is_traced() -> bool:
    """Whether anybody traces."""
    return _begin is not None


@contextmanager
def span(
    name: str, *, values: Mapping[str, Value | None] | None = None, headers: Headers | None = None
) -> Iterator[Callable[[str, Value], None]]:
    """
    Run the block as one span with these values, and give what sets further ones. `headers` may say of which span elsewhere it
    is a part (`traceparent`). What is raised is named in it.
    """
    known = {key: value for key, value in (values or {}).items() if value is not None}
    manager = _begin(name, known, headers or {}) if _begin is not None else nullcontext(_nothing)
    with manager as set_value:
        yield set_value


def _nothing(_name: str, _value: Value) -> None:
    """Set nothing: nobody traces."""
