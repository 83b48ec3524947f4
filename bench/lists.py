"""Imports so many people by lists of as many rows as one may have, in this process: `python -m bench.lists COUNT`."""

import resource
import sys
import time

import django

django.setup()

from classbell.accounts.models import Role, User  # noqa: E402 -- Django is set up only now
from classbell.accounts.people.importing import import_people  # noqa: E402
from classbell.accounts.people.planning import Rules  # noqa: E402
from classbell.accounts.people.reading import MOST_ROWS, read_listed  # noqa: E402


def main(count: int) -> None:
    """Print how many lists it took, the seconds, and the most memory that this process had before and in all, in MB."""
    admin = User.objects.create(email=f"admin{count}@university.example", role=Role.ADMIN)
    before, begun, lists = _most_memory(), time.monotonic(), 0
    for first in range(0, count, MOST_ROWS):
        numbers = range(first, min(first + MOST_ROWS, count))
        rows = [f"u{n}-{count}@university.example,Fulana {n},De Tal {n},student,S{count}-{n}" for n in numbers]
        text = "\n".join(["email,first name,last name,role,student number", *rows])
        import_people(read_listed(text), Rules(by=admin))
        lists += 1
    print(lists, f"{time.monotonic() - begun:.1f}", before, _most_memory())


def _most_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(int(sys.argv[1]))
