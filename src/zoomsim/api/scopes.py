"""The permissions of apps: what each call needs, in both generations of names."""

from dataclasses import dataclass, field
from enum import Enum, auto

from zoomsim.tokens import ADMIN


class Reach(Enum):
    """Whose things a token may touch with one call."""

    NOBODYS = auto()
    OWN = auto()
    """Those of the user who consented."""
    ACCOUNTS = auto()


@dataclass(frozen=True, slots=True)
class Needs:
    """A call is allowed by any of the granular scopes or of the classic ones."""

    granular: tuple[str, ...]
    classic: tuple[str, ...]
    own: frozenset[str] = field(init=False)
    accounts: frozenset[str] = field(init=False)
    """Those that reach beyond one's own things; for calls that know no such, all."""

    def __post_init__(self) -> None:
        """Sort the names once; every call asks."""
        named = frozenset(self.granular + self.classic)
        own = frozenset(name for name in named if not name.endswith(ADMIN))
        object.__setattr__(self, "own", own)
        object.__setattr__(self, "accounts", (named - own) or named)

    def reach(self, scopes: frozenset[str], *, consented: bool) -> Reach:
        """
        Return how far a token with these scopes reaches.

        A Server-to-Server app acts for the account: a scope without `:admin`, for one's own things, allows it nothing. The
        app of a user who consented reaches with it what is the user's.
        """
        if not scopes.isdisjoint(self.accounts):
            return Reach.ACCOUNTS
        return Reach.OWN if consented and not scopes.isdisjoint(self.own) else Reach.NOBODYS

    @property
    def for_account(self) -> tuple[str, ...]:
        """The granular scopes that reach beyond one's own things."""
        return tuple(name for name in self.granular if name.endswith(ADMIN))


def needs(granular: str, *classic: str) -> Needs:
    """Return what a call needs: a scope for one's own things, or the same with `:admin`."""
    return Needs((granular, f"{granular}{ADMIN}"), tuple(name for base in classic for name in (base, f"{base}{ADMIN}")))


def admin_needs(granular: str, *classic: str) -> Needs:
    """Return what a call needs that exists for administrators only; `classic` are the names in full."""
    return Needs((f"{granular}{ADMIN}",), classic)
