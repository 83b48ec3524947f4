"""Asking everything in turn, and clearing up whatever happens."""

import json
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from zoomsim.check.desk import Answer, DayUsedUp, Desk, Target, Unreachable
from zoomsim.check.probes import PROBES, Probe
from zoomsim.check.shapes import OneOf, differences

AHEAD = timedelta(days=14)
RIYADH = timedelta(hours=3)
NOT_ALLOWED = {4711: "the app lacks a scope", 104: "the app lacks a scope", 200: "not in this account's plan"}
PLACE = re.compile(r"\{(\w+)\}")


class Verdict(StrEnum):
    """What became of a probe."""

    SAME = "same"
    DIFFERENT = "DIFFERENT"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Result:
    """A probe, and in words why it is not the same."""

    probe: Probe
    verdict: Verdict
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class Outcome:
    """All that came of a run."""

    results: list[Result] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    stopped: str = ""
    """Why it ended before its time."""

    def count(self, verdict: Verdict) -> int:
        """Return how many probes came out so."""
        return sum(result.verdict is verdict for result in self.results)


def check(target: Target, tell: Callable[[Result], None], probes: Sequence[Probe] = PROBES) -> Outcome:
    """
    Ask all probes, telling each result as it comes, and delete what was made: also when it is interrupted.

    Raises Unreachable when it cannot even begin.
    """
    desk, outcome = Desk(target), Outcome()
    desk.sign_in()
    kept = _beginnings(desk)
    with _interruptible():
        try:
            for probe in probes:
                result = _ask(desk, probe, kept)
                outcome.results.append(result)
                tell(result)
        except KeyboardInterrupt:
            outcome.stopped = "interrupted"
        except (DayUsedUp, Unreachable) as problem:
            outcome.stopped = str(problem)
        finally:
            with _undisturbed():
                outcome.left = _clean_up(desk)
    return outcome


def _clean_up(desk: Desk) -> list[str]:
    try:
        return desk.clean_up()
    except (DayUsedUp, Unreachable):
        return sorted(desk.made)


def _beginnings(desk: Desk) -> dict[str, Any]:
    """Return what probes fill in before any answer gave anything."""
    start = (datetime.now(UTC) + AHEAD).replace(hour=9, minute=0, second=0, microsecond=0)

    def zulu(moment: datetime) -> str:
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    return {
        "host": desk.target.host,
        "account": desk.target.account_id,
        "topic": desk.topic,
        "start": zulu(start),
        "wall": zulu(start + RIYADH).removesuffix("Z"),
        "moved": zulu(start + timedelta(hours=5)),
        "weekday": str(start.isoweekday() % 7 + 1),
    }


def _ask(desk: Desk, probe: Probe, kept: dict[str, Any]) -> Result:
    if missing := sorted(probe.needs - kept.keys()):
        return Result(probe, Verdict.SKIPPED, (f"an answer before gave no {', '.join(missing)}",))
    answer = _call(desk, probe, kept)
    code = answer.body.get("code") if isinstance(answer.body, dict) else None
    if answer.status >= 400 and code in NOT_ALLOWED:
        return Result(probe, Verdict.SKIPPED, (f"{NOT_ALLOWED[code]}: {answer.body.get('message')}",))
    wanted = probe.status.values if isinstance(probe.status, OneOf) else (probe.status,)
    reasons = []
    if answer.status not in wanted:
        about = f" with code {code}" if code is not None else ""
        reasons.append(f"status {answer.status}{about}, not {' or '.join(map(str, wanted))}")
    elif probe.shape is not None:
        reasons += differences(probe.shape, answer.body, kept)
    if answer.status < 300:
        kept |= _kept(probe, answer.body)
    return Result(probe, Verdict.DIFFERENT if reasons else Verdict.SAME, tuple(reasons))


def _call(desk: Desk, probe: Probe, kept: dict[str, Any]) -> Answer:
    body: Any = probe.body if isinstance(probe.body, str) or probe.body is None else _filled(probe.body, kept)
    if probe.as_whom in {"token", "wrong"}:
        return desk.ask_token(body, "zoom-check" if probe.as_whom == "wrong" else None)
    return desk.call(
        probe.method,
        PLACE.sub(lambda found: _in_path(str(kept[found[1]])), probe.path),
        query=_filled(probe.query, kept),
        body=body,
        token={"nobody": "", "forged": "zoom-check"}.get(probe.as_whom),
    )


def _in_path(value: str) -> str:
    """Encode a value for a path: twice where it begins with a slash or has two, as Zoom wants uuids."""
    once = quote(value, safe="@")
    return quote(once, safe="@") if value.startswith("/") or "//" in value else once


def _filled(value: Any, kept: dict[str, Any]) -> Any:
    """Return a body or query with what stands for earlier answers filled in."""
    text = PLACE.sub(lambda found: json.dumps(str(kept[found[1]]))[1:-1], json.dumps(value))
    return json.loads(text)


def _kept(probe: Probe, body: object) -> dict[str, Any]:
    """Return the named parts of an answer that has them."""
    found = {}
    for name, path in probe.keeps.items():
        part = body
        for step in path.split("."):
            if isinstance(part, list):
                part = part[int(step)] if int(step) < len(part) else None
            else:
                part = part.get(step) if isinstance(part, dict) else None
        if part is not None:
            found[name] = part
    return found


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM interrupt as Ctrl-C does."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no second Ctrl-C keep the meetings from being deleted."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
