"""What is typed about signing in at providers."""

import json
import re
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from onelogin.saml2.errors import OneLogin_Saml2_Error
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from pydantic import SecretStr, ValidationError

from classbell.accounts.models import Role, User
from classbell.accounts.services import RolesTogether, lead_of
from classbell.accounts.sso.provider import OPENID, PEM_BEGINS, PEM_ENDS, SAML, Provider, Refusal, RoleRule
from classbell.fields import LineField, TextField
from classbell.web.kit.forms.kept import KeptForm

CODE: Final = {"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}
LONGEST_CLAIMS: Final = 20_000


class RulesField(TextField):
    """Rules of roles, one a line: `groups = teachers: teacher`."""

    def prepare_value(self, value: Any) -> Any:
        """Return kept rules as they are written."""
        if isinstance(value, str | None):
            return value
        return "\n".join(f"{rule.claim} = {rule.value}: {', '.join(rule.roles)}" for rule in value)

    def clean(self, value: Any) -> list[dict[str, str]]:
        """Return the rules. Raises ValidationError, naming the line that is none."""
        roles = {name: role.value for role in Role for name in (role.value, str(role.label).lower())}
        rules = []
        for line in (super().clean(value) or "").splitlines():
            if not line.strip():
                continue
            asked, _colon, said = line.rpartition(":")
            claim, _equals, wanted = asked.partition(" = ")
            given = _roles([roles.get(name.strip().lower(), "") for name in re.split("[,،]", said)])
            if not claim.strip() or not wanted.strip() or not given:
                text = _("“%(line)s” is no rule; write one such as groups = teachers: teacher.")
                raise forms.ValidationError(text % {"line": line[:80]})
            rules.append({"claim": claim.strip(), "value": wanted.strip(), "role": given})
        return rules


def _roles(named: list[str]) -> str:
    """Return the roles that a line names as a rule keeps them, "" where they do not go together."""
    try:
        role, learns = lead_of(named)
    except RolesTogether:
        return ""
    return f"{role}+{Role.STUDENT}" if learns else role.value


class ProviderForm(KeptForm):
    """What both protocols ask for. `kind` is the protocol, `kept` the provider as it is, None for a new one."""

    kind = ""
    name = LineField(
        label=gettext_lazy("Name"), help_text=gettext_lazy("It stands on the button: Sign in with …"), max_length=40
    )
    slug = LineField(
        label=gettext_lazy("Short name"),
        help_text=gettext_lazy("Part of the addresses that the provider is told. It stays."),
        max_length=40,
        widget=forms.TextInput(attrs=CODE | {"pattern": "[a-z][a-z0-9-]+"}),
    )
    domains = LineField(
        label=gettext_lazy("E-mail domains of the school"),
        help_text=gettext_lazy("Only people with such addresses come in, such as school.example. Empty: any."),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs=CODE),
    )
    vouches = forms.BooleanField(
        label=gettext_lazy("It gives out the addresses of these domains itself"),
        help_text=gettext_lazy("For Microsoft Entra, which does not say whether an address is verified."),
        required=False,
    )
    makes_accounts = forms.BooleanField(
        label=gettext_lazy("People of these domains get an account when they first sign in"),
        help_text=gettext_lazy("Without it, only people who were invited come in."),
        required=False,
    )
    roles = RulesField(
        label=gettext_lazy("Rules for roles"),
        help_text=gettext_lazy(
            "One a line, the first that fits holds: groups = teachers: teacher. Who fits none is a student. Empty: roles "
            "are given here."
        ),
        required=False,
        widget=forms.Textarea(attrs=CODE | {"rows": 4}),
    )
    may_make_admins = forms.BooleanField(
        label=gettext_lazy("Rules may make admins"),
        help_text=gettext_lazy("Whoever decides about groups there then decides who runs Classbell."),
        required=False,
    )
    is_on = forms.BooleanField(
        label=gettext_lazy("Shown on the sign-in page"),
        help_text=gettext_lazy("Try it first; that works while it is off, too."),
        required=False,
    )
    # Fields of one protocol, which stand after name and short name.
    own: tuple[str, ...] = ()

    def __init__(self, data: QueryDict | None = None, *, kept: Provider | None) -> None:
        super().__init__(data, initial=_initial(kept) if kept else None)
        self.kept = kept
        if kept is not None:
            del self.fields["slug"]
        self.order_fields(["name", "slug", *self.own])
        self.provider: Provider | None = None

    def clean(self) -> dict[str, Any]:
        """Make a provider of it, or say at each field what does not do."""
        given = super().clean() or {}
        if self.errors:
            return given
        said = {name: value for name, value in given.items() if name in Provider.model_fields}
        try:
            self.provider = Provider(**{"slug": self.kept.slug if self.kept else "", "kind": self.kind} | said)
        except ValidationError as error:
            for one in error.errors():
                self._refuse(one)
        return given

    def _refuse(self, error: Any) -> None:
        reason = error.get("ctx", {}).get("error")
        if isinstance(reason, Refusal):
            field, text = reason.field, _(str(reason))
        elif error["loc"][:1] == ("slug",):
            field, text = "slug", _("Write small Latin letters, digits and hyphens, a letter first.")
        else:
            field, text = str(error["loc"][0]), _("This does not do.")
        self.add_error(field if field in self.fields else None, text)


