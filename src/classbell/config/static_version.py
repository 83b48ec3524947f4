"""Under which name static files are served."""

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path


def version_of(folders: Iterable[Path], *distributions: str) -> str:
    """
    Return twelve hexadecimal digits that change with any file of the folders, and with the versions of the distributions.

    The same on every machine that has the same files.
    """
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{file.relative_to(folder).as_posix()}\0{file.stat().st_size}\0".encode())
            digest.update(file.read_bytes())
    for name in distributions:
        digest.update(f"{name} {version(name)}\0".encode())
    return digest.hexdigest()[:12]
