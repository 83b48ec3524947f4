"""A school's mail server: aiosmtpd, which takes mail only by STARTTLS and from who knows the password."""

import ssl
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from tests.simulator import free_port


class EncryptedMailServer:
    """Listens on the loopback interface, and keeps the mails that it takes."""

    password = "a word between two servers"

    def __init__(self, user: str, *, certificate: Path, key: Path) -> None:
        self.user = user
        self.port = free_port()
        self.mails: list[EmailMessage] = []
        self._certificate, self._key = certificate, key

    def __enter__(self) -> Self:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate, self._key)
        self._controller = Controller(
            self,
            hostname="",
            port=self.port,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=self._authenticate,
        )
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail in: aiosmtpd calls it by this name."""
        assert isinstance(envelope.content, bytes)
        mail = BytesParser(policy=default).parsebytes(envelope.content)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def _authenticate(self, server: object, session: object, envelope: object, mechanism: str, data: Any) -> AuthResult:
        said = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        return AuthResult(success=said == (self.user, self.password), handled=False)
