"""What the school keeps of one person."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from classbell.accounts.models import Role, User
from classbell.fields import LineField, NameField
from classbell.web.kit.forms.kept import KeptForm
from classbell.web.people.forms.people import timezone_field


class PersonForm(KeptForm):
    """For admins: names, role, place, and a Zoom account of their own."""

    first_name = NameField(label=gettext_lazy("First name"), required=False)
    last_name = NameField(label=gettext_lazy("Last name"), required=False)
    role = forms.TypedChoiceField(label=gettext_lazy("Role"), choices=Role.choices, coerce=Role)
    timezone = timezone_field()
    zoom_user = LineField(
        label=gettext_lazy("Own Zoom account"),
        help_text=gettext_lazy(
            "Its e-mail, when they teach with a licence of their own. Empty: the school’s hosts serve."
        ),
        max_length=128,
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, person: User) -> None:
        super().__init__(data, initial={name: getattr(person, name) for name in self.base_fields})
