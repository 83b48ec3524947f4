"""What the school keeps of one person."""

from typing import cast

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import Role, User
from classbell.accounts.services import PersonChanges
from classbell.fields import EmailField, LineField, NameField
from classbell.web.kit.forms.kept import KeptForm
from classbell.web.people.forms.people import learns_field, timezone_field


class PersonForm(KeptForm):
    """For admins: names, address, role, place, what another program calls them, and a Zoom account of their own."""

    first_name = NameField(label=gettext_lazy("First name"), required=False)
    last_name = NameField(label=gettext_lazy("Last name"), required=False)
    email = EmailField(
        label=gettext_lazy("E-mail"),
        help_text=gettext_lazy("They sign in with it. Empty for who comes in by a card."),
        required=False,
    )
    role = forms.TypedChoiceField(label=gettext_lazy("Role"), choices=Role.choices, coerce=Role)
    learns = learns_field()
    timezone = timezone_field()
    locale = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    external_id = LineField(
        label=gettext_lazy("External id"),
        help_text=gettext_lazy(
            "What the school’s own program calls them; lists find them by it when their e-mail changes."
        ),
        max_length=64,
        required=False,
    )
    zoom_user = LineField(
        label=gettext_lazy("Own Zoom account"),
        help_text=gettext_lazy(
            "Its e-mail, when they teach with a licence of their own. Empty: the school’s hosts serve."
        ),
        max_length=128,
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, person: User) -> None:
        initial = {name: getattr(person, name) for name in self.base_fields} | {"email": person.address}
        super().__init__(data, initial=initial | {"external_id": person.external_id or ""})
        self._had_address = person.has_address

    def changes(self) -> PersonChanges:
        """Return what was changed, as the accounts take it."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data if name not in {"role", "learns"}}
        if {"role", "learns"} & set(self.changed_data):
            role, learns = self.cleaned_data["role"], self.cleaned_data["learns"]
            changed["roles"] = list(dict.fromkeys([role, *([Role.STUDENT] if learns else [])]))
        return cast("PersonChanges", changed)

    def clean_email(self) -> str:
        """Keep an address, once there is one: it is what they sign in with."""
        email: str = self.cleaned_data["email"]
        if self._had_address and not email:
            raise forms.ValidationError(_("Write the address that they sign in with."))
        return email
