"""How the connection to Zoom is."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone
from ninja import Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.meetings.hosts.budget import PoolBudget, pool_budget
from classbell.meetings.models import Circuit, ZoomTrouble
from classbell.meetings.queries import backlog
from classbell.meetings.schemas import (
    AccountStatusOut,
    BacklogOut,
    CircuitOut,
    Configured,
    LimitsOut,
    ZoomFails,
    ZoomStatus,
    ZoomUserOut,
    ZoomWorks,
    ZoomWorksInPart,
)
from classbell.meetings.sync import health
from classbell.meetings.sync.gateway import is_configured, zoom_in_request
from classbell.meetings.zoom_accounts import Account, school_accounts
from classbell.zoom.errors import ZoomBusy
from classbell.zoom.limits import PLANS
from classbell.zoom.service import NOT_CONFIGURED

router = Router()


@router.get("/status", response=ZoomStatus)
@allowed(is_teacher_or_admin)
def zoom_status(request: ApiRequest) -> ZoomStatus:
    """Whether Zoom is configured and answers, and how far behind it is."""
    environment = settings.ENVIRONMENT
    behind, all_of_them, budget = backlog(), school_accounts(), pool_budget(now=timezone.now())
    status, checked_at = _known()
    plan = all_of_them[0].plan if all_of_them else environment.zoom_plan
    return ZoomStatus(
        configured=is_configured(),
        status=status,
        checked_at=checked_at,
        sdk=Configured(configured=environment.sdk_configured),
        webhook=Configured(configured=bool(environment.zoom_webhook_secret.get_secret_value())),
        circuit=_circuit(all_of_them[0].account_id if all_of_them else ""),
        limits=_limits(len(budget.hosts), budget.left, plan),
        backlog=BacklogOut(
            pending=behind.pending, failed=behind.failed, oldest_pending_since=behind.oldest_pending_since
        ),
        accounts=[_account(one, budget) for one in all_of_them],
    )


def _account(of: Account, budget: PoolBudget) -> AccountStatusOut:
    known, hosts = health.health(of.account_id), [one for one in budget.hosts if one.account_id == of.account_id]
    left = None if PLANS[of.plan].host_writes_per_day is None else sum(one.left or 0 for one in hosts)
    return AccountStatusOut(
        account_id=of.account_id,
        name=of.name or of.account_id,
        trouble=known.trouble if known else "",
        checked_at=known.checked_at if known else None,
        circuit=_circuit(of.account_id),
        limits=_limits(len(hosts), left, of.plan),
    )


def _known() -> tuple[ZoomFails | ZoomWorks, datetime | None]:
    """
    Return what the latest check found, and when that was; a worker checks every minute.

    Zoom is asked here only while nothing is known of these credentials.
    """
    if not is_configured():
        return ZoomFails(error=NOT_CONFIGURED, configured=False), None
    known = health.health()
    if known is None or known.checked_at is None:
        try:
            with zoom_in_request() as client:
                known = health.check(client, now=timezone.now())
        except ZoomBusy as error:
            return ZoomFails(error=str(error), configured=True), None
    if known.trouble and known.trouble != ZoomTrouble.SCOPES:
        return ZoomFails(error=known.error, configured=True), known.checked_at
    user, said = (
        ZoomUserOut(id=known.user_id, email=known.email, account_id=known.account_id),
        "Zoom credentials are valid",
    )
    works = ZoomWorks(message=said, configured=True, user=user)
    if known.missing:
        works = ZoomWorksInPart(message=said, configured=True, user=user, missing_scopes=known.missing)
    return works, known.checked_at


def _circuit(account_id: str) -> CircuitOut:
    circuit = Circuit.objects.filter(account_id=account_id).first()
    is_open = circuit is not None and circuit.open_until is not None
    return CircuitOut(
        state="open" if is_open else "closed", opened_at=circuit.opened_at if circuit and is_open else None
    )


def _limits(hosts: int, left: int | None, plan: str) -> LimitsOut:
    """Return what Zoom still takes today; null where its plan has no such limit."""
    return LimitsOut(
        hosts=hosts, writes_per_host_and_day=PLANS[plan].host_writes_per_day, writes_left_today=left, plan=plan
    )
