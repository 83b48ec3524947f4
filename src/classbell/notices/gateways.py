"""
Programs by which text messages go out: whatever takes them in over HTTP, as the school describes it, or the log.

What is written into an address or a body: {to} the number such as +966501234567, {digits} the same without its plus, {text}
the message, {id} by which a repeat is known; into a header {to} and {id}. Values are written as the body's kind wants them.
"""

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import quote_plus
from uuid import UUID

import structlog
from django.utils.translation import gettext as _

from classbell.encryption import NotDecipherable, decrypt, encrypt
from classbell.errors import DomainError
from classbell.notices import models
from classbell.notices.delivering import NotSent, Refused
from classbell.notices.models import TEXT_CHANNELS, Channel
from classbell.outgoing.addresses import BadUrl, Rules, checked_url
from classbell.outgoing.sending import send

log = structlog.get_logger(__name__)

PURPOSE: Final = "text-gateways"
# What is wrong with the message or its number, and will be the next time too. Who we are may be mended: that is tried again.
NEVER_TAKEN: Final = frozenset({400, 404, 410, 413, 422})
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE: Final = re.compile(r"[\x20-\x7e]*")
EXAMPLE_BODY: Final = '{"to": "{to}", "text": "{text}"}'


class GatewayInvalid(DomainError):
    """It could never send anything; `field` is what is wrong."""

    code = "gateway_invalid"

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, kw_only=True, slots=True)
class TextMessage:
    """One message to one number; a repeat has the same id."""

    id: UUID
    to: str
    text: str


class Gateway(Protocol):
    """Takes text messages to where their readers have phones."""

    def send(self, message: TextMessage) -> None:
        """Hand a message on. Raises Refused for good, NotSent to be tried again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpGateway:
    """A program that takes messages in over HTTP. Its address, headers and body have the values of each message put in."""

    address: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = EXAMPLE_BODY

    @property
    def content_type(self) -> str:
        """Of what kind the body is."""
        said = {name.lower(): value for name, value in self.headers.items()}
        return said.get("content-type", JSON)

    def send(self, message: TextMessage) -> None:
        """Post a message. Raises Refused and NotSent."""
        headers = {name.lower(): _filled_header(value, message) for name, value in self.headers.items()}
        outcome = send(
            filled(self.address, message, FORM),
            body=filled(self.body, message, self.content_type),
            headers={"content-type": JSON, **headers},
            rules=Rules.of_settings(),
        )
        if outcome.is_delivered:
            return
        said = outcome.error.value if outcome.error else f"{outcome.status_code} {outcome.answer}"
        if outcome.status_code in NEVER_TAKEN:
            raise Refused(said)
        raise NotSent(said)


@dataclass(frozen=True, kw_only=True, slots=True)
class LogGateway:
    """Writes messages into the log instead: for trials."""

    channel: str

    def send(self, message: TextMessage) -> None:
        """Write a message down."""
        log.info("text_message", channel=self.channel, to=message.to, text=message.text)


def filled(template: str, message: TextMessage, content_type: str) -> str:
    """Return a template with the values of a message, written so that they stay values in content of this type."""
    values = {"{to}": message.to, "{digits}": message.to.lstrip("+"), "{text}": message.text, "{id}": str(message.id)}
    for name, value in values.items():
        template = template.replace(name, _written(value, content_type))
    return template


def _written(value: str, content_type: str) -> str:
    if "json" in content_type:
        return json.dumps(value, ensure_ascii=False)[1:-1]
    return quote_plus(value) if FORM in content_type else value


def _filled_header(template: str, message: TextMessage) -> str:
    return template.replace("{to}", message.to).replace("{id}", str(message.id))


def gateway_of(channel: Channel) -> Gateway | None:
    """Return what sends messages of a channel; None where the school has nothing for it. One query."""
    row = models.Gateway.objects.filter(pk=channel.value).first()
    if row is None:
        return None
    return LogGateway(channel=channel.value) if row.is_logged else http_of(row)


def text_channels() -> list[Channel]:
    """Return the channels by which the school sends text messages. One query."""
    there = set(models.Gateway.objects.values_list("channel", flat=True))
    return [channel for channel in TEXT_CHANNELS if channel.value in there]


def http_of(row: models.Gateway) -> HttpGateway | None:
    """Return how a gateway is reached; None for one that only logs, or that another secret key encrypted."""
    if not row.sealed:
        return None
    try:
        return HttpGateway(**json.loads(decrypt(bytes(row.sealed), purpose=PURPOSE)))
    except NotDecipherable:
        log.warning("gateway_unreadable", channel=row.channel)
        return None


def keep_gateway(channel: Channel, gateway: HttpGateway | LogGateway, *, now: datetime) -> None:
    """Have messages of a channel sent by this. Raises GatewayInvalid for what could never send anything."""
    sealed = b""
    if isinstance(gateway, HttpGateway):
        sealed = encrypt(json.dumps(asdict(_checked(gateway))).encode(), purpose=PURPOSE)
    models.Gateway.objects.update_or_create(
        channel=channel.value,
        defaults={"is_logged": isinstance(gateway, LogGateway), "sealed": sealed, "changed_at": now},
    )


def remove_gateway(channel: Channel) -> None:
    """Send no messages of a channel any more."""
    models.Gateway.objects.filter(pk=channel.value).delete()


def _checked(gateway: HttpGateway) -> HttpGateway:
    example = TextMessage(id=UUID(int=0), to="+966501234567", text="“\n\\")
    try:
        checked_url(filled(gateway.address, example, FORM), Rules.of_settings())
    except BadUrl as error:
        raise GatewayInvalid("address", str(error)) from error
    if not all(_NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in gateway.headers.items()):
        raise GatewayInvalid("headers", _("Write each as “Name: value”, without letters of other scripts."))
    if "{text}" not in gateway.body + gateway.address:
        raise GatewayInvalid("body", _("Write {text} where the message goes."))
    if not any(name in gateway.body + gateway.address for name in ("{to}", "{digits}")):
        raise GatewayInvalid("body", _("Write {to} or {digits} where the number goes."))
    if "json" in gateway.content_type:
        try:
            json.loads(filled(gateway.body, example, gateway.content_type))
        except ValueError as error:
            raise GatewayInvalid("body", _("This is no JSON: %(error)s") % {"error": error}) from error
    return gateway
