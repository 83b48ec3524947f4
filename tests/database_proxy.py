"""A line to the test database that can be cut, held, and put through again: what a server that goes away looks like."""

import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tests.simulator import free_port

PIECE = 65536
# What PostgreSQL says of a statement that wrote, and of a transaction that is there to stay, as its protocol has it.
WROTE = re.compile(rb"C\0\0\0.(?:INSERT 0|UPDATE|DELETE) [1-9]", re.DOTALL)
COMMITTED = b"C\0\0\0\x0bCOMMIT\0"


class DatabaseProxy:
    """
    Listens on a port of its own and passes everything on to the server behind `url`.

    `cut` ends every connection and refuses new ones; `hang` keeps them all open, takes new ones, and passes nothing on;
    `drop` ends them once; `mend` makes all new ones work again. What it passes on arrives `away_seconds` later.

    `at_commit`, when there is one, is told from which port a transaction came that wrote and is there to stay, before its
    client is.
    """

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self.away_seconds = 0.0
        self.at_commit: Callable[[int], None] | None = None
        self.port = free_port()
        self._through = threading.Event()
        self._through.set()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = self._listen()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        self._through.set()

    @property
    def is_well(self) -> bool:
        """Whether it takes connections and passes everything on."""
        return self._listener is not None and self._through.is_set()

    def url(self, name: str) -> str:
        """Return the address of a database of the server, by way of here."""
        user = self._url.username or "postgres"
        password = f":{self._url.password}" if self._url.password else ""
        return f"postgresql://{user}{password}@127.0.0.1:{self.port}/{name}"

    def cut(self) -> None:
        """The server is killed: connections end, new ones are refused."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self._end_all()

    def hang(self) -> None:
        """The server stands still: it takes connections and never answers."""
        self._through.clear()

    def drop(self) -> None:
        """All connections end; new ones are taken at once, as after a restart of something between."""
        self._end_all()

    def mend(self) -> None:
        """The server is back. Connections that hung are gone."""
        self._end_all()
        self._through.set()
        if self._listener is None:
            self._listener = self._listen()

    def _listen(self) -> socket.socket | None:
        listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        with self._lock:
            self._open.add(client)
        self._through.wait()
        try:
            server = self._to_server()
        except OSError:  # The server itself is gone.
            self._end(client)
            return
        with self._lock:
            self._open.add(server)
        threading.Thread(target=self._pass_on, args=(client, server), daemon=True).start()
        self._pass_on(server, client)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        wrote = False
        with suppress(OSError):
            while piece := source.recv(PIECE):
                self._through.wait()
                if self.away_seconds:
                    time.sleep(self.away_seconds)
                if self.at_commit is not None:
                    wrote = wrote or WROTE.search(piece) is not None
                    if wrote and COMMITTED in piece:
                        wrote = False
                        self.at_commit(target.getpeername()[1])
                target.sendall(piece)
        self._end(source, target)

    def _to_server(self) -> socket.socket:
        folder = parse_qs(self._url.query).get("host", [""])[0]
        if not folder:
            return socket.create_connection((self._url.hostname or "127.0.0.1", self._url.port or 5432))
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.connect(str(Path(folder) / f".s.PGSQL.{self._url.port or 5432}"))
        return server

    def _end_all(self) -> None:
        with self._lock:
            ended = list(self._open)
        self._end(*ended)

    def _end(self, *lines: socket.socket) -> None:
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
            with self._lock:
                self._open.discard(line)
