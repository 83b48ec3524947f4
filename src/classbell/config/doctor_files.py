"""The part of `classbell doctor` about files: who may read settings and secrets, what is missing of others."""

import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

import httpx
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

from classbell.config.doctor_public import TIMEOUT_SECONDS, is_public
from classbell.config.environment import OTHER_SETTINGS_FILE, secret_files
from classbell.config.findings import Finding, Verdict

# One that every page names.
NAMED_BY_PAGES: Final = "web/icons.svg"
# Where systemd and engines of containers put what they hand to one service, with permissions of their own.
HANDED_OVER: Final = Path("/run")


def settings_files() -> Iterator[Finding]:
    """Look whether there are two files of settings, and whether others may read what is secret."""
    kept, other = settings.ENVIRONMENT.settings_file, Path(OTHER_SETTINGS_FILE)
    if other.is_file():
        text = f"{other} in this folder is read too, and goes before {kept}. Keep one: move its lines there."
        yield Finding(subject="Settings", verdict=Verdict.WARNING, text=text)
    for path in (kept, other):
        if _others_may_read(path):
            text = f"{path} holds secrets and others on this machine may read it. Run: chmod 600 {path}"
            yield Finding(subject="Settings file", verdict=Verdict.WARNING, text=text)
    for path in secret_files():
        if _others_may_read(path) and HANDED_OVER not in path.parents:
            text = f"{path} is a secret that others on this machine may read. Run: chmod 600 {path}"
            yield Finding(subject="Secret file", verdict=Verdict.WARNING, text=text)


def authorities() -> Iterator[Finding]:
    """Look for the file that says whose certificates are trusted, should one be named to OpenSSL."""
    variable = ssl.get_default_verify_paths().openssl_cafile_env
    path = os.environ.get(variable)
    if path and not Path(path).is_file():
        text = f"names {path}, which is not there, so nobody can be asked by https. Debian: apt-get install ca-certificates"
        yield Finding(subject=variable, verdict=Verdict.BROKEN, text=text)


def static_files() -> Iterator[Finding]:
    """Look for what pages bring along: in the program, and by the address that people use."""
    if finders.find(NAMED_BY_PAGES) is None:
        text = f"{NAMED_BY_PAGES} is not in the program. Install its wheel again (pip install --force-reinstall)."
        yield Finding(subject="Static files", verdict=Verdict.BROKEN, text=text)
        return
    if not is_public():
        return
    url = urljoin(settings.ENVIRONMENT.public_url, static(NAMED_BY_PAGES))
    try:
        answer = httpx.get(url, timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError:
        return  # That the address does not answer is another finding's.
    if not answer.is_success:
        text = (
            f"{url} answers {answer.status_code}, so pages come without their looks. Let the proxy hand /static/ on to "
            "Classbell, and restart web processes that ran before an upgrade."
        )
        yield Finding(subject="Static files", verdict=Verdict.BROKEN, text=text)


def _others_may_read(path: Path) -> bool:
    return path.is_file() and bool(path.stat().st_mode & 0o077)
