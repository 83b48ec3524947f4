"""Coming in: who may, in which role, and with what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.accounts.models import Role, User
from classbell.accounts.reader import reading_guardian
from classbell.errors import DomainError, NotAllowed, NotThere
from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus, Registrant, RegistrantStatus
from classbell.meetings.permissions import attends, can_host, only_substitutes
from classbell.meetings.queries import SUBSTITUTES_COME_EARLY, join_link, start_link_if_any
from classbell.meetings.signals import link_asked
from classbell.meetings.sync.gateway import zoom_in_request
from classbell.meetings.zoom_accounts import Account, account
from classbell.zoom.errors import ZoomError, ZoomNotConfigured
from classbell.zoom.signature import HOST, PARTICIPANT, sdk_signature

log = structlog.get_logger(__name__)

# It is used when the page opens. Other teachers share the host it stands for, so it is good for little longer.
HOST_TOKEN_SECONDS: Final = 600

# A session that Zoom says still runs this long after its planned end has ended without a word.
OVERRUN: Final = timedelta(hours=6)
# More than can be just over, and the next one.
LOOKED_AT: Final = 50


class EmailDomainRefused(NotAllowed):
    """The school lets only students with its own e-mail addresses in."""

    code = "email_domain_refused"

    def __init__(self, user: User) -> None:
        if user.has_address:
            text = _("Students join with an e-mail address of %(domains)s; yours is %(email)s. Ask the school.")
        else:
            text = _("Students join with an e-mail address of %(domains)s; you have none here. Ask the school.")
        domains = ", ".join(sorted(settings.ENVIRONMENT.student_domains))
        super().__init__(text % {"domains": domains, "email": user.address})


class GuardiansStayOutside(NotAllowed):
    """The school lets students join themselves, and guardians not in their place."""

    code = "guardians_stay_outside"

    def __init__(self) -> None:
        super().__init__(_("Students join themselves here: let your child open it with their own account."))


class DoorClosed(DomainError):
    """It is too early to come in, or the meeting is over."""

    code = "door_closed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entrance:
    """What one person needs to come into one meeting. Links are "" while Zoom has no meeting yet."""

    join_url: str
    start_url: str
    is_host: bool
    sdk_signature: str | None
    sdk_key: str | None
    customer_key: str
    is_registered: bool


def sdk_join(meeting: Meeting, user: User, *, now: datetime) -> dict[str, str] | None:
    """
    Return what the Meeting SDK is handed to bring this person in, or None when the link must serve: no SDK keys, no Zoom
    meeting yet, or Zoom does not give the host's token just now.

    Names and values as `ZoomMtg.join` takes them; `zak` only for hosts, `tk` only for registrants. Raises as
    `come_as_host`.
    Source: Zoom's Meeting SDK for web, client view.
    """
    is_host = come_as_host(meeting, user, now=now)
    signature = _signature(meeting, HOST if is_host else PARTICIPANT, now=now)
    if signature is None:
        return None
    handed = {
        "signature": signature,
        "meetingNumber": meeting.zoom_meeting_id,
        "passWord": meeting.password,
        "userName": user.name,
        "userEmail": user.address,
        "customerKey": customer_key(user),
    }
    if is_host:
        zak = _host_token(meeting)
        return handed | {"zak": zak} if zak else None
    if meeting.registration:
        tokens = parse_qs(urlsplit(join_link(meeting, user)).query).get("tk")
        return handed | {"tk": tokens[0]} if tokens else None
    return handed


def check_domain(user: User) -> None:
    """Raise EmailDomainRefused for a student whose e-mail is not of the school's domains, if it has such a rule."""
    domains = settings.ENVIRONMENT.student_domains
    if (
        domains
        and user.role == Role.STUDENT
        and not user.is_guest
        and user.address.lower().rpartition("@")[2] not in domains
    ):
        raise EmailDomainRefused(user)


