"""Several counts at once."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet


def counted(**asked: QuerySet[Any, Any]) -> dict[str, int]:
    """Return by name how many rows each of these has. One statement for all of them."""
    compiled = [rows.order_by().values("pk").query.sql_with_params() for rows in asked.values()]
    columns = ", ".join(f"(SELECT count(*) FROM ({statement}) counted)" for statement, _parameters in compiled)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", [value for _statement, values in compiled for value in values])
        return dict(zip(asked, cursor.fetchone(), strict=True))
