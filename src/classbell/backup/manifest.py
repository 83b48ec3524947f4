"""What a backup says of itself."""

import hashlib
from datetime import datetime
from typing import Final

from django.utils.encoding import force_bytes
from pydantic import AwareDatetime, BaseModel, ConfigDict

FORMAT: Final = 1


class Manifest(BaseModel):
    """
    What a backup holds and what it takes to read it.

    `taken_at` is the moment that all of it is of. `migrations` are those that had run, as `app.name`. `counts` says how many
    rows each table has. `secret_key_id` tells one CLASSBELL_SECRET_KEY from another and nothing of either.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: int = FORMAT
    version: str
    taken_at: AwareDatetime
    server: int
    """The major version of the PostgreSQL server it was taken from."""
    program: int
    """The major version of pg_dump."""
    secret_key_id: str
    migrations: tuple[str, ...]
    counts: dict[str, int]

    def rows(self) -> int:
        """Return how many rows there are in all."""
        return sum(self.counts.values())

    def described(self) -> str:
        """Return in one line what it is a backup of."""
        moment: datetime = self.taken_at
        return (
            f"Classbell {self.version}, {moment:%Y-%m-%d %H:%M:%S} UTC, PostgreSQL {self.server}: "
            f"{self.rows():,} rows in {len(self.counts)} tables"
        )


def secret_key_id(secret_key: str | bytes) -> str:
    """Return 32 bits of a secret key's hash: enough to notice another key, too few to find one out."""
    return hashlib.sha256(b"classbell.backup-key:" + force_bytes(secret_key)).hexdigest()[:8]
