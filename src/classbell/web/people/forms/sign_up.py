"""What somebody says who signs up, and how an admin lets people sign up."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from classbell.accounts.sign_up_models import LONGEST_WORDS, SignUpMode, SignUpRole, SignUpRule
from classbell.accounts.sso.provider import Refusal, domain_list, well_formed_domains
from classbell.fields import EmailField, LineField, NameField, TextField
from classbell.web.people.forms.people import timezone_field


class SignUpForm(forms.Form):
    """Who somebody is, and as what they want an account."""

    role = forms.ChoiceField(label=gettext_lazy("I am a"), choices=SignUpRole.choices)
    first_name = NameField(label=gettext_lazy("First name"))
    last_name = NameField(label=gettext_lazy("Last name"), required=False)
    email = EmailField(label=gettext_lazy("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    timezone = timezone_field()
    words = TextField(
        label=gettext_lazy("A few words to the school"),
        help_text=gettext_lazy("If somebody there looks at your request: who you are and what you look for."),
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, offered: Sequence[SignUpRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)  # noqa: S101 -- it stands above
        role.choices = [(one.value, one.label) for one in offered]
        if len(offered) == 1:
            role.widget, role.initial = forms.HiddenInput(), offered[0].value
        if not self.is_bound:  # zone.js writes the device's own there
            self.fields["timezone"].widget.attrs["data-device-zone"] = ""


class RuleForm(forms.Form):
    """How one role signs up."""

    mode = forms.ChoiceField(label=gettext_lazy("Signing up"), choices=SignUpMode.choices)
    domains = LineField(
        label=gettext_lazy("Only with addresses of"),
        help_text=gettext_lazy("Domains such as school.example, with commas between them. Empty: any address."),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"dir": "ltr", "spellcheck": "false", "autocomplete": "off"}),
    )

    def __init__(self, data: QueryDict | None, *, rule: SignUpRule) -> None:
        initial = {"mode": rule.mode, "domains": ", ".join(rule.domains)}
        super().__init__(data, prefix=rule.role, initial=initial)
        self.title = SignUpRole(rule.role).label

    def clean_domains(self) -> list[str]:
        """Return the domains, each once, in lower case."""
        found = domain_list(self.cleaned_data["domains"])
        try:
            return list(well_formed_domains(tuple(found) if isinstance(found, list) else ()))
        except Refusal as error:
            raise forms.ValidationError(gettext_lazy(str(error)), code="invalid") from error
