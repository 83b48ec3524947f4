"""A rate and the rules for pay, as admins type them."""

from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.bookings.models import LessonKind
from classbell.earnings.models import MOST_RATE, PayRules, Per
from classbell.earnings.services import CURRENCIES
from classbell.fields import DayField, LineField
from classbell.groups.models import Group
from classbell.web.kit.forms.groups import GroupField
from classbell.web.kit.forms.kept import KeptForm

RULES = ("late_cancellation_percent", "student_away_percent", "pays_unknown")


class RateForm(forms.Form):
    """What a teacher is paid from a day on."""

    in_force_from = DayField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("The first day on which it holds. It may lie in the past: statements follow."),
    )
    amount = forms.DecimalField(label=gettext_lazy("Amount"), min_value=0, max_digits=12, decimal_places=3)
    currency = LineField(
        label=gettext_lazy("Currency"),
        help_text=gettext_lazy("Three letters, such as EUR or SAR."),
        max_length=3,
    )
    per = forms.ChoiceField(label=gettext_lazy("For"), choices=Per.choices, initial=Per.HOUR)
    kind = forms.ModelChoiceField(
        LessonKind.objects.none(),
        label=gettext_lazy("Only for a kind of lesson"),
        required=False,
        empty_label="—",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].queryset = LessonKind.objects.order_by("name", "pk")  # type: ignore[attr-defined]
        self.fields["group"] = GroupField(
            Group.objects.active(), required=False, label=_("Only for a class, circle or course")
        )

    def clean_currency(self) -> str:
        """Return its three letters, of which there is such a currency."""
        currency = str(self.cleaned_data["currency"]).upper()
        if currency not in CURRENCIES:
            raise forms.ValidationError(_("There is no such currency. Write its three letters, such as EUR or SAR."))
        return currency

    def clean(self) -> dict[str, Any]:
        """Work the amount out in the smallest unit of its currency."""
        data = super().clean() or {}
        if data.get("kind") and data.get("group"):
            self.add_error("group", _("Choose a kind of lesson or a class, not both."))
        amount, currency = data.get("amount"), data.get("currency")
        if amount is not None and currency:
            smallest = amount.scaleb(get_currency_precision(currency))
            if smallest != smallest.to_integral_value():
                text = _("%(currency)s has no smaller unit than %(unit)s.")
                unit = Decimal(1).scaleb(-get_currency_precision(currency))
                self.add_error("amount", text % {"currency": currency, "unit": unit})
            elif smallest > MOST_RATE:
                self.add_error("amount", _("That is more than a rate can be."))
            data["smallest"] = int(smallest)
        return data


class PayRulesForm(KeptForm):
    """The school's rules for pay."""

    late_cancellation_percent = forms.IntegerField(
        label=gettext_lazy("Cancelled too late: per cent"),
        help_text=gettext_lazy(
            "Of a lesson that its student lost by cancelling too late: the teacher kept the hour free. 0: nothing is paid."
        ),
        min_value=0,
        max_value=100,
    )
    student_away_percent = forms.IntegerField(
        label=gettext_lazy("No student came: per cent"),
        help_text=gettext_lazy("The teacher was there. 0: nothing is paid."),
        min_value=0,
        max_value=100,
    )
    pays_unknown = forms.BooleanField(
        label=gettext_lazy("Pay sessions of which nothing is known"),
        help_text=gettext_lazy("Such as those in a room, of which Zoom tells nothing."),
        required=False,
    )

    def __init__(self, data: QueryDict | None, *, rules: PayRules) -> None:
        super().__init__(data, initial={name: getattr(rules, name) for name in RULES})

    def changes(self) -> dict[str, Any]:
        """Return the rules that are changed; only of a valid form."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
