"""The `classbell` command."""

import os

import typer


def main() -> None:
    """Run the command line."""
    app()


app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Live teaching on Zoom.")


@app.callback()
def _setup() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "classbell.config.settings")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def manage(context: typer.Context) -> None:
    """Run one of Django's management commands."""
    from django.core.management import execute_from_command_line

    from classbell.config.embedded import ensure_database

    ensure_database()
    execute_from_command_line(["classbell manage", *context.args])
