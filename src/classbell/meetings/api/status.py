"""How the connection to Zoom is."""

from typing import Any

from django.conf import settings
from ninja import Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.meetings.models import Circuit, ZoomHost
from classbell.meetings.queries import backlog
from classbell.meetings.schemas import ZoomStatus
from classbell.meetings.sync.gateway import zoom_service
from classbell.meetings.sync.limits import host_writes_today
from classbell.zoom.limits import HOST_WRITES_PER_DAY

router = Router()


@router.get("/status", response=ZoomStatus)
@allowed(is_teacher_or_admin)
def zoom_status(request: ApiRequest) -> dict[str, Any]:
    """Whether Zoom is configured and answers, and how far behind it is."""
    environment, service = settings.ENVIRONMENT, zoom_service()
    behind = backlog()
    return {
        "configured": service.is_configured(),
        "status": service.validate_credentials(),
        "sdk": {"configured": environment.sdk_configured},
        "webhook": {"configured": bool(environment.zoom_webhook_secret.get_secret_value())},
        "circuit": _circuit(environment.zoom_account_id),
        "limits": _limits(environment.zoom_account_id) | {"plan": environment.zoom_plan},
        "backlog": {
            "pending": behind.pending,
            "failed": behind.failed,
            "oldest_pending_since": behind.oldest_pending_since,
        },
    }


def _circuit(account_id: str) -> dict[str, Any]:
    circuit = Circuit.objects.filter(account_id=account_id).first()
    is_open = circuit is not None and circuit.open_until is not None
    return {"state": "open" if is_open else "closed", "opened_at": circuit.opened_at if circuit and is_open else None}


def _limits(account_id: str) -> dict[str, Any]:
    hosts = list(ZoomHost.objects.usable().values_list("zoom_user_id", flat=True))
    used = host_writes_today(account_id=account_id, zoom_user_ids=hosts)
    return {
        "hosts": len(hosts),
        "writes_per_host_and_day": HOST_WRITES_PER_DAY,
        "writes_left_today": len(hosts) * HOST_WRITES_PER_DAY - sum(used.values()),
    }
