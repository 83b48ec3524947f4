"""Reading what one may see, and prying into what one may not."""

import random
from typing import Any, Final

import httpx

from tests.chaos.journal import Action, Outcome
from tests.chaos.people import People
from tests.chaos.school import STRANGERS, STUDENTS

# Of nothing of this do strangers have any.
LISTS: Final = {
    "/api/bookings/bookings": "bookings",
    "/api/excuses": "excuses",
    "/api/courses": "courses",
    "/api/zoom/meetings": "meetings",
}
PRIVATE: Final = {
    "book": "/api/bookings/bookings/{}",
    "series": "/api/bookings/series/{}",
    "circle": "/api/v1/halaka/{}/students",
    "course": "/api/courses/{}",
    "class": "/api/zoom/meetings/{}/attendance",
    "excuse": "/api/excuses/{}",
}


def read(people: People, dice: random.Random) -> None:
    path = dice.choice(
        ["/api/bookings/teachers", "/api/zoom/reports", "/api/bookings/bookings", "/api/public/teachers"]
    )
    people.get("admin" if "public" not in path else "", path)


def pry(people: People, dice: random.Random) -> None:
    """Somebody who has nothing to do with it asks for what others have, or wants to decide about it."""
    by = STRANGERS[dice.choice(list(STRANGERS))]
    for path in _private_paths(people, dice):
        answer = people.get(by, path)
        if answer is not None and answer.status_code not in {403, 404, 503, 429}:
            people.journal.wrong.append(f"{by} reads {path}: {answer.status_code}")
    _look_at_lists(people)
    lessons = people.journal.done("book", "spend")
    if lessons:
        lesson = dice.choice(lessons)
        for action in ("confirm", "cancel", "complete"):
            path = f"/api/bookings/bookings/{lesson.answer['id']}/{action}"
            tried = people.ask("pry", by, path, {}, about=lesson.answer["id"])
            if tried.outcome is Outcome.DONE:
                people.journal.wrong.append(f"{by} may {action} a lesson of {lesson.by}")


def _look_at_lists(people: People) -> None:
    for one in STRANGERS.values():
        for path, name in LISTS.items():
            answer = people.get(one, path)
            if answer is None:
                continue
            if answer.status_code == httpx.codes.NOT_FOUND:  # The second wall stood where the rule of the list did not.
                people.journal.wrong.append(f"{one} has no list at {path}")
            elif answer.is_success and answer.json()[name]:
                people.journal.wrong.append(f"{one} is shown {len(answer.json()[name])} of {path}")


def _private_paths(people: People, dice: random.Random) -> list[str]:
    """Return a few addresses of what a stranger must not see."""
    paths = [f"/api/balances?student_id={people.id(dice.choice(STUDENTS))}"]
    paths += [f"/api/zoom/classes/{people.stage.school.class_id}", f"/api/people/{people.id(STUDENTS[0])}/guardians"]
    for kind, address in PRIVATE.items():
        if found := people.journal.done(kind):
            paths.append(address.format(_id_of(dice.choice(found))))
    return paths


def _id_of(action: Action) -> str:
    """Return the id of what was made, wherever the answer has it."""
    found: Any = action.answer
    for name in ("data", "series", "halaka", "course", "meeting", "excuse", "booking"):
        if isinstance(found, dict) and name in found and isinstance(found[name], dict):
            found = found[name]
    return str(found["id"])
