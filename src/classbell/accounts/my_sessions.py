"""Where one is signed in, by pages and by apps: `/api/me/sessions`."""

from uuid import UUID

from django.utils import timezone
from ninja import Router, Status
from pydantic import Field

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, signed_in
from classbell.accounts.sign_in_models import SignIn
from classbell.accounts.sign_ins import kept
from classbell.accounts.sign_ins.devices import in_words
from classbell.accounts.tokens import session_key_of
from classbell.wire import Moment, Output

router = Router(tags=["Signing in"])


class SignInOut(Output):
    """A sign-in that lasts."""

    id: UUID
    type: str = Field(description="`pages` for a browser, `app` for tokens.")
    device: str = Field(description="Browser and system, as the device itself says.")
    address: str = Field(description="The network address at which it was seen last.")
    began_at: Moment
    seen_at: Moment = Field(description="Right to ten minutes.")
    is_current: bool = Field(description="Whether it is the one that asks.")


class SignInsAnswer(Output):
    """Where somebody is signed in, the latest seen first."""

    sessions: list[SignInOut]


class EndedSignIns(Output):
    """How many were ended."""

    ended: int


@router.get("/sessions", response=SignInsAnswer)
@allowed(signed_in)
def list_sessions(request: ApiRequest) -> SignInsAnswer:
    """Where you are signed in: browsers, and apps with their tokens. Tokens of an outside issuer are not among them."""
    key = session_key_of(request)
    rows = kept.sign_ins_of(request.user, now=timezone.now())
    return SignInsAnswer(sessions=[_describe(row, key) for row in rows])


@router.delete("/sessions", response=EndedSignIns)
@allowed(signed_in)
def end_others(request: ApiRequest) -> EndedSignIns:
    """End all of them but the one that asks, at once."""
    return EndedSignIns(ended=kept.end_others(request.user, session_key=session_key_of(request), now=timezone.now()))


@router.delete("/sessions/{uuid:sign_in_id}", response={204: None})
@allowed(signed_in)
def end_session(request: ApiRequest, sign_in_id: UUID) -> Status[None]:
    """End one of them, at once: its access token and its refresh token with it."""
    kept.end_sign_in(request.user, sign_in_id)
    return Status(204, None)


def _describe(row: SignIn, key: str) -> SignInOut:
    return SignInOut(
        id=row.pk,
        type="app" if row.is_app else "pages",
        device=in_words(row.agent),
        address=row.address,
        began_at=row.began_at,
        seen_at=row.seen_at,
        is_current=row.session_key == key,
    )
