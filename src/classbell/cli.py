"""The `classbell` command: every entrance to the product that is not a web page."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

import classbell

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help="Live teaching on Zoom."
)

PassphraseFile = Annotated[
    Path | None, typer.Option(help="Encrypted by the first line of this file; without it, it is not encrypted.")
]


def main() -> None:
    """Run the command line. `--data DIR` may stand anywhere: it names the data folder, as CLASSBELL_DATA does."""
    sys.argv[1:] = _take_data_folder(sys.argv[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "classbell.config.settings")
    try:
        app()
    except ValidationError as error:
        for problem in error.errors():
            where = ".".join(str(part) for part in problem["loc"]) or "settings"
            typer.secho(f"{where}: {problem['msg']}", fg="red", err=True)
        sys.exit(2)
    except SettingsError as error:
        typer.secho(str(error), fg="red", err=True)
        sys.exit(2)


def _take_data_folder(arguments: list[str]) -> list[str]:
    left: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--data":
            os.environ["CLASSBELL_DATA"] = next(rest, "")
        elif argument.startswith("--data="):
            os.environ["CLASSBELL_DATA"] = argument.removeprefix("--data=")
        else:
            left.append(argument)
    return left


def _start_django() -> None:
    """Make sure there is a database, then load the settings and the models."""
    from classbell.config.embedded import ensure_database

    ensure_database()
    import django

    django.setup()


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(classbell.__version__)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the pages are.")] = 8000,
    sim_port: Annotated[int, typer.Option(help="Where the simulated Zoom is.")] = 9090,
    own_sim_port: Annotated[
        int | None,
        typer.Option(help="Where teachers' own Zoom is; one after the simulated Zoom's unless told otherwise."),
    ] = None,
    bank_port: Annotated[
        int | None,
        typer.Option(help="Where the stand-in for Stripe is; one after teachers' own Zoom unless told otherwise."),
    ] = None,
    reset: Annotated[bool, typer.Option(help="Forget the last run and start over.")] = False,
    browser: Annotated[bool, typer.Option(help="Open the pages in a browser.")] = True,
) -> None:
    """A whole school on this machine: database, simulated Zoom, worker and pages, with people and classes in it."""
    from classbell.demo.supervisor import Ports, run_demo

    own_sim = own_sim_port or sim_port + 1
    ports = Ports(pages=port, sim=sim_port, own_sim=own_sim, bank=bank_port or own_sim + 1)
    run_demo(ports, reset=reset, open_browser=browser)


@app.command("seed-demo", hidden=True)
def seed_demo(
    live: Annotated[
        bool,
        typer.Option("--live", help="Only what is of this moment."),
    ] = False,
) -> None:
    """Add the demo's people and classes to this database."""
    _start_django()
    from django.utils import timezone

    from classbell.demo.seed import find_recordings, seed, start_live_meeting

    if live:
        find_recordings(now=timezone.now())
        start_live_meeting(now=timezone.now())
    else:
        seed(now=timezone.now())


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    processes: Annotated[int, typer.Option(help="Server processes; about one a core.")] = 1,
    threads: Annotated[int, typer.Option(help="Requests that one process answers at a time.")] = 8,
) -> None:
    """Serve the pages and the API."""
    from classbell.config.embedded import ensure_database

    ensure_database()
    from classbell.config.listening import CannotListen
    from classbell.config.server import serve as serve_pages

    try:
        serve_pages(host=host, port=port, processes=processes, threads=threads)
    except CannotListen as error:
        _give_up(error)


@app.command()
def worker(
    concurrency: Annotated[int, typer.Option(help="Jobs done at a time; most of them wait for Zoom.")] = 16,
) -> None:
    """Do the work that requests leave behind: meetings to bring to Zoom, sweeps, reports."""
    _start_django()
    from django.conf import settings

    from classbell.config.worker import run_worker

    run_worker(concurrency=concurrency, stop_timeout=settings.ENVIRONMENT.stop_timeout.total_seconds())


