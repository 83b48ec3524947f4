"""Closing a class, with what that does to its meetings, and opening it again: `/api/zoom/classes/{id}`."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from ninja import Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed
from classbell.groups.answers import read_class
from classbell.groups.permissions import teaches_class
from classbell.groups.schemas import ClassChanged
from classbell.groups.services import reopen_group
from classbell.meetings.classes import close_class

router = Router(tags=["Classes"])


@router.post("/classes/{uuid:class_id}/close", response=ClassChanged, by_alias=True)
@allowed(teaches_class)
def close(request: ApiRequest, class_id: UUID) -> ClassChanged:
    """Stop teaching a class: its coming sessions are cancelled, its records stay. Safe to repeat."""
    stopped = close_class(class_id=class_id, now=timezone.now())
    text = ngettext("Closed. %(count)s meeting was cancelled.", "Closed. %(count)s meetings were cancelled.", stopped)
    return _answer(class_id, text % {"count": stopped})


@router.post("/classes/{uuid:class_id}/reopen", response=ClassChanged, by_alias=True)
@allowed(teaches_class)
def reopen(request: ApiRequest, class_id: UUID) -> ClassChanged:
    """Teach a closed class again, with the people who were in it. What was cancelled stays so. Safe to repeat."""
    reopen_group(group_id=class_id)
    return _answer(class_id, _("Open again. Cancelled meetings stay cancelled; plan new ones."))


def _answer(class_id: UUID, message: str) -> ClassChanged:
    return ClassChanged(message=message, class_=read_class(class_id))
