"""A teacher's own Zoom: `/api/zoom/own`. Consent is given at Zoom, in a browser; nothing secret comes by here."""

from django.utils import timezone
from ninja import Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.meetings import consent
from classbell.meetings.account_schemas import OwnZoomEnded, OwnZoomOut, WayToConnect
from classbell.meetings.models import LostBecause
from classbell.meetings.sync.health import health
from classbell.meetings.user_app import user_app

router = Router()


@router.get("/own", response=OwnZoomOut)
@allowed(is_teacher_or_admin)
def get_own_zoom(request: ApiRequest) -> OwnZoomOut:
    """Whether your own Zoom is connected, and how it is."""
    return _describe(consent.own_zoom(request.user, now=timezone.now()))


@router.post("/own/connect", response=WayToConnect)
@allowed(is_teacher_or_admin)
def connect_own_zoom(request: ApiRequest) -> WayToConnect:
    """
    The address to open in a browser in which you are signed in here: it leads to Zoom's consent page and back. 409
    `zoom_not_connected` while the school has no app at Zoom for this.
    """
    return WayToConnect(url=consent.way_to_connect())


@router.delete("/own", response=OwnZoomEnded)
@allowed(is_teacher_or_admin)
def disconnect_own_zoom(request: ApiRequest) -> OwnZoomEnded:
    """
    Take the permission back: meetings to come that are held there get other hosts. `ended_at_zoom` is false when Zoom did not
    answer; then remove the app there too. Safe to repeat.
    """
    now = timezone.now()
    own = consent.own_zoom(request.user, now=now)
    if own is None or not own.is_connected:
        return OwnZoomEnded(ended_at_zoom=True)
    return OwnZoomEnded(ended_at_zoom=consent.disconnect(own.row, because=LostBecause.DISCONNECTED, now=now))


def _describe(own: consent.OwnZoom | None) -> OwnZoomOut:
    if own is None:
        return OwnZoomOut(can_connect=user_app() is not None)
    known = health(own.row.account_id) if own.is_connected else None
    return OwnZoomOut(
        can_connect=user_app() is not None,
        is_connected=own.is_connected,
        connected_at=own.row.connected_at if own.is_connected else None,
        email=own.host.email if own.host is not None and own.is_connected else None,
        is_licensed=own.host.is_licensed if own.host is not None and own.is_connected else None,
        meetings=own.holds,
        waiting=own.waiting,
        trouble=known.trouble if known is not None else "",
        lost_at=own.row.lost_at,
        lost_because=own.row.lost_because,
    )
