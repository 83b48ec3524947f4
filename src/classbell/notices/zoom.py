"""What people are told when Zoom stops working, for the whole school or one teacher, and when it works again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.urls import reverse

from classbell.accounts.models import User
from classbell.meetings.models import ZoomHost, ZoomTrouble
from classbell.notices.admins import tell_admins
from classbell.notices.services import tell
from classbell.notices.texts import Kind

NOTICES: Final[Mapping[str, tuple[Kind, str]]] = {
    ZoomTrouble.CREDENTIALS: (Kind.ZOOM_CREDENTIALS, "setup"),
    ZoomTrouble.SCOPES: (Kind.ZOOM_SCOPES, "setup"),
    ZoomTrouble.UNAVAILABLE: (Kind.ZOOM_UNAVAILABLE, "home"),
}


def tell_trouble(*, trouble: str, error: str, now: datetime) -> None:
    """Tell every admin what ails Zoom."""
    kind, page = NOTICES[trouble]
    tell_admins(kind, {"scopes": error} if kind is Kind.ZOOM_SCOPES else {}, page=page, now=now)


def tell_well_again(*, now: datetime) -> None:
    """Tell every admin that it is over."""
    tell_admins(Kind.ZOOM_WELL_AGAIN, {}, page="home", now=now)


def tell_own_zoom_lost(*, teacher: User, moved: int, waiting: int, by_themselves: bool, now: datetime) -> None:
    """Tell a teacher and every admin that the teacher's own Zoom is lost; who has disconnected it themselves knows."""
    facts = {"moved": moved, "waiting": waiting}
    if not by_themselves:
        tell(teacher, Kind.OWN_ZOOM_LOST, facts, path=reverse("own-zoom"), now=now)
    tell_admins(Kind.TEACHERS_ZOOM_LOST, facts | {"teacher": teacher.name}, page="zoom-accounts", now=now)


def tell_licence_lost(host: ZoomHost, *, now: datetime) -> None:
    """Tell admins, and the teacher whose own Zoom it is, that Zoom ends what a host holds early from now on."""
    owner = host.account.owner
    if owner is not None:
        tell(owner, Kind.OWN_LICENCE_LOST, {}, path=reverse("own-zoom"), now=now)
    for teacher in User.objects.filter(is_active=True, zoom_user__in=[host.email, host.zoom_user_id]):
        tell(teacher, Kind.OWN_LICENCE_LOST, {}, now=now)
    tell_admins(Kind.HOST_IS_BASIC, {"host": host.name or host.email}, page="zoom", now=now)
