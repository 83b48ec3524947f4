"""What `classbell doctor` says: each thing looked at, how it stands, and what to do about it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from rich.console import Console


class Verdict(StrEnum):
    """How a check came out. `warning`: Classbell runs, something is missing. `broken`: it must be mended."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One check: what was looked at, how it stands, and what to do about it."""

    subject: str
    verdict: Verdict
    text: str


def print_findings(findings: Iterable[Finding]) -> int:
    """Print findings as they come; return the exit status, 1 when something is broken."""
    console, broken = Console(), False
    colour = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.BROKEN: "red"}
    for finding in findings:
        broken |= finding.verdict is Verdict.BROKEN
        mark = f"[{colour[finding.verdict]}]{finding.verdict.value:<8}[/]"
        console.print(f"{mark} [bold]{finding.subject}[/]: {finding.text}", highlight=False)
    return int(broken)


def print_json(findings: Iterable[Finding]) -> int:
    """Print all findings as one list in JSON, for programs; return the exit status, 1 when something is broken."""
    found = list(findings)
    print(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=2))  # noqa: T201 -- its output
    return int(any(finding.verdict is Verdict.BROKEN for finding in found))
