"""What is typed of accounts at Zoom."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy

from classbell.fields import LineField
from classbell.meetings.account_changes import AccountInvalid, check_apps_webhook_secret
from classbell.meetings.models import ZoomAccount, ZoomPlan
from classbell.meetings.user_app import UserApp
from classbell.meetings.zoom_accounts import secrets_of

CODE: Final = {"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}
SECRET: Final = forms.PasswordInput(attrs={"dir": "ltr", "autocomplete": "off"})


class AccountForm(forms.Form):
    """An account's name, its app's credentials and what it may do. What is kept of secrets is not shown: empty keeps them."""

    name = LineField(
        label=gettext_lazy("What you call it"),
        max_length=100,
        help_text=gettext_lazy("Such as the campus it belongs to."),
    )
    account_id = LineField(label=gettext_lazy("Account ID"), max_length=64, widget=forms.TextInput(attrs=CODE))
    client_id = LineField(label=gettext_lazy("Client ID"), max_length=128, widget=forms.TextInput(attrs=CODE))
    client_secret = LineField(label=gettext_lazy("Client secret"), widget=SECRET)
    webhook_secret = LineField(
        label=gettext_lazy("Secret token of its messages"),
        required=False,
        widget=SECRET,
        help_text=gettext_lazy("From the app’s page “Feature”, so that what Zoom tells of its meetings is taken."),
    )
    plan = forms.ChoiceField(label=gettext_lazy("Its plan"), choices=ZoomPlan.choices, initial=ZoomPlan.PRO)
    seats_per_host = forms.IntegerField(
        label=gettext_lazy("Meetings that a host may run at once"), min_value=1, max_value=20, initial=1
    )
    sdk_key = LineField(
        label=gettext_lazy("Meeting SDK: key"),
        required=False,
        max_length=128,
        widget=forms.TextInput(attrs=CODE),
        help_text=gettext_lazy("Only for meetings inside this page."),
    )
    sdk_secret = LineField(label=gettext_lazy("Meeting SDK: secret"), required=False, widget=SECRET)
    api_url = LineField(
        label=gettext_lazy("Address of its API"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs=CODE | {"inputmode": "url"}),
        help_text=gettext_lazy("Leave it empty, unless Zoom has given the school another address."),
    )
    oauth_url = LineField(
        label=gettext_lazy("Address of its tokens"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs=CODE | {"inputmode": "url"}),
    )

    def __init__(self, data: Any = None, *, kept: ZoomAccount | None = None) -> None:
        names = ("name", "client_id", "plan", "seats_per_host", "sdk_key", "api_url", "oauth_url")
        super().__init__(data, initial={name: getattr(kept, name) for name in names} if kept is not None else None)
        if kept is not None:
            del self.fields["account_id"]
            self.fields["client_secret"].required = False
            sealed = secrets_of(kept)
            for name in ("client_secret", "webhook_secret", "sdk_secret"):
                if not getattr(sealed, name):
                    continue
                self.fields[name].help_text = gettext_lazy("Kept; write another to change it")

    def values(self) -> dict[str, Any]:
        """Return what was typed, once it is valid: secrets that were left empty are not among it."""
        secrets = {"client_secret", "webhook_secret", "sdk_secret"}
        typed = {name: value for name, value in self.cleaned_data.items() if value or name not in secrets}
        typed.pop("account_id", None)
        return typed


class UserAppForm(forms.Form):
    """The app that teachers consent to. What is kept of secrets is not shown: empty keeps them."""

    client_id = LineField(label=gettext_lazy("Client ID"), max_length=128, widget=forms.TextInput(attrs=CODE))
    client_secret = LineField(label=gettext_lazy("Client secret"), widget=SECRET)
    webhook_secret = LineField(
        label=gettext_lazy("Secret token of its messages"),
        required=False,
        widget=SECRET,
        help_text=gettext_lazy("From the app’s page “Feature”, so that what Zoom tells of its meetings is taken."),
    )

    def __init__(self, data: Any = None, *, kept: UserApp | None = None) -> None:
        super().__init__(data, initial={"client_id": kept.client_id} if kept is not None else None)
        if kept is None:
            return
        self.fields["client_secret"].required = False
        for name in ("client_secret", "webhook_secret"):
            if getattr(kept, name):
                self.fields[name].help_text = gettext_lazy("Kept; write another to change it")

    def clean_webhook_secret(self) -> str:
        """Refuse the secret of an account."""
        secret = str(self.cleaned_data["webhook_secret"])
        try:
            check_apps_webhook_secret(secret)
        except AccountInvalid as error:
            raise forms.ValidationError(str(error)) from error
        return secret


class BindingForm(forms.Form):
    """In which account somebody's meetings are held."""

    account = forms.ModelChoiceField(
        label=gettext_lazy("Zoom account"),
        queryset=ZoomAccount.objects.none(),
        required=False,
        empty_label=gettext_lazy("any with a free host"),
    )

    def __init__(self, data: Any = None, *, of: dict[str, str], bound: ZoomAccount | None) -> None:
        super().__init__(data, initial={"account": bound})
        field = self.fields["account"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 -- it stands above
        field.queryset = ZoomAccount.objects.filter(account_id__in=of)
