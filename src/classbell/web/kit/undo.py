"""Undo: a button in the message that says what was done, good for as long as somebody may notice their slip."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest

STILL_UNDONE: Final = timedelta(minutes=30)
WAS: Final = "was"


def say_with_undo(request: HttpRequest, said: str, *, path: str, was: str) -> None:
    """
    Say what was done, with a button that posts to `path`; there `what_was` returns `was` again.

    It is signed for that path, so nobody can have something else put back; who may is asked there as for anything else.
    """
    token = signing.dumps(was, salt=path)
    # The message's tags carry the address: they travel with it wherever messages are kept.
    messages.success(request, said, extra_tags=f"{path}?{urlencode({WAS: token})}")


def what_was(request: HttpRequest) -> str | None:
    """Return what to put back, None when it was not offered here or is too long ago."""
    try:
        was: str = signing.loads(request.GET.get(WAS, ""), salt=request.path, max_age=STILL_UNDONE)
    except signing.BadSignature:
        return None
    return was
