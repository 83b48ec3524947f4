"""What courses say no to, and the clashes that make it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from classbell.courses.pattern import NewSession
from classbell.errors import DomainError


class ClashKind(StrEnum):
    """Why a session cannot be as planned."""

    TEACHER_BUSY = "teacher_busy"
    NO_HOST = "no_host"
    PAST = "past"
    EXCLUDED = "excluded"
    HOLIDAY = "holiday"
    HOLIDAY_WARNING = "holiday_warning"


SENTENCES: Final[Mapping[ClashKind, Promise]] = {
    ClashKind.TEACHER_BUSY: gettext_lazy("%(title)s, %(when)s: the teacher already has %(blocked_by)s."),
    ClashKind.NO_HOST: gettext_lazy("%(title)s, %(when)s: no room at Zoom; all licences are in use."),
    ClashKind.PAST: gettext_lazy("%(title)s, %(when)s: that is in the past."),
    ClashKind.EXCLUDED: gettext_lazy("%(title)s, %(when)s: no session on this date."),
    ClashKind.HOLIDAY: gettext_lazy("%(title)s, %(when)s: left out for %(blocked_by)s."),
    ClashKind.HOLIDAY_WARNING: gettext_lazy("%(title)s, %(when)s: this is %(blocked_by)s."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionClash:
    """
    A session of a batch that cannot be: its place in the batch, counted from 0, and what stands in its way.

    `blocked_by` is what the teacher has at that time, or the name of the holiday; "" for the other kinds.
    """

    index: int
    title: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    kind: ClashKind
    blocked_by: str = ""

    @classmethod
    def of(cls, index: int, session: NewSession, kind: ClashKind, *, blocked_by: str = "") -> "SessionClash":
        """Return the clash of a session of a batch."""
        return cls(
            index=index,
            title=session.title,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            timezone=session.timezone,
            kind=kind,
            blocked_by=blocked_by,
        )

    @property
    def blocks(self) -> bool:
        """Whether it refuses the batch. A date that was left out on purpose, or for a holiday, does not."""
        return self.kind not in {ClashKind.EXCLUDED, ClashKind.HOLIDAY, ClashKind.HOLIDAY_WARNING}

    @property
    def leaves_out(self) -> bool:
        """Whether the session is not made. A warning leaves it."""
        return self.kind is not ClashKind.HOLIDAY_WARNING

    def sentence(self) -> str:
        """Return it for people, in wall time."""
        wall = self.starts_at.astimezone(ZoneInfo(self.timezone))
        return str(SENTENCES[self.kind]) % {
            "title": self.title,
            "when": f"{date_format(wall, 'D j M Y')} {wall:%H:%M}",
            "blocked_by": self.blocked_by or _("something else"),
        }

    def as_detail(self) -> dict[str, Any]:
        """Return it as the API writes it, times in UTC."""
        return {
            "index": self.index,
            "title": self.title,
            "start_time": f"{self.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "end_time": f"{self.ends_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "kind": self.kind.value,
            "blocked_by": self.blocked_by,
            "blocks": self.blocks,
            "message": self.sentence(),
        }


class SessionsClash(DomainError):
    """Some sessions of a batch cannot be, so none was made. `details` name each of those."""

    code = "sessions_clash"

    def __init__(self, clashes: Sequence[SessionClash], *, of: int) -> None:
        self.clashes = tuple(clash for clash in clashes if clash.blocks)
        count = len(self.clashes)
        text = ngettext(
            "%(count)s of %(of)s sessions cannot be: %(first)s",
            "%(count)s of %(of)s sessions cannot be, the first: %(first)s",
            count,
        ) % {"count": count, "of": of, "first": self.clashes[0].sentence()}
        super().__init__(text, details=[clash.as_detail() for clash in self.clashes])


class NothingToPlan(DomainError):
    """The batch has no session in it."""

    code = "invalid_input"


class DatesRefused(DomainError):
    """The course would end before it starts, or has no dates where some are needed."""

    code = "invalid_dates"


class InThePast(DomainError):
    """A session cannot be moved to a time that has passed."""

    code = "in_the_past"


class SessionOver(DomainError):
    """The session has begun; its time and teacher are history."""

    code = "session_over"
