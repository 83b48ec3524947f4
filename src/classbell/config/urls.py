"""Every address of the product: the API, health, sign-in, Django's admin, and the pages."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views import defaults
from django.views.generic import RedirectView

from classbell.config.api import api_urls
from classbell.config.api_errors import server_error, unknown_path, unreadable
from classbell.config.health import healthz
from classbell.config.metrics import metrics

# One sign-in for all: Django's own would know neither the second step nor the limits of failures.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("api/", api_urls()),
    re_path(r"^api(/.*)?$", unknown_path),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    # People's e-mail addresses are the school's to change: who they are at Zoom hangs on them.
    path("accounts/email/", RedirectView.as_view(pattern_name="me")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
    path("", include("classbell.web.urls")),
]


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself found wrong with a request, in the API's shape for the API."""
    return unreadable(request) if _is_api(request) else defaults.bad_request(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer what nobody expected; it was logged before."""
    return server_error(request) if _is_api(request) else defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
