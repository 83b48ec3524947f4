"""How people want to be told, as they choose it, and as the school does for whoever chooses nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.forms.boundfield import BoundField, BoundWidget
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import ReminderTime, Role, User
from classbell.bidi import isolated
from classbell.fields import LineField
from classbell.notices.models import Channel
from classbell.notices.preferences import (
    MOST_MINUTES,
    AbsenceAlerts,
    PreferenceChanges,
    Preferences,
    QuietHours,
    Told,
    Way,
)
from classbell.notices.topics import ALWAYS_ON_PAGE, BY_CHILD, MAIL_ONLY, TITLES, Topic, topics_for
from classbell.web.kit.forms.kept import KeptForm

WAYS: Final[Mapping[str, Way]] = {
    "on_page": Way.PAGE,
    "by_mail": Way.MAIL,
    "by_push": Way.PUSH,
    "by_sms": Way.SMS,
    "by_whatsapp": Way.WHATSAPP,
    "by_telegram": Way.TELEGRAM,
}
# To a guardian a child's lessons are not theirs.
TITLES_BY_CHILD: Final = {**TITLES, Topic.LESSONS: gettext_lazy("What becomes of lessons")}
LABELS: Final[Mapping[Way, Any]] = {
    Way.PAGE: gettext_lazy("Show under Notifications"),
    Way.MAIL: gettext_lazy("Send by mail"),
    Way.PUSH: gettext_lazy("Show on my devices"),
    Way.SMS: gettext_lazy("Send by SMS"),
    Way.WHATSAPP: gettext_lazy("Send by WhatsApp"),
    Way.TELEGRAM: gettext_lazy("Send by Telegram"),
}


class Wall(forms.TimeField):
    """A time on somebody's clock, or none."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        super().__init__(required=False, widget=widget, **options)


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """One topic on one way; without a `tag` there is nothing to choose, since it is told there always, or never."""

    label: str
    tag: BoundWidget | None
    is_always: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A topic and its boxes, one for each way."""

    title: str
    boxes: Sequence[Box]


class ChoicesForm(KeptForm):
    """
    Where, when and how long before; for whoever may be told of what people of `role` are. `texts` are the channels by which
    the school sends text messages.
    """

    digest_at = Wall(
        label=gettext_lazy("All mails of a day as one, at"),
        help_text=gettext_lazy("Empty: each when it happens. Reminders and what is urgent come at once all the same."),
    )
    quiet_from = Wall(
        label=gettext_lazy("Nothing is sent from"),
        help_text=gettext_lazy("It comes when these hours are over; what is urgent comes at once all the same."),
    )
    quiet_until = Wall(label=gettext_lazy("Nothing is sent until"))
    reminder_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Remind me of each session"),
        help_text=gettext_lazy("Of those you teach or are expected at."),
        choices=ReminderTime.choices,
        coerce=lambda typed: ReminderTime(int(typed)),
    )

    def __init__(
        self, data: QueryDict | None, *, role: str, preferences: Preferences, texts: Sequence[Channel], **more: Any
    ) -> None:
        """`more` is what is kept beside the preferences."""
        self._ways = {name: way for name, way in WAYS.items() if way in (Way.PAGE, Way.MAIL, Way.PUSH, *texts)}
        self._offered = {name: _offered(role, way) for name, way in self._ways.items()}
        super().__init__(data, initial=self._initial(preferences) | more)
        for name, topics in self._offered.items():
            self.fields[name] = forms.MultipleChoiceField(
                label=LABELS[WAYS[name]],
                choices=[(topic.value, TITLES[topic]) for topic in topics],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """Refuse quiet hours of which one end is missing, or that have none."""
        cleaned: dict[str, Any] = super().clean() or {}
        begin, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if not self.errors and (begin is None) is not (end is None):
            self.add_error("quiet_from" if begin is None else "quiet_until", _("Quiet hours need both times, or none."))
        elif begin is not None and begin == end:
            self.add_error("quiet_until", _("Quiet hours begin and end at different times."))
        return cleaned

    @property
    def ways(self) -> list[BoundField]:
        """Where one may be told, a column each."""
        return [self[name] for name in self._ways]

    @property
    def lines(self) -> list[Line]:
        """What may be chosen of each topic, a line each."""
        tags = {name: {box.data["value"]: box for box in self[name]} for name in self._ways}
        return [
            Line(
                title=str(TITLES[topic]),
                boxes=[
                    Box(label=str(self[name].label), tag=tags[name].get(topic), is_always=topic in ALWAYS_ON_PAGE)
                    for name in self._ways
                ],
            )
            for topic in self._offered["by_mail"]
        ]

    @property
    def others(self) -> list[BoundField]:
        """The other fields."""
        return [field for field in self if field.name not in WAYS]

    def changes(self) -> PreferenceChanges:
        """Return what is to be changed."""
        typed, changed = self.cleaned_data, set(self.changed_data)
        changes: PreferenceChanges = {}
        channels: dict[str, dict[str, bool]] = {}
        for name, way in self._ways.items():
            for topic in self._offered[name] if name in changed else ():
                was, wanted = topic.value in self.initial[name], topic.value in typed[name]
                if was is not wanted:
                    channels.setdefault(topic, {})[way] = wanted
        if channels:
            changes["channels"] = channels
        if changed & {"quiet_from", "quiet_until"}:
            begin, end = typed["quiet_from"], typed["quiet_until"]
            changes["quiet_hours"] = None if begin is None else QuietHours(begin=begin, end=end)
        if "digest_at" in changed:
            changes["digest_at"] = typed["digest_at"]
        if "reminder_minutes" in changed:
            changes["reminder_minutes"] = typed["reminder_minutes"]
        return changes

    def _initial(self, preferences: Preferences) -> dict[str, Any]:
        quiet = preferences.quiet_hours
        chosen = {
            name: [topic.value for topic in topics if preferences.wants(topic, self._ways[name])]
            for name, topics in self._offered.items()
        }
        return {
            **chosen,
            "digest_at": preferences.digest_at,
            "quiet_from": quiet and quiet.begin,
            "quiet_until": quiet and quiet.end,
            "reminder_minutes": preferences.reminder_minutes,
        }


class SchoolNotificationsForm(ChoicesForm):
    """The same for everybody, and who is told that somebody is missing."""

    absence_minutes = forms.IntegerField(
        label=gettext_lazy("Tell that somebody is missing, so many minutes after they would be late"),
        help_text=gettext_lazy("Empty: nobody is told. Who is excused or may be there unrecognised is not named."),
        required=False,
        min_value=0,
        max_value=MOST_MINUTES,
    )
    absence_tells = forms.MultipleChoiceField(
        label=gettext_lazy("Who is told that somebody is missing"),
        choices=(
            (Told.TEACHER, gettext_lazy("Whoever holds the session")),
            (Told.ADMINS, gettext_lazy("Admins")),
            (Told.GUARDIANS, gettext_lazy("The student’s guardians")),
        ),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(
        self, data: QueryDict | None, *, preferences: Preferences, alerts: AbsenceAlerts, texts: Sequence[Channel]
    ) -> None:
        minutes = None if alerts.after is None else alerts.after // timedelta(minutes=1)
        super().__init__(
            data,
            role=Role.ADMIN,
            preferences=preferences,
            texts=texts,
            absence_minutes=minutes,
            absence_tells=sorted(alerts.tells),
        )
        self.fields["by_push"].label = _("Show on their devices")
        self.fields["reminder_minutes"].label = _("Remind people of each session")
        self.fields["reminder_minutes"].help_text = _("Of those they teach or are expected at.")

    def changes(self) -> PreferenceChanges:
        """Return what is to be changed."""
        changes = super().changes()
        if {"absence_minutes", "absence_tells"} & set(self.changed_data):
            minutes = self.cleaned_data["absence_minutes"]
            after = None if minutes is None else timedelta(minutes=minutes)
            tells = frozenset(Told(who) for who in self.cleaned_data["absence_tells"])
            changes["absences"] = AbsenceAlerts(after=after, tells=tells)
        return changes


class NotificationsForm(ChoicesForm):
    """
    The same about oneself; and of a guardian's `children`, by name, of which they are told what at all.
    """

    wants_mail = forms.BooleanField(
        label=gettext_lazy("Send me notifications by mail"),
        help_text=gettext_lazy("Without it they wait for you under Notifications."),
        required=False,
    )
    field_order = ("wants_mail",)

    def __init__(
        self, data: QueryDict | None, *, children: Sequence[User], preferences: Preferences, **more: Any
    ) -> None:
        self._children = {f"child_{child.pk.hex}": child for child in children}
        of_children: dict[str, Any] = {
            name: [topic.value for topic in BY_CHILD if preferences.wants_of(child.pk, topic)]
            for name, child in self._children.items()
        }
        super().__init__(data, preferences=preferences, **of_children, **more)
        for name, child in self._children.items():
            self.fields[name] = forms.MultipleChoiceField(
                label=isolated(child.name),
                choices=[(topic.value, TITLES_BY_CHILD[topic]) for topic in BY_CHILD],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    @property
    def children(self) -> list[BoundField]:
        """Of what they are told about each child."""
        return [self[name] for name in self._children]

    @property
    def others(self) -> list[BoundField]:
        """The other fields."""
        return [field for field in super().others if field.name not in self._children]

    def changes(self) -> PreferenceChanges:
        """Return what is to be changed."""
        changes = super().changes()
        changed = {
            str(child.pk): {
                topic.value: topic.value in self.cleaned_data[name]
                for topic in BY_CHILD
                if (topic.value in self.initial[name]) is not (topic.value in self.cleaned_data[name])
            }
            for name, child in self._children.items()
            if name in self.changed_data
        }
        if changed:
            changes["children"] = changed
        return changes


class NumberForm(forms.Form):
    """A phone number, and how a code is to be sent to it."""

    number = LineField(
        label=gettext_lazy("Phone number"),
        help_text=gettext_lazy("With its country code, such as +966 50 123 4567. A code is sent there."),
        max_length=32,
        widget=forms.TextInput(attrs={"type": "tel", "dir": "ltr", "autocomplete": "tel"}),
    )
    channel = forms.TypedChoiceField(label=gettext_lazy("Send the code by"), coerce=Channel)

    def __init__(self, data: QueryDict | None, *, texts: Sequence[Channel]) -> None:
        super().__init__(data)
        self.fields["channel"].choices = [(one.value, one.label) for one in texts]  # type: ignore[attr-defined]


class CodeForm(forms.Form):
    """The code that was sent."""

    code = LineField(
        label=gettext_lazy("The code"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr", "autocomplete": "one-time-code"}),
    )


def _offered(role: str, way: Way) -> list[Topic]:
    fixed = {Way.MAIL: frozenset[Topic](), Way.PAGE: ALWAYS_ON_PAGE | MAIL_ONLY}.get(way, MAIL_ONLY)
    return [topic for topic in topics_for(role) if topic not in fixed]