@app.command()
def migrate() -> None:
    """Bring the database's tables up to this version. Safe to repeat, safe beside running processes."""
    _start_django()
    from classbell.postgres.migrations import NewerDatabase, bring_up_to_date

    try:
        bring_up_to_date(tell=typer.echo)
    except NewerDatabase as error:
        _give_up(error)


@app.command()
def backup(
    target: Annotated[str, typer.Argument(metavar="FILE", help="A new file; - for standard output.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Everything in the database at this moment, in one file. Safe beside running processes."""
    _start_django()
    from classbell.backup.commands import run_backup
    from classbell.backup.errors import BackupError

    try:
        run_backup(target, passphrase_file)
    except BackupError as error:
        _give_up(error)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="What `classbell backup` wrote.")],
    passphrase_file: PassphraseFile = None,
    replace: Annotated[bool, typer.Option("--replace", help="Delete what is in the database first.")] = False,
    other_key: Annotated[
        bool, typer.Option("--other-key", help="The CLASSBELL_SECRET_KEY of that day is lost.")
    ] = False,
    only_check: Annotated[bool, typer.Option("--check", help="Only look whether it could be restored.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --replace: do not ask.")] = False,
) -> None:
    """Fill an empty database from a backup, bring it up to this version, and say what Zoom has beyond it."""
    _start_django()
    from classbell.backup.commands import run_restore
    from classbell.backup.errors import BackupError

    try:
        run_restore(
            source,
            passphrase_file=passphrase_file,
            replace=replace,
            other_key=other_key,
            only_check=only_check,
            ask=not yes,
        )
    except BackupError as error:
        _give_up(error)


@app.command("rotate-secrets")
def rotate_secrets(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count and change nothing.")] = False,
) -> None:
    """After CLASSBELL_SECRET_KEY was changed: encrypt anew what is stored. Safe to break off and to repeat."""
    _start_django()
    from classbell.config.rotation import run_rotation

    sys.exit(run_rotation(dry_run=dry_run, tell=typer.echo))


@app.command("compare-zoom")
def compare_zoom(
    since: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%dT%H:%M:%S"], help="When the backup was taken, UTC, as restore said.")
    ],
) -> None:
    """After a restore: name the meetings at Zoom that this database does not know, and ask which of ours to delete."""
    _start_django()
    from classbell.backup.commands import run_compare_zoom

    run_compare_zoom(since.replace(tzinfo=UTC))


def _give_up(error: Exception) -> NoReturn:
    typer.secho(str(error), fg="red", err=True)
    sys.exit(1)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Say it to programs, as a list in JSON.")] = False,
) -> None:
    """
    Say what is missing or unsafe of this installation, each with its remedy: database, workers, Zoom, clock, mail, secrets.

    Ends with 1 when something must be mended, with 0 otherwise.
    """
    _start_django()
    from classbell.config.doctor import examine
    from classbell.config.findings import print_findings, print_json

    sys.exit((print_json if as_json else print_findings)(examine()))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def zoomsim(context: typer.Context) -> None:
    """Run the Zoom simulator by itself; the same as the `zoomsim` command."""
    sys.exit(subprocess.run([sys.executable, "-m", "zoomsim", *context.args], check=False).returncode)


