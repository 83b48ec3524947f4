"""
Finding the endpoint of a path.

Paths are split as they arrived, before anything is decoded, so that a meeting's uuid may hold `%2F`. Clients in use, Zoom's
own among them, send a uuid with a slash inside as it is; where a uuid can stand such pieces are put together again.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote

from zoomsim.api.endpoints import Endpoint

BEFORE_UUID = (["past_meetings"], ["report", "meetings"], ["meetings"])
AFTER_UUID = ("instances", "participants", "recordings", "polls", "qa", "meeting_summary")
# What stands under a meeting whose uuid is meant, where a number could be.
OF_A_RUN = frozenset({"recordings", "meeting_summary"})
# What Zoom has under a meeting or among meetings: never taken for an id.
NO_IDS = frozenset({"polls", "archive_files", "qa", "meeting_summary", "meeting_summaries", "batch_polls", "survey"})


class _Pattern(NamedTuple):
    """The segments of an endpoint's path by their places: those that are always the same, and the names of the others."""

    fixed: list[tuple[int, str]]
    named: list[tuple[int, str]]
    endpoint: Endpoint


class Router:
    """Endpoints by method, number of segments and their first; of several that fit, the one with fewer `{names}` wins."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._by_shape: defaultdict[tuple[str, int, str], list[_Pattern]] = defaultdict(list)
        for endpoint in sorted(endpoints, key=lambda endpoint: endpoint.pattern.count("{")):
            segments = endpoint.pattern.strip("/").split("/")
            pattern = _Pattern(
                [(place, part) for place, part in enumerate(segments) if part[0] != "{"],
                [(place, part[1:-1]) for place, part in enumerate(segments) if part[0] == "{"],
                endpoint,
            )
            self._by_shape[endpoint.method, len(segments), segments[0]].append(pattern)

    def find(self, method: str, raw_path: str) -> tuple[Endpoint, dict[str, str]] | None:
        """
        Return the endpoint of a path below `/v2`, and the values in the path, percent-decoded once.

        A slash at the end is overlooked: a client in use sends one.
        """
        sent = raw_path.strip("/").split("/")
        found = self._fitting(method, sent) or self._fitting(method, _with_whole_uuid(sent))
        is_id = found is not None and found[0].pattern.endswith("}")
        return None if is_id and sent[-1] in NO_IDS else found

    def _fitting(self, method: str, sent: list[str]) -> tuple[Endpoint, dict[str, str]] | None:
        for fixed, named, endpoint in self._by_shape.get((method, len(sent), sent[0]), ()):
            for place, part in fixed:
                if sent[place] != part:
                    break
            else:
                return endpoint, {name: unquote(sent[place]) for place, name in named}
        return None


def _with_whole_uuid(sent: list[str]) -> list[str]:
    """Put the segments between where a uuid begins and what follows it into one."""
    start = next((len(before) for before in BEFORE_UUID if sent[: len(before)] == before), None)
    if start is None:
        return sent
    end = next((place for place, part in enumerate(sent) if place > start and part in AFTER_UUID), len(sent))
    if sent[0] == "meetings" and OF_A_RUN.isdisjoint(sent[end:]):
        return sent
    return [*sent[:start], "/".join(sent[start:end]), *sent[end:]]
