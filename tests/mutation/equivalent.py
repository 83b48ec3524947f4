"""Mistakes that change nothing which anybody could see: the line as it is written, how the change reads, and why."""

from collections.abc import Mapping
from typing import Final

EQUIVALENT: Final[Mapping[str, Mapping[tuple[str, str], str]]] = {
    "recurrence": {
        (
            'if {"COUNT", "UNTIL"} <= parts.keys():',
            "{'COUNT', 'UNTIL'} <= parts.keys() => {'COUNT', 'UNTIL'} < parts.keys()",
        ): "there is always FREQ too",
        (
            "if not parts.keys() <= _PARTS or len(parts) < len(pairs) or not all(parts.values()):",
            "parts.keys() <= _PARTS => parts.keys() < _PARTS",
        ): "a rule with all parts has COUNT and UNTIL, and is refused for that",
        (
            "found = list(islice(_days(rule, starts_at, min(until, horizon)), rule.count or MOST_OCCURRENCES + 1))",
            "1 => 2",
        ): "one more than the most, or two: either is too many",
    },
    "slots": {
        (
            "ids, starts, ends = zip(*lessons, strict=True)",
            "True => False",
        ): "each lesson has three parts, so none is longer than the others",
    },
    "spec": {
        (
            "wanted = {slot.occurrence_id for slot in spec.slots if not slot.cancelled}",
            "for slot in spec.slots if not slot.cancelled => for slot in spec.slots",
        ): "the first is never cancelled, and those that are cancelled are added where it is used",
        (
            "cancelled = {slot.occurrence_id for slot in spec.slots if slot.cancelled}",
            "for slot in spec.slots if slot.cancelled => for slot in spec.slots",
        ): "the others are among the wanted, to which it is added",
        (
            "coming = {id_ for id_ in available if int(id_) >= earliest}",
            "int(id_) >= earliest => int(id_) > earliest",
        ): "the earliest is wanted, so it is never one too many",
    },
}
