"""Each kind of fault: how it begins and how it ends. Whatever is still going on at the end of a burst, `Stage.mend` ends."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.chaos.stage import WEBS, WORKERS, Stage

# What a fault does: given the stage and its dice.
Act = Callable[[Stage, int], object]
# What it does to the process of this name.
ToProcess = Callable[[Stage, str, int], object]
MOST_COMMITS: Final = 3
# Each way, as to another town; some twenty questions are asked for one answer.
SLOW_SECONDS: Final = 0.01
WRONG_SECONDS: Final = (-40, -4, 4, 40)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """`begin` and `end` of one kind; `hits` is what it is done to, as the tables name it."""

    hits: str
    begin: Act
    end: Act


def _nothing(_stage: Stage, _choice: int) -> None:
    """It ends by itself."""


def _to_one(names: tuple[str, ...], begin: ToProcess, end: ToProcess) -> Fault:
    """Do this to one of these processes; its dice, but for which one, go along."""

    def told(act: ToProcess) -> Act:
        return lambda stage, choice: act(stage, names[choice % len(names)], choice // len(names))

    return Fault(hits="processes", begin=told(begin), end=told(end))


def _killed(names: tuple[str, ...]) -> Fault:
    return _to_one(names, lambda stage, name, _c: stage.kill(name), lambda stage, name, _c: stage.start(name))


def _killed_at_commit(names: tuple[str, ...]) -> Fault:
    """What a process means to do after its commit it never does: it dies between the two."""
    return _to_one(
        names,
        lambda stage, name, choice: stage.doom(name, commits=choice % MOST_COMMITS),
        lambda stage, name, _c: stage.spare(name),
    )


def _paused(names: tuple[str, ...]) -> Fault:
    return _to_one(
        names,
        lambda stage, name, _c: stage.signal(name, signal.SIGSTOP),
        lambda stage, name, _c: stage.signal(name, signal.SIGCONT),
    )


def _database(begin: Act, end: Act = _nothing) -> Fault:
    return Fault(hits="database", begin=begin, end=end)


def _zoom(**fault: Any) -> Fault:
    """Zoom does this until all faults of Zoom's are over: they are cleared together."""
    wanted = {"path": "/v2/.*"} | fault
    return Fault(
        hits="Zoom",
        begin=lambda stage, _choice: stage.zoom.fault(**wanted),
        end=lambda stage, _c: stage.end_zoom_faults(),
    )


def _webhooks(**how: object) -> Fault:
    return Fault(
        hits="webhooks",
        begin=lambda stage, _choice: stage.zoom.webhooks(**how),
        end=lambda stage, _c: stage.zoom.webhooks(),
    )


def _outside(mode: str) -> Fault:
    return Fault(
        hits="programs and calendars outside",
        begin=lambda stage, _choice: stage.outside.misbehave(mode),
        end=lambda stage, _choice: stage.outside.misbehave("well"),
    )


def _bank(mode: str) -> Fault:
    return Fault(
        hits="payments",
        begin=lambda stage, _choice: stage.bank.behave(mode),
        end=lambda stage, _choice: stage.bank.behave("well"),
    )


def _clock(name: str) -> Fault:
    return Fault(
        hits="clocks",
        begin=lambda stage, choice: stage.clock.skew(name, WRONG_SECONDS[choice % len(WRONG_SECONDS)]),
        end=lambda stage, _choice: stage.clock.skew(name, 0),
    )


def _mail(*, refuses: bool) -> Act:
    def act(stage: Stage, _choice: int) -> None:
        stage.mail.refuses = refuses

    return act


def _disk(*, is_full: bool) -> Act:
    return lambda stage, _choice: stage.clock.fill_disk("postgres", is_full=is_full)


KINDS: Final[Mapping[str, Fault]] = {
    "web killed": _killed(WEBS),
    "worker killed": _killed(WORKERS),
    "web killed at a commit": _killed_at_commit(WEBS),
    "worker killed at a commit": _killed_at_commit(WORKERS),
    "web paused": _paused(WEBS),
    "worker paused": _paused(WORKERS),
    "database killed": _database(lambda stage, _c: stage.server.kill(), lambda stage, _c: stage.server.start()),
    "database connection killed": _database(lambda stage, _c: stage.server.crash()),
    "database frozen": _database(lambda stage, _c: stage.server.freeze(), lambda stage, _c: stage.server.thaw()),
    "disk full": _database(_disk(is_full=True), _disk(is_full=False)),
    "no connection left": _database(
        lambda stage, _c: stage.server.crowd_out(), lambda stage, _c: stage.server.let_in()
    ),
    "lines cut": _database(lambda stage, _c: stage.lines.cut(), lambda stage, _c: stage.lines.mend()),
    "lines dead": _database(lambda stage, _c: stage.lines.hang(), lambda stage, _c: stage.lines.mend()),
    "lines slow": _database(
        lambda stage, _c: stage.lines.slow_down(SLOW_SECONDS), lambda stage, _c: stage.lines.slow_down(0)
    ),
    "lines reset": _database(lambda stage, _c: stage.lines.drop()),
    "Zoom refuses connections": _zoom(kind="refuse"),
    "Zoom answers 503": _zoom(kind="status", status=503, probability=0.5),
    "Zoom hangs": _zoom(kind="timeout", probability=0.5),
    "Zoom is slow": _zoom(kind="latency", ms=700),
    "Zoom answers garbage": _zoom(kind="garbage", probability=0.5),
    "Zoom works and says nothing": _zoom(kind="drop_response", probability=0.6),
    "Zoom limits": _zoom(kind="rate_limit", probability=0.5),
    "Zoom forgets who we are": _zoom(kind="status", status=401, probability=0.4),
    "webhooks doubled": _webhooks(duplicate=0.8),
    "webhooks shuffled": _webhooks(shuffle=0.8),
    "webhooks lost": _webhooks(drop=0.6),
    "webhooks late": _webhooks(delay_ms=1500),
    "mail refused": Fault(hits="mail", begin=_mail(refuses=True), end=_mail(refuses=False)),
    "outside refuses": _outside("refuse"),
    "outside hangs": _outside("hang"),
    "outside answers garbage": _outside("garbage"),
    "bank refuses": _bank("refuse"),
    "bank declines refunds": _bank("decline"),
    "bank works and says nothing": _bank("mute"),
    "bank says nothing": _bank("silent"),
    "bank says it twice": _bank("doubled"),
    "web's clock wrong": _clock("web2"),
    "worker's clock wrong": _clock("worker2"),
}
