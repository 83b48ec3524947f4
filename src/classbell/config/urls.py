"""Every address of the product: the API, health, sign-in, Django's admin, and the pages."""

import sys

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.urls import include, path, re_path
from django.views import defaults
from django.views.generic import RedirectView

from classbell.config.api import api_urls
from classbell.config.api_errors import error_response, server_error, unknown_path, unreadable
from classbell.config.health import live, ready
from classbell.config.metrics import metrics
from classbell.config.statements import TookTooLong
from classbell.config.unavailable import unavailable
from classbell.postgres.trouble import trouble_of, was_stopped
from classbell.tables.limits import UploadTooLarge

# One sign-in for all: Django's own would know neither the second step nor the limits of failures.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("api/", api_urls()),
    re_path(r"^api(/[\s\S]*)?\Z", unknown_path),
    path("healthz", ready, name="healthz"),
    path("healthz/live", live, name="healthz-live"),
    path("healthz/ready", ready, name="healthz-ready"),
    path("metrics", metrics, name="metrics"),
    # People's e-mail addresses are the school's to change: who they are at Zoom hangs on them.
    path("accounts/email/", RedirectView.as_view(pattern_name="me")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/", include("classbell.accounts.sso.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
    path("", include("classbell.web.urls")),
]


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself found wrong with a request, in the API's shape for the API."""
    if isinstance(exception, UploadTooLarge):
        if _is_api(request):
            return error_response(request, 413, str(exception), "too_large")
        return render(request, "413.html", {"text": str(exception)}, status=413)
    return unreadable(request) if _is_api(request) else render(request, "400.html", status=400)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer what nobody expected, what the database was too long about, and that it does not serve just now."""
    if was_stopped(sys.exception()):
        return _stopped(request)
    if trouble := trouble_of(sys.exception()):
        return unavailable(request, trouble)
    return server_error(request) if _is_api(request) else defaults.server_error(request)


def _stopped(request: HttpRequest) -> HttpResponse:
    stopped = TookTooLong()
    if _is_api(request):
        response = error_response(request, stopped.status, str(stopped), stopped.code)
    else:
        response = HttpResponse(loader.render_to_string("503.html", {"reason": str(stopped)}), status=stopped.status)
    response.headers["Retry-After"] = str(stopped.retry_after_seconds)
    return response


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
