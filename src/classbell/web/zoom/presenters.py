"""Accounts at Zoom as their page shows them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from classbell.meetings.account_changes import coming_meetings
from classbell.meetings.models import Circuit, ZoomAccount, ZoomHost, ZoomTrouble
from classbell.meetings.sync.health import health
from classbell.meetings.zoom_accounts import accounts
from classbell.web.kit.labels import State


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownAccount:
    """One account; `row_id` of those that are changed on a page, or disconnected there where they are a teacher's own."""

    row_id: UUID | None
    by_consent: bool
    name: str
    state: State
    hosts: int
    meetings: int


def present_accounts(*, now: datetime) -> Sequence[ShownAccount]:
    """Return every account that is set up, the settings' first. A few queries an account."""
    rows = {row.account_id: row for row in ZoomAccount.objects.all()}
    hosts = Counter(ZoomHost.objects.usable().values_list("account__account_id", flat=True))
    shown = []
    for one in accounts():
        row = rows.get(one.account_id)
        shown.append(
            ShownAccount(
                row_id=row.pk if row is not None and row.client_id and one.name else None,
                by_consent=one.by_consent,
                name=one.name or one.account_id,
                state=_state(one.account_id, now),
                hosts=hosts[one.account_id],
                meetings=coming_meetings(row, now=now).count() if row is not None else 0,
            )
        )
    return shown


def _state(account_id: str, now: datetime) -> State:
    known = health(account_id)
    if known is not None and known.trouble:
        sentence = str(ZoomTrouble(known.trouble).label)
        return State(kind="bad", word=_("Does not work"), sentence=sentence, works=False)
    if Circuit.objects.filter(account_id=account_id, open_until__gt=now).exists():
        return State(
            kind="wait", word=_("No answer"), sentence=_("Zoom does not answer; it is asked again."), works=False
        )
    if known is None or known.checked_at is None:
        return State(kind="off", word=_("Not checked yet"), sentence=_("A worker checks it every minute."), works=False)
    return State(kind="ok", word=_("Works"), sentence=_("Zoom answers."), works=True)
