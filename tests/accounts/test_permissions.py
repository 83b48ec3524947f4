"""`@allowed`: the one place where permission is asked."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory

from classbell.accounts.models import Role, User
from classbell.accounts.permissions import (
    allowed,
    anyone,
    is_admin,
    is_student,
    is_teacher_or_admin,
    rule_of,
    signed_in,
)
from classbell.errors import NotAllowed


@pytest.mark.parametrize(
    ("rule", "roles"),
    [
        (signed_in, set(Role)),
        (is_student, {Role.STUDENT}),
        (is_admin, {Role.ADMIN}),
        (is_teacher_or_admin, {Role.TEACHER, Role.ADMIN}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_rule_holds_for_exactly_these_roles(rule: Any, roles: set[Role]) -> None:
    assert {role for role in Role if rule(User(role=role))} == roles


def request_of(user: Any) -> Any:
    request = RequestFactory().get("/classes?page=2")
    request.user = user
    return request


def test_page_sends_visitors_to_sign_in_and_back() -> None:
    @allowed(signed_in)
    def page(request: Any) -> HttpResponse:
        return HttpResponse("inside")

    answer = page(request_of(AnonymousUser()))

    assert isinstance(answer, HttpResponseRedirect)
    assert answer.url == "/accounts/login/?next=/classes%3Fpage%3D2"


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        pytest.param("http://testserver/availability/?week=2", "/availability/%3Fweek%3D2", id="the page of the form"),
        pytest.param("http://testserver", "/", id="the first page"),
        pytest.param("https://elsewhere.example/availability/", "/time-off", id="another site"),
        pytest.param("javascript:alert(1)", "/time-off", id="a script"),
        pytest.param("", "/time-off", id="nowhere"),
    ],
)
def test_who_sends_a_form_signed_out_comes_back_to_its_page(came_from: str, leads_to: str) -> None:
    @allowed(signed_in)
    def time_off(request: Any) -> HttpResponse:
        return HttpResponse("inside")

    request = RequestFactory().post("/time-off", headers={"referer": came_from})
    request.user = AnonymousUser()
    answer = time_off(request)

    assert isinstance(answer, HttpResponseRedirect)
    assert answer.url == f"/accounts/login/?next={leads_to}"


def test_page_for_anyone_lets_visitors_in() -> None:
    @allowed(anyone)
    def page(request: Any) -> str:
        return "inside"

    assert page(request_of(AnonymousUser())) == "inside"


def test_refusal_says_why() -> None:
    @allowed(is_teacher_or_admin, otherwise="Only teachers can confirm bookings")
    def page(request: Any) -> None:
        """Never reached."""

    with pytest.raises(NotAllowed, match=r"^Only teachers can confirm bookings$"):
        page(request_of(User(role=Role.STUDENT)))


def test_rule_gets_the_arguments_it_names() -> None:
    asked = []

    def owns(user: User, thing_id: UUID) -> bool:
        asked.append((user.role, thing_id))
        return True

    @allowed(owns)
    def page(request: Any, thing_id: UUID, other: int) -> int:
        return other

    thing_id = uuid4()

    assert page(request_of(User(role=Role.TEACHER)), thing_id=thing_id, other=7) == 7
    assert asked == [(Role.TEACHER, thing_id)]


def test_rule_about_what_the_view_does_not_take_fails_at_once() -> None:
    def owns(user: User, thing_id: UUID) -> bool:
        return True

    def page(request: Any) -> None:
        """Takes no thing."""

    with pytest.raises(TypeError, match="thing_id"):
        allowed(owns)(page)


def test_view_without_a_rule_is_found_out() -> None:
    assert rule_of(SimpleNamespace) is None
