"""`./run bench` runs every benchmark, `./run bench NAME` one."""

import importlib
import os
import sys
from pathlib import Path

import django

from bench.machine import machine


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all."""
    known = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    unknown = set(names) - set(known)
    if unknown:
        sys.exit(f"No benchmark {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    # Some take statements from modules that know the models.
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    print(machine())
    for name in names or known:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"bench.bench_{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
