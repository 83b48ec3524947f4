"""
How people want to be told: what the school has set, and what each has chosen instead.

Only what was chosen is kept, so that a change of the school's reaches all who have chosen nothing about it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from classbell.accounts.models import ReminderTime, User
from classbell.errors import DomainError
from classbell.notices.models import NotificationChoices
from classbell.notices.topics import ALWAYS_ON_PAGE, MAIL_ONLY, Topic

Choices = Mapping[str, Any]

CLOCK: Final = "%H:%M"
# The latest that somebody is told that a student is missing, after the limit of lateness.
MOST_MINUTES: Final = 120


class Way(StrEnum):
    """Where somebody is told, as they choose it."""

    PAGE = "page"
    MAIL = "mail"
    PUSH = "push"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"


# A message costs the school something, and reaches people wherever they are: only who asks for it gets any.
UNASKED: Final = frozenset({Way.PAGE, Way.MAIL, Way.PUSH})


class Told(StrEnum):
    """Who is told that somebody is missing."""

    TEACHER = "teacher"
    ADMINS = "admins"
    GUARDIANS = "guardians"


class QuietHoursEmpty(DomainError):
    """They would begin when they end."""

    code = "quiet_hours_empty"

    def __init__(self) -> None:
        super().__init__(_("Quiet hours begin and end at different times."))


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """From when until when nothing is sent, on the clock of whoever reads it; may go over midnight."""

    begin: time
    end: time

    def until(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when they end that a moment is in; None for a moment outside them."""
        local = moment.astimezone(zone)
        over_midnight = self.begin > self.end
        in_evening = local.time() >= self.begin and (over_midnight or local.time() < self.end)
        in_morning = over_midnight and local.time() < self.end
        if not in_evening and not in_morning:
            return None
        day = local.date() + timedelta(days=1 if over_midnight and in_evening else 0)
        ends = datetime.combine(day, self.end, zone).astimezone(UTC)
        return ends if ends > moment else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Preferences:
    """
    How somebody is told. `digest_at` is when mails of a day come as one, on their clock; None: each by itself. `children`
    says of which of their children, by id, a guardian is told what; what is not there they are told.
    """

    channels: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    quiet_hours: QuietHours | None = None
    digest_at: time | None = None
    reminder_minutes: int = ReminderTime.NEVER
    children: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)

    def wants_of(self, student_id: UUID | str, topic: Topic) -> bool:
        """Whether a guardian is to be told of something about this child at all."""
        return self.children.get(str(student_id), {}).get(topic, True)

    def wants(self, topic: Topic, way: Way) -> bool:
        """Whether they are to be told of something there; what nobody can switch off they always are."""
        if way is Way.PAGE and topic in ALWAYS_ON_PAGE:
            return True
        if topic in MAIL_ONLY and way is not Way.MAIL:
            return False
        return self.channels.get(topic, {}).get(way, way in UNASKED)


@dataclass(frozen=True, kw_only=True, slots=True)
class AbsenceAlerts:
    """How long after somebody would be late who is told that they are missing; `after` None: nobody is."""

    after: timedelta | None = None
    tells: frozenset[Told] = frozenset(Told)


class PreferenceChanges(TypedDict, total=False):
    """
    What to change; what is not named stays. Of `channels` and `children` only what is named is changed, too. `absences` is
    the school's to say.
    """

    channels: Mapping[str, Mapping[str, bool]]
    children: Mapping[str, Mapping[str, bool]]
    quiet_hours: QuietHours | None
    digest_at: time | None
    reminder_minutes: ReminderTime
    absences: AbsenceAlerts


def preferences_of(user: User) -> Preferences:
    """Return how somebody is told. One query."""
    rows = NotificationChoices.objects.filter(Q(user=user) | Q(user=None))
    by_user: dict[UUID | None, Choices] = dict(rows.values_list("user_id", "choices"))
    # What was chosen before there were choices of the school's.
    before = {"reminder_minutes": user.reminder_minutes} if user.reminder_minutes else {}
    return _read(by_user.get(None, {}), before, by_user.get(user.pk, {}))


def school_preferences() -> Preferences:
    """Return how people are told who have chosen nothing. One query."""
    return _read(NotificationChoices.objects.filter(user=None).values_list("choices", flat=True).first() or {})


