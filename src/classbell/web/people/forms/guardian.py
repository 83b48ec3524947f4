"""Who is to be a student's guardian."""

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy

from classbell.accounts.guardians.relations import RELATIONS
from classbell.fields import EmailField, NameField

# Apart from the fields of the person whose page it stands on.
PREFIX: Final = "guardian"


class GuardianForm(forms.Form):
    """For admins: an address and, for who has no account yet, a name."""

    email = EmailField(
        label=gettext_lazy("E-mail"),
        help_text=gettext_lazy("Who has an account already keeps it; others are invited."),
    )
    first_name = NameField(label=gettext_lazy("First name"), required=False)
    last_name = NameField(label=gettext_lazy("Last name"), required=False)
    relation = forms.ChoiceField(
        label=gettext_lazy("What they are to the student"),
        choices=[("", "–"), *RELATIONS.items()],
        required=False,
    )
