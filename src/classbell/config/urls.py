"""Every address of the product: the API, health, sign-in, Django's admin, and the pages."""

from django.contrib import admin
from django.urls import include, path

from classbell.config.api import api
from classbell.config.health import healthz

urlpatterns = [
    path("api/", api.urls),
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("", include("classbell.web.urls")),
]
