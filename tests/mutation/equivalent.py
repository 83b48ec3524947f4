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
    "planner": {
        (
            "if start < end:",
            "start < end => start <= end",
        ): "a period without length adds at its moment what it takes away there",
        (
            "if not table.unplaced and len(table.in_use) <= max(lower_bound, in_use):",
            "len(table.in_use) <= max(lower_bound, in_use) => len(table.in_use) < max(lower_bound, in_use)",
        ): "other orders are tried too, and the first of equals is kept",
        (
            "if not table.unplaced and len(table.in_use) <= max(lower_bound, in_use):",
            "max(lower_bound, in_use) => min(lower_bound, in_use)",
        ): "other orders are tried too, and the first of equals is kept",
        (
            "if needed <= lower_bound:",
            "needed <= lower_bound => needed < lower_bound",
        ): "other orders are tried too, and none takes fewer than the lower bound",
        (
            "if starts:",
            "if starts: met[number] |= run => if not starts: met[number] |=",
        ): "who ends has met who runs still, as who starts has, and both know of it afterwards",
        (
            "return 1, 0, seat",
            "1 => 2",
        ): "a spare seat, which is behind all real ones, is none of equals before them",
        (
            "return 1, 0, seat",
            "0 => 1",
        ): "the same of all unused seats, which are compared by it with no others",
        (
            "return (0 if seat < len(self._seats) else 2), closes_to.bit_count(), seat",
            "2 => 3",
        ): "behind the others either way",
        (
            "UNKNOWN_CAPACITY: Final = 1_000_000",
            "1000000 => 1000001",
        ): "more than any host has, either way",
        (
            'Key = TypeVar("Key", bound=Hashable)',
            "'Key' => 'KeyX'",
        ): "the name of a type variable",
    },
    "slots": {
        (
            "ids, starts, ends = zip(*lessons, strict=True)",
            "True => False",
        ): "each lesson has three parts, so none is longer than the others",
        (
            '_FREE = f"""',
            "ND last_day > looks_from::date - 5 AND first_day < looks_until::date + 3 "
            "=> ND last_day > looks_from::date - 5 AND first_day <= looks_until::date + 3",
        ): "a holiday that begins two days later than what is looked at ends nothing in it",
        (
            '_FREE = f"""',
            "rom::date - 5 AND first_day < looks_until::date + 3 CROSS JOIN LATERAL "
            "=> rom::date - 5 AND first_day < looks_until::date + 4 CROSS JOIN LATERAL",
        ): "a holiday that begins three days later than what is looked at ends nothing in it",
        (
            '_FREE = f"""',
            ".teacher_id = span.id) AND last_day > looks_from::date - 5 AND firs "
            "=> .teacher_id = span.id) AND last_day >= looks_from::date - 5 AND fir",
        ): "a holiday that ended four days before what is looked at is over",
        (
            '_FREE = f"""',
            "d) AND last_day > looks_from::date - 5 AND first_day < looks_until: "
            "=> d) AND last_day > looks_from::date - 6 AND first_day < looks_until:",
        ): "a holiday that ended five days before what is looked at is over",
        (
            '_FREE = f"""',
            "looks_from - interval '4 days' AND lower(during) < looks_until + buffer "
            "=> looks_from - interval '4 days' AND lower(during) <= looks_until + buffer",
        ): "what begins as late as that keeps off only what comes after the end",
        (
            '_FREE = f"""',
            "l '3 days' AND lesson.starts_at < looks_until + interval '\" "
            "=> l '3 days' AND lesson.starts_at <= looks_until + interval '\"",
        ): "what begins as late as that keeps off only what comes after the end, however long its pause",
        (
            '_FREE = f"""',
            "_id = span.id AND lower(during) > looks_from - interval '4 days "
            "=> _id = span.id AND lower(during) >= looks_from - interval '4 day",
        ): "a claim lasts a day at most, so what began four days before is over, and its pause too",
        (
            '_FREE = f"""',
            "= span.id AND lesson.starts_at > looks_from - interval '3 days "
            "=> = span.id AND lesson.starts_at >= looks_from - interval '3 day",
        ): "a lesson lasts eight hours at most, so what began three days before is over, and its pause too",
        (
            '_FREE = f"""',
            "t > looks_from - interval '3 days' AND starts_at < looks_until UNIO "
            "=> t > looks_from - interval '3 days' AND starts_at <= looks_until UNI",
        ): "time off that begins with the end takes nothing before it",
        (
            '_FREE = f"""',
            "eacher_id = span.id AND ends_at > looks_from - interval '3 days "
            "=> eacher_id = span.id AND ends_at >= looks_from - interval '3 day",
        ): "free times are looked for two days back and an hour at most",
        (
            '_FREE = f"""',
            "ual_buffer, make_interval(mins => longest.most)) > buffer AND pause > buffer "
            "=> ual_buffer, make_interval(mins => longest.most)) >= buffer AND pause > buffer",
        ): "where no pause is longer than the one that is asked for, none of them is left by the condition after it",
        (
            '_FREE = f"""',
            "terval(mins => longest.most)) > buffer AND pause > buffer AND E "
            "=> terval(mins => longest.most)) > buffer AND pause >= buffer AND",
        ): "a lesson with a pause as long as the one that is asked for is kept off by its claim",
        (
            'SLOTS_STATEMENT = f"""',
            "%(days)s::int - moment) AT TIME ZONE reader_zone + moment AS shown_until "
            "=> %(days)s::int - moment) AT TIME ZONE reader_zone - moment AS shown_until",
        ): "slots begin on whole minutes, so a moment before midnight is as good as midnight",
        (
            'ANY_TEACHER_STATEMENT = f"""',
            "nt, CASE WHEN bool_and(holiday IS NOT NULL) THEN max(holiday) END FROM ( "
            "=> nt, CASE WHEN bool_and(holiday IS NOT NULL) THEN min(holiday) END FROM (",
        ): "holidays of the school hold for all who are free then, and their names come after the empty one",
        (
            'ANY_TEACHER_STATEMENT = f"""',
            "s::date - moment) AT TIME ZONE %(timezone)s::text + moment AND lesson "
            "=> s::date - moment) AT TIME ZONE %(timezone)s::text - moment AND lesson",
        ): "lessons begin on whole minutes, so a moment before midnight is as good as midnight",
        (
            'ANY_TEACHER_STATEMENT = f"""',
            ")s::int - moment) AT TIME ZONE %(timezone)s::text + moment ) AS offered "
            "=> )s::int - moment) AT TIME ZONE %(timezone)s::text - moment ) AS offered",
        ): "lessons begin on whole minutes, so a moment before midnight is as good as midnight",
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
