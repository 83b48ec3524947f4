"""How a program proves which one it is: `Authorization: Bearer <the secret of its key>`."""

from collections.abc import Callable

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from classbell.accounts.keys.secrets import is_meant_as_secret
from classbell.accounts.keys.services import key_of_secret, note_use
from classbell.accounts.models import User
from classbell.errors import NotAllowed

# The scope that a request needs, by its method and path; None where programs have no business.
ScopeOf = Callable[[str, str], str | None]


class ScopeMissing(NotAllowed):
    """The key is good, but was not given this; `details` names the scope."""

    code = "scope_missing"

    def __init__(self, scope: str) -> None:
        text = _("This key lacks the scope %(scope)s. Make a key with it.") % {"scope": scope}
        super().__init__(text)
        self.details = [{"scope": scope}]


class NotForKeys(NotAllowed):
    """It is about a person, and a program is none."""

    code = "not_for_keys"

    def __init__(self) -> None:
        super().__init__(_("This is for people who are signed in; an API key cannot do it."))


class ApiKeyBearer(HttpBearer):
    """`Authorization: Bearer classbell_…`."""

    openapi_description = "An API key of the school. The scope that it needs stands beside it, for each operation."

    def __init__(self, scope_of: ScopeOf) -> None:
        self._scope_of = scope_of
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """
        Let the request be its key's and its key's owner's; None for other tokens.

        Raises KeyRefused, NotForKeys and ScopeMissing.
        """
        if not is_meant_as_secret(token):
            return None
        now = timezone.now()
        key = key_of_secret(token, now=now)
        note_use(key, now=now)
        request.user, request.api_key = key.owner, key  # type: ignore[attr-defined]  # for history and limits
        scope = self._scope_of(request.method or "", request.path_info)
        if scope is None:
            raise NotForKeys
        if scope not in key.scopes:
            raise ScopeMissing(scope)
        return key.owner
