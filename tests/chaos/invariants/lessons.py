"""Lessons: nobody is taken twice, and each is what was acknowledged of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tests.chaos.invariants.seen import Seen
from tests.chaos.journal import Action, Outcome


def nobody_is_taken_twice(seen: Seen) -> Iterator[str]:
    """No two lessons or sessions of one person, and none of one seat of Zoom's hosts, overlap."""
    held = """
        WITH held AS (
            SELECT b.teacher_id AS who, b.starts_at, b.ends_at, 'lesson ' || b.id AS what,
                   coalesce(b.group_lesson_id, b.id) AS one
            FROM bookings_booking b LEFT JOIN bookings_grouplesson g ON g.id = b.group_lesson_id
            WHERE b.status IN ('PENDING', 'CONFIRMED') AND b.occurrence_id IS NULL AND b.meeting_id IS NULL
                  AND g.meeting_id IS NULL
            UNION ALL
            SELECT coalesce(o.substitute_id, m.teacher_id), o.starts_at, o.ends_at, 'session ' || o.id, o.id
            FROM meetings_occurrence o JOIN meetings_meeting m ON m.id = o.meeting_id
            WHERE o.status <> 'cancelled' AND m.wanted
            UNION ALL
            SELECT m.seat_id, o.starts_at, o.ends_at, 'seat of session ' || o.id, o.id
            FROM meetings_occurrence o JOIN meetings_meeting m ON m.id = o.meeting_id
            WHERE o.status <> 'cancelled' AND m.wanted AND m.seat_id IS NOT NULL
        )
        SELECT a.what, b.what, a.starts_at FROM held a JOIN held b
        ON a.who = b.who AND a.one < b.one AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
    """
    for one, other, at in seen.rows(held):
        yield f"{one} and {other} at {at:%d %H:%M}"
    for kind, count in seen.rows(
        "SELECT a.kind, count(*) FROM meetings_claim a JOIN meetings_claim b ON a.resource_id = b.resource_id"
        " AND a.id < b.id AND a.during && b.during AND NOT a.shared AND NOT b.shared GROUP BY 1"
    ):
        yield f"{count} claims of one {kind} overlap"


def what_is_held_is_claimed(seen: Seen) -> Iterator[str]:
    """Whatever is held to come has its teacher's time."""
    sql = """
        SELECT 'session ' || o.id, o.starts_at FROM meetings_occurrence o JOIN meetings_meeting m ON m.id = o.meeting_id
        WHERE m.wanted AND o.status = 'scheduled' AND o.starts_at > now() AND NOT EXISTS (
            SELECT 1 FROM meetings_claim c WHERE c.resource_id = coalesce(o.substitute_id, m.teacher_id)
            AND c.during @> o.starts_at AND (c.occurrence_id = o.id))
        UNION ALL
        SELECT 'request ' || b.id, b.starts_at FROM bookings_booking b
        WHERE b.status = 'PENDING' AND b.starts_at > now() AND b.group_lesson_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM meetings_claim c WHERE c.resource_id = b.teacher_id AND c.during @> b.starts_at)
    """
    for what, at in seen.rows(sql):
        yield f"{what} at {at:%d %H:%M} has not its teacher's time"


def what_was_acknowledged_is_there(seen: Seen) -> Iterator[str]:
    """Each lesson is what its acknowledged changes made of it; and no lesson is there that nobody asked for."""
    changes: dict[str, list[Action]] = defaultdict(list)
    for action in seen.journal.of("confirm", "cancel", "move"):
        changes[action.about].append(action)
    for made in seen.journal.done("book", "spend"):
        row = seen.bookings.get(made.answer["id"])
        if row is None:
            yield f"the lesson of {made.by} with {made.facts['teacher']} at {made.facts['start']:%d %H:%M} is gone"
            continue
        states = _possible(made, changes[made.answer["id"]])
        now = (row["status"], row["starts_at"])
        if now not in states and not _by_itself(row, states, seen.stage.clock.now()):
            told = ", ".join(f"{action.kind} {action.outcome.value}" for action in changes[made.answer["id"]])
            yield f"lesson {made.answer['id']} is {now[0]} at {now[1]:%d %H:%M} after: {told or 'nothing'}"
        if row["student"] != seen.email(made.by) or row["teacher"] != seen.email(made.facts["teacher"]):
            yield f"lesson {made.answer['id']} is somebody else's"
    yield from _nobody_asked(seen)


