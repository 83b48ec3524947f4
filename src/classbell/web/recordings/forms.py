"""What is typed about recordings."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from classbell.recordings.models import FEWEST_DAYS, MOST_DAYS, MOST_NOTICE_DAYS, RecordingRules, Watchers, WatchRule
from classbell.web.kit.forms.asked_text import AskedTextForm
from classbell.web.kit.forms.kept import KeptForm


class WatchRuleForm(KeptForm):
    """Who may watch the recordings of a class or a meeting, and whether they may keep a copy."""

    watchers = forms.ChoiceField(
        label=gettext_lazy("Who may watch"), help_text=gettext_lazy("Admins always may."), choices=Watchers.choices
    )
    may_download = forms.BooleanField(
        label=gettext_lazy("Students and guardians may keep a copy too"),
        help_text=gettext_lazy("Teachers and admins always may. What is kept elsewhere cannot be deleted here."),
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, rule: RecordingRules | WatchRule) -> None:
        super().__init__(data, initial={name: getattr(rule, name) for name in self.base_fields})

    def changes(self) -> dict[str, Any]:
        """Return what is changed; ask only when the form is valid."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class RecordingRulesForm(WatchRuleForm):
    """The same for the whole school, and how long recordings are kept."""

    keep_days = forms.IntegerField(
        label=gettext_lazy("Delete recordings after how many days"),
        help_text=gettext_lazy(
            "Here and at Zoom, and there for good. Empty: never by rule. An admin can keep single recordings for longer."
        ),
        min_value=FEWEST_DAYS,
        max_value=MOST_DAYS,
        required=False,
    )
    notice_days = forms.IntegerField(
        label=gettext_lazy("Tell the teacher how many days before"), min_value=1, max_value=MOST_NOTICE_DAYS
    )
    erases_lessons = forms.BooleanField(
        label=gettext_lazy("When a person is erased, delete the recordings of sessions with them alone"),
        help_text=gettext_lazy(
            "Of sessions with others, too, the admin is told how many there are, and decides about each of them."
        ),
        required=False,
    )


class KeepForm(forms.Form):
    """Until when a recording is kept at least."""

    kept_until = forms.DateField(
        label=gettext_lazy("Keep it at least until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        required=False,
    )


class RecordingTextForm(AskedTextForm):
    """What people read before they join, in both languages, and whether they are asked."""

    is_asked = forms.BooleanField(label=gettext_lazy("Ask everybody before they join a session"), required=False)
