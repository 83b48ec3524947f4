"""What `classbell backup`, `restore` and `compare-zoom` say and ask."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import typer
from django.conf import settings
from django.utils import timezone

from classbell.backup.errors import BackupError
from classbell.backup.manifest import Manifest
from classbell.backup.restoring import read_backup, refuse_unsuitable
from classbell.backup.restoring import restore as fill
from classbell.backup.taking import take, take_into
from classbell.meetings.hosts import pool
from classbell.meetings.sync.beyond import Beyond, beyond, delete
from classbell.meetings.sync.gateway import is_configured, zoom_client
from classbell.meetings.zoom_accounts import accounts
from classbell.postgres.migrations import bring_up_to_date
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomError

SHORTEST_PASSPHRASE = 12
NOT_IN_IT = (
    "Not in it, to be kept elsewhere: CLASSBELL_SECRET_KEY (without it, what is encrypted in the backup stays so), and the "
    "settings: the environment or classbell.env, with Zoom's credentials."
)


def run_backup(target: str, passphrase_file: Path | None) -> None:
    """Take a backup into a file, or to standard output for `-`, and say what it holds. Raises BackupError."""
    passphrase = passphrase_in(passphrase_file)
    address, now = _address(), timezone.now()
    if target == "-":
        if sys.stdout.isatty():
            raise BackupError(
                "A backup is no text. Send it on: classbell backup - | ssh other 'cat > classbell.backup'"
            )
        manifest = take(sys.stdout.buffer, address=address, passphrase=passphrase, now=now)
        sys.stdout.buffer.flush()
    else:
        manifest = take_into(Path(target), address=address, passphrase=passphrase, now=now)
    _tell(f"Backed up: {manifest.described()}{', encrypted' if passphrase else ''}.")
    _tell(NOT_IN_IT)


def run_restore(
    source: Path, *, passphrase_file: Path | None, replace: bool, other_key: bool, only_check: bool, ask: bool
) -> None:
    """Look at a backup, fill the database from it, migrate, and say what Zoom has beyond it. Raises BackupError."""
    passphrase = passphrase_in(passphrase_file)
    manifest = read_backup(source, passphrase=passphrase)
    _tell(f"Whole and unchanged: {manifest.described()}.")
    refuse_unsuitable(manifest, other_key=other_key)
    if only_check:
        return
    if replace and ask and not typer.confirm("Delete everything in this database and put the backup in its place?"):
        raise BackupError("Nothing was changed.")
    fill(source, manifest, address=_address(), passphrase=passphrase, replace=replace)
    _tell("Restored, and every table has as many rows as it had.")
    bring_up_to_date(tell=_tell)
    _after(manifest)


def run_compare_zoom(since: datetime) -> None:
    """Name what Zoom has beyond the database; ask what of ours to delete, on a terminal only."""
    if not is_configured():
        _tell("Zoom is not configured, so there is nothing to compare with.")
        return
    client, found = zoom_client(), []
    try:
        for one in accounts():
            there = zoom_client(one.account_id)
            pool.read_hosts(there, account_id=one.account_id, now=timezone.now())
            found += list(beyond(there, since=since))
        _name("Not made by this installation; left alone", [one for one in found if not one.is_ours])
        ours = [one for one in found if one.is_ours]
        _name("Made by this installation after the backup, and not in it", ours)
        if not found:
            _tell("Zoom has nothing beyond this database.")
        if ours:
            _ask(ours, client)
    except ZoomError as error:
        _tell(f"Zoom could not be compared: {error} Later: {_again(since)}")


def passphrase_in(file: Path | None) -> bytes | None:
    """Return the first line of a file, None without a file. Raises BackupError for one that is missing or short."""
    if file is None:
        return None
    try:
        passphrase = next(iter(file.read_bytes().splitlines()), b"").strip()
    except OSError as error:
        raise BackupError(f"{file} cannot be read ({error.strerror}).") from error
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise BackupError(
            f"The first line of {file} is the passphrase, and has to have {SHORTEST_PASSPHRASE} characters at least. "
            "Make one: openssl rand -base64 24"
        )
    return passphrase


def _after(manifest: Manifest) -> None:
    _tell(NOT_IN_IT)
    _tell(
        "Nothing runs yet. Once `classbell worker` runs, meetings at Zoom are made what they were at the time of the backup, "
        "and mail that was waiting then goes out."
    )
    run_compare_zoom(manifest.taken_at)


def _name(heading: str, found: Sequence[Beyond]) -> None:
    if found:
        _tell(f"{heading}: {len(found)}")
    for one in found:
        _tell(f"  {_described(one)}")


def _ask(ours: Sequence[Beyond], client: ZoomClient) -> None:
    """Delete what somebody at a terminal says; nobody there, nothing is deleted."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        _tell("Nothing was deleted: nobody is here to be asked.")
        return
    _tell(
        "If another Classbell works with this Zoom account, or this is only a rehearsal, these are its meetings: keep them."
    )
    answer = (
        typer.prompt("Delete [a]ll of these, ask for [e]ach, or [k]eep them?", default="k", err=True).strip().lower()
    )
    if answer[:1] not in ("a", "e"):
        _tell("Kept. They take their hosts' time until somebody deletes them at Zoom.")
        return
    for one in ours:
        if answer[:1] == "a" or typer.confirm(f"Delete {_described(one)}?", default=False, err=True):
            delete(one, client)
            _tell(f"Deleted at Zoom: {_described(one)}")


def _described(one: Beyond) -> str:
    starts = f"{one.summary.start_time:%Y-%m-%d %H:%M} UTC" if one.summary.start_time else "no fixed time"
    made = f"{one.summary.created_at:%Y-%m-%d %H:%M} UTC" if one.summary.created_at else "unknown"
    return f"{one.summary.id} “{one.summary.topic}”, host {one.host.email}, {starts}, made {made}"


def _again(since: datetime) -> str:
    return f"classbell compare-zoom --since {since:%Y-%m-%dT%H:%M:%S}"


def _address() -> str:
    url: str = settings.ENVIRONMENT.database_url
    return url


def _tell(text: str) -> None:
    """Say something beside a backup that may go to standard output."""
    typer.echo(text, err=True)
