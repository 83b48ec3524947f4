"""
`Idempotency-Key`: asking twice to create something creates it once.

    @router.post("", response={201: ClassAnswer})
    @allowed(is_teacher_or_admin)
    @idempotent
    def create(request: ApiRequest, body: ClassIn) -> ...

The first answer is kept for 24 hours and given again for the same key, person, path and body. Answers that say "try again"
(429 and 5xx) are not kept. While the first request is being worked on, others with its key wait for it, by an advisory lock
of the session: the view may commit, and ask Zoom, as it likes. If the process dies midway, nobody can tell whether the thing
was created, and the key is refused from then on.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.decorators import decorate_view
from psycopg.errors import LockNotAvailable

from classbell.accounts.models import IdempotencyKey, User
from classbell.database import unlock_session
from classbell.encryption import NotDecipherable, decrypt, encrypt
from classbell.errors import DomainError, TooManyRequests

KEPT_FOR = timedelta(hours=24)
# Longer than any request of ours takes, Zoom's deadline included.
LONGEST_WAIT_SECONDS = 20
LONGEST_KEY = 255
PURPOSE = "idempotency"

View = TypeVar("View", bound=Callable[..., Any])
Run = Callable[..., HttpResponse]


class KeyUnusable(DomainError):
    """The key is empty or too long."""

    code = "invalid_input"

    def __init__(self) -> None:
        super().__init__(_("Idempotency-Key must have 1 to %(longest)s characters.") % {"longest": LONGEST_KEY})


class KeyReused(DomainError):
    """The key came with another request before."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            _("This Idempotency-Key was used for another request. Make a new one for each thing to create.")
        )


class OutcomeUnknown(DomainError):
    """The first request with this key broke off midway."""

    code = "idempotency_outcome_unknown"

    def __init__(self) -> None:
        super().__init__(
            _("The first request with this Idempotency-Key broke off. Look whether it took effect, then use a new key.")
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Attempt:
    """The first request with a key, at work: its row, and the lock to let go."""

    row: IdempotencyKey
    lock: ExitStack


def idempotent(view: View) -> View:
    """Honour `Idempotency-Key` on an operation that creates. Stands below `@allowed`; the body is JSON or a form."""

    @wraps(view)
    def begin(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return view(request, *args, **kwargs)
        user = request.user if request.user.is_authenticated else None
        first_answer = _begin(request, user, key, now=timezone.now())
        return first_answer or view(request, *args, **kwargs)

    return cast("View", decorate_view(_finish)(begin))


def purge_idempotency_keys(*, now: datetime) -> int:
    """Forget answers older than 24 hours; return how many."""
    deleted, _by_model = IdempotencyKey.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    return deleted


def _begin(request: HttpRequest, user: User | None, key: str, *, now: datetime) -> HttpResponse | None:
    """Return the first answer, or None after noting that this request is the first."""
    if not 0 < len(key) <= LONGEST_KEY:
        raise KeyUnusable
    fingerprint = _fingerprint(request)
    with ExitStack() as stack:
        stack.enter_context(_only_one(user, key))
        known = IdempotencyKey.objects.filter(user=user, key=key)
        known.filter(created_at__lt=now - KEPT_FOR).delete()
        row = known.order_by("created_at").first()
        if row is None:
            row = IdempotencyKey.objects.create(user=user, key=key, fingerprint=fingerprint, created_at=now)
            request.idempotent_attempt = _Attempt(row=row, lock=stack.pop_all())  # type: ignore[attr-defined]  # for _finish
            return None
    if row.fingerprint != fingerprint:
        raise KeyReused
    if row.status is None:
        raise OutcomeUnknown
    try:
        answer = decrypt(bytes(row.answer), purpose=PURPOSE)
    except NotDecipherable as error:
        raise OutcomeUnknown from error  # The secret key is another one, without the one of then beside it.
    return HttpResponse(answer, status=row.status, content_type="application/json")


def _finish(run: Run) -> Run:
    @wraps(run)
    def finished(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = run(request, *args, **kwargs)
            attempt: _Attempt | None = getattr(request, "idempotent_attempt", None)
            if attempt is not None:
                _keep(attempt.row, response)
        finally:
            if (attempt := getattr(request, "idempotent_attempt", None)) is not None:
                attempt.lock.close()
        return response

    return finished


def _keep(row: IdempotencyKey, response: HttpResponse) -> None:
    mine = IdempotencyKey.objects.filter(pk=row.pk)
    if response.status_code == TooManyRequests.status or response.status_code >= 500:
        mine.delete()
    else:
        mine.update(status=response.status_code, answer=encrypt(response.content, purpose=PURPOSE))


def _fingerprint(request: HttpRequest) -> str:
    try:
        body = _form(request) or json.dumps(json.loads(request.body), sort_keys=True).encode()
    except (ValueError, RecursionError):  # An operation that takes no body has not refused it.
        body = request.body
    # path_info has no trailing slash any more, however it was written.
    address = f"{request.method} {request.path_info}?{request.META.get('QUERY_STRING', '')}"
    return hashlib.sha256(address.encode() + b"\0" + body).hexdigest()


def _form(request: HttpRequest) -> bytes:
    """Return what a form with files says, whatever its parts were divided by; empty for what is no form."""
    if request.content_type != "multipart/form-data":
        return b""
    fields = {name: request.POST.getlist(name) for name in sorted(request.POST)}
    files = {}
    for name in sorted(request.FILES):
        sent = request.FILES.getlist(name)
        files[name] = [hashlib.sha256(file.read()).hexdigest() for file in sent]
        for file in sent:
            file.seek(0)
    return json.dumps([fields, files], sort_keys=True).encode()


@contextmanager
def _only_one(user: User | None, key: str) -> Iterator[None]:
    """
    Hold this person's key, one for all who are not signed in; a crash lets go of it. Raises TooManyRequests when it is held
    for too long.
    """
    digest = hashlib.sha256(f"idempotency:{user.pk if user else None}:{key}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LONGEST_WAIT_SECONDS}s"])
            cursor.execute("SELECT pg_advisory_lock(%s)", [number])
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        text = _("The first request with this Idempotency-Key is still being worked on.")
        raise TooManyRequests(text, retry_after_seconds=LONGEST_WAIT_SECONDS) from error
    try:
        yield
    finally:
        unlock_session("SELECT pg_advisory_unlock(%s)", [number])
