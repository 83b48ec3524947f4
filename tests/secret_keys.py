"""Other secret keys for a while, as an installation has them that changes its key."""

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.conf import settings
from django.test import override_settings
from pydantic import SecretStr

from classbell.secret_keys import VerifyingKeys


@contextmanager
def secret_keys(key: str, *old: str) -> Iterator[None]:
    """Let this be the secret key, and these be the ones before it, written as in CLASSBELL_SECRET_KEY_OLD."""
    changed = {"secret_key": SecretStr(key), "secret_key_old": SecretStr(",".join(old))}
    environment = settings.ENVIRONMENT.model_copy(update=changed)
    fallbacks = VerifyingKeys(environment.old_secret_keys, ZoneInfo(environment.timezone))
    with override_settings(SECRET_KEY=key, SECRET_KEY_FALLBACKS=fallbacks, ENVIRONMENT=environment):
        yield