def check_nothing_asked(user: User) -> None:
    """
    Raise what keeps somebody who attends from being handed a link, such as a text that they have not agreed to yet. One
    question a request.
    """
    if not hasattr(user, "_asked_first"):
        try:
            link_asked.send(User, user=user)
        except DomainError as error:
            user._asked_first = error  # type: ignore[attr-defined]  # for this request
        else:
            user._asked_first = None  # type: ignore[attr-defined]
    if user._asked_first is not None:  # type: ignore[attr-defined]
        raise user._asked_first  # type: ignore[attr-defined]


def guardians_may_join() -> bool:
    """Whether whoever asks may join: a guardian in their ward's place only where the school has it so, others always."""
    return reading_guardian() is None or settings.ENVIRONMENT.guardians_join


def customer_key(user: User) -> str:
    """Return what ties a participant at Zoom to an account: opaque, 32 characters, below Zoom's limit of 35."""
    return user.pk.hex


def enter(meeting: Meeting, user: User, *, now: datetime) -> Entrance:
    """
    Return what this person needs to come in; ask only for who may attend. The role is ours to decide: a host is who may
    host. The host's link is asked of Zoom at this moment. Raises as `come_as_host`, and as `check_nothing_asked`.
    """
    is_host = come_as_host(meeting, user, now=now)
    if not is_host:
        check_nothing_asked(user)
    registrant = (
        Registrant.objects.filter(meeting=meeting, user=user).exclude(status=RegistrantStatus.CANCELLED).first()
    )
    sdk = sdk_app_of(meeting)
    return Entrance(
        join_url=meeting.join_url if is_host and not meeting.is_elsewhere else join_link(meeting, user),
        start_url=start_link_if_any(meeting, user) if is_host else "",
        is_host=is_host,
        sdk_signature=_signature(meeting, HOST if is_host else PARTICIPANT, now=now),
        sdk_key=sdk.sdk_key if sdk is not None else None,
        customer_key=customer_key(user),
        is_registered=registrant is not None
        and (not meeting.registration or registrant.status == RegistrantStatus.APPROVED),
    )


def come_as_host(meeting: Meeting, user: User, *, now: datetime) -> bool:
    """
    Return whether somebody who may see a meeting comes in as its host; else they come to attend.

    Raises EmailDomainRefused, GuardiansStayOutside, DoorClosed, and NotAllowed for a substitute whose session is another one,
    or later.
    """
    if not guardians_may_join():
        raise GuardiansStayOutside
    check_domain(user)
    is_host = check_turn(meeting, user, now=now)
    check_door(meeting, is_host=is_host, now=now)
    return is_host


def check_turn(meeting: Meeting, user: User, *, now: datetime) -> bool:
    """Return `hosts_now`, False for who comes to learn. Raises NotAllowed for a substitute whose turn it is not."""
    is_host = hosts_now(user, meeting, now=now) and not attends(user, meeting)
    if not is_host and only_substitutes(user, meeting):
        minutes = SUBSTITUTES_COME_EARLY // timedelta(minutes=1)
        text = ngettext(
            "You may come in %(minutes)s minute before the session you hold.",
            "You may come in %(minutes)s minutes before the session you hold.",
            minutes,
        )
        raise NotAllowed(text % {"minutes": minutes})
    return is_host


def starts_meeting(user: User, meeting_id: UUID) -> bool:
    """As `hosts_now`, at this moment. Raises NotThere for whom the meeting does not exist."""
    meeting = Meeting.objects.visible_to(user).filter(pk=meeting_id).first()
    if meeting is None:
        raise NotThere
    return hosts_now(user, meeting, now=timezone.now())


def hosts_now(user: User, meeting: Meeting, *, now: datetime) -> bool:
    """Whether they may start it now: who may host it, and the substitute whose session runs or is about to."""
    if can_host(user, meeting):
        return True
    occurrence = present_or_next(meeting, now=now) if user.is_teacher else None
    if occurrence is None or occurrence.substitute_id != user.pk:
        return False
    return now >= occurrence.starts_at - SUBSTITUTES_COME_EARLY


def check_door(meeting: Meeting, *, is_host: bool, now: datetime) -> None:
    """Raise DoorClosed when the meeting was cancelled or is over, or, for who does not host it, not open yet."""
    occurrence = present_or_next(meeting, now=now)
    if not meeting.wanted:
        raise DoorClosed(_("This meeting was cancelled."))
    if occurrence is None:
        raise DoorClosed(_("This meeting is over."))
    early = settings.ENVIRONMENT.join_early_minutes
    if early is None or is_host:
        return
    opens_at = occurrence.starts_at - timedelta(minutes=early)
    if now < opens_at:
        raise DoorClosed(_opening(opens_at, now=now))


