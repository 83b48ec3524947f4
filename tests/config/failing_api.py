"""An API whose operations fail in every way, with the product's error handlers: a URLconf for tests."""

from datetime import datetime, timedelta, timezone

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path
from ninja import NinjaAPI, Router

from classbell.accounts.auth import SIGNED_IN, ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.permissions import allowed, signed_in
from classbell.config.api_errors import render_errors
from classbell.config.api_json import UtcRenderer
from classbell.errors import DomainError, NotAllowed, NotThere, TooManyRequests, ZoomFailed
from classbell.zoom.errors import ZoomCircuitOpen, ZoomInvalid, ZoomNotConfigured, ZoomUnavailable


class SlotUnavailable(DomainError):
    code = "slot_unavailable"


class Conflict(DomainError):
    code = "conflict"
    status = 409


FAILURES = {
    "domain": SlotUnavailable("Time slot is not available", details=[{"at": "09:00"}]),
    "conflict": Conflict("Somebody was faster."),
    "not-allowed": NotAllowed("Only teachers can confirm bookings"),
    "not-there": NotThere("Teacher not found"),
    "too-many": TooManyRequests("Slow down.", retry_after_seconds=7),
    "zoom-failed": ZoomFailed("create Zoom meeting", "Zoom said no."),
    "django-404": Http404("secret detail"),
    "django-403": PermissionDenied("secret detail"),
    "zoom-not-configured": ZoomNotConfigured(),
    "zoom-circuit": ZoomCircuitOpen(retry_after=29.6),
    "zoom-down": ZoomUnavailable("no answer"),
    "zoom-invalid": ZoomInvalid("bad topic"),
    "crash": RuntimeError("secret detail"),
}

router = Router()
calls: list[str] = []


@router.get("/fail/{kind}")
@allowed(signed_in)
def fail(request: ApiRequest, kind: str) -> None:
    raise FAILURES[kind]


@router.post("/create/{kind}", response={201: dict[str, int]})
@allowed(signed_in)
@idempotent
def create(request: ApiRequest, kind: str) -> dict[str, int]:
    calls.append(kind)
    if kind in FAILURES:
        raise FAILURES[kind]
    return {"number": len(calls)}


@router.get("/moment")
@allowed(signed_in)
def moment(request: ApiRequest) -> dict[str, object]:
    riyadh = timezone(timedelta(hours=3))
    return {"at": datetime(2026, 3, 1, 12, 0, tzinfo=riyadh), "name": "مريم"}


api = NinjaAPI(urls_namespace="failing", auth=list(SIGNED_IN), renderer=UtcRenderer())
render_errors(api)
api.add_router("/", router)
api.add_router("/v1", router, url_name_prefix="v1")

urlpatterns = [path("api/", api.urls)]
