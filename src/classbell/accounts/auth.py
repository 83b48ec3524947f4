"""Who is asking: a bearer token (ours or an outside issuer's), or the session of our own pages with their CSRF token."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from classbell.accounts.issuers import user_of_outside_token
from classbell.accounts.models import User
from classbell.accounts.tokens import user_of_access_token
from classbell.errors import NotAllowed


class ApiRequest(HttpRequest):
    """A request of somebody who is signed in: what `@allowed` guarantees."""

    user: User


class CsrfFailed(NotAllowed):
    """A page's request lacks its CSRF token: it may come from somebody else's page."""

    code = "csrf_failed"

    def __init__(self) -> None:
        super().__init__(_("The CSRF token is missing or wrong. Load the page again."))


class BearerToken(HttpBearer):
    """`Authorization: Bearer <JWT>`."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Return whose token it is, and make it the request's user."""
        user = user_of_access_token(token) or user_of_outside_token(token)
        if user is not None:
            request.user = user
        return user


class PageSession(APIKeyCookie):
    """The session cookie of somebody signed in to the pages; anything but reading needs the CSRF token too."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> User | None:
        """Return who is signed in. A request with a token of its own, even a bad one, is not a page's."""
        if "Authorization" in request.headers or not isinstance(request.user, User) or not request.user.is_active:
            return None
        if check_csrf(request) is not None:
            raise CsrfFailed
        return request.user

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """Not asked: the session was read before."""
        return None


# What every operation accepts unless it says otherwise.
SIGNED_IN = (BearerToken(), PageSession())
