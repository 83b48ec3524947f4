"""
A teacher's own Zoom: connected by consent, disconnected, lost. It is an account like the others, with one host, who holds
nothing but this teacher's meetings.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urljoin
from uuid import UUID

import httpx
import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import DomainError
from classbell.meetings import jobs, services
from classbell.meetings.hosts import pool
from classbell.meetings.locks import LockBusy
from classbell.meetings.models import LostBecause, Meeting, Occurrence, ZoomAccount, ZoomHost, ZoomPlan
from classbell.meetings.rehosting import place_elsewhere
from classbell.meetings.signals import own_zoom_lost
from classbell.meetings.sync.app_health import note_app
from classbell.meetings.sync.consent_tokens import keep, lose, tokens_locked
from classbell.meetings.sync.gateway import zoom_in_request
from classbell.meetings.user_app import UserApp, redirect_uri, user_app
from classbell.meetings.zoom_accounts import account, consent_account_id, secrets_of
from classbell.zoom.check import missing_of_user
from classbell.zoom.connections import connections
from classbell.zoom.consent import redeem, revoke
from classbell.zoom.errors import ZoomError, ZoomGrantLost, ZoomUnauthorized
from classbell.zoom.models import User as ZoomUser
from classbell.zoom.oauth import Token
from classbell.zoom.service import in_short

log = structlog.get_logger(__name__)

# How long somebody waits while their Zoom is connected, and for one answer of it.
CONNECT_SECONDS: Final = 20.0
ANSWER_SECONDS: Final = 8.0
LICENSED: Final = 2


class NotConnected(DomainError):
    """It did not become connected. Reads as a sentence that says what to do."""

    code = "zoom_not_connected"
    status = 409


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnZoom:
    """A teacher's own Zoom: the account, its one host, and how many meetings to come it holds and wait for a host."""

    row: ZoomAccount
    host: ZoomHost | None
    holds: int
    waiting: int

    @property
    def is_connected(self) -> bool:
        """Whether the school may hold meetings there."""
        return self.row.lost_at is None


def own_zoom(teacher: User, *, now: datetime) -> OwnZoom | None:
    """Return a teacher's own Zoom, lost ones too; None where none was ever connected."""
    row = ZoomAccount.objects.filter(owner=teacher).first()
    if row is None:
        return None
    coming = Occurrence.objects.taking_place().filter(ends_at__gt=now).values("meeting")
    theirs = Meeting.objects.filter(pk__in=coming, wanted=True)
    return OwnZoom(
        row=row,
        host=row.hosts.first(),
        holds=theirs.filter(seat__host__account=row).count(),
        waiting=theirs.filter(teacher=teacher, seat=None).count(),
    )


def connect(teacher: User, *, code: str, verifier: str, now: datetime) -> ZoomAccount:
    """
    Exchange the code with which a teacher came back from Zoom, and hold their meetings at their own Zoom from now on. Those
    that wait for a host are given it. Call it without a transaction.

    Raises NotConnected.
    """
    app = _app()
    with connections(seconds=ANSWER_SECONDS) as http:
        try:
            token = redeem(app.at_zoom, http, code=code, redirect_uri=redirect_uri(), verifier=verifier, now=now)
        except ZoomGrantLost:
            raise NotConnected(_("This answer of Zoom was used before, or is too old. Begin again.")) from None
        except ZoomUnauthorized as error:
            _note(app, in_short(error), now)
            text = _(
                "Zoom does not accept the school’s app. Tell the school: its app’s client ID and secret are wrong."
            )
            raise NotConnected(text) from None
        except ZoomError as error:
            log.warning("code_not_redeemed", error=str(error))
            raise NotConnected(_("Zoom does not answer just now. Begin again in a minute.")) from None
        _note(app, "", now)
        try:
            return _take_up(teacher, app, token, _who(app, http, token), now)
        except _Refused as refusal:
            if refusal.is_nobodys:
                _revoke(app, http, token.refresh_token, now)
            raise NotConnected(str(refusal)) from None


