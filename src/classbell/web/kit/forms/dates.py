"""Lists of dates as people type them."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.years import YEARS

MOST_DATES: Final = 400
_DATE: Final = r"\d{4}-\d{1,2}-\d{1,2}"
_ENTRY: Final = re.compile(rf"({_DATE})(?:\s*(?:to|until|\.\.|–|—|إلى|-)\s*({_DATE}))?")
_BETWEEN: Final = re.compile(r"[\s,;،؛]*")


class DatesField(forms.CharField):
    """Dates and ranges of dates, in any order, as a sorted tuple."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {
            "label": gettext_lazy("Days without a session (optional)"),
            "help_text": gettext_lazy("Such as 2026-12-25, or 2027-03-18 to 2027-03-22 for a holiday."),
            "required": False,
            "max_length": 10_000,
            "widget": forms.Textarea(attrs={"rows": 2, "dir": "ltr", "spellcheck": "false"}),
        }
        super().__init__(**usual | options)

    def to_python(self, value: Any) -> tuple[date, ...]:  # type: ignore[override]  # text in, dates out
        """Read what was typed. Raises ValidationError, naming what is no date."""
        text = super().to_python(value) or ""
        rest = _BETWEEN.sub("", _ENTRY.sub("", text))
        if rest:
            raise forms.ValidationError(_("“%(text)s” is no date. Write 2026-12-25.") % {"text": rest[:40]})
        found: set[date] = set()
        for first, last in _ENTRY.findall(text):
            found |= _days(_date(first), _date(last or first))
        if len(found) > MOST_DATES:
            raise forms.ValidationError(_("At most %(most)s days.") % {"most": MOST_DATES})
        return tuple(sorted(found))

    def prepare_value(self, value: Any) -> Any:
        """Write dates as they are typed, days that follow each other as one range; what was typed stays as it was."""
        if isinstance(value, str) or value is None:
            return value
        return ", ".join(f"{first} – {last}" if last != first else f"{first}" for first, last in runs_of(value))


def runs_of(days: Iterable[date]) -> list[tuple[date, date]]:
    """Return the first and the last day of each run of days that follow each other, in order."""
    runs: list[tuple[date, date]] = []
    for day in sorted(days):
        if runs and day <= runs[-1][1] + timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def with_days_left_out(data: QueryDict) -> QueryDict:
    """Return what was sent, with the days that a plan's "leave out" button names among `except_dates`."""
    chosen = data.get("leave_out", "")
    if not chosen:
        return data
    changed = data.copy()
    changed["except_dates"] = ", ".join(part for part in (data.get("except_dates", "").strip(), chosen) if part)
    return changed


def _date(text: str) -> date:
    year, month, day = (int(part) for part in text.split("-"))
    try:
        found = date(year, month, day)
    except ValueError:
        found = None
    if found is None or year not in YEARS:
        raise forms.ValidationError(_("“%(text)s” is no date. Write 2026-12-25.") % {"text": text})
    return found


def _days(first: date, last: date) -> set[date]:
    if last < first:
        raise forms.ValidationError(_("A holiday must not end before it begins."))
    return {first + timedelta(days=number) for number in range(min((last - first).days, MOST_DATES) + 1)}
