"""What is typed about a class, who is in it and when it meets."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import User
from classbell.fields import LineField, TextField
from classbell.groups.models import Group
from classbell.meetings.services import MeetingSpec
from classbell.web.groups.forms.places import PlacesField
from classbell.web.kit.forms.kept import KeptForm
from classbell.web.kit.forms.schedule import WEEKLY, ScheduleForm, offer_weekdays
from classbell.web.kit.forms.teacher import TeacherField
from classbell.web.kit.forms.timezones import TimezoneField


class ClassForm(KeptForm):
    """A class: what it is called, what it is about and on whose clock it meets."""

    name = LineField(label=gettext_lazy("Name"))
    description = TextField(
        label=gettext_lazy("Description (optional)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    timezone = forms.CharField()
    capacity = PlacesField()

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        kept: Group | None = None,
        timezone: str = "UTC",
        teachers: QuerySet[User] | None = None,
    ) -> None:
        initial: dict[str, Any] = {"timezone": timezone}
        if kept is not None:
            names = ("name", "description", "timezone", "capacity")
            initial = {name: getattr(kept, name) for name in names}
        super().__init__(data, initial=initial)
        self.fields["timezone"] = TimezoneField(
            label=_("Timezone"), help_text=_("Its times stay the same on this clock."), kept=initial["timezone"]
        )
        if teachers is not None:
            self.fields["teacher"] = TeacherField(
                teachers, label=_("Teacher (optional)"), required=False, nobody=_("Nobody yet")
            )


class MeetingForm(ScheduleForm):
    """A meeting of a class, on the class's clock."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        group: Group,
        first_weekday: int,
        teachers: QuerySet[User] | None = None,
    ) -> None:
        self.group = group
        super().__init__(data, initial={"title": group.name, "minutes": 60, "repeats": WEEKLY})
        offer_weekdays(self, first_weekday)
        if teachers is not None:
            self.fields["teacher"] = TeacherField(teachers, label=_("Teacher"))

    def spec(self, teacher: User) -> MeetingSpec:
        """Return the meeting that was typed, held by `teacher` unless somebody else was chosen."""
        data = self.cleaned_data
        return MeetingSpec(
            teacher=data.get("teacher") or teacher,
            group=self.group,
            title=data.get("title", ""),
            starts_at=self.starts_at(ZoneInfo(self.group.timezone)),
            duration_minutes=data["minutes"],
            timezone=self.group.timezone,
            rule=self.rule(),
        )
