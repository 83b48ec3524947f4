"""Running the tests of a part once for each mistake, each time in a copy of this process."""

import importlib
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, Final, TextIO

import pytest
from django.db import connections
from hypothesis import Phase, settings

from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.grafting import graft
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.parts import Part

# A mistake may let a loop go on for ever, or fill the memory.
LEAST_SECONDS, TIMES_AS_LONG = 20.0, 20
MOST_BYTES: Final = 6 * 1024**3
EXAMPLES: Final = 40


class Trial:
    """A plugin of pytest that runs the tests once as they are, and then against each mistake."""

    def __init__(self, name: str, part: Part, places: Sequence[str], told: TextIO) -> None:
        self.missed = 0
        self._told, self._places = told, places
        self._name, self._part = name, part
        self._seconds: dict[str, float] = {}
        self._lines: defaultdict[str, defaultdict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._has_failed = False

    def pytest_configure(self) -> None:
        """Look for one example that fails, the same each time, and for no smaller one."""
        settings.register_profile(
            "mistakes",
            settings.get_profile("all"),
            max_examples=EXAMPLES,
            phases=[Phase.explicit, Phase.generate],
            derandomize=True,
            database=None,
        )
        settings.load_profile("mistakes")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of a failure."""
        self._has_failed = self._has_failed or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run everything."""
        modules = {name: importlib.import_module(name) for name in self._part.modules}
        paths = {name: Path(str(module.__file__)) for name, module in modules.items()}
        self._run_as_they_are(session.items, {str(path): name for name, path in paths.items()})
        if self._has_failed:
            raise pytest.UsageError(f"{self._name}: a test fails without any mistake")
        connections.close_all()
        for name, path in paths.items():
            self._try_all(session.items, modules[name], path)
        return True

    def _try_all(self, items: list[pytest.Item], module: ModuleType, path: Path) -> None:
        """Try every mistake of a file, or those of the lines that were asked for, and tell how many were found."""
        found, missed, equal, began_at = 0, 0, 0, time.monotonic()
        for mutant in mutants(path):
            if self._places and f"{path.name}:{mutant.first}" not in self._places:
                continue
            if (mutant.written, mutant.change) in EQUIVALENT.get(self._name, {}):
                equal += 1
            elif self._is_found(items, module, mutant):
                found += 1
            else:
                missed += 1
                print(f"  {path.name}:{mutant.first}: {mutant.change}", file=self._told, flush=True)
        self.missed += missed
        share, took = found / max(1, found + missed), time.monotonic() - began_at
        print(
            f"{self._name}, {path.name}: {found} of {found + missed} found ({share:.1%}), {equal} equivalent, {took:.0f} s",
            file=self._told,
            flush=True,
        )

    def _run_as_they_are(self, items: list[pytest.Item], modules: dict[str, str]) -> None:
        for number, item in enumerate(items):
            lines, began_at = self._lines[item.nodeid], time.perf_counter()

            def look(frame: FrameType, _event: str, _argument: Any, lines: Any = lines) -> Any:
                name = modules.get(frame.f_code.co_filename)
                if name is None:
                    return None
                lines[name].add(frame.f_lineno)
                return lambda frame, _event, _argument: _note(lines[name], frame, look)

            sys.settrace(look)
            try:
                self._run(item, items[(number + 1) % len(items)])
            finally:
                sys.settrace(None)
            self._seconds[item.nodeid] = time.perf_counter() - began_at

    def _is_found(self, items: list[pytest.Item], module: ModuleType, mutant: Mutant) -> bool:
        """Whether a test fails, does not end, or ends with everything."""
        concerned = sorted(
            (item for item in items if self._comes_by(item, module, mutant)),
            key=lambda item: self._seconds[item.nodeid],
        )
        if not concerned:
            return False
        patience = LEAST_SECONDS + TIMES_AS_LONG * sum(self._seconds[item.nodeid] for item in concerned)
        if (child := os.fork()) == 0:
            self._try(concerned, module, mutant)
        return not _ends_well(child, time.monotonic() + patience)

    def _comes_by(self, item: pytest.Item, module: ModuleType, mutant: Mutant) -> bool:
        lines = self._lines[item.nodeid][module.__name__]
        return mutant.is_of_all or any(mutant.first <= line <= mutant.last for line in lines)

    def _try(self, items: list[pytest.Item], module: ModuleType, mutant: Mutant) -> None:
        """Run these tests against a mistake and end this process: with 1 when one fails."""
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            graft(module, mutant.code)
            for item, following in zip(items, [*items[1:], items[0]], strict=True):
                self._run(item, following)
                if self._has_failed:
                    os._exit(1)
        except BaseException:  # noqa: BLE001 -- whatever it is, it was noticed
            os._exit(1)
        os._exit(0)

    def _run(self, item: pytest.Item, following: pytest.Item) -> None:
        """Run one; what is made once for all tests stays, because one comes after it."""
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _note(lines: set[int], frame: FrameType, look: Any) -> Any:
    lines.add(frame.f_lineno)
    return lambda frame, _event, _argument: _note(lines, frame, look)


def _ends_well(child: int, give_up_at: float) -> bool:
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) == 0
        if time.monotonic() > give_up_at:
            os.kill(child, 9)
            os.waitpid(child, 0)
            return False
        time.sleep(0.002)
