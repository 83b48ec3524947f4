"""The rules of attendance as an admin or a teacher types them."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from classbell.fields import DayField
from classbell.meetings.attendance.policy_schemas import LONGEST_MINUTES
from classbell.meetings.judging.inputs import Policy
from classbell.web.kit.forms.kept import KeptForm


def _minutes(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=0, max_value=LONGEST_MINUTES)


def _percent(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=0, max_value=100)


class AttendanceRulesForm(KeptForm):
    """The rules, and from when on they hold."""

    late_after_minutes = _minutes(gettext_lazy("Late after: minutes"))
    present_percent = _percent(
        gettext_lazy("Present: from per cent of the time"),
        gettext_lazy("Of the scheduled time for as long as the meeting really ran."),
    )
    partial_percent = _percent(
        gettext_lazy("Partly there: from per cent of the time"), gettext_lazy("Below it: absent.")
    )
    grace_before_minutes = _minutes(gettext_lazy("Forgiven at the beginning: minutes"))
    grace_after_minutes = _minutes(gettext_lazy("Forgiven at the end: minutes"))
    least_minutes = _minutes(
        gettext_lazy("Shortest session: minutes"), gettext_lazy("A session that ran for less does not count.")
    )
    teacher_tolerance_minutes = _minutes(gettext_lazy("Teachers may miss: minutes"))
    difference_minutes = _minutes(
        gettext_lazy("The two sources may differ by: minutes"),
        gettext_lazy("Zoom's live events and its report. Larger differences are shown."),
    )
    void_when_host_never_came = forms.BooleanField(
        label=gettext_lazy("A session to which the teacher never came does not count"), required=False
    )
    since = DayField(
        label=gettext_lazy("Also for the sessions since (optional)"),
        help_text=gettext_lazy(
            "Empty: from now on; past attendance stays as it is. With a day, attendance since then "
            "is calculated again; what people have corrected stays."
        ),
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, policy: Policy) -> None:
        super().__init__(data, initial=asdict(policy))

    def policy(self) -> Policy:
        """Return the rules that were typed; ask only when the form is valid."""
        return Policy(**{name: value for name, value in self.cleaned_data.items() if name != "since"})

    def changes(self) -> dict[str, int | bool]:
        """Return the rules that are changed; ask only when the form is valid."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "since"}
