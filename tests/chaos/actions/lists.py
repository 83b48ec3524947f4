"""Lists of a class whose members change: one that is all of it, one of some more, and people who come and leave by name."""

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from tests.chaos.journal import Outcome
from tests.chaos.people import People, at_once

TEACHER: Final = "bruno"
# Zoom takes three adds of one person to one meeting a day: on each list some are new, and who comes back does so once.
NEW: Final = 4
KEPT: Final = 4
SOME: Final = 2
LISTS: Final = ("list", "more")
BY_NAME: Final = ("enrol", "leave")


def change(people: People, dice: random.Random) -> None:
    """Two changes of one class at one moment; none while others are at it, or before all is known of those before."""
    if not people.at_lists.acquire(blocking=False):
        return
    try:
        unknown = people.journal.of(*LISTS, *BY_NAME, outcome=Outcome.UNKNOWN)
        if all(len(action.tries) > 1 for action in unknown):
            _plan_lesson(people, dice)
            # With a list of the whole class in each pair, some are of two such lists.
            at_once(_change(people, "list", dice), _change(people, dice.choice([*LISTS, *BY_NAME]), dice))
    finally:
        people.at_lists.release()


def _plan_lesson(people: People, dice: random.Random) -> None:
    """Plan a lesson of the class some days ahead, for which Zoom is to know its members, unless there is one."""
    soon = people.stage.clock.now() + timedelta(hours=2)
    if any(made.facts["start"] > soon for made in people.journal.done("ahead")):
        return
    start = people.hour(dice, range(50, 90)) + timedelta(minutes=30)
    body = {
        "title": f"Chemistry {dice.randrange(10**6)}",
        "startTime": start.isoformat(),
        "duration": 20,
        "classId": people.stage.school.changing_id,
        "registrationEnabled": True,
    }
    people.ask("ahead", TEACHER, "/api/zoom/meetings", body, start=start)


def _change(people: People, kind: str, dice: random.Random) -> Callable[[], object]:
    """Return what asks for a change of some kind; for a list where nobody can come back or leave."""
    before = people.journal.done(*LISTS)
    last = before[-1].facts["pupils"] if before else []
    new = dice.sample(range(10**6), NEW)
    came_back = {one for action in people.journal.of("enrol") for one in action.facts["pupils"]}
    candidates = [one for one in last if one not in came_back]
    if kind == "enrol" and candidates:
        return partial(_by_name, people, kind, dice.sample(candidates, min(SOME, len(candidates))))
    if kind == "leave" and last:
        return partial(_by_name, people, kind, dice.sample(last, min(SOME, len(last))))
    if kind == "more":
        return partial(_send, people, kind, new[:SOME])
    return partial(_send, people, "list", dice.sample(last, min(KEPT, len(last))) + new)


def _send(people: People, kind: str, pupils: list[int]) -> None:
    lines = [f"{address(number)},Pupil{number},Person" for number in pupils]
    text = "\n".join(["email,first_name,last_name", *lines])
    path = f"/api/zoom/classes/{people.stage.school.changing_id}/import"
    path += "?remove_missing=true" if kind == "list" else ""
    people.ask(kind, "admin", path, {}, csv=text, pupils=pupils)


def _by_name(people: People, kind: str, pupils: list[int]) -> None:
    path = f"/api/zoom/classes/{people.stage.school.changing_id}/students"
    body = {"emails": [address(number) for number in pupils]}
    people.ask(kind, TEACHER, path, body, method="POST" if kind == "enrol" else "DELETE", pupils=pupils)


def address(number: int) -> str:
    """Return the e-mail address of a pupil on a list."""
    return f"pupil-{number}@school.example"
