"""
Migrations are written for two versions at a time: processes of the version before go on while they run and afterwards.

So none takes away or renames what the version before reads, demands what it does not write, or locks a table for longer than
a moment. What nobody reads any more goes one version later, which is said in ALLOWED.
"""

from typing import Final

import pytest
from django.apps import apps
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

OURS: Final = sorted(config.label for config in apps.get_app_configs() if config.name.startswith("classbell."))
# Made before the first release: no school ran the version before.
BEFORE_THE_RULE: Final = frozenset(
    {
        "accounts.0005_list_people_by_name",
        "courses.0002_initial",
        "courses.0005_join_times_of_a_section_and_remember_terms",
        "halakat.0002_leave_out_holidays",
        "meetings.0003_hold_time_without_a_sitting",
        "meetings.0005_note_why_nobody_is_registered",
        "meetings.0008_let_substitutes_teach",
        "meetings.0009_keep_attendance_rules_by_date",
        "meetings.0012_find_meetings_for_many",
        "meetings.0015_find_attendance_by_time",
        "meetings.0017_keep_runs_that_are_no_session",
        "meetings.0022_rename_to_the_words_of_the_field",
        "notices.0006_keep_when_a_feed_changed",
    }
)
# `app.name`: why it harms nobody, such as "the column has not been read since 1.2".
ALLOWED: Final[dict[str, str]] = {
    "accounts.0016_name_people_as_other_programs_do": "unique is a new column that the version before leaves empty",
    "accounts.0021_keep_history_of_addresses": "its rows are written by a trigger of this migration alone",
    "notices.0009_encrypt_calendar_addresses": "the column keeps its name; calendars that ask the version before ask again",
    "bookings.0007_keep_a_ledger_of_makeups": "unique is a new column, which the version before leaves empty",
    "recordings.0001_what_zoom_recorded": "its indexes are of tables that it makes itself",
}
# Migrations are not undone (docs/upgrade.md), so that they could be is nothing to ask for.
NOT_ASKED_FOR: Final = ["RUNPYTHON_REVERSIBLE", "RUNSQL_REVERSIBLE"]


@pytest.mark.slow
# An index that is built concurrently is not written down within a transaction.
@pytest.mark.django_db(transaction=True)
def test_no_migration_breaks_the_version_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    linter = MigrationLinter(
        include_apps=OURS,
        all_warnings_as_errors=True,
        exclude_migration_tests=NOT_ASKED_FOR,
        no_cache=True,
        quiet=["ok", "ignore", "warning"],
    )
    broken = set()
    for app, name in sorted(linter.migration_loader.disk_migrations):
        migration = f"{app}.{name}"
        if app in OURS and migration not in BEFORE_THE_RULE and migration not in ALLOWED:
            linter.reset_counters()
            linter.lint_migration(linter.migration_loader.disk_migrations[app, name])
            broken |= {migration} if linter.nb_erroneous else set()

    assert broken == set(), capsys.readouterr().out + "What to do instead: CONTRIBUTING.md, Migrations."


def test_exceptions_are_migrations_that_there_are() -> None:
    from classbell.postgres.migrations import known_migrations

    assert (BEFORE_THE_RULE | ALLOWED.keys()) - known_migrations() == set()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ('ALTER TABLE "groups_group" DROP COLUMN "name" CASCADE', "DROP_COLUMN"),
        ('ALTER TABLE "groups_group" RENAME COLUMN "name" TO "title"', "RENAME_COLUMN"),
        ('ALTER TABLE "groups_group" RENAME TO "groups_class"', "RENAME_TABLE"),
        ('DROP TABLE "groups_group" CASCADE', "DROP_TABLE"),
        ('ALTER TABLE "groups_group" ADD COLUMN "room" varchar(9) NOT NULL', "NOT_NULL"),
        ('ALTER TABLE "groups_group" ALTER COLUMN "name" TYPE text', "ALTER_COLUMN"),
        ('CREATE INDEX "by_name" ON "groups_group" ("name")', "CREATE_INDEX"),
        ('ALTER TABLE "groups_group" ADD CONSTRAINT "once" UNIQUE ("name")', "ADD_UNIQUE"),
    ],
)
def test_rule_knows_what_breaks(statement: str, code: str) -> None:
    errors, _, warnings = analyse_sql_statements(PostgresqlAnalyser, [statement])

    assert [issue.code for issue in [*errors, *warnings]] == [code]


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "groups_group" ADD COLUMN "room" varchar(9) DEFAULT \'\' NOT NULL',
        'ALTER TABLE "groups_group" ADD COLUMN "room" varchar(9) NULL',
        'CREATE TABLE "groups_room" ("id" uuid NOT NULL PRIMARY KEY)',
        'CREATE INDEX CONCURRENTLY "by_name" ON "groups_group" ("name")',
    ],
)
def test_rule_lets_through_what_only_adds(statement: str) -> None:
    errors, _, warnings = analyse_sql_statements(PostgresqlAnalyser, [statement])

    assert [*errors, *warnings] == []
