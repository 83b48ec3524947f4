"""An absence as it is told on a page, and the school's rules for excuses as an admin types them."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.errors import DomainError
from classbell.excuses.models import LONGEST_KIND, MOST_HOURS, ExcuseRules
from classbell.excuses.services import Absence
from classbell.fields import TextField
from classbell.groups.models import Group
from classbell.meetings.models import Occurrence
from classbell.web.kit.forms.days import DaysForm
from classbell.web.kit.forms.kept import KeptForm

MOST_KINDS = 50
# The names that services have for what this form asks for in two fields each.
FIELDS = {"from": "first_day", "until": "last_day"}


class ExcuseForm(DaysForm):
    """One session, or days and hours with all sessions or those of one group; why, and perhaps a paper."""

    group = forms.ModelChoiceField(
        label=gettext_lazy("From what"),
        queryset=Group.objects.none(),
        required=False,
        empty_label=gettext_lazy("All sessions in that time"),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind of reason"), required=False)
    reason = TextField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Only the teachers and the school's admins read it."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    document = forms.FileField(
        label=gettext_lazy("A document (optional)"),
        help_text=gettext_lazy("A PDF or a photo (PNG, JPEG), such as a doctor's note."),
        required=False,
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/png,image/jpeg"}),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[Any]] | None = None,
        *,
        groups: QuerySet[Group],
        kinds: Sequence[str],
        occurrence: Occurrence | None,
        zone: ZoneInfo,
        today: date,
    ) -> None:
        super().__init__(data, files, initial={"first_day": today})
        self._occurrence, self._zone = occurrence, zone
        if occurrence is not None:
            for name in (*DaysForm.base_fields, "group"):
                del self.fields[name]
        else:
            self.fields["group"].queryset = groups.distinct().order_by("name")  # type: ignore[attr-defined]  # a choice of models
        if kinds:
            self.fields["kind"].choices = [("", _("Another")), *((kind, kind) for kind in kinds)]  # type: ignore[attr-defined]
        else:
            del self.fields["kind"]

    def absence(self) -> Absence:
        """Return what was told; ask only when the form is valid."""
        data = self.cleaned_data
        starts_at, ends_at = (None, None) if self._occurrence else self.period(self._zone)
        group: Group | None = data.get("group")
        return Absence(
            reason=data["reason"],
            starts_at=starts_at,
            ends_at=ends_at,
            occurrence_id=self._occurrence.pk if self._occurrence else None,
            group_id=_pk(group),
            kind=data.get("kind", ""),
        )

    def refuse(self, error: DomainError) -> None:
        """Say what a service refused, beside its field where that is named."""
        names = [FIELDS.get(str(one.get("field")), str(one.get("field"))) for one in error.details]
        known = next((name for name in names if name in self.fields), None)
        self.add_error(known, str(error))


class KindsField(TextField):
    """Kinds of reason, one a line."""

    def clean(self, value: Any) -> list[str]:
        """Return them, each once. Raises ValidationError for one that is too long, and for too many."""
        typed = super().clean(value) or ""
        kinds = list(dict.fromkeys(line.strip() for line in typed.splitlines() if line.strip()))
        if any(len(kind) > LONGEST_KIND for kind in kinds):
            raise forms.ValidationError(_("A kind has at most %(most)s characters.") % {"most": LONGEST_KIND})
        if len(kinds) > MOST_KINDS:
            raise forms.ValidationError(_("At most %(most)s kinds.") % {"most": MOST_KINDS})
        return kinds


class ExcuseRulesForm(KeptForm):
    """When a rule accepts an excuse at once, which kinds of reason there are, and when one makes up for what one missed."""

    accepts_at_once = forms.BooleanField(label=gettext_lazy("Accept by rule what is told early enough"), required=False)
    hours_ahead = forms.IntegerField(
        label=gettext_lazy("How early: hours before the first session"), min_value=0, max_value=MOST_HOURS
    )
    monthly_quota = forms.IntegerField(
        label=gettext_lazy("How often: times a month for each student"),
        help_text=gettext_lazy("What is told more often is decided by a person. Empty: as often as needed."),
        min_value=1,
        max_value=1000,
        required=False,
    )
    kinds_at_once = KindsField(
        label=gettext_lazy("Kinds of reason that the rule accepts"),
        help_text=gettext_lazy(
            "One a line. With no kinds in either list nobody is asked for one, and the rule accepts all."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    kinds_decided = KindsField(
        label=gettext_lazy("Kinds of reason that a person decides"),
        help_text=gettext_lazy("One a line."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    makeup_hours_ahead = forms.IntegerField(
        label=gettext_lazy("Make-up lessons: told how many hours before the session"),
        help_text=gettext_lazy(
            "Whoever is excused from a session, told it this early and does not come may book a lesson with its teacher to "
            "make up for it. Empty: no make-up lessons for excused absence."
        ),
        min_value=0,
        max_value=MOST_HOURS,
        required=False,
    )
    makeup_days = forms.IntegerField(
        label=gettext_lazy("How many days after the session it can be used"), min_value=1, max_value=366
    )
    makeup_monthly_quota = forms.IntegerField(
        label=gettext_lazy("For how many sessions of a month"),
        help_text=gettext_lazy("Of each student. Empty: for any number."),
        min_value=1,
        max_value=1000,
        required=False,
    )
    makeup_term_quota = forms.IntegerField(
        label=gettext_lazy("For how many sessions of a term"),
        help_text=gettext_lazy("Of a term that was imported. Empty: for any number."),
        min_value=1,
        max_value=1000,
        required=False,
    )
    makeup_kinds = KindsField(
        label=gettext_lazy("For which kinds of reason"),
        help_text=gettext_lazy("One a line, of those above. Empty: for all."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: QueryDict | None = None, *, rules: ExcuseRules) -> None:
        super().__init__(
            data,
            initial={
                "accepts_at_once": rules.accepts_at_once,
                "hours_ahead": rules.hours_ahead,
                "monthly_quota": rules.monthly_quota,
                "kinds_at_once": "\n".join(rules.kinds_at_once),
                "kinds_decided": "\n".join(rules.kinds_decided),
                "makeup_hours_ahead": rules.makeup_hours_ahead,
                "makeup_days": rules.makeup_days,
                "makeup_monthly_quota": rules.makeup_monthly_quota,
                "makeup_term_quota": rules.makeup_term_quota,
                "makeup_kinds": "\n".join(rules.makeup_kinds),
            },
        )

    def changes(self) -> dict[str, Any]:
        """Return the rules that are changed; ask only when the form is valid."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def refuse(self, error: DomainError) -> None:
        """Say what the service refused beside its field."""
        self.add_error(str(error.details[0]["field"]), str(error))


def _pk(group: Group | None) -> UUID | None:
    return group.pk if group is not None else None