def absence_alerts() -> AbsenceAlerts:
    """Return who is told that somebody is missing, as the school has it. One query."""
    rows = NotificationChoices.objects.filter(user=None)
    kept: Choices = rows.values_list("choices", flat=True).first() or {}
    chosen = kept.get("absences")
    if chosen is None:
        return AbsenceAlerts()
    minutes = chosen["minutes"]
    after = None if minutes is None else timedelta(minutes=minutes)
    return AbsenceAlerts(after=after, tells=frozenset(Told(who) for who in chosen["tells"]))


def change_preferences(user: User | None, changes: PreferenceChanges) -> None:
    """Change how somebody is told, None: what the school sets. Raises QuietHoursEmpty."""
    quiet = changes.get("quiet_hours")
    if quiet is not None and quiet.begin == quiet.end:
        raise QuietHoursEmpty
    with transaction.atomic():
        row = _locked(user)
        channels = _merged(row.choices.get("channels", {}), changes.get("channels", {}))
        children = _merged(row.choices.get("children", {}), changes.get("children", {}))
        row.choices = row.choices | _written(changes) | {"channels": channels, "children": children}
        row.save(update_fields=["choices"])


def forget_child(*, guardian_id: UUID, student_id: UUID) -> None:
    """Forget what somebody chose about a student: they are the guardian no more."""
    with transaction.atomic():
        row = NotificationChoices.objects.select_for_update().filter(user=guardian_id).first()
        if row is not None and row.choices.get("children", {}).pop(str(student_id), None) is not None:
            row.save(update_fields=["choices"])


def choose_as_school(user: User) -> None:
    """Forget what somebody has chosen, so that what the school sets holds for them."""
    with transaction.atomic():
        NotificationChoices.objects.filter(user=user).delete()
        User.objects.filter(pk=user.pk).update(reminder_minutes=ReminderTime.NEVER)


def next_at(wall: time, zone: ZoneInfo, now: datetime) -> datetime:
    """Return when a clock in a place shows this time next."""
    today = now.astimezone(zone).date()
    moments = (datetime.combine(today + timedelta(days=day), wall, zone).astimezone(UTC) for day in range(3))
    return next(moment for moment in moments if moment > now)


def _locked(user: User | None) -> NotificationChoices:
    NotificationChoices.objects.get_or_create(user=user)
    return NotificationChoices.objects.select_for_update().get(user=user)


def _merged(
    chosen: Mapping[str, Mapping[str, bool]], changes: Mapping[str, Mapping[str, bool]]
) -> dict[str, dict[str, bool]]:
    return {name: {**chosen.get(name, {}), **changes.get(name, {})} for name in {**chosen, **changes}}


def _written(changes: PreferenceChanges) -> dict[str, Any]:
    """Return changes as they are kept."""
    written: dict[str, Any] = {}
    if "quiet_hours" in changes:
        quiet = changes["quiet_hours"]
        written["quiet_hours"] = quiet and {"from": quiet.begin.strftime(CLOCK), "until": quiet.end.strftime(CLOCK)}
    if "digest_at" in changes:
        at = changes["digest_at"]
        written["digest_at"] = None if at is None else at.strftime(CLOCK)
    if "reminder_minutes" in changes:
        written["reminder_minutes"] = int(changes["reminder_minutes"])
    if "absences" in changes:
        alerts = changes["absences"]
        minutes = None if alerts.after is None else alerts.after // timedelta(minutes=1)
        written["absences"] = {"minutes": minutes, "tells": sorted(alerts.tells)}
    return written


def _read(*layers: Choices) -> Preferences:
    """Return what holds when each layer goes before those in front of it."""
    channels: dict[str, dict[str, bool]] = {}
    merged: dict[str, Any] = {}
    for choices in layers:
        merged |= choices
        channels = _merged(channels, choices.get("channels", {}))
    quiet, digest = merged.get("quiet_hours"), merged.get("digest_at")
    return Preferences(
        channels=channels,
        quiet_hours=quiet
        and QuietHours(begin=time.fromisoformat(quiet["from"]), end=time.fromisoformat(quiet["until"])),
        digest_at=None if digest is None else time.fromisoformat(digest),
        reminder_minutes=merged.get("reminder_minutes", ReminderTime.NEVER),
        children=merged.get("children", {}),
    )