def disconnect(row: ZoomAccount, *, because: LostBecause, now: datetime, keep_until_ended: bool = False) -> bool:
    """
    End a consent here and at Zoom, and have its meetings to come placed elsewhere. Returns whether Zoom has ended it too; if
    not, the user may still remove the app there, or with `keep_until_ended` nothing has changed. Call it without a
    transaction.
    """
    app, token = user_app(), secrets_of(row).refresh_token
    ended = False
    if app is not None and token:
        with suppress(LockBusy), connections(seconds=ANSWER_SECONDS) as http, tokens_locked(row.account_id):
            row.refresh_from_db()
            ended = _revoke(app, http, secrets_of(row).refresh_token, now)
            if ended or not keep_until_ended:
                lose(row.account_id, because, now=now)
    if ended or not keep_until_ended:
        lose(row.account_id, because, now=now)
    return ended


def end_of_whoever_goes(teacher: User) -> None:
    """Have a job end the consent of a teacher who is erased or deactivated. Needs a transaction."""
    row = ZoomAccount.objects.filter(owner=teacher, lost_at=None).first()
    if row is not None:
        jobs.defer_end_of_consent(row.pk)


def deauthorized(zoom_user_id: str, *, client_id: str, at: datetime, now: datetime) -> None:
    """
    Believe Zoom that a user has removed the app: their tokens go. What was told of an earlier consent than the present one,
    or of another app, is nothing to us.
    """
    app = user_app()
    row = ZoomAccount.objects.filter(account_id=consent_account_id(zoom_user_id), by_consent=True).first()
    if app is None or row is None or client_id != app.client_id:
        return
    if row.connected_at is None or at >= row.connected_at.replace(microsecond=0):
        lose(row.account_id, LostBecause.REMOVED, now=now)


def settle_lost(row_id: UUID, *, now: datetime) -> None:
    """
    Give the meetings to come of an account that is lost other hosts, where the school has any, and announce that once. A
    meeting whose session runs keeps its link until that is over.
    """
    with transaction.atomic():
        row = ZoomAccount.objects.select_for_update().filter(pk=row_id, lost_at__isnull=False).first()
        if row is None:
            return
        moved = _rehost(row, now)
        waiting = sum(meeting.seat_id is None for meeting in moved)
        if row.lost_told_at is None and row.owner_id is not None:
            own_zoom_lost.send(
                ZoomAccount, user_id=row.owner_id, moved=len(moved) - waiting, waiting=waiting, because=row.lost_because
            )
        ZoomAccount.objects.filter(pk=row.pk).update(lost_told_at=row.lost_told_at or now)


def settle_what_ran(*, now: datetime) -> None:
    """Do the same with the meetings whose sessions ran when their account was lost, and have ended since."""
    coming = Occurrence.objects.taking_place().filter(starts_at__gt=now).values("meeting")
    lost = ZoomAccount.objects.filter(by_consent=True, lost_at__isnull=False)
    held = lost.filter(hosts__seats__meetings__in=Meeting.objects.filter(pk__in=coming, wanted=True)).distinct()
    for row_id in held.values_list("pk", flat=True):
        settle_lost(row_id, now=now)


def _rehost(row: ZoomAccount, now: datetime) -> list[Meeting]:
    coming = Occurrence.objects.taking_place().filter(starts_at__gt=now).values("meeting")
    running = Occurrence.objects.running(now).values("meeting")
    held = Meeting.objects.filter(pk__in=coming, wanted=True, seat__host__account=row).exclude(pk__in=running)
    meetings = list(held.select_related("teacher").select_for_update(of=("self",)).order_by("starts_at", "pk"))
    place_elsewhere(meetings, now=now)
    return meetings


class _Refused(Exception):
    """Why an account is not taken up, in words; `is_nobodys`: the consent serves nobody and shall end."""

    def __init__(self, text: str, *, is_nobodys: bool = True) -> None:
        self.is_nobodys = is_nobodys
        super().__init__(text)


def way_to_connect() -> str:
    """Return the address of our page that leads a teacher's browser to Zoom's consent page. Raises NotConnected."""
    _app()
    return urljoin(settings.ENVIRONMENT.public_url, "/me/zoom/connect")


