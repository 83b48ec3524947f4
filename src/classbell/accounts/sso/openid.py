"""
Signing in by OpenID Connect: django-allauth's code flow, always with PKCE, a state and a nonce.

What allauth leaves open is closed here: the discovery document must be the issuer's own, the ID token is checked in full
(`id_tokens`), and what the UserInfo endpoint adds must be about the same person. Nothing of the flow can be chosen by the
address with which it begins.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final
from urllib.parse import urljoin

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import get_random_string

from classbell.accounts.sso.claims import identity_of, values_of
from classbell.accounts.sso.id_tokens import Untrusted, id_token_claims
from classbell.accounts.sso.links import Arrival, link_key
from classbell.accounts.sso.provider import Provider, is_address

NONCE: Final = "nonce"
# Where the discovery document sends people and us. A file of this machine is none of them.
ENDPOINTS: Final = frozenset({"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"})


class OpenIDAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """Talks to one provider during one request."""

    # What this sign-in began with; without one, no ID token is good.
    nonce = ""

    def get_provider(self) -> "OpenIDProvider":
        """Return the provider, read once a request."""
        return self._provider

    @cached_property
    def _provider(self) -> "OpenIDProvider":
        provider: OpenIDProvider = super().get_provider()
        return provider

    @property
    def said(self) -> Provider:
        """What an admin said of the provider."""
        said: Provider = self.get_provider().app.said
        return said

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return the discovery document. Raises OAuth2Error for one that is another issuer's, RequestException."""
        config: dict[str, Any] = super().openid_config
        if not isinstance(config, dict) or config.get("issuer") != self.said.issuer:
            raise OAuth2Error(f"another issuer: {config.get('issuer') if isinstance(config, dict) else ''}")
        for name in ENDPOINTS & config.keys():
            if not is_address(config[name]):
                raise OAuth2Error(f"{name} is no https address")
        return config

    @property
    def basic_auth(self) -> bool:
        """Whether the client says who it is in a header: where the provider takes nothing else, or does not say what."""
        methods = self.openid_config.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return bool(self.said.client_secret.get_secret_value()) and "client_secret_post" not in methods

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Return the address on the installation's own host, whatever host a request named."""
        return callback_address(self.provider_id)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """Return who signs in. Raises OAuth2Error."""
        config, said = self.openid_config, self.said
        try:
            claims = id_token_claims(
                str(kwargs["response"].get("id_token", "")),
                issuer=said.issuer,
                client_id=said.client_id,
                keys_url=config["jwks_uri"],
                nonce=self.nonce,
                access_token=token.token,
            )
        except Untrusted as error:
            raise OAuth2Error(f"ID token: {error}") from error
        if config.get("userinfo_endpoint") and _lacks_something(said, claims):
            claims = self._more_about(claims, token.token)
        login = self.get_provider().sociallogin_from_response(request, claims)
        login.arrival = Arrival(claims=claims, sid=str(claims.get("sid", "")), sign_out_url=_sign_out_url(config, said))
        return login

    def _more_about(self, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
        more = self._fetch_user_info(access_token)
        if not isinstance(more, Mapping) or more.get("sub") != claims["sub"]:
            raise OAuth2Error("UserInfo is about somebody else")
        # Whether an address is verified is said of the address beside it, and of no other.
        is_same = claims.get("email", more.get("email")) == more.get("email")
        return {name: value for name, value in more.items() if is_same or name != "email_verified"} | claims


class OpenIDCallback(OAuth2CallbackView):  # type: ignore[misc]  # allauth has no types
    """Where people come back to."""

    adapter: OpenIDAdapter

    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[dict[str, Any] | None, HttpResponse | None]:
        state, response = super()._get_state(request, provider)
        if state is not None:
            self.adapter.nonce = state.get(NONCE) or ""
            # RFC 9207: an answer that names its issuer is not another provider's.
            if request.GET.get("iss", self.adapter.said.issuer) != self.adapter.said.issuer:
                raise OAuth2Error("the answer is of another issuer")
        return state, response


class OpenIDProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth has no types
    """A provider of allauth's, as an admin has set it up."""

    oauth2_adapter_class = OpenIDAdapter
    pkce_enabled_default = True
    # No sign-in by a token that an app hands in.
    supports_token_authentication = False

    @property
    def server_url(self) -> str:
        """Return the address of the discovery document."""
        return f"{self.app.said.issuer.rstrip('/')}/.well-known/openid-configuration"

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Return where it leads to afterwards. Scopes, parameters and purpose are not the address's to choose."""
        next_url = get_next_redirect_url(request)
        return {"process": AuthProcess.LOGIN} | ({"next_url": next_url} if next_url else {})

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Begin a sign-in."""
        nonce = get_random_string(32)
        others = {"auth_params": {NONCE: nonce}, NONCE: nonce}
        response: HttpResponse = super().redirect(request, process, next_url, data, **others)
        return response

    def extract_uid(self, data: Mapping[str, Any]) -> str:
        """Return the key of the link with an account."""
        return link_key(self.app.said.issuer, data["sub"])

    def extract_extra_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Keep by what people know which account of theirs it is, and nothing else."""
        return {"email": identity_of(self.app.said, data).email}

    def extract_common_fields(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing: accounts are found and made by `people`."""
        return {}

    def extract_email_addresses(self, data: Mapping[str, Any]) -> list[Any]:
        """Nothing, likewise."""
        return []


def callback_address(slug: str) -> str:
    """Return the redirect URI that admins register at the provider."""
    return urljoin(settings.ENVIRONMENT.public_url, reverse("openid_connect_callback", args=[slug]))


def _lacks_something(said: Provider, claims: Mapping[str, Any]) -> bool:
    unsaid = not all(values_of(claims, rule.claim) for rule in said.roles)
    return unsaid or "email" not in claims or ("email_verified" not in claims and not said.vouches)


def _sign_out_url(config: Mapping[str, Any], said: Provider) -> str:
    address = config.get("end_session_endpoint")
    return address if isinstance(address, str) and address.startswith(("https://", "http://")) else ""
