"""The permissions of the app: what each call needs, in both generations of names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Needs:
    """
    A call is allowed by any of the granular scopes or of the classic ones.

    Tokens of a Server-to-Server app, the only ones there are, act for the account: a scope for one's own things, without
    `:admin`, allows them nothing, but where there is no other.
    """

    granular: tuple[str, ...]
    classic: tuple[str, ...]

    def met_by(self, scopes: frozenset[str]) -> bool:
        """Whether a token with these scopes may make the call."""
        named = {*self.granular, *self.classic}
        return not scopes.isdisjoint({name for name in named if name.endswith(":admin")} or named)


def needs(granular: str, *classic: str) -> Needs:
    """Return what a call needs: a scope for one's own things, or the same with `:admin`."""
    return Needs((granular, f"{granular}:admin"), tuple(name for base in classic for name in (base, f"{base}:admin")))


def admin_needs(granular: str, *classic: str) -> Needs:
    """Return what a call needs that exists for administrators only; `classic` are the names in full."""
    return Needs((f"{granular}:admin",), classic)
