"""Lists the registrants of a meeting by a library and prints how many, and the seconds it took: the best of five times."""

import json
import sys
import time
from collections.abc import Callable


def by_pyzoom(api: str, _oauth: str, token: str, meeting: str) -> int:
    """It asks for pages of the usual size, and for all of them."""
    from pyzoom import ZoomClient  # type: ignore[import-not-found]  # noqa: PLC0415 -- in an environment of its own

    return len(ZoomClient(token, base_url=api).meetings.list_meeting_registrants(int(meeting)).registrants)


def by_zoomus(api: str, oauth: str, _token: str, meeting: str) -> int:
    """It asks for one page; whoever uses it asks for the next, of the most that Zoom gives."""
    from zoomus import ZoomClient  # noqa: PLC0415 -- as above

    zoom, found, page = ZoomClient("sim-client", "sim-secret", "sim-account", base_uri=api, oauth_uri=oauth), 0, ""
    while True:
        answer = zoom.meeting.list_registrants(id=meeting, page_size=300, next_page_token=page).json()
        found += len(answer["registrants"])
        page = answer.get("next_page_token", "")
        if not page:
            return found


def measure(listing: Callable[[], int]) -> tuple[int, float]:
    """Return how many there were, and the shortest time in seconds."""
    best, found = float("inf"), 0
    for _time in range(5):
        started = time.perf_counter()
        found = listing()
        best = min(best, time.perf_counter() - started)
    return found, best


if __name__ == "__main__":
    library, *where = sys.argv[1:]
    list_by = {"pyzoom": by_pyzoom, "zoomus": by_zoomus}[library]
    print(json.dumps(measure(lambda: list_by(*where))))
