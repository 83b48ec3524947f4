"""How the connection to Zoom is."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from ninja import Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.meetings.hosts.budget import pool_budget
from classbell.meetings.models import Circuit, ZoomTrouble
from classbell.meetings.queries import backlog
from classbell.meetings.schemas import ZoomStatus
from classbell.meetings.sync import health
from classbell.meetings.sync.gateway import is_configured, zoom_in_request
from classbell.zoom.errors import ZoomBusy
from classbell.zoom.limits import PLANS
from classbell.zoom.service import NOT_CONFIGURED

router = Router()


@router.get("/status", response=ZoomStatus)
@allowed(is_teacher_or_admin)
def zoom_status(request: ApiRequest) -> dict[str, Any]:
    """Whether Zoom is configured and answers, and how far behind it is."""
    environment = settings.ENVIRONMENT
    behind = backlog()
    status, checked_at = _known()
    return {
        "configured": is_configured(),
        "status": status,
        "checked_at": checked_at,
        "sdk": {"configured": environment.sdk_configured},
        "webhook": {"configured": bool(environment.zoom_webhook_secret.get_secret_value())},
        "circuit": _circuit(environment.zoom_account_id),
        "limits": _limits() | {"plan": environment.zoom_plan},
        "backlog": {
            "pending": behind.pending,
            "failed": behind.failed,
            "oldest_pending_since": behind.oldest_pending_since,
        },
    }


def _known() -> tuple[dict[str, Any], datetime | None]:
    """
    Return what the latest check found, and when that was; a worker checks every minute.

    Zoom is asked here only while nothing is known of these credentials.
    """
    if not is_configured():
        return {"success": False, "error": NOT_CONFIGURED, "configured": False}, None
    known = health.health()
    if known is None or known.checked_at is None:
        try:
            with zoom_in_request() as client:
                known = health.check(client, now=timezone.now())
        except ZoomBusy as error:
            return {"success": False, "error": str(error), "configured": True}, None
    if known.trouble and known.trouble != ZoomTrouble.SCOPES:
        return {"success": False, "error": known.error, "configured": True}, known.checked_at
    user = {"id": known.user_id, "email": known.email, "account_id": known.account_id}
    answer = {"success": True, "message": "Zoom credentials are valid", "configured": True, "user": user}
    return answer | ({"missing_scopes": known.missing} if known.missing else {}), known.checked_at


def _circuit(account_id: str) -> dict[str, Any]:
    circuit = Circuit.objects.filter(account_id=account_id).first()
    is_open = circuit is not None and circuit.open_until is not None
    return {"state": "open" if is_open else "closed", "opened_at": circuit.opened_at if circuit and is_open else None}


def _limits() -> dict[str, Any]:
    """Return what Zoom still takes today; null where its plan has no such limit."""
    budget = pool_budget(now=timezone.now())
    return {
        "hosts": len(budget.hosts),
        "writes_per_host_and_day": PLANS[settings.ENVIRONMENT.zoom_plan].host_writes_per_day,
        "writes_left_today": budget.left,
    }
