"""What is typed about a course, its sessions, and one of them."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import User
from classbell.courses.models import Course, Session
from classbell.courses.pattern import Pattern
from classbell.fields import DayField, LineField, TextField
from classbell.web.groups.forms.places import PlacesField
from classbell.web.kit.forms.dates import DatesField
from classbell.web.kit.forms.kept import KeptForm
from classbell.web.kit.forms.schedule import offer_weekdays
from classbell.web.kit.forms.teacher import TeacherField, group_teacher
from classbell.web.kit.forms.timezones import TimezoneField
from classbell.web.meetings.forms import changes_of_occurrence, place_typed


class CourseForm(KeptForm):
    """A course: what it is called, between which days and on whose clock it is held."""

    title = LineField(label=gettext_lazy("Name"))
    description = TextField(
        label=gettext_lazy("Description (optional)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    start_date = DayField(label=gettext_lazy("First day (optional)"), required=False)
    end_date = DayField(label=gettext_lazy("Last day (optional)"), required=False)
    timezone = forms.CharField()
    capacity = PlacesField()

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        timezone: str,
        kept: Course | None = None,
        teachers: QuerySet[User] | None = None,
    ) -> None:
        zone = kept.group.timezone if kept else timezone
        super().__init__(data, initial=_initial(kept) if kept else {})
        self.fields["timezone"] = TimezoneField(
            label=_("Timezone"), help_text=_("Its times stay the same on this clock."), kept=zone, initial=zone
        )
        if teachers is not None:
            self.fields["teacher"] = group_teacher(teachers, kept=kept.teacher if kept else None)
            if kept is not None:
                self.initial["teacher"] = str(kept.teacher_id)

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the start."""
        data = super().clean() or {}
        first, last = data.get("start_date"), data.get("end_date")
        if first is not None and last is not None and last < first:
            self.add_error("end_date", _("The last day must not be before the first."))
        return data


class SessionsForm(forms.Form):
    """Sessions on some days of the week between two dates; `pattern` is what was typed."""

    title = LineField(
        label=gettext_lazy("Title"), help_text=gettext_lazy("Each gets its number behind it."), max_length=200
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On these days"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    start_time = forms.TimeField(label=gettext_lazy("Starts"), widget=forms.TimeInput(attrs={"type": "time"}))
    duration = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=5, max_value=1440)
    first_date = DayField(label=gettext_lazy("First day"))
    last_date = DayField(label=gettext_lazy("Last day"))
    except_dates = DatesField()
    location = LineField(
        label=gettext_lazy("Held elsewhere than at Zoom (optional)"),
        help_text=gettext_lazy("A link, or a room in words. Left empty, it is held at Zoom."),
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, course: Course, first_weekday: int) -> None:
        self.course = course
        initial = {
            "title": course.title,
            "duration": 60,
            "first_date": course.start_date,
            "last_date": course.end_date,
        }
        super().__init__(data, initial=initial)
        offer_weekdays(self, first_weekday)

    def clean_location(self) -> str:
        """Return the place as it is kept."""
        return place_typed(self)

    def pattern(self) -> Pattern:
        """Return what was typed; only of a valid form."""
        data = self.cleaned_data
        return Pattern(
            title=data["title"],
            weekdays=tuple(data["weekdays"]),
            start_time=data["start_time"],
            duration_minutes=data["duration"],
            first_date=data["first_date"],
            last_date=data["last_date"],
            timezone=self.course.group.timezone,
            excluded=frozenset(data["except_dates"]),
            location=data["location"],
        )


class SessionForm(KeptForm):
    """One session: its title, its time, who holds it, and where."""

    title = LineField(label=gettext_lazy("Title"))
    day = DayField(label=gettext_lazy("Day"))
    start = forms.TimeField(label=gettext_lazy("Starts"), widget=forms.TimeInput(attrs={"type": "time"}))
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=5, max_value=1440)
    location = LineField(
        label=gettext_lazy("Held elsewhere than at Zoom (optional)"),
        help_text=gettext_lazy("A link, or a room in words. Left empty, it is held at Zoom."),
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, session: Session, teachers: QuerySet[User]) -> None:
        self.zone: ZoneInfo = session.meeting.zone
        occurrence = session.occurrence
        wall = timezone.localtime(occurrence.starts_at, self.zone)
        initial = {
            "title": session.title,
            "day": wall.date(),
            "start": wall.time(),
            "minutes": int((occurrence.ends_at - occurrence.starts_at) / timedelta(minutes=1)),
            "teacher": str(session.teacher.pk),
            "location": session.meeting.location,
        }
        super().__init__(data, initial=initial)
        self.fields["teacher"] = TeacherField(teachers, kept=[session.teacher], label=_("Who holds it"))

    def clean_location(self) -> str:
        """Return the place as it is kept."""
        return place_typed(self)

    def changes(self) -> dict[str, Any]:
        """Return what differs from the session as it is, in the words of `services.change_session`."""
        title = {"title": self.cleaned_data["title"]} if "title" in self.changed_data else {}
        return title | changes_of_occurrence(self, self.zone)


def _initial(course: Course) -> dict[str, Any]:
    return {
        "title": course.title,
        "description": course.group.description,
        "start_date": course.start_date,
        "end_date": course.end_date,
        "capacity": course.group.capacity,
    }
