"""What teachers type about when, and how, they can be booked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from classbell.bookings.models import Availability, TeacherSettings
from classbell.bookings.models import settings as limits
from classbell.bookings.walltime import MINUTES_A_DAY, wall_minutes
from classbell.fields import DayField, LineField, TextField
from classbell.web.kit.forms.days import DaysForm
from classbell.web.kit.forms.kept import KeptForm

MOST_WINDOWS_A_DAY = 12
MOST_SUBJECTS = 20
ARABIC_COMMA = "\N{ARABIC COMMA}"
LONGEST_SUBJECT = 60
LONGEST_SUBJECTS = 4000


@dataclass(kw_only=True, slots=True)
class WindowRow:
    """One window as typed: two times of day, and what is wrong with them."""

    start: str = ""
    end: str = ""
    error: str = ""
    is_new: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not self.start and not self.end


@dataclass(kw_only=True, slots=True)
class WeekRows:
    """
    A week of windows as typed, by weekday (0 = Monday); text, so that nothing typed is lost.

    `shown` are the hours of each weekday as the page showed them before anything was typed.
    """

    days: dict[int, list[WindowRow]] = field(default_factory=lambda: {day: [] for day in range(7)})
    shown: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, windows: Iterable[Availability]) -> "WeekRows":
        """Return the rows of the windows that hold every week."""
        rows = cls()
        for window in windows:
            if window.day_of_week is not None:
                end = _clock(window.end_minute % MINUTES_A_DAY)
                rows.days[window.day_of_week].append(WindowRow(start=_clock(window.start_minute), end=end))
        rows.shown = {day: _written(windows) for day, windows in rows.days.items()}
        return rows

    @classmethod
    def of_minutes(cls, windows: Mapping[int, Iterable[tuple[int, int]]]) -> "WeekRows":
        """Return the rows of windows given in minutes by weekday."""
        rows = cls()
        for day, spans in windows.items():
            rows.days[day] = [WindowRow(start=_clock(start), end=_clock(end % MINUTES_A_DAY)) for start, end in spans]
        return rows

    @classmethod
    def typed(cls, data: QueryDict) -> "WeekRows":
        """Return the rows of a form."""
        rows = cls()
        for day, windows in rows.days.items():
            pairs = zip(data.getlist(f"start_{day}"), data.getlist(f"end_{day}"), strict=False)
            windows += [WindowRow(start=start.strip()[:8], end=end.strip()[:8]) for start, end in pairs]
            del windows[MOST_WINDOWS_A_DAY:]
        rows.shown = {day: str(data[f"shown_{day}"]) for day in rows.days if f"shown_{day}" in data}
        return rows

    def catch_up(self, kept: "WeekRows") -> list[int]:
        """Take what is kept by now on weekdays that were left alone; return those changed both here and elsewhere."""
        both = []
        for day, shown in self.shown.items():
            typed, by_now = _written(self.days[day]), kept.shown[day]
            if typed == shown:
                self.days[day] = kept.days[day]
            elif by_now not in {shown, typed}:
                both.append(day)
        self.shown = kept.shown
        return both

    def add(self, day: int) -> None:
        """Open an empty row, up to a number that no day needs."""
        if len(self.days[day]) < MOST_WINDOWS_A_DAY:
            self.days[day].append(WindowRow(is_new=True))

    def remove(self, day: int, number: int) -> None:
        """Take a row away."""
        del self.days[day][number : number + 1]

    def copy(self, day: int, to: Iterable[int]) -> None:
        """Give other days the windows of this one, in place of theirs."""
        for other in to:
            self.days[other] = [WindowRow(start=row.start, end=row.end) for row in self.days[day] if not row.is_empty]

    def windows(self) -> dict[int, list[tuple[int, int]]] | None:
        """Return minutes by weekday, or None after noting in the rows what is wrong. Empty rows count for nothing."""
        found: dict[int, list[tuple[int, int]]] = {}
        for day, rows in self.days.items():
            found[day] = [window for row in rows if not row.is_empty for window in [_window(row)] if window is not None]
        return None if any(row.error for rows in self.days.values() for row in rows) else found


def minutes_of_window(start: str, end: str) -> tuple[int, int]:
    """
    Return the minutes from midnight of two typed times; an end at 00:00 is the end of the day.

    Raises ValueError with the sentence to show.
    """
    try:
        first, last = wall_minutes(start), wall_minutes(end) or MINUTES_A_DAY
    except ValueError:
        raise ValueError(_("Give both times, such as 09:00 and 17:00.")) from None
    if last <= first:
        raise ValueError(_("This ends before it starts. Midnight at the end of the day is 00:00."))
    return first, last


class DateForm(forms.Form):
    """Extra hours on one date."""

    date = DayField(label=gettext_lazy("Date"))
    start = forms.CharField(label=gettext_lazy("From"), max_length=8, widget=forms.TimeInput(attrs={"type": "time"}))
    end = forms.CharField(label=gettext_lazy("To"), max_length=8, widget=forms.TimeInput(attrs={"type": "time"}))

    def clean(self) -> dict[str, Any]:
        """Add the window in minutes."""
        data = super().clean() or {}
        if {"date", "start", "end"} <= data.keys():
            try:
                data["window"] = minutes_of_window(data["start"], data["end"])
            except ValueError as error:
                self.add_error("end", str(error))
        return data


class HoursPeriodForm(forms.Form):
    """Between which dates other hours hold, and what that is called."""

    name = LineField(label=gettext_lazy("Name"), help_text=gettext_lazy("Such as Ramadan, or exam weeks."))
    first_day = DayField(label=gettext_lazy("First day"))
    last_day = DayField(label=gettext_lazy("Last day"))


class TimeOffForm(DaysForm):
    """Days, or hours of days, on which there are no lessons."""

    reason = LineField(label=gettext_lazy("Reason (only you see it)"), required=False, widget=forms.TextInput())


class SettingsForm(KeptForm):
    """What students read about a teacher, and the rules by which free times are made."""

    bio = TextField(
        label=gettext_lazy("About you"),
        help_text=gettext_lazy("Two or three sentences that help a student to choose you."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    subjects = LineField(
        label=gettext_lazy("Subjects"),
        help_text=gettext_lazy("With commas between them: Arabic, Tajwid, Algebra."),
        max_length=LONGEST_SUBJECTS,
        required=False,
    )
    buffer_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Pause between lessons"),
        help_text=gettext_lazy("Stays free before and after everything you teach."),
        coerce=int,
    )
    min_notice_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Notice"),
        help_text=gettext_lazy("How long before its start a lesson can still be booked."),
        coerce=int,
    )
    slot_interval_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Lessons start"),
        help_text=gettext_lazy("One after another leaves no gaps; a fixed step gives rounder times."),
        coerce=int,
        empty_value=None,
        required=False,
    )
    max_days_ahead = forms.IntegerField(
        label=gettext_lazy("Days ahead"),
        help_text=gettext_lazy("How far ahead students can book."),
        min_value=1,
        max_value=limits.MOST_DAYS_AHEAD,
    )
    auto_confirm = forms.BooleanField(label=gettext_lazy("Confirm bookings without asking me"), required=False)

    def __init__(self, data: QueryDict | None = None, *, settings: TeacherSettings) -> None:
        names = (
            "bio",
            "buffer_minutes",
            "min_notice_minutes",
            "slot_interval_minutes",
            "max_days_ahead",
            "auto_confirm",
        )
        initial: dict[str, Any] = {name: getattr(settings, name) for name in names}
        initial["subjects"] = ", ".join(settings.subjects)
        super().__init__(data, initial=initial)
        self._offer("buffer_minutes", _with((0, 5, 10, 15, 30, 60), settings.buffer_minutes), _("None"))
        notices = _with((0, 60, 120, 240, 720, 1440, 2880, 4320, 10080), settings.min_notice_minutes)
        self._offer("min_notice_minutes", notices, _("None"))
        steps = _with((15, 20, 30, 60), settings.slot_interval_minutes)
        interval = self.fields["slot_interval_minutes"]
        assert isinstance(interval, forms.TypedChoiceField)  # noqa: S101 -- declared above
        interval.choices = [("", _("One after another"))] + [
            (minutes, _("Every %(time)s") % {"time": duration_in_words(minutes)}) for minutes in steps
        ]

    def clean_subjects(self) -> list[str]:
        """Return the subjects, each once, in the order given."""
        typed = self.cleaned_data["subjects"].replace(ARABIC_COMMA, ",").split(",")
        found = list(dict.fromkeys(word.strip() for word in typed if word.strip()))
        if len(found) > MOST_SUBJECTS or any(len(word) > LONGEST_SUBJECT for word in found):
            raise forms.ValidationError(
                _("At most %(most)s subjects of %(longest)s letters.")
                % {"most": MOST_SUBJECTS, "longest": LONGEST_SUBJECT}
            )
        return found

    def changed_labels(self) -> list[str]:
        """Return what differs from before, as the page calls it."""
        return [str(self.fields[name].label) for name in self.changed_data]

    def _offer(self, name: str, minutes: Sequence[int], none: str) -> None:
        chosen = self.fields[name]
        assert isinstance(chosen, forms.TypedChoiceField)  # noqa: S101 -- declared above
        chosen.choices = [(each, duration_in_words(each) if each else none) for each in minutes]


def duration_in_words(minutes: int) -> str:
    """Say how long something is: "45 minutes", "2 hours", "3 days"."""
    if minutes % 1440 == 0:
        return ngettext("%(n)s day", "%(n)s days", minutes // 1440) % {"n": minutes // 1440}
    if minutes % 60 == 0:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def changed_weekdays(before: Mapping[int, object], after: Mapping[int, object]) -> list[int]:
    """Return the weekdays that differ, 0 for Monday."""
    return [day for day in range(7) if before.get(day) != after.get(day)]


def _window(row: WindowRow) -> tuple[int, int] | None:
    try:
        return minutes_of_window(row.start, row.end)
    except ValueError as error:
        row.error = str(error)
        return None


def _written(rows: Iterable[WindowRow]) -> str:
    """Return the hours of a day in one line, in their order."""
    return ", ".join(sorted(f"{row.start[:5]}–\N{WORD JOINER}{row.end[:5]}" for row in rows if not row.is_empty))


def _with(usual: Sequence[int], current: int | None) -> list[int]:
    return sorted({*usual, *([current] if current is not None else [])})


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
