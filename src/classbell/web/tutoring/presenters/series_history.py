"""What became of a series so far, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from classbell.bidi import isolated
from classbell.bookings.models import BookingSeries
from classbell.bookings.series.history import Act, Step, history_of

# A term in one line helps nobody; the dates as they are now stand above.
MOST_SHOWN: Final = 5
WORDS: Final = {
    Act.ASKED: pgettext_lazy("lessons", "Asked for"),
    Act.CONFIRMED: pgettext_lazy("lessons", "Confirmed"),
    Act.MOVED: pgettext_lazy("lessons", "Moved"),
    Act.CANCELLED: pgettext_lazy("lessons", "Cancelled"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownStep:
    """`who` did it, isolated, "" for Classbell by itself; of many dates the first, and how many `more` there are."""

    at: datetime
    word: str
    who: str
    dates: Sequence[datetime]
    more: int


def present_history(series: BookingSeries) -> list[ShownStep]:
    """Return what was done so far, the earliest first. Three queries."""
    return [
        ShownStep(
            at=step.at,
            word=str(WORDS[step.act]),
            who=_who(step, series),
            dates=step.dates[:MOST_SHOWN],
            more=max(0, len(step.dates) - MOST_SHOWN),
        )
        for step in history_of(series)
    ]


def _who(step: Step, series: BookingSeries) -> str:
    # With a teacher who confirms by themselves, asking is what confirmed it.
    is_by_itself = step.act is Act.CONFIRMED and (step.is_for_student or step.by == series.student)
    if step.by is None or is_by_itself:
        return ""
    if step.is_for_student:
        both = {"guardian": isolated(step.by.name), "student": isolated(series.student.name)}
        return _("%(guardian)s for %(student)s") % both
    return isolated(step.by.name)
