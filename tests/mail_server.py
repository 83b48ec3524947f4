"""A small mail server on the loopback interface, which keeps what it takes; or takes nothing."""

import socketserver
from dataclasses import dataclass, field
from functools import partial
from threading import Thread
from types import TracebackType
from typing import Any, Self

from tests.simulator import free_port


@dataclass
class MailServer:
    """
    Listens for SMTP and keeps each mail as text. While `refuses`, it says that it is not taking mail in; of addresses in
    `unknown` it says that there are none.
    """

    refuses: bool = False
    unknown: set[str] = field(default_factory=set)
    mails: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.port = free_port()
        self._server = _Server(("127.0.0.1", self.port), partial(_Session, self))
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self, **more: str) -> dict[str, str]:
        """Return what an installation is told, to send its mail here."""
        return {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.port), "EMAIL_USE_TLS": "false", **more}


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that was killed."""


class _Session(socketserver.StreamRequestHandler):
    def __init__(self, owner: MailServer, *arguments: Any) -> None:
        self._owner = owner
        super().__init__(*arguments)

    def handle(self) -> None:
        self._say("220 mail.test")
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"DATA":
                self._take()
            else:
                self._say(self._answer(verb, line.decode()))
                if verb == b"QUIT":
                    return

    def _answer(self, verb: bytes, line: str) -> str:
        if verb == b"MAIL" and self._owner.refuses:
            return "451 not now"
        if verb == b"RCPT" and line.partition("<")[2].partition(">")[0] in self._owner.unknown:
            return "550 nobody of this name"
        return ANSWERS.get(verb, "250 fine")

    def _take(self) -> None:
        """Keep a mail; one whose sender was killed in the middle is none."""
        self._say("354 go on")
        lines: list[bytes] = []
        while line := self.rfile.readline():
            if line == b".\r\n":
                self._owner.mails.append(b"".join(lines).decode())
                self._say("250 taken")
                return
            lines.append(line)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


ANSWERS = {b"EHLO": "250-mail.test\r\n250 AUTH PLAIN", b"AUTH": "235 let in", b"QUIT": "221 bye"}
