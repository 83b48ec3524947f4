"""Signatures and host tokens for apps that bring the Meeting SDK themselves: `/api/v1/zoom`."""

from typing import Annotated, Any, Final, Literal

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_teacher_or_admin, signed_in
from classbell.errors import DomainError, NotAllowed, NotThere, ZoomFailed
from classbell.meetings.api.answers import find_meeting
from classbell.meetings.joining.entrance import (
    HOST_TOKEN_SECONDS,
    as_held_now,
    check_nothing_asked,
    come_as_host,
    hosts_now,
    sdk_app_of,
)
from classbell.meetings.queries import account_of_user, hosts_lent_to
from classbell.meetings.sync.gateway import is_configured, zoom_in_request
from classbell.wire import CamelInput, Email, Output, Word
from classbell.zoom.errors import ZoomBusy, ZoomError, ZoomNotFound
from classbell.zoom.signature import HOST, PARTICIPANT, sdk_signature

log = structlog.get_logger(__name__)
router = Router(tags=["Meeting SDK"])
# By Zoom's numbers and addresses, which may be nobody's.
NAMED: Final[dict[str, Any]] = {"responses": {404: {}}}


class Missing(DomainError):
    """A field that the call needs was not given, or makes no sense."""

    code = "invalid_input"


class SdkNotConfigured(DomainError):
    """The Meeting SDK's key and secret are not set."""

    code = "sdk_not_configured"
    status = 500

    def __init__(self) -> None:
        super().__init__(_("The Zoom Meeting SDK is not configured: set ZOOM_SDK_KEY and ZOOM_SDK_SECRET."))


class SignatureIn(CamelInput):
    """Which meeting, by Zoom's number, and as what: 0 attendee, 1 host."""

    meeting_number: Word | int | None = None
    role: int | None = None


class ZakIn(CamelInput):
    """Whose token: a Zoom user's id or e-mail."""

    user_id: Email | None = None


class SignatureOut(Output):
    """A signature for the Meeting SDK."""

    signature: str


class SignatureAnswer(Output):
    """A signature, in the envelope."""

    status: Literal["created"] = "created"
    message: str
    data: SignatureOut


class ZakOut(Output):
    """The host's token: whoever holds it can start meetings as that user."""

    zak: str


@router.post("/signature", response={201: SignatureAnswer}, openapi_extra=NAMED)
@allowed(signed_in, for_wards=True)
def signature(request: ApiRequest, body: SignatureIn) -> SignatureAnswer:
    """
    A signature with which you may enter a meeting that you may attend. Role 1 only for its host and admins (403), 404 for a
    meeting that is not there for you, 500 without SDK keys.
    """
    if body.meeting_number in (None, "") or body.role is None:
        raise Missing(_("meetingNumber and role are required"))
    if body.role not in (PARTICIPANT, HOST):
        raise Missing(_("role must be 0 for an attendee or 1 for the host"))
    now = timezone.now()
    meeting = as_held_now(find_meeting(request.user, str(body.meeting_number)), now=now)
    if not meeting.zoom_number:
        raise NotThere(_("This meeting is not on Zoom."))
    if body.role == HOST and not hosts_now(request.user, meeting, now=now):
        raise NotAllowed(_("Only the host of this meeting and admins get a host's signature."))
    if not come_as_host(meeting, request.user, now=now):
        check_nothing_asked(request.user)
    sdk = sdk_app_of(meeting)
    if sdk is None:
        raise SdkNotConfigured
    role: Literal[0, 1] = HOST if body.role == HOST else PARTICIPANT
    signed = sdk_signature(
        sdk_key=sdk.sdk_key,
        sdk_secret=sdk.sdk_secret,
        meeting_number=meeting.zoom_meeting_id,
        role=role,
        now=now,
    )
    return SignatureAnswer(message="Zoom signature generated successfully", data=SignatureOut(signature=signed))


@router.post("/zak-token", response=ZakOut, openapi_extra=NAMED)
@allowed(is_teacher_or_admin)
def zak_token(request: ApiRequest, body: ZakIn, user_id: Annotated[str, Query(alias="userId")] = "") -> ZakOut:
    """
    The token that starts meetings as a Zoom user, named by `userId` in the body or the address: teachers for their own
    Zoom user, substitutes for the host of their session while it runs or is about to, admins for any. Good for two
    hours, and for ten minutes where it is not your own Zoom user.
    """
    wanted = (body.user_id or user_id).strip()
    if not wanted:
        raise Missing(_("userId is required"))
    own = {request.user.zoom_user.lower(), request.user.email.lower()} - {""}
    if not request.user.is_admin and wanted.lower() not in own | hosts_lent_to(request.user, now=timezone.now()):
        raise NotAllowed(_("Teachers get the token of their own Zoom user only."))
    if not is_configured():
        raise ZoomFailed("fetch ZAK token", _("Zoom integration not configured"))
    try:
        with zoom_in_request(account_of_user(wanted)) as client:
            zak = client.zak(wanted, ttl_seconds=None if wanted.lower() in own else HOST_TOKEN_SECONDS)
    except ZoomBusy:
        raise
    except ZoomNotFound as error:
        raise NotThere(_("Zoom knows no such user.")) from error
    except ZoomError as error:
        raise ZoomFailed("fetch ZAK token", error) from error
    log.info("host_token_given", user_id=str(request.user.pk), zoom_user=wanted)
    return ZakOut(zak=zak)
