"""Mistakes that change nothing which anybody could see, by part: how the change reads, and why it does nothing."""

from collections.abc import Mapping
from typing import Final

EQUIVALENT: Final[Mapping[str, Mapping[str, str]]] = {}
