"""Answers, errors and events in the shapes Zoom documents. People, ids and secrets are invented."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def payload(name: str) -> Any:
    """Return a payload, parsed; `name` goes without `.json`."""
    return json.loads(raw(name))


def raw(name: str) -> bytes:
    """Return a payload as it lies in its file."""
    return (FOLDER / f"{name}.json").read_bytes()
