"""
Form fields through which text, addresses and days come in from pages; `wire` has the same for the API.

Pages and Django's admin use these and none of Django's own for the same.
"""

from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.db import models
from django.utils.translation import gettext as _

from classbell.addresses import Address, NotAnAddress, address_list, checked_email
from classbell.names import LONGEST as LONGEST_NAME
from classbell.text import many_lines, one_line
from classbell.years import is_sensible

LONGEST_LINE: Final = 200
LONGEST_TEXT: Final = 10_000
LONGEST_LIST: Final = 40_000


class LineField(forms.CharField):
    """One line of text."""

    def __init__(self, *, max_length: int = LONGEST_LINE, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def to_python(self, value: Any) -> str | None:
        """Return what was typed as one line. A NUL is left for the field to refuse."""
        typed = super().to_python(value) or ""
        return typed if "\0" in typed else one_line(typed) or self.empty_value


class NameField(LineField):
    """A first or a last name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": LONGEST_NAME} | options)


class TextField(forms.CharField):
    """Longer text, with its line breaks; in a box unless the form has another widget."""

    widget = forms.Textarea

    def __init__(self, *, max_length: int = LONGEST_TEXT, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def to_python(self, value: Any) -> str | None:
        """Return what was typed without what cannot be seen. A NUL is left for the field to refuse."""
        typed = super().to_python(value) or ""
        return typed if "\0" in typed else many_lines(typed) or self.empty_value


class EmailField(forms.EmailField):
    """One address, as it is kept."""

    default_validators = []  # `clean` asks `checked_email`

    def clean(self, value: Any) -> str:
        """Return the address. Raises ValidationError, naming what is none."""
        typed: str = forms.CharField.clean(self, value)
        try:
            return checked_email(typed) if typed else ""
        except NotAnAddress as error:
            raise forms.ValidationError(str(error), code="invalid") from error


class AddressListField(forms.CharField):
    """Addresses as people and mail programs write them, cleaned to a list of Address; at most `most`."""

    widget = forms.Textarea

    def __init__(self, *, most: int, **options: Any) -> None:
        self.most = most
        super().__init__(**{"max_length": LONGEST_LIST} | options)

    def clean(self, value: Any) -> list[Address]:
        """Return the addresses, each once. Raises ValidationError, naming what is none."""
        try:
            found = address_list(super().clean(value))
        except NotAnAddress as error:
            raise forms.ValidationError(str(error), code="invalid") from error
        if self.required and not found:
            raise forms.ValidationError(_("Write at least one e-mail address."), code="required")
        if len(found) > self.most:
            raise forms.ValidationError(
                _("At most %(most)s at once; import a file for more.") % {"most": self.most}, code="too_many"
            )
        return found


class DayField(forms.DateField):
    """A day of the calendar, of the years in which anything is taught."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: Any) -> date | None:
        """Return the day. Raises ValidationError for years that nobody means."""
        day: date | None = super().to_python(value)
        if day is not None and not is_sensible(day):
            raise forms.ValidationError(_("Choose a day of these years."), code="year")
        return day


class MomentField(forms.DateTimeField):
    """A day and a time, read on the clock that holds now, of the years in which anything is taught."""

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment. Raises ValidationError for years that nobody means."""
        moment: datetime | None = super().to_python(value)
        if moment is not None and not is_sensible(moment):
            raise forms.ValidationError(self.error_messages["invalid"], code="year")
        return moment


# How Django's admin pages read what is typed: `formfield_overrides`.
ADMIN_FIELDS: Final[dict[type[models.Field[Any, Any]], dict[str, Any]]] = {
    models.CharField: {"form_class": LineField},
    models.EmailField: {"form_class": EmailField},
    models.TextField: {"form_class": TextField},
    models.URLField: {"assume_scheme": "https"},
}
