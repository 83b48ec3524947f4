"""What is counted of requests that schemathesis made up."""

import json
from pathlib import Path
from typing import Any

from tests.walk.generated import answered


def test_requests_not_refused_and_links_followed_are_counted_each_link_once(tmp_path: Path) -> None:
    asked = {
        "list": (200, None),
        "follow": (200, "list -> show"),
        "follow again": (404, "list -> show"),
        "drawn, with none of its values": (200, ""),
        "gone": (None, "list -> change"),
    }
    events = [
        {"Initialize": {"seed": 7}},
        {"ScenarioFinished": {"recorder": recorder(asked)}},
        scenario_without_requests(),
    ]
    path = tmp_path / "events.ndjson"
    path.write_text("\n".join(map(json.dumps, events)))

    assert answered(path) == (3, 2)


def recorder(asked: dict[str, tuple[int | None, str | None]]) -> dict[str, Any]:
    """Return what schemathesis writes of the requests of a scenario: their answers, and by which link each was asked."""
    cases, interactions = {}, {}
    for name, (status, link) in asked.items():
        cases[name] = {"is_transition_applied": bool(link), "transition": None if link is None else {"id": link}}
        interactions[name] = {"response": status and {"status_code": status}}
    return {"cases": cases, "interactions": interactions}


def scenario_without_requests() -> dict[str, Any]:
    """Return a scenario in which nothing was asked: it has neither cases nor answers."""
    return {"ScenarioFinished": {"recorder": {"label": "Stateful tests"}}}
