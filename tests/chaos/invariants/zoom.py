"""Zoom: it has what it should, it is heard once, and it is not asked too often."""

from collections.abc import Iterator

from tests.chaos.invariants.seen import Seen
from tests.system import difference


def zoom_agrees(seen: Seen) -> Iterator[str]:
    """Zoom has each wanted meeting once, with its topic and its times, and nothing else."""
    yield from difference(seen.stage.system, seen.stage.zoom)
    for title, status, error in seen.rows(
        "SELECT title, sync_status, sync_error FROM meetings_meeting WHERE sync_status NOT IN ('synced', 'removed')"
    ):
        yield f"{title} is {status}: {error}"


def zoom_is_heard_once(seen: Seen) -> Iterator[str]:
    """What Zoom tells several times is kept once."""
    for event, count in seen.rows(
        "SELECT min(event), count(*) FROM meetings_webhookevent GROUP BY digest HAVING count(*) > 1"
    ):
        yield f"one {event} is kept {count} times"
