"""What is typed about a circle."""

from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import User
from classbell.errors import DomainError
from classbell.fields import DayField, LineField, TextField
from classbell.halakat.models import Halaka, HalakaFrequency
from classbell.halakat.pattern import Frequency, Pattern, check
from classbell.web.groups.forms.places import PlacesField
from classbell.web.kit.forms.dates import DatesField
from classbell.web.kit.forms.kept import KeptForm
from classbell.web.kit.forms.schedule import offer_weekdays
from classbell.web.kit.forms.teacher import group_teacher
from classbell.web.kit.forms.timezones import TimezoneField

# The fields of the pattern by those of the form that fill them.
OF_THE_PATTERN: Final = {
    "start_date": "start_date",
    "end_date": "end_date",
    "weekdays": "weekdays",
    "frequency": "frequency",
    "start_time": "start_time",
    "duration": "duration_minutes",
    "timezone": "timezone",
    "except_dates": "excluded",
}


class HalakaForm(KeptForm):
    """A circle: what it is called, when it meets, for how many. `pattern` is what was typed."""

    title = LineField(label=gettext_lazy("Name"))
    description = TextField(
        label=gettext_lazy("Description (optional)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    frequency = forms.ChoiceField(
        label=gettext_lazy("How often"), choices=HalakaFrequency.choices, widget=forms.RadioSelect
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On these days"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    start_time = forms.TimeField(label=gettext_lazy("Starts"), widget=forms.TimeInput(attrs={"type": "time"}))
    duration = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=5, max_value=720)
    start_date = DayField(label=gettext_lazy("First day"))
    end_date = DayField(label=gettext_lazy("Last day"))
    except_dates = DatesField()
    timezone = forms.CharField()
    capacity = PlacesField()

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        first_weekday: int,
        timezone: str,
        kept: Halaka | None = None,
        teachers: QuerySet[User] | None = None,
    ) -> None:
        initial = _initial(kept) if kept else {"frequency": Frequency.WEEKLY.value, "duration": 60}
        super().__init__(data, initial=initial)
        offer_weekdays(self, first_weekday)
        zone = kept.timezone if kept else timezone
        self.fields["timezone"] = TimezoneField(
            label=_("Timezone"), help_text=_("Its times stay the same on this clock."), kept=zone, initial=zone
        )
        if kept is not None:
            self.fields["valid_from"] = DayField(
                label=_("A new schedule holds from"),
                help_text=_("Empty: at once. What took place stays."),
                required=False,
            )
        if teachers is not None:
            self.fields["teacher"] = group_teacher(teachers, kept=kept.teacher if kept else None)
            if kept is not None:
                self.initial["teacher"] = str(kept.teacher_id)
                self.fields["teacher"].help_text = _(
                    "Another one takes over all coming sessions but those of substitutes."
                )

    def clean(self) -> dict[str, Any]:
        """Add the pattern, refused here as the services would refuse it."""
        data = super().clean() or {}
        if self.errors:
            return data
        pattern = Pattern(
            start_date=data["start_date"],
            end_date=data["end_date"],
            weekdays=tuple(sorted(data["weekdays"])),
            frequency=Frequency(data["frequency"]),
            start_time=data["start_time"],
            duration_minutes=data["duration"],
            timezone=data["timezone"],
            excluded=data["except_dates"],
        )
        try:
            check(pattern)
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error
        data["pattern"] = pattern
        return data

    def words(self) -> dict[str, Any]:
        """Return what is changed of a circle beside its schedule, in the words of `change_halaka`; only of a valid form."""
        data, changed = self.cleaned_data, set(self.changed_data)
        words = {name: data[name] for name in ("title", "description", "capacity", "teacher") if name in changed}
        return words | {"unlimited": "capacity" in changed and data["capacity"] is None}

    def schedule(self) -> dict[str, Any]:
        """Return what is changed of the pattern, by its fields; only of a valid form."""
        return {
            name: getattr(self.pattern, name) for field, name in OF_THE_PATTERN.items() if field in self.changed_data
        }

    @property
    def pattern(self) -> Pattern:
        """The schedule; only of a valid form."""
        pattern: Pattern = self.cleaned_data["pattern"]
        return pattern


def _initial(halaka: Halaka) -> dict[str, Any]:
    return {
        "title": halaka.group.name,
        "description": halaka.group.description,
        "frequency": halaka.frequency,
        "weekdays": halaka.weekdays,
        "start_time": halaka.start_time,
        "duration": halaka.duration_minutes,
        "start_date": halaka.start_date,
        "end_date": halaka.end_date,
        "except_dates": tuple(halaka.except_dates),
        "capacity": halaka.group.capacity,
    }
