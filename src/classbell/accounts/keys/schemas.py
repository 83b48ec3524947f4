"""What the API takes and answers of API keys."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from classbell.accounts.keys.scopes import SCOPES
from classbell.accounts.models import ApiKey
from classbell.wire import Input, Line, Moment, Output

LONGEST_NAME = 64


class KeyIn(Input):
    """A key to be made."""

    name: Annotated[Line, Field(min_length=1, max_length=LONGEST_NAME)]
    scopes: list[Annotated[str, Field(max_length=32)]] = Field(
        min_length=1, max_length=len(SCOPES), description=f"Some of: {', '.join(SCOPES)}."
    )
    expires_at: Moment | None = Field(None, description="Without it the key does not expire.")


class KeyOut(Output):
    """A key, by which nobody gets in; `prefix` is how its secret begins."""

    id: UUID
    name: str
    scopes: list[str]
    prefix: str
    expires_at: Moment | None
    last_used_at: Moment | None = Field(description="Right to a minute.")


class KeyAnswer(Output):
    """A new key, or one with a new secret. The secret is said now and never again."""

    key: KeyOut
    secret: str


class KeysAnswer(Output):
    """The keys that there are."""

    keys: list[KeyOut]
    next_cursor: str | None


def describe_key(key: ApiKey) -> KeyOut:
    """Return a key as the API tells of it."""
    return KeyOut(
        id=key.pk,
        name=key.name,
        scopes=key.scopes,
        prefix=key.prefix,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
    )
