"""Where Zoom sends its webhooks."""

from typing import Final

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


@router.post("/webhook", auth=None, openapi_extra=ANSWERED)
@allowed(anyone)
def webhook(request: HttpRequest) -> JsonResponse:
    """
    For Zoom, which signs what it sends. `{"received": true}` once it is stored, for a repeat too; 401 when the signature does
    not fit or the timestamp is too old, 503 while no secret is configured. Zoom's URL validation is answered as it asks.
    """
    answer = receive(
        raw=request.body,
        timestamp=request.META.get(TIMESTAMP_KEY),
        signature=request.META.get(SIGNATURE_KEY),
        now=timezone.now(),
    )
    return JsonResponse(answer)
