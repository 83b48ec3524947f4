"""Offers as admins type them, what is bought, and how much of it is refunded."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.bookings.models import LessonKind
from classbell.bookings.models.kind import MOST_PRICE
from classbell.bookings.queries import people_who_may_teach
from classbell.errors import DomainError
from classbell.fields import LineField
from classbell.money import as_typed, in_smallest_unit
from classbell.payments.models import LONGEST_NAME, MOST_LESSONS, Offer
from classbell.payments.offers import CURRENCY, MOST_DAYS, OfferChanges
from classbell.web.kit.forms.teacher import TeacherField

PLAIN: Final = ("name", "lessons", "currency", "valid_days", "kind", "teacher", "is_on_sale")


class OfferForm(forms.Form):
    """Something that is for sale."""

    name = LineField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("As the buyer reads it, here and on the receipt."),
        max_length=LONGEST_NAME,
    )
    lessons = forms.IntegerField(label=gettext_lazy("How many lessons"), min_value=1, max_value=MOST_LESSONS)
    price = forms.DecimalField(
        label=gettext_lazy("Price"),
        help_text=gettext_lazy("For all of them together, taxes included."),
        min_value=0,
        max_digits=9,
        decimal_places=3,
    )
    currency = LineField(
        label=gettext_lazy("Currency"), help_text=gettext_lazy("Three letters, such as EUR or SAR."), max_length=3
    )
    valid_days = forms.IntegerField(
        label=gettext_lazy("For how many days they can be used"),
        help_text=gettext_lazy("From the payment on. Empty: for ever."),
        min_value=1,
        max_value=MOST_DAYS,
        required=False,
    )
    kind = forms.ModelChoiceField(
        LessonKind.objects.none(),
        label=gettext_lazy("For which kind of lesson"),
        empty_label=gettext_lazy("Any"),
        required=False,
    )
    is_on_sale = forms.BooleanField(label=gettext_lazy("It is on sale"), required=False, initial=True)

    field_order = ("name", "lessons", "price", "currency", "valid_days", "kind", "teacher", "is_on_sale")

    def __init__(self, data: Any = None, *, offer: Offer | None) -> None:
        super().__init__(data, initial=_initial(offer))
        kinds = LessonKind.objects.filter(is_active=True)
        if offer is not None and offer.kind_id:
            kinds = kinds | LessonKind.objects.filter(pk=offer.kind_id)
        self.fields["kind"].queryset = kinds  # type: ignore[attr-defined]  # a choice of rows
        self.fields["teacher"] = TeacherField(
            people_who_may_teach(),
            label=gettext_lazy("With which teacher"),
            help_text=gettext_lazy("Empty: with any teacher."),
            required=False,
        )
        self.order_fields(self.field_order)

    def clean_currency(self) -> str:
        """Return the code as it is written everywhere."""
        code = str(self.cleaned_data["currency"]).upper()
        if not CURRENCY.fullmatch(code):
            raise forms.ValidationError(_("Write three letters, such as EUR or SAR."))
        return code

    def clean(self) -> dict[str, Any]:
        """Make of the price what is kept of it."""
        data = super().clean() or {}
        typed, currency = data.get("price"), data.get("currency")
        if typed is not None and currency:
            try:
                data["price"] = in_smallest_unit(typed, currency)
            except ValueError:
                self.add_error(
                    "price", _("There is no such part of this currency: write fewer digits after the point.")
                )
            else:
                if not 1 <= data["price"] <= MOST_PRICE:
                    self.add_error("price", _("It must cost something, and not more than anybody pays."))
        return data

    @property
    def changes(self) -> OfferChanges:
        """What was typed, once valid."""
        data = self.cleaned_data
        return OfferChanges(
            name=data["name"],
            lessons=data["lessons"],
            price=data["price"],
            currency=data["currency"],
            valid_days=data["valid_days"],
            kind=data["kind"],
            teacher=data["teacher"],
            is_on_sale=data["is_on_sale"],
        )


class BuyForm(forms.Form):
    """What the page showed when its button was pressed."""

    price = forms.IntegerField(min_value=1, max_value=MOST_PRICE)
    currency = LineField(max_length=3)


class RefundForm(forms.Form):
    """How many lessons are refunded."""

    lessons = forms.IntegerField(label=gettext_lazy("How many unused lessons to refund"), min_value=1)

    def __init__(self, data: Any = None, *, unused: int) -> None:
        super().__init__(data, initial={"lessons": unused})
        self.fields["lessons"].widget.attrs["max"] = unused

    def refuse(self, error: DomainError) -> None:
        """Say what was refused, beside the number where that is why."""
        named = str(error.details[0].get("field")) if error.details else ""
        self.add_error(named if named in self.fields else None, str(error))


def _initial(offer: Offer | None) -> dict[str, Any]:
    if offer is None:
        return {}
    price: Decimal = as_typed(offer.price, offer.currency)
    return {name: getattr(offer, name) for name in PLAIN} | {"price": price, "kind": offer.kind_id}
