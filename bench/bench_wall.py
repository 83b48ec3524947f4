"""
What the second wall (`accounts/wall.py`) costs where rows about people are read most: the same requests with it and without
it, in turns and in one process, in processor time of that; as who passes it by their own name, and as a teacher who passes
by their students.
"""

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from django.apps import apps

ROUNDS: Final = int(os.environ.get("BENCH_TIMES", "60"))
LESSONS: Final = 30


def main() -> None:
    """Print the quickest and the middle of each request, without and with the wall."""
    os.environ.setdefault("BENCH_PART", "260")
    from bench.year import a_year  # noqa: PLC0415 -- it reads BENCH_PART

    with a_year():
        for name, ask in _requests():
            without, with_it = _in_turns(ask)
            print(
                f"{name:38} without {without[0]:6.2f} ms (middle {without[1]:6.2f}), with {with_it[0]:6.2f}"
                f" ({with_it[1]:6.2f}): {with_it[0] / without[0]:.3f} times as long"
            )


def _requests() -> Iterator[tuple[str, Any]]:
    from classbell.accounts.models import User  # noqa: PLC0415 -- only once Django is set up
    from classbell.bookings.models import Booking, BookingStatus  # noqa: PLC0415
    from classbell.meetings.models import Meeting, Occurrence  # noqa: PLC0415

    student, teacher = User.objects.filter(role="student").first(), User.objects.get(role="teacher")
    assert student is not None
    session = Occurrence.objects.filter(meeting__group__memberships__user=student).order_by("starts_at")[0]
    hour = timedelta(hours=1)
    starts = [session.starts_at + number * timedelta(days=7) for number in range(LESSONS)]
    Booking.objects.bulk_create(
        Booking(student=student, teacher=teacher, starts_at=at, ends_at=at + hour, status=BookingStatus.COMPLETED)
        for at in starts
    )
    meeting = Meeting.objects.get(pk=session.meeting_id)
    for who, person in (("a student", student), ("a teacher", teacher)):
        client = _client(person)
        yield f"{who}'s {LESSONS} lessons", lambda client=client: client.get("/api/bookings/bookings?limit=50")
        yield (
            f"a class's attendance, {who}",
            lambda client=client: client.get(
                f"/api/zoom/meetings/{meeting.pk}/attendance", {"occurrence_id": session.pk}
            ),
        )


def _client(person: Any) -> Any:
    from django.test import Client  # noqa: PLC0415 -- only once Django is set up

    from classbell.accounts.tokens import issue_tokens  # noqa: PLC0415

    return Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {issue_tokens(person).access_token}"})


def _in_turns(ask: Any) -> tuple[tuple[float, float], tuple[float, float]]:
    took: dict[bool, list[float]] = {True: [], False: []}
    for number in range(2 * ROUNDS + 20):
        is_walled = bool(number % 2)
        with _wall(is_up=is_walled):
            began = time.process_time()
            answer = ask()
            took[is_walled].append((time.process_time() - began) * 1000)
        assert answer.status_code == 200, answer.content
    kept = {walled: times[10:] for walled, times in took.items()}
    without, with_it = ((min(kept[walled]), statistics.median(kept[walled])) for walled in (False, True))
    return without, with_it


@contextmanager
def _wall(*, is_up: bool) -> Iterator[None]:
    """Leave the wall alone, or take it out of each model meanwhile."""
    from classbell.accounts.wall import is_walled  # noqa: PLC0415 -- only once Django is set up

    if is_up:
        yield
        return
    taken = {model: model.__dict__["from_db"] for model in apps.get_models() if is_walled(model)}
    for model in taken:
        del model.from_db
    try:
        yield
    finally:
        for model, from_db in taken.items():
            setattr(model, "from_db", from_db)  # noqa: B010 -- a class method, as it was
