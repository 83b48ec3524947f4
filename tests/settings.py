"""Classbell's settings on a throw-away embedded PostgreSQL."""

import os
import signal
from pathlib import Path

# Runs at other dates (tests.at_dates) need a server of their own, whose clock is theirs.
os.environ["CLASSBELL_DATA"] = os.environ.get("CLASSBELL_TEST_DATA") or str(
    Path(__file__).resolve().parent.parent / ".cache" / "test-data"
)
os.environ.setdefault("CLASSBELL_LOG_LEVEL", "WARNING")
# Tests ask more often in a minute than anybody; those of the limits set their own.
os.environ.setdefault("CLASSBELL_REQUESTS_PER_KEY", "0")
os.environ.setdefault("CLASSBELL_REQUESTS_PER_PERSON", "0")
os.environ.setdefault("CLASSBELL_REQUESTS_PER_ADDRESS", "0")

from classbell.config.embedded import ensure_database

# A run that is asked to end ends as from the keyboard: what fixtures started is taken down, and the database server below.
signal.signal(signal.SIGTERM, signal.default_int_handler)
ensure_database()

from classbell.config.settings import *  # noqa: E402, F403 -- they need the database's address
from classbell.config.settings import DATABASES, INSTALLED_APPS  # noqa: E402
from tests.databases import migrated_name  # noqa: E402

# Before the others: its commands come in place of theirs.
INSTALLED_APPS = ["tests.commands", *INSTALLED_APPS]

# Two runs at a time do not meet: each has databases of its own. Workers of one run inherit its number.
DATABASES["default"]["TEST"] = {
    "NAME": "test_" + os.environ.setdefault("CLASSBELL_TEST_RUN", str(os.getpid())),
    "TEMPLATE": migrated_name(),
}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Or each test's client would read the list of all static files again, two thirds of the time that a page takes.
WHITENOISE_AUTOREFRESH = True
