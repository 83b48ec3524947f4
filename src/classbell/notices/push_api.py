"""Your browsers, and notifications in them: `/api/me/push`."""

from typing import Final

from django.utils import timezone
from ninja import Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.permissions import allowed, signed_in
from classbell.accounts.tokens import session_key_of
from classbell.notices.models import PushSubscription
from classbell.notices.push import Browser, browsers_of, public_key, subscribe, unsubscribe
from classbell.notices.schemas import PushAnswer, PushEndIn, PushIn, PushListOut, PushOut

TAGS: Final[list[str]] = ["Notifications"]
router = Router(tags=TAGS)


@router.get("", response=PushListOut)
@allowed(signed_in)
def show(request: ApiRequest) -> PushListOut:
    """The key that a browser subscribes to, and the browsers that show you notifications, the newest first."""
    now = timezone.now()
    rows = browsers_of(request.user, now=now)
    return PushListOut(public_key=public_key(now=now), subscriptions=[_said(row) for row in rows])


@router.post("", response={201: PushAnswer})
@allowed(signed_in)
@idempotent
def begin(request: ApiRequest, body: PushIn) -> Status[PushAnswer]:
    """
    Have notifications shown by a browser for as long as you are signed in there; safe to repeat. 400 `push_invalid`.
    """
    browser = Browser(endpoint=body.endpoint, p256dh=body.keys.p256dh, auth=body.keys.auth)
    made = subscribe(request.user, browser, session_key=session_key_of(request), now=timezone.now())
    return Status(201, PushAnswer(push=_said(made)))


@router.delete("", response={204: None})
@allowed(signed_in)
def end(request: ApiRequest, body: PushEndIn) -> Status[None]:
    """Show nothing in a browser any more. The same for one that is not known."""
    unsubscribe(request.user, body.endpoint)
    return Status(204, None)


def _said(row: PushSubscription) -> PushOut:
    return PushOut(id=row.pk, made_at=row.made_at)
