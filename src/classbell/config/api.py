"""The HTTP API: one NinjaAPI that every module's router hangs on."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver
from django.utils import translation
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from classbell.accounts.api import router as accounts_router
from classbell.accounts.auth import SIGNED_IN
from classbell.accounts.guardians.api import router as wards_router
from classbell.accounts.keys.api import router as keys_router
from classbell.accounts.keys.auth import ApiKeyBearer
from classbell.accounts.my_sessions import router as my_sessions_router
from classbell.accounts.people.api import router as people_router
from classbell.audit.api import router as audit_router
from classbell.bookings.api import router as bookings_router
from classbell.bookings.api.balances import router as balances_router
from classbell.bookings.api.kinds import router as kinds_router
from classbell.calendars.api import router as external_calendars_router
from classbell.config.api_description import describe_errors, describe_scopes, describe_wards, describe_webhooks
from classbell.config.api_errors import method_not_allowed, render_errors
from classbell.config.api_input import StrictParser, let_bodies_be_absent
from classbell.config.api_json import UtcRenderer
from classbell.config.key_scopes import scope_of
from classbell.config.limits import RequestLimit
from classbell.courses.api import on_zoom as session_meetings_router
from classbell.courses.api import router as courses_router
from classbell.courses.api import sessions_router
from classbell.door.api import router as public_router
from classbell.earnings.api import router as earnings_router
from classbell.excuses.api import router as excuses_router
from classbell.groups.api import router as classes_router
from classbell.groups.guardians_api import router as guardians_router
from classbell.groups.places_api import router as places_router
from classbell.halakat.api import router as halakat_router
from classbell.holiday_changes.api import router as holidays_router
from classbell.hooks.api import router as webhooks_router
from classbell.meetings.api import router as meetings_router
from classbell.meetings.api.v1 import router as sdk_router
from classbell.notices.api import router as calendar_router
from classbell.notices.preferences_api import mine_router as my_notifications_router
from classbell.notices.preferences_api import school_router as school_notifications_router
from classbell.notices.push_api import router as push_router
from classbell.payments.api import offers_router, purchases_router
from classbell.payments.api import webhook_router as payment_webhook_router
from classbell.privacy.api import exports_router, mine_router
from classbell.privacy.api import people_router as people_data_router
from classbell.recordings.api import of_meetings as meeting_recordings_router
from classbell.recordings.api import router as recordings_router
from classbell.recordings.rules_api import router as recording_rules_router


class ClassbellApi(NinjaAPI):
    """Ninja's API, with the contract's errors, the scopes of keys and the webhooks in its OpenAPI description."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._described: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Describe the API; done once for all who ask, since it stays what it is."""
        asked = repr(sorted(options.items()))
        if asked not in self._described:
            with translation.override("en"):
                self._described[asked] = self._describe(**options)
        return self._described[asked]

    def _describe(self, **options: Any) -> OpenAPISchema:
        """Describe every operation, its errors, the scope that it asks of a key, for whom it is, and what webhooks say."""
        schema = super().get_openapi_schema(**options)
        describe_errors(schema)
        describe_scopes(schema)
        describe_webhooks(schema)
        describe_wards(schema, self)
        return schema


api = ClassbellApi(
    title="Classbell",
    version="1",
    docs_url="/docs",
    openapi_url="/openapi.json",
    urls_namespace="api",
    # First, so that a token that is meant as a key is tried as nothing else.
    auth=[ApiKeyBearer(scope_of), *SIGNED_IN],
    throttle=RequestLimit(),
    renderer=UtcRenderer(),
    parser=StrictParser(),
)
render_errors(api)

# Paths are written without a trailing slash: the middleware takes it off before they are looked up.
api.add_router("/audit", audit_router)
api.add_router("/auth", accounts_router)
api.add_router("/balances", balances_router)
api.add_router("/bookings", bookings_router)
api.add_router("/calendar", calendar_router)
api.add_router("/calendars", external_calendars_router)
api.add_router("/courses", courses_router)
api.add_router("/excuses", excuses_router)
api.add_router("/holidays", holidays_router)
api.add_router("/keys", keys_router)
api.add_router("/exports", exports_router)
api.add_router("/kinds", kinds_router)
api.add_router("/me", mine_router)
api.add_router("/me", my_sessions_router)
api.add_router("/me", my_notifications_router)
api.add_router("/me", wards_router)
api.add_router("/offers", offers_router)
api.add_router("/payments", payment_webhook_router)
api.add_router("/people", guardians_router)
api.add_router("/me/push", push_router)
api.add_router("/people", people_data_router)
api.add_router("/people", people_router)
api.add_router("/places", places_router)
api.add_router("/public", public_router)
api.add_router("/purchases", purchases_router)
api.add_router("/recordings", recordings_router)
api.add_router("/recordings", recording_rules_router)
api.add_router("/school", school_notifications_router)
api.add_router("/sessions", sessions_router)
api.add_router("/v1/halaka", halakat_router)
api.add_router("/v1/zoom", sdk_router)
api.add_router("/teachers", earnings_router)
api.add_router("/webhooks", webhooks_router)
api.add_router("/zoom/classes", classes_router)
api.add_router("/zoom/sessions", session_meetings_router)
api.add_router("/zoom", meetings_router)
api.add_router("/zoom", meeting_recordings_router)
let_bodies_be_absent(api)


def api_urls() -> tuple[list[URLPattern | URLResolver], str, str]:
    """Return the API's addresses for `path()`, with 405 answered in the contract's shape too."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _with_json_405(pattern.callback)
    return patterns, app_name, namespace


def _with_json_405(view: Any) -> Any:
    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = view(request, *args, **kwargs)
        return method_not_allowed(request, response) if isinstance(response, HttpResponseNotAllowed) else response

    return answering
