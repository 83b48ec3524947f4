"""A small mail server on the loopback interface, which keeps what it takes; or takes nothing."""

import socketserver
from dataclasses import dataclass, field
from threading import Thread
from types import TracebackType
from typing import Self

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
        server = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 mail.test")
                while line := self.rfile.readline():
                    verb = line.split()[0].upper() if line.split() else b""
                    if verb == b"EHLO":
                        self._say("250-mail.test\r\n250 AUTH PLAIN")
                    elif verb == b"AUTH":
                        self._say("235 let in")
                    elif verb == b"MAIL" and server.refuses:
                        self._say("451 not now")
                    elif verb == b"RCPT" and line.decode().partition("<")[2].partition(">")[0] in server.unknown:
                        self._say("550 nobody of this name")
                    elif verb == b"DATA":
                        self._say("354 go on")
                        server.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                        self._say("250 taken")
                    elif verb == b"QUIT":
                        self._say("221 bye")
                        return
                    else:
                        self._say("250 fine")

            def _say(self, text: str) -> None:
                self.wfile.write(f"{text}\r\n".encode())

        self.port = free_port()
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Session)
        self._server.daemon_threads = True
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
