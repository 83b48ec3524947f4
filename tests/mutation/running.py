"""Running the tests of a part once for each mistake, each time in a copy of this process."""

import importlib
import mmap
import os
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any, Final, TextIO

import pytest
from django.db import connections
from hypothesis import Phase, settings

from classbell import database
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.grafting import graft, texts_changed
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
        self._statements: dict[str, set[str]] = {}
        # How often a test has found a mistake, and has been run in vain.
        self._found: Counter[str] = Counter()
        self._in_vain: Counter[str] = Counter()
        # Which test a copy of this process is at.
        self._at = mmap.mmap(-1, 4)
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
        # A test in another file than the first begins from here, too.
        session._setupstate.teardown_exact(session)  # type: ignore[arg-type]  # asked for its parents only
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
        finders = [item for item in items if self._found[item.nodeid]]
        if self._first_that_fails(finders, module, None) is not None:
            raise pytest.UsageError(f"{self._name}: a test that found mistakes fails now without any")
        self.missed += missed
        share, took = found / max(1, found + missed), time.monotonic() - began_at
        print(
            f"{self._name}, {path.name}: {found} of {found + missed} found ({share:.1%}), {equal} equivalent, {took:.0f} s",
            file=self._told,
            flush=True,
        )

    def _run_as_they_are(self, items: list[pytest.Item], modules: dict[str, str]) -> None:
        numbered = database.numbered
        for number, item in enumerate(items):
            lines, began_at = self._lines[item.nodeid], time.perf_counter()
            statements = self._statements[item.nodeid] = set()

            def look(frame: FrameType, _event: str, _argument: Any, lines: Any = lines) -> Any:
                name = modules.get(frame.f_code.co_filename)
                if name is None:
                    return None
                lines[name].add(frame.f_lineno)
                return lambda frame, _event, _argument: _note(lines[name], frame, look)

            def note(statement: str, statements: set[str] = statements) -> tuple[bytes, list[str]]:
                statements.add(statement)
                return numbered(statement)

            sys.settrace(look)
            vars(database)["numbered"] = note
            try:
                self._run(item, items[(number + 1) % len(items)])
            finally:
                vars(database)["numbered"] = numbered
                sys.settrace(None)
            self._seconds[item.nodeid] = time.perf_counter() - began_at

    def _is_found(self, items: list[pytest.Item], module: ModuleType, mutant: Mutant) -> bool:
        """Whether a test fails, does not end, or ends with everything."""
        texts = self._statements_changed(module, mutant.code) if mutant.is_of_all else None
        concerned = sorted(
            (item for item in items if self._comes_by(item, module, mutant, texts)), key=self._how_long_to_find
        )
        while (at := self._first_that_fails(concerned, module, mutant.code)) is not None:
            finder = concerned[at]
            if finder.nodeid not in self._found:
                failing = self._first_that_fails(concerned[: at + 1], module, None)
                if failing is not None:
                    self._leave_out(items, concerned.pop(failing))
                    continue
            self._in_vain.update(item.nodeid for item in concerned[:at])
            self._found[finder.nodeid] += 1
            return True
        self._in_vain.update(item.nodeid for item in concerned)
        return False

    def _leave_out(self, items: list[pytest.Item], item: pytest.Item) -> None:
        """A test that fails in a copy of this process without any mistake says nothing of mistakes."""
        items.remove(item)
        print(f"  left out, it fails in a copy of the process: {item.nodeid}", file=self._told, flush=True)

    def _first_that_fails(self, items: list[pytest.Item], module: ModuleType, code: CodeType | None) -> int | None:
        """Run tests in a copy of this process, with other code if there is any; return the place of the first that fails."""
        if not items:
            return None
        patience = LEAST_SECONDS + TIMES_AS_LONG * sum(self._seconds[item.nodeid] for item in items)
        self._at[:] = bytes(4)
        if (child := os.fork()) == 0:
            self._try(items, module, code)
        return None if _ends_well(child, time.monotonic() + patience) else int.from_bytes(self._at[:])

    def _how_long_to_find(self, item: pytest.Item) -> float:
        """Return how long a test may take until it finds a mistake, by what it has found until now."""
        return self._seconds[item.nodeid] * (1 + self._in_vain[item.nodeid]) / (1 + self._found[item.nodeid])

    def _statements_changed(self, module: ModuleType, code: CodeType) -> set[str] | None:
        """Return which statements of SQL a change is in, or None where it is in something else too."""
        texts = texts_changed(module, code)
        return texts if texts and texts & set().union(*self._statements.values()) else None

    def _comes_by(self, item: pytest.Item, module: ModuleType, mutant: Mutant, texts: set[str] | None) -> bool:
        if texts is not None:
            return not texts.isdisjoint(self._statements[item.nodeid])
        lines = self._lines[item.nodeid][module.__name__]
        return mutant.is_of_all or any(mutant.first <= line <= mutant.last for line in lines)

    def _try(self, items: list[pytest.Item], module: ModuleType, code: CodeType | None) -> None:
        """Run these tests with other code, if there is any, and end this process: with 1 when one fails."""
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            if code is not None:
                graft(module, code)
            for number, (item, following) in enumerate(zip(items, [*items[1:], items[0]], strict=True)):
                self._at[:] = number.to_bytes(4)
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
