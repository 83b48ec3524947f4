"""Days, or hours of days, from a first to a last."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy

from classbell.fields import DayField


class DaysForm(forms.Form):
    """A first day and perhaps a last one, with the hours at which they begin and end where those are not whole days."""

    first_day = DayField(label=gettext_lazy("First day"))
    first_time = forms.TimeField(
        label=gettext_lazy("From (optional)"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    last_day = DayField(label=gettext_lazy("Last day (optional)"), required=False)
    last_time = forms.TimeField(
        label=gettext_lazy("Until (optional)"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )

    def period(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return [start, end) on this clock; without times whole days, the last included. Ask only when it is valid."""
        data = self.cleaned_data
        last_day: date = data["last_day"] or data["first_day"]
        starts_at = datetime.combine(data["first_day"], data["first_time"] or time.min, tzinfo=zone)
        if data["last_time"]:
            return starts_at, datetime.combine(last_day, data["last_time"], tzinfo=zone)
        return starts_at, datetime.combine(last_day + timedelta(days=1), time.min, tzinfo=zone)
