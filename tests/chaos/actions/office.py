"""What the office does: lists of people from another program."""

import random
from functools import partial
from typing import Final

from tests.chaos.people import People, at_once

# So many are there in all: two lists have some of them in common.
LISTED: Final = range(60)
LINES: Final = 12


def import_people(people: People, dice: random.Random) -> None:
    """Two lists at one moment, which name some of the same people."""
    lists = [dice.sample(LISTED, LINES) for _list in range(2)]
    at_once(*(partial(_send, people, numbers) for numbers in lists))


def _send(people: People, numbers: list[int]) -> None:
    lines = [f"x{number},new-{number}@school.example,New{number},Person,student" for number in numbers]
    text = "\n".join(["external_id,email,first_name,last_name,role", *lines])
    people.ask("import", "admin", "/api/people/import", {}, csv=text, numbers=numbers)
