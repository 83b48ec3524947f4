"""The permissions of the app: what each call needs, in both generations of names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Needs:
    """A call is allowed by any of the granular scopes or of the classic ones."""

    granular: tuple[str, ...]
    classic: tuple[str, ...]

    def met_by(self, scopes: frozenset[str]) -> bool:
        """Whether a token with these scopes may make the call."""
        return not scopes.isdisjoint(self.granular) or not scopes.isdisjoint(self.classic)


def needs(granular: str, *classic: str) -> Needs:
    """Return what a call needs: a scope for one's own things, or the same with `:admin`."""
    return Needs((granular, f"{granular}:admin"), tuple(name for base in classic for name in (base, f"{base}:admin")))


def admin_needs(granular: str, *classic: str) -> Needs:
    """Return what a call needs that exists for administrators only; `classic` are the names in full."""
    return Needs((f"{granular}:admin",), classic)
