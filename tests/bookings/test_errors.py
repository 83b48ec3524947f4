"""How refusals are worded; who is refused what stands in `tests/roles`."""

from collections.abc import Callable

import pytest

from tests.api_client import ApiClient
from tests.bookings.lessons import make_lesson
from tests.factories import make_student

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        pytest.param("confirm", "Only teachers can confirm bookings", id="confirm"),
        pytest.param(
            "create_meeting",
            "Only the teacher or student can create meeting links for this booking",
            id="create a meeting",
        ),
    ],
)
def test_refusal_is_worded_as_clients_know_it(api: Api, action: str, sentence: str) -> None:
    booking = make_lesson()

    answer = api(make_student()).post(f"/api/bookings/bookings/{booking.pk}/{action}/")

    assert (answer.status_code, answer.json()["error"]) == (403, sentence)
