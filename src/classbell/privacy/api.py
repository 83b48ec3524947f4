"""What is kept of people, to take along or to erase: `/api/me/export`, `/api/people`, `/api/exports`."""

from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin, signed_in
from classbell.privacy.erasure import ask_erasure
from classbell.privacy.exports import ask_export, content_of, export_of
from classbell.privacy.models import Export
from classbell.privacy.schemas import Confirmation, ErasureAnswer, ErasureOut, ExportAnswer, ExportOut

TAGS: Final[list[str]] = ["Data protection"]
mine_router = Router(tags=TAGS)
people_router = Router(tags=TAGS)
exports_router = Router(tags=TAGS)

ZIP: Final = "application/zip"
AS_ZIP: Final[dict[str, Any]] = {
    "responses": {
        200: {"description": "OK", "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}},
    }
}


@mine_router.get("/export", response={202: ExportAnswer}, openapi_extra=AS_ZIP)
@allowed(signed_in)
def export_mine(request: ApiRequest) -> HttpResponse | Status[ExportAnswer]:
    """All that is kept of you, as a ZIP; when it is much, 202 and where it will be."""
    return _answer(ask_export(request.user, by=request.user, now=timezone.now()))


@people_router.post("/{uuid:person_id}/export", response={202: ExportAnswer}, openapi_extra=AS_ZIP)
@allowed(is_admin)
def export_person(request: ApiRequest, person_id: UUID) -> HttpResponse | Status[ExportAnswer]:
    """All that is kept of a person, as a ZIP; when it is much, 202 and where it will be. Asked again, the same."""
    return _answer(ask_export(_person(person_id), by=request.user, now=timezone.now()))


@exports_router.get("/{uuid:export_id}", response={202: ExportAnswer}, openapi_extra=AS_ZIP)
@allowed(signed_in)
def fetch_export(request: ApiRequest, export_id: UUID) -> HttpResponse | Status[ExportAnswer]:
    """An export that you asked for: the ZIP, or 202 while it is being made. It is there for a week."""
    return _answer(export_of(request.user, export_id, now=timezone.now()))


@people_router.post("/{uuid:person_id}/erase", response={202: ErasureAnswer})
@allowed(is_admin)
def erase(request: ApiRequest, person_id: UUID, body: Confirmation) -> Status[ErasureAnswer]:
    """
    Erase a person: their access ends at once, a job does the rest. It cannot be taken back. `confirm` is their e-mail, or the
    name of who has none. 400 `confirmation_differs`, `holds_sessions`, `last_admin`, `always_in`, `already_erased`.
    """
    erased = ask_erasure(person_id=person_id, confirm=body.confirm, by=request.user, now=timezone.now())
    described = ErasureOut(
        id=erased.pk, person_id=person_id, status="done" if erased.done_at else "pending", asked_at=erased.asked_at
    )
    return Status(202, ErasureAnswer(erasure=described))


def as_zip(content: bytes) -> HttpResponse:
    """Return the ZIP as what a browser saves, and nobody keeps on the way."""
    headers = {"Content-Disposition": 'attachment; filename="classbell-export.zip"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=ZIP, headers=headers)


def _person(person_id: UUID) -> User:
    return get_object_or_404(User, pk=person_id)


def _answer(found: bytes | Export) -> HttpResponse | Status[ExportAnswer]:
    if isinstance(found, bytes):
        return as_zip(found)
    if found.ready_at:
        return as_zip(content_of(found))
    address = reverse("api:fetch_export", args=[found.pk])
    described = ExportOut(id=found.pk, status="pending", asked_at=found.asked_at, url=address)
    return Status(202, ExportAnswer(export=described))
