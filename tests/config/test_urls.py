"""What Django itself refuses, outside any view."""

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from classbell.config import urls

API, PAGE = "/api/auth/me", "/nothing-here"


@override_settings(ALLOWED_HOSTS=["school.example"])
def test_wrong_host_is_400_in_the_shape_of_the_api() -> None:
    answer = Client(raise_request_exception=False).get(API, headers={"Host": "elsewhere.example"})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


@pytest.mark.parametrize("handler", [lambda request: urls.handler400(request, ValueError("secret")), urls.handler500])
def test_pages_get_pages_and_the_api_gets_json(handler: Callable[[HttpRequest], HttpResponse]) -> None:
    requests = RequestFactory()

    page, answer = handler(requests.get(PAGE)), handler(requests.get(API))

    assert page.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Content-Type"] == "application/json"
    assert b"secret" not in page.content + answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/teachers/?q=%00a", "/api/calendar/%00.ics"])
def test_null_character_in_an_address_is_the_callers_mistake(address: str) -> None:
    answer = Client(raise_request_exception=False).get(address)

    assert answer.status_code == 400
    assert ("code" in answer.content.decode()) is address.startswith("/api/")
