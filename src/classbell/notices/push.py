"""
Notices in people's browsers: Web Push (RFC 8030), encrypted for the browser alone (RFC 8291), and signed by a key of this
installation (VAPID, RFC 8292).

A browser says where its maker's push service takes messages in for it. That is an address somebody typed, as far as we know:
it is gone to as webhooks are.
"""

import base64
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from py_vapid import Vapid02, VapidException
from pywebpush import WebPusher

from classbell.accounts.models import User
from classbell.accounts.sign_in_models import SignIn
from classbell.accounts.sign_ins.kept import sign_ins_of
from classbell.accounts.wall import past_the_wall
from classbell.encryption import NotDecipherable, decrypt, encrypt
from classbell.errors import DomainError
from classbell.notices import dispatching
from classbell.notices.delivering import NotSent, Refused, find_notice, is_stale, send_one
from classbell.notices.models import Channel, Notice, PushKey, PushSubscription
from classbell.notices.wording import in_words_of, part_of
from classbell.outgoing.addresses import BadUrl, Rules, checked_url
from classbell.outgoing.sending import send

log = structlog.get_logger(__name__)

KEY_PURPOSE: Final = "push-key"
SUBSCRIPTION_PURPOSE: Final = "push-subscriptions"
# The browser has ended the subscription, or never had it.
GONE: Final = frozenset({404, 410})
# A signature lasts a day at most (RFC 8292).
SIGNED_FOR: Final = timedelta(hours=12)
# What push services keep for a browser that is off, and no longer; a notice stands on its page all the same.
KEPT_FOR: Final = timedelta(days=2)
MOST_BROWSERS: Final = 20
AUTH_BYTES: Final = 16
# Push services take 4096 bytes, of which encryption needs some.
MOST_TEXT: Final = 1500


