"""What is typed about a meeting that is not a lesson's, a circle's or a course's, and about one session of any."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import User
from classbell.fields import AddressListField, DayField, LineField, TextField
from classbell.groups.models import GroupKind
from classbell.meetings.changes import MeetingChanges
from classbell.meetings.locations import LocationRefused, checked_location
from classbell.meetings.models import Audience, Meeting, Occurrence
from classbell.meetings.recurrence import Rule
from classbell.meetings.services import MeetingSpec
from classbell.web.kit.forms.kept import KeptForm
from classbell.web.kit.forms.people_lists import MOST_EMAILS
from classbell.web.kit.forms.schedule import ONCE, WEEKLY, ScheduleForm, offer_weekdays
from classbell.web.kit.forms.teacher import TeacherField

AT_ZOOM, ELSEWHERE = "zoom", "elsewhere"
SCHEDULE_FIELDS = ("day", "start", "minutes", "repeats", "weekdays", "until")


class MeetingWordsForm(ScheduleForm):
    """A title and a time, what it is about, whom it is for, and whether Zoom registers them."""

    description = TextField(
        label=gettext_lazy("Description (optional)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    audience = forms.ChoiceField(label=gettext_lazy("Who may come"), widget=forms.RadioSelect)
    registration = forms.BooleanField(
        label=gettext_lazy("Register people at Zoom"),
        help_text=gettext_lazy("Everybody who is expected gets a link of their own, and Zoom knows them by name."),
        required=False,
    )


class NewMeetingForm(MeetingWordsForm):
    """A meeting for people who are invited by name, or for a part of the school."""

    invited = AddressListField(
        most=MOST_EMAILS,
        label=gettext_lazy("Invite by e-mail"),
        help_text=gettext_lazy("People with an account: one or many, as a list or as your mail program copies them."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "autocapitalize": "off", "spellcheck": "false"}),
    )

    location = LineField(
        label=gettext_lazy("Held elsewhere than at Zoom (optional)"),
        help_text=gettext_lazy("A link, or a room in words. Left empty, it is held at Zoom."),
        required=False,
    )

    def __init__(
        self, data: QueryDict | None = None, *, first_weekday: int, user: User, hosts: QuerySet[User] | None = None
    ) -> None:
        super().__init__(data, initial={"minutes": 60, "repeats": ONCE, "audience": Audience.INVITED.value})
        offer_weekdays(self, first_weekday)
        offer_audiences(self, [Audience.INVITED, Audience.STUDENTS, Audience.TEACHERS, Audience.EVERYONE])
        if hosts is not None:
            self.fields["teacher"] = TeacherField(hosts, kept=[user], label=_("Who holds it"))
            self.initial["teacher"] = str(user.pk)

    def clean_invited(self) -> list[str]:
        """Return the addresses; a meeting of invited people needs one."""
        found = [address.email for address in self.cleaned_data["invited"]]
        if not found and self.data.get("audience") == Audience.INVITED:
            raise forms.ValidationError(_("Invite at least one person, or choose who else may come."))
        return found

    def clean_location(self) -> str:
        """Return the place as it is kept."""
        return place_typed(self)

    def spec(self, user: User) -> MeetingSpec:
        """Return the meeting that was typed, on `user`'s clock, held by them unless somebody else was chosen."""
        data = self.cleaned_data
        return MeetingSpec(
            teacher=data.get("teacher") or user,
            title=data.get("title", ""),
            description=data["description"],
            starts_at=self.starts_at(user.zone),
            duration_minutes=data["minutes"],
            timezone=user.timezone,
            rule=self.rule(),
            audience=Audience(data["audience"]),
            registration=data["registration"],
            location=data.get("location", ""),
        )


class LocationForm(forms.Form):
    """Where a meeting is held: at Zoom, or elsewhere, which is to be said then."""

    side = forms.ChoiceField(
        label=gettext_lazy("Where it is held"),
        choices=[(AT_ZOOM, gettext_lazy("At Zoom")), (ELSEWHERE, gettext_lazy("Elsewhere"))],
        widget=forms.RadioSelect,
    )
    location = LineField(
        label=gettext_lazy("A link, or a room (only if it is held elsewhere)"),
        help_text=gettext_lazy("Such as https://meet.example.org/algebra, or Room 12, second floor."),
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, meeting: Meeting) -> None:
        side = ELSEWHERE if meeting.is_elsewhere else AT_ZOOM
        super().__init__(data, initial={"side": side, "location": meeting.location})

    def clean(self) -> dict[str, Any]:
        """Ask for the place where it is held elsewhere."""
        data = super().clean() or {}
        if data.get("side") == ELSEWHERE and not data.get("location") and "location" not in self.errors:
            self.add_error("location", _("Say where: give a link, or name a room."))
        return data

    def location_typed(self) -> str:
        """Return the place as it was typed, "" for Zoom; only of a valid form."""
        return str(self.cleaned_data["location"]) if self.cleaned_data["side"] == ELSEWHERE else ""


