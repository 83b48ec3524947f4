"""A client of the HTTP API, as an app would be: JSON in, JSON out, a bearer token."""

import json
from typing import Any

from django.test import Client
from django.test.client import ClientHandler

from classbell.config.api_handler import ApiMiddleware
from tests.answers import Answer


class ApiClientHandler(ApiMiddleware, ClientHandler):
    """The tests' way into Django, through what the API's requests pass."""


class ApiClient:
    """Sends requests through the whole of Django, in this process. The answers are Django's, with `.json()`."""

    def __init__(self, *, access_token: str | None = None) -> None:
        self._client = Client(raise_request_exception=False)
        self._client.handler = ApiClientHandler(enforce_csrf_checks=True)
        self._headers = {"Authorization": f"Bearer {access_token}"} if access_token else {}

    def get(self, path: str, **query: Any) -> Any:
        """GET with a query."""
        return self._client.get(path, query, headers=self._headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST JSON; extra headers by keyword, with underscores (`idempotency_key="1"`)."""
        return self._send("POST", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        """PATCH JSON."""
        return self._send("PATCH", path, body, headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        """PUT JSON."""
        return self._send("PUT", path, body, headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> Any:
        """DELETE, with a JSON body if there is one."""
        return self._send("DELETE", path, body, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        return self._client.generic(
            method,
            path,
            data=b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers=self._headers | {name.replace("_", "-"): value for name, value in headers.items()},
        )
