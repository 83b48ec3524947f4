"""What people do: each action is a request or some over HTTP, by its name in the plan of a day."""

import random
from collections.abc import Callable, Mapping
from typing import Final

from tests.chaos.actions import classes, lessons, lists, money, office, reading
from tests.chaos.people import People

ACTIONS: Final[Mapping[str, Callable[[People, random.Random], None]]] = {
    "book": lessons.book,
    "race": lessons.race,
    "twice": lessons.twice,
    "crowd": lessons.crowd,
    "confirm": lessons.confirm,
    "move": lessons.move,
    "cancel": lessons.cancel,
    "give": lessons.give,
    "spend": lessons.spend,
    "buy": money.buy,
    "refund": money.refund,
    "pay": money.pay_lesson,
    "series": lessons.series,
    "guest": lessons.guest,
    "circle": classes.circle,
    "course": classes.course,
    "class": classes.lesson_of_class,
    "excuse": classes.excuse,
    "calendar": classes.calendar,
    "import": office.import_people,
    "lists": lists.change,
    "read": reading.read,
    "pry": reading.pry,
}
# Those that make something: asked for twice by one key, it is made once. Lists of a class, and who leaves it by name, know no
# key: twice is as good as once.
AGAIN: Final = frozenset(
    {
        "book",
        "spend",
        "give",
        "buy",
        "refund",
        "pay",
        "series",
        "guest",
        "circle",
        "course",
        "sessions",
        "class",
        "ahead",
    }
    | {"excuse", "import", *lists.LISTS, *lists.BY_NAME}
)


def ask_again(people: People) -> None:
    """Ask again, by the same keys, for what nobody knows the outcome of."""
    for action in people.journal.unknown():
        if action.kind in AGAIN:
            people.send(action)
