"""Compiles the translations whenever a wheel is built: gettext reads .mo files, and the repository holds none."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileMessages(BuildHookInterface[Any]):
    """Writes a .mo file beside each .po file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before files are collected. A translation that cannot be read stops the build."""
        for source in Path(self.root, "src/classbell/locale").glob("*/LC_MESSAGES/*.po"):
            with source.open("rb") as texts, source.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(texts, locale=source.parent.parent.name, abort_invalid=True))