def _note(app: UserApp, refused: str, now: datetime) -> None:
    note_app(client_id=app.client_id, client_secret=app.client_secret, refused=refused, now=now)


def _app() -> UserApp:
    app = user_app()
    if app is None:
        raise NotConnected(_("The school has not set up its app at Zoom for this yet."))
    return app


def _who(app: UserApp, http: httpx.Client, token: Token) -> ZoomUser:
    """Ask Zoom who consented, once the scopes are all there. Raises _Refused."""
    missing = sorted({scope for scopes in missing_of_user(token.scopes).values() for scope in scopes})
    if missing:
        text = _("The school’s app at Zoom lacks permissions: %(scopes)s. Tell the school; nothing was connected.")
        raise _Refused(text % {"scopes": ", ".join(missing)})
    try:
        answer = http.get(
            f"{app.api_url.rstrip('/')}/users/me", headers={"Authorization": f"Bearer {token.access_token}"}
        )
        return ZoomUser.model_validate(answer.raise_for_status().json())
    except (httpx.HTTPError, ValueError):
        raise _Refused(_("Zoom does not answer just now. Begin again in a minute.")) from None


def _take_up(teacher: User, app: UserApp, token: Token, who: ZoomUser, now: datetime) -> ZoomAccount:
    account_id = consent_account_id(who.id)
    if ZoomHost.objects.usable().filter(zoom_user_id=who.id, account__by_consent=False).exists():
        text = _("%(email)s is one of the school’s own Zoom users already: there is nothing to connect.")
        raise _Refused(text % {"email": who.email})
    try:
        with tokens_locked(account_id):
            row = _bind(teacher, app, token, who, account_id, now)
    except LockBusy:
        raise _Refused(_("Zoom does not answer just now. Begin again in a minute.")) from None
    if row is None:
        text = _("%(email)s is connected as somebody else’s Zoom here. Sign in at Zoom as yourself, and begin again.")
        raise _Refused(text % {"email": who.email}, is_nobodys=False)
    try:
        with zoom_in_request(account_id, seconds=CONNECT_SECONDS) as client:
            pool.read_hosts(client, account_id=account_id, now=now)
    except ZoomError as error:
        log.warning("hosts_not_read", account=account_id, error=str(error))  # A worker reads them soon.
    services.place_unhosted(now=now)
    log.info("own_zoom_connected", user_id=str(teacher.pk))
    return row


def _bind(
    teacher: User, app: UserApp, token: Token, who: ZoomUser, account_id: str, now: datetime
) -> ZoomAccount | None:
    """Make it this teacher's; None where it is another's. Its caller holds `tokens_locked`. Raises _Refused."""
    with transaction.atomic():
        mine = ZoomAccount.objects.select_for_update().filter(owner=teacher).exclude(account_id=account_id).first()
        if mine is not None and mine.lost_at is None:
            text = _("You have connected another Zoom. Disconnect that first.")
            raise _Refused(text)
        row, _made = ZoomAccount.objects.select_for_update().get_or_create(
            account_id=account_id, defaults={"by_consent": True, "lost_at": now}
        )
        if row.lost_at is None and row.owner_id not in (None, teacher.pk):
            # Zoom may have ended the tokens that were kept when it gave these for the same user: theirs go on with them.
            keep(account(account_id), token)
            return None
        if mine is not None:
            mine.owner = None
            mine.save(update_fields=["owner"])
        row.owner, row.client_id = teacher, app.client_id
        row.plan = ZoomPlan.PRO if who.type == LICENSED else ZoomPlan.FREE
        row.connected_at, row.lost_at, row.lost_because, row.lost_told_at = now, None, "", None
        row.save()
        keep(account(account_id), token)
    return row


def _revoke(app: UserApp, http: httpx.Client, token: str, now: datetime) -> bool:
    """End a consent at Zoom, and say whether it has ended there."""
    try:
        revoke(app.at_zoom, http, token, now=now)
    except ZoomGrantLost:
        return True
    except ZoomError as error:
        log.warning("consent_not_revoked", error=str(error))
        return False
    return True
