"""What came of the tests at each date: counted, kept, and shown as a table."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from tests.at_dates import moments

COUNTED = re.compile(r"\b(\d+) (passed|failed|errors?|skipped)\b")
LAST_LINES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one run; `failures` are the lines that tell of them, or the last ones of a run that broke off."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: tuple[str, ...] = ()

    @classmethod
    def of(cls, output: str, status: int) -> Self:
        """Return what pytest printed, and the exit status it ended with, as an outcome."""
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        counts = dict.fromkeys(("passed", "failed", "error", "skipped"), 0)
        for number, what in COUNTED.findall(lines[-1] if lines else ""):
            counts[what.removesuffix("s")] = int(number)
        failed = counts["failed"] + counts["error"]
        failures = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
        if status and not failed:
            failed, failures = 1, lines[-LAST_LINES:] or [f"It ended with status {status} and said nothing."]
        return cls(passed=counts["passed"], failed=failed, skipped=counts["skipped"], failures=tuple(failures))


class Kept:
    """
    A list of moments and what came of each, in a file, so that a run that was broken off goes on where it stopped.

    A list that is done, or was begun with other arguments of pytest, is begun anew.
    """

    def __init__(self, path: Path, wanted: list[datetime], arguments: list[str], *, anew: bool) -> None:
        self._path, self._arguments = path, arguments
        self.outcomes: dict[datetime, Outcome | None] = dict.fromkeys(wanted)
        if path.exists() and not anew:
            before = json.loads(path.read_text())
            if before["arguments"] == arguments and None in before["outcomes"].values():
                self.outcomes = {moments.read(text): _read(one) for text, one in before["outcomes"].items()}

    @property
    def left(self) -> list[datetime]:
        """The moments whose run has not ended."""
        return [moment for moment, outcome in self.outcomes.items() if outcome is None]

    def keep(self, moment: datetime, outcome: Outcome) -> None:
        """Write down what came of a moment."""
        self.outcomes[moment] = outcome
        told = {moments.written(moment): one and asdict(one) for moment, one in self.outcomes.items()}
        unfinished = self._path.with_suffix(".new")
        unfinished.write_text(json.dumps({"arguments": self._arguments, "outcomes": told}, indent=1))
        unfinished.replace(self._path)

    def ended(self) -> dict[datetime, Outcome]:
        """Return what came of the moments whose run has ended."""
        return {moment: outcome for moment, outcome in self.outcomes.items() if outcome is not None}


def table(outcomes: Mapping[datetime, Outcome]) -> Iterator[str]:
    """Yield the lines of a table, a date each, with what failed under it."""
    yield f"{'date':<24}{'passed':>8}{'failed':>8}{'skipped':>8}"
    for moment, outcome in sorted(outcomes.items()):
        yield f"{line_of(moment)}{outcome.passed:>8}{outcome.failed:>8}{outcome.skipped:>8}"
        yield from (f"    {failure}" for failure in outcome.failures)


def line_of(moment: datetime) -> str:
    """Return how a moment stands in the table."""
    return f"{moment:%a} {moments.written(moment)} "


def _read(told: dict[str, object] | None) -> Outcome | None:
    return None if told is None else Outcome(**{**told, "failures": tuple(told["failures"])})  # type: ignore[arg-type]
