"""Django's way from a request to its view for the API: only the middlewares of `API_MIDDLEWARE`, plain functions all."""

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string


class ApiMiddleware:
    """Loads `API_MIDDLEWARE` instead of `MIDDLEWARE`, for the server's handler and for the tests'."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the chain. Hooks into views and templates are not called: only pages need them."""
        self._view_middleware: list[object] = []
        self._template_response_middleware: list[object] = []
        self._exception_middleware: list[object] = []
        handler = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]  # BaseHandler has it
        for path in reversed(settings.API_MIDDLEWARE):
            handler = convert_exception_to_response(import_string(path)(handler))
        self._middleware_chain = handler


class ApiHandler(ApiMiddleware, WSGIHandler):
    """Answers `/api/…`."""

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer with its length, so that connections can be kept."""
        response = super().get_response(request)
        if isinstance(response, HttpResponse) and "Content-Length" not in response.headers:
            response.headers["Content-Length"] = str(len(response.content))
        return response
