"""Signing in, for apps."""

from typing import Any, Final

from django.http import HttpRequest
from ninja import Router

from classbell.accounts import sign_in, tokens
from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, anyone, signed_in
from classbell.accounts.schemas import Done, Me, RefreshToken, SignIn, TokensOut

router = Router(tags=["Signing in"])
NOT_SIGNED_IN: Final[dict[str, Any]] = {"responses": {401: {}}}


@router.post("/token", auth=None, response=TokensOut, openapi_extra=NOT_SIGNED_IN)
@allowed(anyone)
def token(request: HttpRequest, body: SignIn) -> TokensOut:
    """Sign in. 401 when e-mail and password do not belong together; 429 after too many failures."""
    user = sign_in.authenticate(request, email=body.email, password=body.password, code=body.code)
    return _tokens(tokens.issue_tokens(user, asked=request))


@router.post("/token/refresh", auth=None, response=TokensOut, openapi_extra=NOT_SIGNED_IN)
@allowed(anyone)
def refresh(request: HttpRequest, body: RefreshToken) -> TokensOut:
    """Exchange a refresh token for new tokens. It works once: 401 `invalid_refresh_token` afterwards."""
    return _tokens(tokens.refresh_tokens(body.refresh_token, asked=request))


@router.post("/logout", auth=None, response=Done, openapi_extra=NOT_SIGNED_IN)
@allowed(anyone)
def logout(request: HttpRequest, body: RefreshToken) -> Done:
    """End the sign-in of this refresh token; its access tokens with it."""
    tokens.revoke_tokens(body.refresh_token)
    return Done()


@router.get("/me", response=Me)
@allowed(signed_in)
def me(request: ApiRequest) -> Me:
    """Who is signed in."""
    user = request.user
    return Me(
        id=user.pk,
        email=user.address,
        name=user.name,
        first_name=user.first_name,
        last_name=user.last_name,
        role=user.role,
        roles=[role.value for role in user.roles],
        timezone=user.timezone,
        locale=user.locale,
        avatar=user.avatar,
    )


def _tokens(issued: tokens.Tokens) -> TokensOut:
    return TokensOut(
        access_token=issued.access_token,
        refresh_token=issued.refresh_token,
        token_type=issued.token_type,
        expires_in=issued.expires_in,
    )
