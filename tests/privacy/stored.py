"""Looking for words in everything that the database holds."""

from django.db import connection
from psycopg import sql

COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'jsonb', 'json', 'ARRAY')
  AND table_name IN (SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE')
"""


def where_stored(*words: str) -> list[str]:
    """Return each "table.column" in which one of these words stands, in any case."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for table, column in cursor.fetchall():
            statement = sql.SQL("SELECT count(*) FROM {} WHERE {}::text ILIKE ANY(%s)").format(
                sql.Identifier(table), sql.Identifier(column)
            )
            cursor.execute(statement.as_string(), [[f"%{word}%" for word in words]])
            if cursor.fetchone()[0]:
                found.append(f"{table}.{column}")
    return found
