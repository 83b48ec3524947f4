"""Reading an installation page: its fenced blocks of commands, and the table of what a reader replaces."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FENCE: Final = re.compile(r"^(?P<marks>```)(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
STEP: Final = re.compile(r"^## (.+)$", re.MULTILINE)
TABLE: Final = re.compile(r"^\| here \| .*?\n\|[- |]+\n(?P<rows>(?:\|.*\n)+)", re.MULTILINE)
CODE: Final = re.compile(r"`([^`]+)`")
PLAYED: Final = "sh"


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One fenced block to be copied into a terminal, and the step of the page that it belongs to."""

    step: str
    text: str

    @property
    def commands(self) -> int:
        """How many commands somebody types or copies: lines that neither go on another nor are put into a file."""
        count, until, goes_on = 0, "", False
        for line in self.text.splitlines():
            if until:
                until = "" if line == until else until
                continue
            count += not goes_on
            goes_on = line.endswith(("\\", "|"))
            if here := re.search(r"<<'?(\w+)'?", line):
                until = here[1]
        return count


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks that are played, in their order."""
    text = page.read_text(encoding="utf-8")
    steps = [(found.start(), found[1]) for found in STEP.finditer(text)]
    return [
        Block(step=[name for start, name in steps if start < fence.start()][-1], text=fence["text"])
        for fence in FENCE.finditer(text)
        if fence["kind"] == PLAYED
    ]


def blocks_with(page: Path, instead: Path) -> list[Block]:
    """Return a page's blocks, with another page's steps in the place of those of the same name, or at the end."""
    own, kept = steps_of(instead), steps_of(page)
    return [
        block
        for step in [*kept, *(step for step in own if step not in kept)]
        for block in blocks_of(instead if step in own else page)
        if block.step == step
    ]


def steps_of(page: Path) -> list[str]:
    """Return the names of a page's steps, in their order."""
    return STEP.findall(page.read_text(encoding="utf-8"))


def replaceable(page: Path) -> list[str]:
    """Return what the table of the page says may be replaced."""
    found = TABLE.search(page.read_text(encoding="utf-8"))
    assert found, f"{page} has no table of what is replaced"
    return [name for row in found["rows"].splitlines() for name in CODE.findall(row.split("|")[1])]


def replaced(text: str, values: Mapping[str, str]) -> str:
    """Return text with each of these names replaced where it stands by itself, all at once."""
    longest_first = sorted(values, key=len, reverse=True)
    by_themselves = rf"(?<![\w./-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])"
    host_behind_a_slash = r"(?<=/)school[.]example\b"
    return re.sub(f"{by_themselves}|{host_behind_a_slash}", lambda name: values.get(name[0], name[0]), text)
