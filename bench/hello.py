"""The least that the same server and framework can answer with: a small JSON object, no middleware, no database."""

import os

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.urls import path

settings.configure(
    DEBUG=False,
    SECRET_KEY="for the benchmark only",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    NINJA_SKIP_REGISTRY=True,
)
os.environ.setdefault("NINJA_SKIP_REGISTRY", "yes")
django.setup(set_prefix=False)

from ninja import NinjaAPI  # noqa: E402 -- it reads the settings

api = NinjaAPI(openapi_url=None)


@api.get("/hello")
def hello(request: HttpRequest) -> dict[str, str]:
    """Say hello."""
    return {"hello": "world"}


urlpatterns = [path("api/", api.urls)]
application = WSGIHandler()
