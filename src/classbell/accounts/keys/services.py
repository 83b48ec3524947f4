"""Every change to API keys, and finding the key that a secret belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from classbell.accounts.keys import secrets
from classbell.accounts.keys.scopes import SCOPES, in_order
from classbell.accounts.models import ApiKey, User
from classbell.errors import DomainError, NotThere
from classbell.rows import locked, write

# How long the secret before a rotation goes on working, so that no program has to stop for it.
GRACE: Final = timedelta(hours=24)
# How exact `last_used_at` is: not every request of a program shall write.
NOTED_EVERY: Final = timedelta(minutes=1)
MOST_KEYS: Final = 100


class KeyRefused(DomainError):
    """What was sent as an API key lets nobody in; the sentence says why."""

    code = "key_refused"
    status = 401


class KeyInvalid(DomainError):
    """A key as asked for cannot be made; `details` names the field."""

    code = "invalid_input"

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message, details=[{"field": field, "message": message}])


class KeyExpired(DomainError):
    """A key whose time is over is not rotated."""

    code = "key_expired"

    def __init__(self) -> None:
        super().__init__(_("This key has expired. End it and make a new one."))


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedKey:
    """A key with its secret, which is known now and never again."""

    key: ApiKey
    secret: str


def make_key(
    *, owner: User, name: str, scopes: Sequence[str], expires_at: datetime | None = None, now: datetime
) -> IssuedKey:
    """
    Make a key that acts for `owner`, an admin.

    Raises KeyInvalid: the name is taken, a scope is unknown or none is given, it would have expired, there are too many.
    """
    if not scopes or not set(scopes) <= set(SCOPES):
        known = ", ".join(SCOPES)
        raise KeyInvalid("scopes", _("scopes must be some of: %(known)s.") % {"known": known})
    if expires_at is not None and expires_at <= now:
        raise KeyInvalid("expires_at", _("expires_at must lie ahead. Leave it out for a key that does not expire."))
    if ApiKey.objects.count() >= MOST_KEYS:
        text = _("There are %(most)s keys already. End those that nobody uses.") % {"most": MOST_KEYS}
        raise KeyInvalid("name", text)
    secret = secrets.new_secret()
    key = ApiKey(
        name=name, owner=owner, scopes=in_order(scopes), expires_at=expires_at, made_at=now, **_kept_of(secret)
    )
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError as error:
        raise KeyInvalid("name", _("There is a key of this name. Choose another.")) from error
    return IssuedKey(key=key, secret=secret)


def rotate_key(*, key_id: UUID, by: User, now: datetime) -> IssuedKey:
    """
    Give a key a new secret; `by`, an admin, answers for it from now on.

    The secret before goes on working for GRACE, unless the key has lost its admin: then it has stopped and stays stopped. One
    from before an earlier rotation stops at once.

    Raises NotThere and KeyExpired.
    """
    secret = secrets.new_secret()
    with transaction.atomic():
        key = _locked(key_id)
        if key.has_expired(now):
            raise KeyExpired
        goes_on = key.has_owner
        write(
            key,
            {
                "owner": by,
                "previous_digest": key.digest if goes_on else None,
                "previous_until": now + GRACE if goes_on else None,
                **_kept_of(secret),
            },
        )
    return IssuedKey(key=key, secret=secret)


def end_key(*, key_id: UUID) -> str:
    """End a key for good, at once; return its name. Raises NotThere."""
    with transaction.atomic():
        key = _locked(key_id)
        key.delete()
    return key.name


def key_of_secret(secret: str, *, now: datetime) -> ApiKey:
    """
    Return the key that a secret belongs to, with its owner, in one query; none at all for what is no whole secret.

    Raises KeyRefused.
    """
    if not secrets.is_whole(secret):
        raise KeyRefused(_("This is not a whole API key. Copy it again, all of it."))
    digest = secrets.digest_of(secret)
    rows = ApiKey.objects.select_related("owner")
    key = rows.filter(Q(digest=digest) | Q(previous_digest=digest, previous_until__gt=now)).first()
    if key is None or not any(_is_same(known, digest) for known in (key.digest, key.previous_digest)):
        raise KeyRefused(_("This API key is not known here. It may have been ended, or rotated a day ago."))
    if key.has_expired(now):
        raise KeyRefused(_("This API key has expired."))
    if not key.has_owner:
        raise KeyRefused(_("Nobody answers for this API key any more. An admin can rotate it."))
    return key


def note_use(key: ApiKey, *, now: datetime) -> None:
    """Remember that a key was used; writes at most once in NOTED_EVERY."""
    if key.last_used_at is None or key.last_used_at <= now - NOTED_EVERY:
        before = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
        ApiKey.objects.filter(before, pk=key.pk).update(last_used_at=now)


def _kept_of(secret: str) -> dict[str, object]:
    return {"prefix": secrets.shown_part(secret), "digest": secrets.digest_of(secret)}


def _is_same(known: bytes | memoryview | None, digest: bytes) -> bool:
    return known is not None and constant_time_compare(bytes(known), digest)


def _locked(key_id: UUID) -> ApiKey:
    key = locked(ApiKey.objects.all(), key_id)
    if key is None:
        raise NotThere(_("There is no such key (any more)."))
    return key
