"""The lines to a server's machines, each by way of a proxy: what is done to them is done to all."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from tests.database_proxy import DatabaseProxy


class Lines:
    """As one `DatabaseProxy`, before all machines at once."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._proxies = [DatabaseProxy(address) for address in addresses]
        self._held = ExitStack()

    def __enter__(self) -> Self:
        for proxy in self._proxies:
            self._held.enter_context(proxy)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def url(self, name: str) -> str:
        """Return the address of a database, which names all machines."""
        return f"postgresql://postgres@{','.join(f'127.0.0.1:{proxy.port}' for proxy in self._proxies)}/{name}"

    def cut(self) -> None:
        """End all connections and refuse new ones."""
        for proxy in self._proxies:
            proxy.cut()

    def hang(self) -> None:
        """Pass nothing on."""
        for proxy in self._proxies:
            proxy.hang()

    def drop(self) -> None:
        """End all connections once."""
        for proxy in self._proxies:
            proxy.drop()

    def slow_down(self, seconds: float) -> None:
        """Let everything arrive so much later."""
        for proxy in self._proxies:
            proxy.away_seconds = seconds

    def at_commit(self, told: Callable[[int], None] | None) -> None:
        """Tell this from which port each transaction came that is there to stay, or nobody."""
        for proxy in self._proxies:
            proxy.at_commit = told

    def mend(self) -> None:
        """Pass everything on, at once; connections end only where that was not so."""
        self.slow_down(0)
        for proxy in self._proxies:
            if not proxy.is_well:
                proxy.mend()