class ChangeMeetingForm(KeptForm, MeetingWordsForm):
    """
    A meeting's words, audience and timetable. A rule that is not weekly keeps its timetable: `has_timetable` is False.
    """

    def __init__(self, data: QueryDict | None = None, *, meeting: Meeting, first_weekday: int) -> None:
        self.meeting = meeting
        rule = Rule.parse(meeting.rule) if meeting.rule else None
        self.has_timetable = rule is None or (rule.frequency == "WEEKLY" and rule.interval == 1)
        super().__init__(data, initial=_words(meeting) | (_timetable(meeting, rule) if self.has_timetable else {}))
        offer_weekdays(self, first_weekday)
        is_of_class = meeting.group is not None and meeting.group.kind == GroupKind.CLASS
        offer_audiences(self, [one for one in Audience if one != Audience.CLASS or is_of_class])
        if not self.has_timetable:
            for name in SCHEDULE_FIELDS:
                del self.fields[name]

    def changes(self) -> MeetingChanges:
        """Return what differs from the meeting as it is, only of a valid form."""
        data, changed = self.cleaned_data, set(self.changed_data)
        names = changed & {"title", "description", "registration"}
        changes: dict[str, Any] = {name: data[name] for name in sorted(names)}
        if "audience" in changed:
            changes["audience"] = Audience(data["audience"])
        if changed & {"day", "start"}:
            changes["starts_at"] = self.starts_at(self.meeting.zone)
        if "minutes" in changed:
            changes["duration_minutes"] = data["minutes"]
        if changed & {"repeats", "weekdays", "until"}:
            changes["rule"] = self.rule()
        return cast("MeetingChanges", changes)


def offer_audiences(form: forms.Form, audiences: Collection[Audience]) -> None:
    """Let a form's `audience` be chosen from these."""
    field = form.fields["audience"]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared so by every form that asks this
    field.choices = [(one.value, one.label) for one in audiences]


def _words(meeting: Meeting) -> dict[str, Any]:
    return {
        "title": meeting.title,
        "description": meeting.description,
        "audience": meeting.audience,
        "registration": meeting.registration,
    }


def _timetable(meeting: Meeting, rule: Rule | None) -> dict[str, Any]:
    wall = timezone.localtime(meeting.starts_at, meeting.zone)
    typed: dict[str, Any] = {
        "day": wall.date(),
        "start": wall.time(),
        "minutes": meeting.duration_minutes,
        "repeats": ONCE if rule is None else WEEKLY,
    }
    if rule is not None:
        typed |= {"weekdays": list(rule.weekdays) or [wall.weekday()], "until": _last_day(meeting)}
    return typed


def _last_day(meeting: Meeting) -> date | None:
    last = meeting.occurrences.order_by("original_starts_at").last()
    return timezone.localtime(last.original_starts_at, meeting.zone).date() if last is not None else None


class OccurrenceForm(KeptForm):
    """One session at another time, held by somebody else, or in another place."""

    day = DayField(label=gettext_lazy("Day"))
    start = forms.TimeField(label=gettext_lazy("Starts"), widget=forms.TimeInput(attrs={"type": "time"}))
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=5, max_value=720)
    location = LineField(
        label=gettext_lazy("Only this one is held elsewhere (optional)"),
        help_text=gettext_lazy("A link, or a room in words. Left empty, it is held where the others are."),
        required=False,
    )

    def __init__(
        self, data: QueryDict | None = None, *, occurrence: Occurrence, zone: ZoneInfo, teachers: QuerySet[User]
    ) -> None:
        self.zone = zone
        wall = timezone.localtime(occurrence.starts_at, zone)
        in_charge = occurrence.substitute or occurrence.meeting.teacher
        initial = {
            "day": wall.date(),
            "start": wall.time(),
            "minutes": int((occurrence.ends_at - occurrence.starts_at) / timedelta(minutes=1)),
            "teacher": str(in_charge.pk),
            "location": occurrence.location,
        }
        super().__init__(data, initial=initial)
        self.fields["teacher"] = TeacherField(teachers, kept=[in_charge], label=_("Who holds it"))

    def clean_location(self) -> str:
        """Return the place as it is kept."""
        return place_typed(self)

    def changes(self) -> dict[str, Any]:
        """Return what differs from the session as it is, in the words of `meetings.occurrences.change_occurrence`."""
        return changes_of_occurrence(self, self.zone)


class CancelForm(forms.Form):
    """Why a session is cancelled."""

    reason = LineField(
        label=gettext_lazy("Reason (optional)"),
        help_text=gettext_lazy("Members read it."),
        required=False,
    )


def place_typed(form: forms.Form) -> str:
    """Return the `location` that was typed as it is kept. Raises ValidationError."""
    try:
        return checked_location(form.cleaned_data["location"])
    except LocationRefused as error:
        raise forms.ValidationError(str(error)) from error


def changes_of_occurrence(form: KeptForm, zone: ZoneInfo) -> dict[str, Any]:
    """Return what is changed of one session by a form with its `day`, `start`, `minutes` and `teacher`, on this clock."""
    data, changed = form.cleaned_data, set(form.changed_data)
    changes: dict[str, Any] = {}
    if changed & {"day", "start"}:
        changes["starts_at"] = datetime.combine(data["day"], data["start"], tzinfo=zone)
    if "minutes" in changed:
        changes["duration_minutes"] = data["minutes"]
    for name in ("teacher", "location"):
        if name in changed:
            changes[name] = data[name]
    return changes
