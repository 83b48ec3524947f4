"""Other times of a circle between two dates, as typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from classbell.fields import DayField, LineField
from classbell.halakat.periods import LONGEST_MINUTES, SHORTEST_MINUTES, Period


class PeriodForm(forms.Form):
    """From one day to another: when sessions begin, and how long they last. `of` names the period that is changed."""

    of = DayField(required=False, widget=forms.HiddenInput)
    title = LineField(label=gettext_lazy("Name"), help_text=gettext_lazy("Such as Ramadan, or exam weeks."))
    first_day = DayField(label=gettext_lazy("First day"))
    last_day = DayField(label=gettext_lazy("Last day"))
    start_time = forms.TimeField(label=gettext_lazy("Starts"), widget=forms.TimeInput(attrs={"type": "time"}))
    duration = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=SHORTEST_MINUTES, max_value=LONGEST_MINUTES)

    @property
    def period(self) -> Period:
        """What was typed; only of a valid form."""
        data = self.cleaned_data
        return Period(
            name=data["title"],
            first_day=data["first_day"],
            last_day=data["last_day"],
            start_time=data["start_time"].replace(second=0, microsecond=0),
            duration_minutes=data["duration"],
        )


def initial_of(period: Period) -> dict[str, Any]:
    """Return a period as its form begins with it."""
    return {
        "of": period.first_day.isoformat(),
        "title": period.name,
        "first_day": period.first_day,
        "last_day": period.last_day,
        "start_time": f"{period.start_time:%H:%M}",
        "duration": period.duration_minutes,
    }
