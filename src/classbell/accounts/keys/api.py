"""API keys, for admins: `/api/keys`."""

from uuid import UUID

from django.utils import timezone
from ninja import Query, Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.keys import services
from classbell.accounts.keys.schemas import KeyAnswer, KeyIn, KeysAnswer, describe_key
from classbell.accounts.models import ApiKey
from classbell.accounts.permissions import allowed, is_admin
from classbell.paging import PageQuery, paginate

router = Router(tags=["API keys"])


@router.get("", response=KeysAnswer)
@allowed(is_admin)
def list_keys(request: ApiRequest, page: Query[PageQuery]) -> KeysAnswer:
    """The keys that there are, expired ones too, the newest first."""
    found = paginate(ApiKey.objects.all(), page, by="-made_at")
    return KeysAnswer(keys=[describe_key(key) for key in found.items], next_cursor=found.next_cursor)


@router.post("", response={201: KeyAnswer})
@allowed(is_admin)
def make(request: ApiRequest, body: KeyIn) -> KeyAnswer:
    """
    Make a key that acts for you. `secret` is said in this answer and kept nowhere, so an `Idempotency-Key` has no effect:
    whoever sends this twice is told that the name is taken.
    """
    made = services.make_key(
        owner=request.user, name=body.name, scopes=body.scopes, expires_at=body.expires_at, now=timezone.now()
    )
    return KeyAnswer(key=describe_key(made.key), secret=made.secret)


@router.delete("/{uuid:key_id}", response={204: None})
@allowed(is_admin)
def end(request: ApiRequest, key_id: UUID) -> Status[None]:
    """End a key, at once."""
    services.end_key(key_id=key_id)
    return Status(204, None)


@router.post("/{uuid:key_id}/rotate", response={201: KeyAnswer})
@allowed(is_admin)
def rotate(request: ApiRequest, key_id: UUID) -> KeyAnswer:
    """
    Give a key a new secret. The one before goes on working for 24 hours; to stop it at once, end the key. You answer for the
    key from then on. 400 `key_expired`.
    """
    made = services.rotate_key(key_id=key_id, by=request.user, now=timezone.now())
    return KeyAnswer(key=describe_key(made.key), secret=made.secret)
