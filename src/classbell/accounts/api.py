"""Signing in, for apps."""

from django.http import HttpRequest
from ninja import Router

from classbell.accounts import sign_in, tokens
from classbell.accounts.auth import ApiRequest
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, anyone, signed_in
from classbell.accounts.schemas import Done, Me, RefreshToken, SignIn, TokensOut

router = Router(tags=["Signing in"])


@router.post("/token", auth=None, response=TokensOut)
@allowed(anyone)
def token(request: HttpRequest, body: SignIn) -> tokens.Tokens:
    """Sign in. 401 when e-mail and password do not belong together; 429 after too many failures."""
    user = sign_in.authenticate(request, email=body.email, password=body.password, code=body.code)
    return tokens.issue_tokens(user)


@router.post("/token/refresh", auth=None, response=TokensOut)
@allowed(anyone)
def refresh(request: HttpRequest, body: RefreshToken) -> tokens.Tokens:
    """Exchange a refresh token for new tokens. It works once: 401 `invalid_refresh_token` afterwards."""
    return tokens.refresh_tokens(body.refresh_token)


@router.post("/logout", auth=None, response=Done)
@allowed(anyone)
def logout(request: HttpRequest, body: RefreshToken) -> Done:
    """End the sign-in of this refresh token; its access tokens with it."""
    tokens.revoke_tokens(body.refresh_token)
    return Done()


@router.get("/me", response=Me)
@allowed(signed_in)
def me(request: ApiRequest) -> User:
    """Who is signed in."""
    return request.user
