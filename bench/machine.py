"""The machine that figures were measured on."""

import os
import platform
from pathlib import Path

from django.db import connection

GIB = 1024**3


def machine() -> str:
    """Return processor, cores, memory, kernel, Python and PostgreSQL, in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    with connection._nodb_cursor() as cursor:  # To the server, whichever databases there are.
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()[0]
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, PostgreSQL {postgres}; load {os.getloadavg()[0]:.1f}"
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
