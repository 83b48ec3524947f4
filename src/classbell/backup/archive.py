"""
The file of a backup: a tar archive, written and read in one pass.

`manifest.json` comes first, then pg_dump's output in numbered parts, then `SHA256SUMS`, which `sha256sum --check` reads.
Parts, because a tar archive says how long a file is before the file, and how long a dump will be is not known when it begins;
so nothing is kept aside, on disk or in memory. By hand: `tar --extract --to-stdout --file B 'database.*' | pg_restore …`.
"""

import hashlib
import io
import tarfile
from collections.abc import Iterable, Iterator
from typing import IO, Final

from pydantic import ValidationError

from classbell.backup.errors import BackupError, Damaged
from classbell.backup.manifest import FORMAT, Manifest

MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
PART_NAME: Final = "database.{:06d}"
PART: Final = 8 * 1024 * 1024


def write_archive(out: IO[bytes], manifest: Manifest, dump: Iterable[bytes]) -> None:
    """Write a backup. What `dump` raises leaves it without its end, and so not a backup."""
    sums: list[str] = []
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:

        def add(name: str, data: bytes) -> None:
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(data), 0o600, int(manifest.taken_at.timestamp())
            archive.addfile(member, io.BytesIO(data))
            sums.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")

        add(MANIFEST, manifest.model_dump_json(indent=2).encode() + b"\n")
        for number, part in enumerate(_parts(dump), 1):
            add(PART_NAME.format(number), part)
        add(SUMS, "".join(sums).encode())


def check_archive(source: IO[bytes]) -> Manifest:
    """Read a backup to its end, compare it with what was written, and return what it says of itself. Raises Damaged."""
    found: list[str] = []
    manifest, sums = None, None
    for name, data in _members(source):
        if sums is not None:
            raise Damaged("There is more in the backup than was written.")
        if name == SUMS:
            sums = data.decode(errors="replace")
        else:
            found.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
        if name == MANIFEST:
            manifest = _manifest(data)
    if manifest is None or sums is None:
        raise Damaged("The backup ends too early: taking or copying it was interrupted. Take another one.")
    if sums != "".join(found):
        raise Damaged("The backup was changed after it was written. Take another one.")
    return manifest


def dump_of(source: IO[bytes]) -> Iterator[bytes]:
    """Yield what pg_dump wrote, a part at a time."""
    for name, data in _members(source):
        if name not in (MANIFEST, SUMS):
            yield data


def _members(source: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(fileobj=source, mode="r|") as archive:
            for member in archive:
                if member.size > 2 * PART or not member.isreg():
                    raise Damaged("It is not a backup that `classbell backup` wrote.")
                content = archive.extractfile(member)
                yield member.name, content.read() if content else b""
    except (tarfile.TarError, EOFError) as error:
        raise Damaged("It is not a backup, or not a whole one.") from error


def _parts(dump: Iterable[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for data in dump:
        waiting += data
        while len(waiting) >= PART:
            yield bytes(waiting[:PART])
            del waiting[:PART]
    if waiting:
        yield bytes(waiting)


def _manifest(data: bytes) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        raise Damaged("What the backup says of itself cannot be read.") from error
    if manifest.format > FORMAT:
        raise BackupError(f"A newer Classbell wrote this backup. Install {manifest.version} or newer to restore it.")
    return manifest
