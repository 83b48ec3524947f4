"""Write the register into docs/data.md."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from classbell.privacy.document import with_register


class Command(BaseCommand):
    """`./run classbell manage describe_data`, after a model has changed."""

    help = "Write what is kept of people into docs/data.md."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Another document may be named."""
        parser.add_argument("path", nargs="?", type=Path, default=Path("docs/data.md"))

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        """Write it in place."""
        path.write_text(with_register(path.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"Wrote the register into {path}.")
