"""Whether the tables are those that this version of the program wants."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def missing_migrations() -> int:
    """
    Return how many migrations have not run yet; those of a newer version do not count.

    Raises Django's DatabaseError.
    """
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
