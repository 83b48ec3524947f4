"""`classbell rotate-secrets`: what is stored encrypted, encrypted anew; and when the key before may go."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

from django.conf import settings

from classbell.accounts.models import User
from classbell.addresses import NO_ADDRESS
from classbell.config.stored_secrets import Rotated, rotate

# Refresh tokens of apps live longest of all that is signed, but for cards, which have no end.
LONGEST_SIGNED: Final = timedelta(seconds=settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN)


def run_rotation(*, dry_run: bool, tell: Callable[[str], None]) -> int:
    """
    Look whether everything can be read, then encrypt it anew; with `dry_run` only look. Return the exit status: 1 when
    something cannot be read, and then nothing was changed.
    """
    looked = list(rotate(dry_run=True))
    lost = [row for one in looked if one.stands_in_the_way for row in _named(one)]
    if lost:
        tell(
            "These cannot be read by CLASSBELL_SECRET_KEY or any key of CLASSBELL_SECRET_KEY_OLD, so nothing was changed:"
        )
        for line in lost:
            tell(f"  {line}")
        tell("Add the key of then to CLASSBELL_SECRET_KEY_OLD. If it is lost, enter them anew, or remove them.")
        return 1
    _count(looked if dry_run else rotate(dry_run=False), tell, "to encrypt anew" if dry_run else "encrypted anew")
    if dry_run:
        tell("Nothing was changed.")
    else:
        _when_it_may_go(tell)
    return 0


def _named(one: Rotated) -> list[str]:
    return [f"{one.stored.name}: {row}" for row in one.unreadable]


def _count(found: Iterable[Rotated], tell: Callable[[str], None], what: str) -> None:
    for one in found:
        unreadable = f", {len(one.unreadable)} unreadable, of no use any more" if one.unreadable else ""
        tell(f"{one.stored.name}: {one.anew} {what}, {one.already} already by the present key{unreadable}")


def _when_it_may_go(tell: Callable[[str], None]) -> None:
    if not settings.ENVIRONMENT.old_secret_keys:
        tell("CLASSBELL_SECRET_KEY_OLD is not set: there is no key to take out.")
        return
    tell(
        "What is stored needs no older key any more. Sign-ins, links and apps' tokens signed by one may be in use for "
        f"{LONGEST_SIGNED.days} days after the last process began with the new key; then take it out of "
        "CLASSBELL_SECRET_KEY_OLD."
    )
    cards = User.objects.filter(email__endswith=f"@{NO_ADDRESS}", is_active=True, is_guest=False).count()
    if cards:
        tell(f"Cards do not run out: {cards} students come in by one. Print them anew before, or keep the key.")