class OpenIDForm(ProviderForm):
    """An OpenID Connect provider."""

    kind = OPENID
    own = ("issuer", "client_id", "client_secret")
    issuer = LineField(
        label=gettext_lazy("Issuer"),
        help_text=gettext_lazy("Its address, such as https://accounts.google.com, to the letter."),
        widget=forms.URLInput(attrs=CODE),
    )
    client_id = LineField(label=gettext_lazy("Client ID"), max_length=191, widget=forms.TextInput(attrs=CODE))
    client_secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        help_text=gettext_lazy("Never shown again. Empty: the one that is kept stays."),
        required=False,
        max_length=2000,
        widget=forms.PasswordInput(attrs=CODE | {"autocomplete": "new-password"}),
    )

    def clean_client_secret(self) -> SecretStr:
        """Keep it from being shown by accident."""
        return SecretStr(self.cleaned_data["client_secret"].strip())


class SamlForm(ProviderForm):
    """A SAML identity provider."""

    kind = SAML
    own = ("metadata", "entity_id", "sso_url", "certificate")
    metadata = forms.CharField(
        label=gettext_lazy("Its metadata (XML)"),
        help_text=gettext_lazy("Paste it, and leave the next three empty; or fill them in yourself."),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs=CODE | {"rows": 4}),
    )
    entity_id = LineField(label=gettext_lazy("Entity ID"), required=False, widget=forms.TextInput(attrs=CODE))
    sso_url = LineField(
        label=gettext_lazy("Address of its sign-in page"),
        help_text=gettext_lazy("SingleSignOnService, HTTP-Redirect."),
        required=False,
        widget=forms.URLInput(attrs=CODE),
    )
    certificate = forms.CharField(
        label=gettext_lazy("Certificate with which it signs"),
        help_text=gettext_lazy("Two, one below the other, while it changes from one to the next."),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs=CODE | {"rows": 4}),
    )

    def __init__(self, data: QueryDict | None = None, *, kept: Provider | None) -> None:
        super().__init__(data, kept=kept)
        # It always does: nothing else says that an address is somebody's.
        del self.fields["vouches"]

    def clean(self) -> dict[str, Any]:
        """Read pasted metadata into the three fields."""
        metadata = self.cleaned_data.get("metadata", "")
        if metadata:
            self.cleaned_data |= self._read(metadata)
        return super().clean()

    def _read(self, metadata: str) -> dict[str, str]:
        try:
            idp = OneLogin_Saml2_IdPMetadataParser.parse(metadata)["idp"]
            signing = [idp["x509cert"]] if "x509cert" in idp else idp["x509certMulti"]["signing"]
            certificate = "".join(f"{PEM_BEGINS}{one}{PEM_ENDS}" for one in signing)
            sso_url = idp["singleSignOnService"]["url"]
            return {"entity_id": idp["entityId"], "sso_url": sso_url, "certificate": certificate}
        except (OneLogin_Saml2_Error, LookupError, TypeError, ValueError, SyntaxError):
            self.add_error("metadata", _("That is no metadata of a SAML identity provider."))
            return {}


class ClaimsForm(forms.Form):
    """What a provider says of somebody, pasted."""

    claims = forms.CharField(
        label=gettext_lazy("Claims, as JSON"),
        help_text=gettext_lazy("What an ID token holds, for example from the provider’s own test page."),
        max_length=LONGEST_CLAIMS,
        widget=forms.Textarea(attrs=CODE | {"rows": 6}),
    )

    def clean_claims(self) -> dict[str, Any]:
        """Return the claims. Raises ValidationError."""
        try:
            claims = json.loads(self.cleaned_data["claims"])
        except ValueError:
            claims = None
        if not isinstance(claims, dict):
            raise forms.ValidationError(_('Write an object in JSON, such as {"email": "amina@school.example"}.'))
        return claims


class PolicyForm(forms.Form):
    """Whether people may sign in without a provider."""

    only_providers = forms.BooleanField(
        label=gettext_lazy("People sign in with their school account only"),
        help_text=gettext_lazy("Passwords and passkeys then let in nobody but the admin below. Cards go on working."),
        required=False,
    )
    always_in = forms.ModelChoiceField(
        label=gettext_lazy("Who can always sign in with a password"),
        help_text=gettext_lazy("For when the provider does not answer. A second step of their own is wise."),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("Nobody"),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["always_in"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 -- written above
        field.queryset = User.objects.filter(role=Role.ADMIN, is_active=True)


def _initial(kept: Provider) -> dict[str, Any]:
    rules: tuple[RoleRule, ...] = kept.roles
    return kept.model_dump(exclude={"slug", "client_secret", "roles", "domains"}) | {
        "domains": ", ".join(kept.domains),
        "roles": rules,
    }
