"""Where somebody is signed in: noted when it begins and now and then after, listed, ended."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.accounts.sign_in_models import SignIn
from classbell.accounts.sign_ins.attempts import note_success
from classbell.accounts.sign_ins.devices import Device, device_of
from classbell.errors import NotThere

# How exact `seen_at` is: not every request shall write.
NOTED_EVERY: Final = timedelta(minutes=10)
# In the session: under which key and when it was last noted, so that most requests ask nothing.
NOTED: Final = "noted"
# In the session of an app's tokens.
IS_APP: Final = "is_app"


def digest_of(user: User) -> str:
    """Return what this person's sign-ins begin with, as it is kept: by no secret key, so that a change of it ends nothing."""
    return hashlib.sha256(user.sign_ins_begin_with.encode()).hexdigest()[:24]


def note_beginning(request: HttpRequest, user: User, *, now: datetime) -> None:
    """Note that somebody is signed in now, in this session, by whatever way they came."""
    if request.session.session_key is None:
        request.session.save()
    device = device_of(request)
    note_success(user, device, now=now)
    _note(request.session, user, device, now)


def note_seen(request: HttpRequest, user: User, *, now: datetime) -> None:
    """Note that a session is in use: once in NOTED_EVERY, and when it has a new key. Most calls ask and write nothing."""
    key, at = request.session.get(NOTED) or ("", 0)
    if key != request.session.session_key or now.timestamp() - at >= NOTED_EVERY.total_seconds():
        _note(request.session, user, device_of(request), now)


def note_app_seen(session_key: str, *, now: datetime) -> None:
    """Note that an app's tokens are in use."""
    SignIn.objects.filter(session_key=session_key, seen_at__lt=now - NOTED_EVERY).update(seen_at=now)


def sign_ins_of(user: User, *, now: datetime) -> QuerySet[SignIn]:
    """Return where somebody is signed in now, the latest seen first."""
    lasting = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now)
    return SignIn.objects.filter(Exists(lasting), user=user, mark=digest_of(user)).order_by("-seen_at", "pk")


def end_sign_in(user: User, sign_in_id: UUID) -> None:
    """End one of somebody's sign-ins, with its tokens, at once. Raises NotThere, also for somebody else's."""
    with transaction.atomic():
        if not _end(SignIn.objects.filter(user=user, pk=sign_in_id)):
            raise NotThere(_("There is no such sign-in (any more)."))


def end_others(user: User, *, session_key: str, now: datetime) -> int:
    """End all of somebody's sign-ins but this one; return how many."""
    with transaction.atomic():
        return len(_end(sign_ins_of(user, now=now).exclude(session_key=session_key)))


def forget_ended() -> int:
    """Forget sign-ins whose session is over; return how many."""
    lasting = Session.objects.filter(session_key=OuterRef("session_key"))
    return SignIn.objects.filter(~Exists(lasting)).delete()[0]


def _end(found: QuerySet[SignIn]) -> Sequence[str]:
    keys = list(found.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    SignIn.objects.filter(session_key__in=keys).delete()
    return keys


def _note(session: SessionBase, user: User, device: Device, now: datetime) -> None:
    changing: dict[str, Any] = {
        "user": user,
        "mark": digest_of(user),
        "is_app": bool(session.get(IS_APP)),
        "agent": device.agent,
        "address": device.address,
        "seen_at": now,
    }
    SignIn.objects.update_or_create(
        session_key=session.session_key, defaults=changing, create_defaults=changing | {"began_at": now}
    )
    session[NOTED] = [session.session_key, now.timestamp()]
