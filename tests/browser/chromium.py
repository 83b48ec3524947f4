"""Where Chromium is and how it is started, for tests and pictures."""

import os
import shutil

PASSWORD = "demo-classbell"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, PHONE = (1280, 900), (360, 740)


def find_chromium() -> str | None:
    """Return the path of the machine's Chromium; CHROMIUM names another one. None when there is none."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
