"""Holidays as people type them, by either calendar, and calendars as they hand them in."""

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import User
from classbell.bookings.queries import people_who_teach
from classbell.fields import DayField, LineField
from classbell.groups.queries import groups_kept_by
from classbell.hijri import MONTHS, from_hijri, to_hijri
from classbell.holidays.models import LONGEST_DAYS, Effect, Holiday
from classbell.holidays.services import Whose, whose
from classbell.tables.limits import LARGEST_FILE
from classbell.web.kit.forms.groups import GroupField
from classbell.web.kit.forms.teacher import TeacherField

GREGORIAN, HIJRI = "gregorian", "hijri"
SCHOOL, MINE, GROUP, TEACHER = "school", "mine", "group", "teacher"
# Umm al-Qura's tables end with 1500.
LAST_HIJRI_YEAR: Final = 1500


class WhoseForm(forms.Form):
    """Whose holiday it is: the school's, one's own, a teacher's, a class's. A link may choose the class."""

    whose = forms.ChoiceField(label=gettext_lazy("Whose"), widget=forms.RadioSelect)
    effect = forms.ChoiceField(
        label=gettext_lazy("New dates on these days"),
        choices=Effect.choices,
        initial=Effect.LEAVE_OUT,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, by: User, group_id: UUID | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._by = by
        choices = [(MINE, _("Only me")), (GROUP, _("A class, circle or course"))]
        if by.is_admin:
            choices = [(SCHOOL, _("The whole school")), *choices, (TEACHER, _("A teacher"))]
            self.fields[TEACHER] = TeacherField(people_who_teach(), required=False, label=_("Teacher"), nobody="—")
        self.fields[GROUP] = GroupField(groups_kept_by(by), required=False, label=_("Class, circle or course"))
        self.fields["whose"].choices = choices  # type: ignore[attr-defined]  # of a ChoiceField
        self.fields["whose"].initial = GROUP if group_id else choices[0][0]
        self.fields[GROUP].initial = str(group_id or "")

    def clean(self) -> dict[str, Any]:
        """Ask for the class or the teacher whose it is."""
        data = super().clean() or {}
        chosen = data.get("whose")
        if chosen in (GROUP, TEACHER) and not data.get(chosen) and chosen not in self.errors:
            texts = {GROUP: _("Choose the class, circle or course."), TEACHER: _("Choose the teacher.")}
            self.add_error(chosen, texts[chosen])
        return data

    def of(self) -> Whose:
        """Return whose it is, once the form is valid. Raises NotAllowed."""
        data = self.cleaned_data
        teacher = {MINE: self._by, TEACHER: data.get(TEACHER)}.get(data["whose"])
        group = data.get(GROUP) if data["whose"] == GROUP else None
        return whose(
            by=self._by, group_id=group.pk if group else None, teacher_id=teacher.pk if teacher is not None else None
        )


class HolidayForm(WhoseForm):
    """A holiday; `first_day` and `last_day` are those of the Gregorian calendar, whichever it was typed by."""

    name = LineField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Of a teacher’s own holiday others read that it is one, and not its name."),
    )
    calendar = forms.ChoiceField(
        label=gettext_lazy("Calendar"),
        choices=[(GREGORIAN, gettext_lazy("Gregorian")), (HIJRI, gettext_lazy("Hijri (Umm al-Qura)"))],
        initial=GREGORIAN,
        widget=forms.RadioSelect,
    )
    first_day = DayField(label=gettext_lazy("First day"), required=False)
    last_day = DayField(label=gettext_lazy("Last day"), required=False)
    hijri_day = forms.IntegerField(label=gettext_lazy("Day"), min_value=1, max_value=30, required=False)
    hijri_month = forms.TypedChoiceField(
        label=gettext_lazy("Month"),
        choices=[("", "—"), *((number, name) for number, name in enumerate(MONTHS, start=1))],
        coerce=int,
        empty_value=None,
        required=False,
    )
    hijri_year = forms.IntegerField(
        label=gettext_lazy("Year"), min_value=1420, max_value=LAST_HIJRI_YEAR, required=False
    )
    hijri_days = forms.IntegerField(
        label=gettext_lazy("How many days"), min_value=1, max_value=LONGEST_DAYS, initial=1, required=False
    )

    def __init__(self, *args: Any, today: date, is_change: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        this_year = to_hijri(today)
        if this_year is not None:
            self.fields["hijri_year"].initial = this_year.year
        if is_change:
            for name in ("whose", GROUP, TEACHER):
                self.fields.pop(name, None)

    def clean(self) -> dict[str, Any]:
        """Work the days out."""
        data = super().clean() or {}
        if data.get("calendar") == HIJRI:
            self._read_hijri(data)
        elif data.get("first_day") is None:
            if "first_day" not in self.errors:
                self.add_error("first_day", _("Choose the first day."))
        elif data.get("last_day") is None:
            data["last_day"] = data["first_day"]
        elif data["last_day"] < data["first_day"]:
            self.add_error("last_day", _("A holiday must not end before it begins."))
        return data

    def _read_hijri(self, data: dict[str, Any]) -> None:
        missing = [
            name
            for name in ("hijri_day", "hijri_month", "hijri_year")
            if data.get(name) is None and name not in self.errors
        ]
        for name in missing:
            self.add_error(name, _("Write the day, the month and the year."))
        if missing or self.errors:
            return
        day = from_hijri(data["hijri_year"], data["hijri_month"], data["hijri_day"])
        if day is None:
            self.add_error("hijri_day", _("This month has no such day in that year."))
            return
        data["first_day"] = day
        data["last_day"] = day + timedelta(days=(data.get("hijri_days") or 1) - 1)


class CalendarForm(WhoseForm):
    """A calendar: a file, an address, or what was read of a file on the page before."""

    file = forms.FileField(
        label=gettext_lazy("Calendar file (.ics)"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
    )
    url = forms.CharField(
        label=gettext_lazy("Or its address"),
        help_text=gettext_lazy("Such as https://calendar.example/holidays.ics. Import it again when it has changed."),
        required=False,
        max_length=2000,
        widget=forms.URLInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    text = forms.CharField(required=False, strip=False, max_length=LARGEST_FILE, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Ask for one of them."""
        data = super().clean() or {}
        upload = data.get("file")
        if upload is not None:
            data["text"] = upload.read().decode("utf-8", "replace").replace("\0", "")
        if not data.get("text") and not data.get("url") and not self.errors:
            raise forms.ValidationError(_("Choose a file, or write the address of a calendar."))
        return data


def initial_of(holiday: Holiday) -> dict[str, Any]:
    """Return a holiday as its form begins with it."""
    return {name: getattr(holiday, name) for name in ("name", "first_day", "last_day", "effect")}