@app.command("zoom-check")
def zoom_check(
    host: Annotated[
        str, typer.Option(help="Under whom to make meetings: the e-mail of a Zoom user. Else the app's owner.")
    ] = "me",
    listed: Annotated[bool, typer.Option("--list", help="Say what would be asked, and ask nothing.")] = False,
) -> NoReturn:
    """
    Ask this installation's Zoom what Classbell counts on, and say where it answers differently than the simulator.

    It makes meetings of its own, called zoom-check, and deletes them, also after Ctrl-C. It touches no other meeting, and
    mails nobody.
    """
    from classbell.config.environment import read_environment

    environment = read_environment()
    if not (listed or environment.zoom_configured):
        typer.secho("ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET are not set.", fg="red", err=True)
        sys.exit(2)
    # By the environment, which other users of this machine cannot read, as they can a command line.
    told = {
        "ZOOMSIM_OAUTH_URL": environment.zoom_oauth_url,
        "ZOOMSIM_ACCOUNT_ID": environment.zoom_account_id,
        "ZOOMSIM_CLIENT_ID": environment.zoom_client_id,
        "ZOOMSIM_CLIENT_SECRET": environment.zoom_client_secret.get_secret_value(),
        "ZOOMSIM_CHECK_HOST": host,
    }
    command = [sys.executable, "-m", "zoomsim", "check", environment.zoom_api_url, *(["--list"] if listed else [])]
    # In place of this process, so that Ctrl-C reaches the one that clears up.
    os.execve(sys.executable, command, os.environ | told)  # noqa: S606


@app.command("import-term")
def import_term(
    folder: Annotated[Path, typer.Argument(help="Folder with timetable.csv, enrolments.csv, maybe people.csv.")],
    starts_on: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of the first week.")],
    weeks: Annotated[int, typer.Option(min=1, help="Weeks of teaching.")],
    timezone: Annotated[str, typer.Option(help="IANA timezone of the timetable's times, such as Europe/Lisbon.")],
    holidays: Annotated[
        Path | None, typer.Option(help="CSV with the columns date and name: days without classes.")
    ] = None,
    gap_minutes: Annotated[int, typer.Option(min=0, max=240, help="Minutes a Zoom host rests between meetings.")] = 0,
    prune: Annotated[bool, typer.Option(help="Cancel sections that are no longer in the file.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and change nothing.")] = False,
) -> None:
    """Bring a university's term in: every section a class with its people and one recurring Zoom meeting."""
    _start_django()
    from classbell.courses.timetable.report import run_import

    sys.exit(
        run_import(
            folder,
            starts_on=starts_on.date(),
            weeks=weeks,
            timezone=timezone,
            holidays=holidays,
            gap_minutes=gap_minutes,
            prune=prune,
            dry_run=dry_run,
        )
    )


@app.command("plan-hosts")
def plan_hosts(
    starts_on: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Default: today.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Default: no end.")] = None,
) -> None:
    """How many Zoom licences the timetable needs, when the peak is, and who hosts what."""
    _start_django()
    from classbell.courses.timetable.report import print_host_plan

    print_host_plan(_day(starts_on), _day(until))


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


@app.command("invite-admin")
def invite_admin(
    email: Annotated[str, typer.Argument(help="Whose account it is; it is made if there is none.")],
    language: Annotated[str, typer.Option(help="en or ar: the language of the first pages.")] = "en",
) -> None:
    """Make somebody an admin and print the link with which they choose their password: how a new school begins."""
    _start_django()
    from django.utils import timezone as django_timezone

    from classbell.accounts.invitations import VALID_FOR
    from classbell.accounts.invitations import invite_admin as invite

    now = django_timezone.now()
    link = invite(email, locale=language, now=now)
    if not link:
        typer.echo(f"{email} is an admin and signs in with their password.")
        return
    until = django_timezone.localtime(now + VALID_FOR)
    typer.echo(
        f"{email} is an admin. Whoever opens this link chooses their password, once, until {until:%d %B %Y, %H:%M %Z}:"
    )
    typer.echo(link)


@app.command("read-hosts")
def read_hosts() -> None:
    """Read from Zoom who may host, now rather than within ten minutes."""
    _start_django()
    from classbell.meetings import tasks

    tasks.read_hosts(timestamp=0)


@app.command()
def sweep() -> None:
    """Compare everything with Zoom now rather than tonight; the worker does it."""
    _start_django()
    from classbell.meetings import tasks

    tasks.sweep(timestamp=0)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def manage(context: typer.Context) -> None:
    """Run one of Django's management commands."""
    _start_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["classbell manage", *context.args])
