"""Classbell's settings on a throw-away embedded PostgreSQL that trades durability for speed."""

import os
from pathlib import Path

os.environ["CLASSBELL_DATA"] = str(Path(__file__).resolve().parent.parent / ".cache" / "test-data")
os.environ.setdefault("CLASSBELL_LOG_LEVEL", "WARNING")

from classbell.config.embedded import ensure_database

ensure_database()

from classbell.config.settings import *  # noqa: E402, F403 -- they need the database's address

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