def _possible(made: Action, changes: list[Action]) -> set[tuple[str, datetime]]:
    """Return in which states and at which times a lesson may be, by what is known of its changes, in their order."""
    states = {(str(made.answer["status"]), made.facts["start"])}
    for action in changes:
        after = {
            _changed(action, status, start)
            for status, start in states
            if action.outcome is not Outcome.REFUSED and status in {"PENDING", "CONFIRMED"}
        }
        states = after if action.outcome is Outcome.DONE and after else states | after
    return states


def _changed(action: Action, status: str, start: datetime) -> tuple[str, datetime]:
    if action.kind == "confirm":
        return "CONFIRMED", start
    if action.kind == "cancel":
        return "CANCELLED", start
    return status, action.facts["start"]


def _by_itself(row: Mapping[str, Any], states: set[tuple[str, datetime]], now: datetime) -> bool:
    """Whether a lesson became by itself what it is: it was held, or nobody answered in time."""
    before = {"COMPLETED": ("CONFIRMED", row["ends_at"]), "CANCELLED": ("PENDING", row["starts_at"])}
    status, due = before.get(row["status"], ("", now))
    return (status, row["starts_at"]) in states and due <= now


def _nobody_asked(seen: Seen) -> Iterator[str]:
    known = {action.answer["id"] for action in seen.journal.done("book", "spend")}
    may_be = Counter(
        (seen.email(action.by), seen.email(action.facts["teacher"]), action.facts["start"])
        for action in seen.journal.of("book", "spend", outcome=Outcome.UNKNOWN)
    )
    for row in seen.bookings.values():
        if row["guest"] or row["series"] or row["id"] in known:
            continue
        asked = (row["student"], row["teacher"], row["starts_at"])
        if may_be[asked] <= 0:
            at = f"{row['starts_at']:%d %H:%M}"
            yield f"nobody was told of lesson {row['id']} of {row['student']} at {at} ({row['status']})"
        may_be[asked] -= 1


def series_keep_their_clock(seen: Seen) -> Iterator[str]:
    """Lessons in a series, sessions of circles and courses begin at the time of day that was said, in its place."""
    for made in seen.journal.done("series"):
        told = made.answer["series"]
        rows = [row for row in seen.bookings.values() if row["series"] == told["id"]]
        starts = sorted(row["starts_at"] for row in rows)
        if starts != made.facts["starts"]:
            yield f"series {told['id']} is at {_times(starts)} and not at {_times(made.facts['starts'])}"
    for made in seen.journal.done("circle"):
        sql = (
            "SELECT o.starts_at FROM meetings_occurrence o JOIN halakat_halakapart p ON p.meeting_id = o.meeting_id"
            " WHERE p.halaka_id = %s ORDER BY 1"
        )
        starts = [row[0] for row in seen.rows(sql, made.answer["data"]["halaka"]["id"])]
        if starts != made.facts["starts"]:
            yield f"a circle is at {_times(starts)} and not at {_times(made.facts['starts'])}"
    for made in seen.journal.done("sessions"):
        sql = (
            "SELECT o.starts_at FROM meetings_occurrence o JOIN courses_session s ON s.meeting_id = o.meeting_id"
            " WHERE s.course_id = %s ORDER BY 1"
        )
        starts = [row[0] for row in seen.rows(sql, made.facts["course"])]
        if starts != made.facts["starts"]:
            yield f"a course is at {_times(starts)} and not at {_times(made.facts['starts'])}"


def _times(moments: list[datetime]) -> str:
    return ", ".join(f"{moment:%d %H:%M}" for moment in moments) or "no time"
