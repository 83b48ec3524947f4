"""
Make small mistakes in the pure parts, one at a time, and see whether their tests notice.

    python -m tests.mutation                     all of them; minutes
    python -m tests.mutation recurrence slots    some
    python -m tests.mutation judging people.py:93    those of a line

The tests of a part run once, which tells which of them run which lines and statements of SQL, and how long each takes. Then
for each mistake a copy of this process puts it into the running program and runs the tests that come by it, the quick ones
first, until one fails. A test that fails in a copy without any mistake is left out. A mistake that changes nothing that
anybody could see is named in `equivalent.py`, with the reason.
"""

import os
import sys

import pytest

from tests.mutation.parts import PARTS
from tests.mutation.running import Trial

OPTIONS = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--hypothesis-seed=0", "-n", "0"]


def main(words: list[str]) -> int:
    """Try the parts, each in a process of its own, and print how many mistakes were found; return how many were not."""
    missed, places = 0, [word for word in words if ":" in word]
    for name in [word for word in words if ":" not in word] or PARTS:
        if (child := os.fork()) == 0:
            # What pytest says of each copy's run is nobody's concern.
            trial = Trial(name, PARTS[name], places, os.fdopen(os.dup(1), "w"))
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            status = pytest.main([*OPTIONS, *PARTS[name].tests], plugins=[trial])
            os._exit(min(254, trial.missed) if status == pytest.ExitCode.OK else 255)
        missed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
