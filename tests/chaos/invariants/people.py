"""People of imported lists."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.invariants.seen import Seen


def each_line_is_somebody_once(seen: Seen) -> Iterator[str]:
    """Each line of a list that was taken in is one person; and nobody is there that no list names."""
    rows = seen.rows(
        "SELECT external_id, email, first_name, role FROM accounts_user WHERE external_id <> '' OR email LIKE 'new-%%'"
    )
    there = Counter(row[0] for row in rows)
    taken_in = {f"x{number}" for made in seen.journal.done("import") for number in made.facts["numbers"]}
    named = {f"x{number}" for made in seen.journal.of("import") for number in made.facts["numbers"]}
    for key in sorted(taken_in | set(there)):
        if there[key] != 1 or key not in named:
            yield f"{key} is there {there[key]} times"
    for key, email, first_name, role in rows:
        number = (key or "").removeprefix("x")
        if (email, first_name, role) != (f"new-{number}@school.example", f"New{number}", "student"):
            yield f"{key} is {email}, {first_name}, {role}"
