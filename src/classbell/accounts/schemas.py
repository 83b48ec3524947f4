"""What the API of accounts takes and answers."""

from typing import Annotated
from uuid import UUID

from ninja import Field
from pydantic import StringConstraints

from classbell.names import LONGEST as LONGEST_NAME
from classbell.wire import AS_LINE, Email, Input, Output, ShownEmail

Name = Annotated[str, StringConstraints(max_length=LONGEST_NAME), AS_LINE]


class SignIn(Input):
    """E-mail and password; `code` only for accounts with a second factor."""

    email: Email
    password: str = Field(max_length=1024)
    code: str = Field("", max_length=64, description="A code of the authenticator app, or a recovery code.")


class RefreshToken(Input):
    """A refresh token that was not used yet."""

    refresh_token: str = Field(max_length=4096)


class TokensOut(Output):
    """Send the access token as `Authorization: Bearer …`; `expires_in` is its life in seconds."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


class Me(Output):
    """Who is signed in."""

    id: UUID
    email: ShownEmail
    name: str
    first_name: str
    last_name: str
    role: str = Field(description="What leads of `roles`.")
    roles: list[str] = Field(
        description="`student`, `teacher`, `admin`, `guardian`; a teacher or an admin may be a student too."
    )
    timezone: str
    locale: str
    avatar: str


class Done(Output):
    """It is done."""

    success: bool = True
