"""Where Zoom sends its webhooks."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from ninja import Router

from classbell.accounts.permissions import allowed, anyone
from classbell.meetings.webhooks.intake import SIGNATURE_KEY, TIMESTAMP_KEY, receive

router = Router()
ANSWERED: Final = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
    "responses": {200: {"content": {"application/json": {"schema": {"type": "object"}}}}, 401: {}},
}


@router.post("/webhook/{uuid:zoom_account_id}", auth=None, openapi_extra=ANSWERED)
@allowed(anyone)
def webhook_of_account(request: HttpRequest, zoom_account_id: UUID) -> JsonResponse:
    """As `POST /zoom/webhook`, for the app of one account: only what its secret has signed is taken."""
    return _answer(request, zoom_account_id)


@router.post("/webhook", auth=None, openapi_extra=ANSWERED)
@allowed(anyone)
def webhook(request: HttpRequest) -> JsonResponse:
    """
    For Zoom, which signs what it sends, with the secret of any account here. `{"received": true}` once it is stored, for a
    repeat too; 401 when the signature does not fit or the timestamp is too old, 503 while no secret is configured. Zoom's URL
    validation is answered as it asks.
    """
    return _answer(request, None)


def _answer(request: HttpRequest, account: UUID | None) -> JsonResponse:
    answer = receive(
        raw=request.body,
        timestamp=request.META.get(TIMESTAMP_KEY),
        signature=request.META.get(SIGNATURE_KEY),
        now=timezone.now(),
        account=account,
    )
    return JsonResponse(answer)
