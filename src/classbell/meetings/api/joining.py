"""Coming into a meeting."""

from django.utils import timezone
from ninja import Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, signed_in
from classbell.accounts.schemas import Done
from classbell.meetings.api.answers import describe_backup_room, find_meeting
from classbell.meetings.joining import backup, clicks
from classbell.meetings.joining.entrance import as_held_now, enter
from classbell.meetings.schemas import JoinIn, JoinOut
from classbell.meetings.services import sync_now

router = Router()


@router.get("/meetings/{meeting_id}/join", response=JoinOut, by_alias=True)
@allowed(signed_in, for_wards=True)
def join_information(request: ApiRequest, meeting_id: str) -> JoinOut:
    """
    What you need to come in. The server decides your role: `startUrl` is for the host and admins. 403 for students outside
    the school's e-mail domains, and `consent_needed` with the text that the school wants agreed to first
    (`POST /api/recordings/consent`); `status` is `pending` while Zoom has no meeting yet, and `backupRoom` where it is held
    then.
    Where the session that runs or is next is not held at Zoom, `status` is `elsewhere` and `location` says where; `joinUrl`
    leads there if it is an address.
    """
    meeting = find_meeting(request.user, meeting_id)
    if meeting.wanted and not meeting.zoom_meeting_id and not meeting.is_elsewhere:
        sync_now(meeting.pk)
        backup.give_due(now=timezone.now(), meeting=meeting)
        meeting.refresh_from_db()
    now = timezone.now()
    meeting = as_held_now(meeting, now=now)
    entrance = enter(meeting, request.user, now=now)
    return JoinOut(
        join_url=entrance.join_url or None,
        start_url=entrance.start_url or None,
        password=(meeting.password or None) if not meeting.is_elsewhere else None,
        meeting_number=meeting.zoom_number or None,
        is_host=entrance.is_host,
        sdk_signature=entrance.sdk_signature,
        sdk_key=entrance.sdk_key,
        user_name=request.user.name,
        user_email=request.user.address,
        is_registered=entrance.is_registered,
        customer_key=entrance.customer_key,
        status=meeting.sync_status if not meeting.is_elsewhere else "elsewhere",
        location=meeting.location or None,
        backup_room=describe_backup_room(meeting, request.user, now=now),
    )


@router.post("/meetings/{meeting_id}/join", response=Done)
@allowed(signed_in, for_wards=True)
def note_click(request: ApiRequest, meeting_id: str, body: JoinIn) -> Done:
    """Note that somebody went in or left by our page. It is not presence: only Zoom knows who was there."""
    meeting = find_meeting(request.user, meeting_id)
    clicks.note_click(meeting, request.user, action=body.action, now=timezone.now())
    return Done()
