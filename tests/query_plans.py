"""What the database does for a statement, read from its plan: tests ask how much it looks at, never how long it takes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

Plan = dict[str, Any]


def plan_of(statement: str, parameters: Sequence[Any] | None = None) -> Plan:
    """Run a statement and return the plan by which that was done, with what each step came to."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        (((found,),),) = [cursor.fetchall()]
    plan: Plan = found[0]["Plan"]
    return plan


def plan_of_one(queries: Iterable[dict[str, str]], *, with_text: str) -> Plan:
    """Return the plan of the one statement among those captured that has this text in it."""
    (statement,) = [query["sql"] for query in queries if with_text in query["sql"]]
    return plan_of(statement)


def steps(plan: Plan) -> Iterator[Plan]:
    """Yield every step of a plan."""
    yield plan
    for below in plan.get("Plans", []):
        yield from steps(below)


def rows_read(plan: Plan, table: str) -> int:
    """Return how many rows of a table were looked at, those among them that a filter left out."""
    return sum(
        (step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) * step["Actual Loops"]
        for step in steps(plan)
        if step.get("Relation Name") == table
    )