class SubscriptionInvalid(DomainError):
    """No browser says this of itself; `field` is what is wrong."""

    code = "push_invalid"

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(f"{field}: {message}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Browser:
    """Where a browser is reached and the keys that it reads by, in base64url, as it says itself."""

    endpoint: str
    p256dh: str
    auth: str


def public_key(*, now: datetime) -> str:
    """Return the key that browsers subscribe to, in base64url; it is made when nobody has asked before."""
    return (_kept_key() or _make_key(now)).public


def browsers_of(user: User, *, now: datetime) -> QuerySet[PushSubscription]:
    """Return the browsers that show somebody notices, while they are signed in there, the newest first."""
    lasting = Q(sign_in=None) | Q(sign_in__in=sign_ins_of(user, now=now).order_by())
    return PushSubscription.objects.filter(lasting, user=user).order_by("-made_at", "-pk")


def digests_of(user: User, *, now: datetime) -> list[str]:
    """Return what the addresses of somebody's browsers are known by, so that a browser finds itself among them."""
    return list(browsers_of(user, now=now).values_list("digest", flat=True))


def subscribe(user: User, browser: Browser, *, session_key: str, now: datetime) -> PushSubscription:
    """
    Have notices shown to somebody by a browser, for as long as they are signed in there; whoever had them there before has
    them no more. Of very many browsers the oldest is forgotten. Raises SubscriptionInvalid.
    """
    _check(browser)
    sealed = encrypt(json.dumps(asdict(browser)).encode(), purpose=SUBSCRIPTION_PURPOSE)
    sign_in = SignIn.objects.filter(user=user, session_key=session_key).first()
    # Whoever used the browser before is told nothing there any more.
    with transaction.atomic(), past_the_wall():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        made, _new = PushSubscription.objects.update_or_create(
            digest=_digest(browser.endpoint),
            defaults={"user": user, "sign_in": sign_in, "sealed": sealed, "made_at": now},
        )
        theirs = PushSubscription.objects.filter(user=user).order_by("-made_at", "-pk")
        too_many = list(theirs.values_list("pk", flat=True)[MOST_BROWSERS:])
        PushSubscription.objects.filter(pk__in=too_many).delete()
    return made


def unsubscribe(user: User, endpoint: str) -> None:
    """Show somebody nothing in a browser any more. Safe to repeat."""
    PushSubscription.objects.filter(user=user, digest=_digest(endpoint)).delete()


def push_notice(*, notice_id: UUID, now: datetime) -> None:
    """
    Show one notice in its reader's browsers, in their language. It is out once one of them has it; those that are gone are
    forgotten. What no push service takes is tried again later; the same notice replaces itself in a browser.
    """
    notice = find_notice(notice_id)
    if notice is None:
        return
    browsers = list(browsers_of(notice.user, now=now))
    if not browsers or not notice.user.is_active or is_stale(notice, now):
        dispatching.drop(notice_id, Channel.PUSH)
        return
    send_one(notice, Channel.PUSH, "notices.push", lambda: _push_to_all(notice, browsers, now), now=now)


def shown_of(notice: Notice) -> dict[str, str]:
    """Return what a browser shows of a notice, in its reader's language and on their clock."""
    with in_words_of(notice.user):
        part = part_of(notice)
    return {
        "id": str(notice.pk),
        "title": part.subject[:MOST_TEXT],
        "body": part.text[:MOST_TEXT],
        "link": part.link,
        "lang": notice.user.locale,
    }


def _push_to_all(notice: Notice, browsers: list[PushSubscription], now: datetime) -> None:
    """Raises Refused when no browser is left, and NotSent when none has it."""
    said = [_push(notice, row, now) for row in browsers]
    if None in said:
        return
    if all(answer == "" for answer in said):
        raise Refused("no browser is subscribed any more")
    raise NotSent("; ".join(answer for answer in said if answer))


def _push(notice: Notice, row: PushSubscription, now: datetime) -> str | None:
    """Send a notice to one browser. Return None when its push service took it, else why not; "" when it is gone."""
    try:
        browser = Browser(**json.loads(decrypt(bytes(row.sealed), purpose=SUBSCRIPTION_PURPOSE)))
        headers = _headers(browser, _signer(now), notice, now)
    except (NotDecipherable, VapidException) as error:
        log.warning("push_not_sent", subscription=str(row.pk), error=type(error).__name__)
        return type(error).__name__
    content = json.dumps(shown_of(notice), ensure_ascii=False).encode()
    keys = {"endpoint": browser.endpoint, "keys": {"p256dh": browser.p256dh, "auth": browser.auth}}
    outcome = send(
        browser.endpoint,
        body=WebPusher(keys).encode(content)["body"],
        headers=headers,
        rules=Rules.of_settings(),
    )
    if outcome.is_delivered:
        return None
    if outcome.status_code in GONE:
        # Only as it was: the browser may have subscribed anew meanwhile.
        PushSubscription.objects.filter(pk=row.pk, made_at=row.made_at).delete()
        return ""
    return outcome.error.value if outcome.error else f"{outcome.status_code} {outcome.answer}"


def _headers(browser: Browser, signer: Vapid02, notice: Notice, now: datetime) -> dict[str, str]:
    where = urlsplit(browser.endpoint)
    claims = {
        "aud": f"{where.scheme}://{where.netloc}",
        "exp": int((now + SIGNED_FOR).timestamp()),
        "sub": f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
    }
    lasts = min(KEPT_FOR, notice.stale_at - now) if notice.stale_at else KEPT_FOR
    return {
        "authorization": signer.sign(claims)["Authorization"],
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(int(lasts.total_seconds())),
        "urgency": "normal",
        # A push service that still holds the same notice replaces it.
        "topic": base64.urlsafe_b64encode(notice.pk.bytes).decode().rstrip("="),
    }


def _check(browser: Browser) -> None:
    try:
        checked_url(browser.endpoint, Rules.of_settings())
    except BadUrl as error:
        raise SubscriptionInvalid("endpoint", str(error)) from error
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(browser.p256dh))
    except ValueError as error:
        raise SubscriptionInvalid("p256dh", _("This is no key of a browser.")) from error
    if len(_bytes(browser.auth)) != AUTH_BYTES:
        raise SubscriptionInvalid("auth", _("This is no key of a browser."))


def _bytes(text: str) -> bytes:
    """Return what base64url stands for, with its padding or without; nothing for anything else."""
    try:
        return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except ValueError:
        return b""


def _digest(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()


def _kept_key() -> PushKey | None:
    return PushKey.objects.first()


def _make_key(now: datetime) -> PushKey:
    """Make the key of this installation; of several who make one at once, the first has made it."""
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    point = private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    made = PushKey(
        public=base64.urlsafe_b64encode(point).decode().rstrip("="),
        sealed=encrypt(pem, purpose=KEY_PURPOSE),
        made_at=now,
    )
    PushKey.objects.bulk_create([made], ignore_conflicts=True)
    return PushKey.objects.get()


def _signer(now: datetime) -> Vapid02:
    """Return what signs by this installation's key. Raises NotDecipherable."""
    row = _kept_key() or _make_key(now)
    return Vapid02.from_pem(decrypt(bytes(row.sealed), purpose=KEY_PURPOSE))