def _opening(opens_at: datetime, *, now: datetime) -> str:
    """Say when the door opens, on the reader's clock."""
    there = timezone.localtime(opens_at)
    words = {
        "day": date_format(there, "j F"),
        "time": there.strftime("%H:%M"),
        "zone": timezone.get_current_timezone_name(),
    }
    if there.date() == timezone.localtime(now).date():
        return _("The door opens at %(time)s (%(zone)s).") % words
    return _("The door opens on %(day)s at %(time)s (%(zone)s).") % words


def present_or_next(meeting: Meeting, *, now: datetime) -> Occurrence | None:
    """
    Return the session whose door it is now: the one that is planned for now, else the one just over, else the next.

    The plan decides, and who said that a session was held, never a run at Zoom alone: a room that was opened and closed
    before its time, or closed too soon, can be gone into again. Just over is what ended within the door's grace, and what
    Zoom says is still going on.
    """
    possible = meeting.occurrences.exclude(status=OccurrenceStatus.CANCELLED).filter(is_held_as_said=False)
    return whose_door(possible.filter(ends_at__gt=now - _looked_back()).order_by("starts_at")[:LOOKED_AT], now=now)


def whose_door(occurrences: Iterable[Occurrence], *, now: datetime) -> Occurrence | None:
    """Return which of a meeting's sessions, in the order of their starts, `present_or_next` means. No query."""
    grace = _grace()
    near = [
        occurrence
        for occurrence in occurrences
        if occurrence.status != OccurrenceStatus.CANCELLED
        and not occurrence.is_held_as_said
        and occurrence.ends_at > now - _looked_back()
    ]
    begun = [occurrence for occurrence in near if occurrence.starts_at <= now]
    present = [occurrence for occurrence in begun if now < occurrence.ends_at]
    just_over = [s for s in begun if s.ends_at > now - grace or s.status == OccurrenceStatus.LIVE]
    coming = [occurrence for occurrence in near if occurrence.starts_at > now]
    return next(iter((*present, *reversed(just_over), *coming)), None)


def _grace() -> timedelta:
    return timedelta(minutes=settings.ENVIRONMENT.door_grace_minutes)


def _looked_back() -> timedelta:
    return max(_grace(), OVERRUN)


def as_held_now(meeting: Meeting, *, now: datetime) -> Meeting:
    """Return a meeting as it is for the session whose door it is now, which may be held elsewhere by itself. One query."""
    occurrence = present_or_next(meeting, now=now) if meeting.wanted else None
    if occurrence is None:
        return meeting
    occurrence.meeting = meeting
    return occurrence.as_held


def sdk_app_of(meeting: Meeting) -> Account | None:
    """Return the account whose SDK app lets browsers into a meeting, its own; None where that has none."""
    try:
        of = account(meeting.zoom_account_id)
    except ZoomNotConfigured:
        return None
    return of if of.sdk_configured else None


def _signature(meeting: Meeting, role: Literal[0, 1], *, now: datetime) -> str | None:
    sdk = sdk_app_of(meeting)
    if sdk is None or not meeting.zoom_number:
        return None
    return sdk_signature(
        sdk_key=sdk.sdk_key,
        sdk_secret=sdk.sdk_secret,
        meeting_number=meeting.zoom_meeting_id,
        role=role,
        now=now,
    )


def _host_token(meeting: Meeting) -> str:
    """Return the token that makes whoever holds it the host, fresh from Zoom, "" while it gives none."""
    if meeting.zoom_host is None:
        return ""
    try:
        with zoom_in_request(meeting.zoom_account_id) as client:
            return client.zak(meeting.zoom_host.zoom_user_id, ttl_seconds=HOST_TOKEN_SECONDS)
    except ZoomError as error:
        log.warning("no_host_token", meeting=str(meeting.pk), error=str(error))
        return ""
