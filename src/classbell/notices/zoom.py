"""What admins are told when Zoom stops working for the whole school, and when it works again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from classbell.meetings.models import ZoomTrouble
from classbell.notices.admins import tell_admins
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
