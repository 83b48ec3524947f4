"""What whoever is not taken in is told, in their language, and how often that was: for `/metrics`."""

import json
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Final

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from classbell.meetings.sync.too_many_requests import count_too_many_requests

log = structlog.get_logger(__name__)

LONGEST_ACCEPTED: Final = 500
TITLES: Final = {413: _("That is too large")}


class Refused(Exception):
    """A request that is not taken in, with what its sender is told."""

    def __init__(self, status: int, code: str, text: str | Promise) -> None:
        self.status, self.code, self.text = status, code, text
        super().__init__(code)


def answer_to(refused: Refused, *, path: str, headers: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Return the content type and the answer: of the API its JSON, else a short page. Asks no database."""
    with translation.override(language_of(headers)):
        error = {"code": refused.code, "details": []}
        if path.startswith("/api/v1/"):
            return "application/json", json.dumps({"status": "error", "message": str(refused.text)} | error)
        if path.startswith("/api/"):
            return "application/json", json.dumps({"error": str(refused.text)} | error)
        said = {
            "code": translation.get_language(),
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "title": str(TITLES.get(refused.status, _("One moment"))),
            "sentence": str(refused.text),
            "again": str(_("Try again")),
        }
        return "text/html; charset=utf-8", render_to_string("503_database.html", {"said": [said]})


def language_of(headers: Iterable[tuple[str, str]]) -> str:
    """Return the first language of `accept-language` that is spoken here, else the installation's."""
    accepted = ",".join(value for name, value in headers if name == "accept-language")
    # Longer ones are not looked at.
    for code, _weight in parse_accept_lang_header(accepted[:LONGEST_ACCEPTED].lower()):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


class Tally:
    """
    Counts refusals by kind, for all processes together, in a thread of its own: whoever refuses because there is too much to
    do does not wait for the database. Each kind is kept behind `prefix`.
    """

    def __init__(self, *, prefix: str) -> None:
        self._prefix = prefix
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="refusals")
        self._lock = Lock()
        self._unwritten: Counter[str] = Counter()

    def add(self, code: str) -> None:
        """Count one more. Returns at once."""
        with self._lock:
            self._unwritten[code] += 1
        self._writer.submit(self._write)

    def _write(self) -> None:
        with self._lock:
            taken, self._unwritten = self._unwritten, Counter()
        try:
            close_old_connections()
            for code, times in taken.items():
                count_too_many_requests(self._prefix + code, times=times)
        except DatabaseError as error:
            # A count is worth no more: the log has each of them.
            log.warning("refusals_not_counted", error=type(error).__name__)
        finally:
            close_old_connections()
