"""
What must be true whenever faults are over and nothing is left to do, by a reference of its own.

Nothing here imports the product: it reads the database by plain SQL, Zoom by the simulator's control calls, mail and webhooks
where they arrived, and what was acknowledged from the journal.
"""

import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string
from functools import cached_property
from typing import Any, Final

import httpx

from tests.chaos.journal import Action, Journal, Outcome
from tests.chaos.lessons import verdict
from tests.chaos.school import LESSONS_LEFT, MEMBERS, STUDENTS
from tests.chaos.stage import VISITORS_REQUESTS, Stage
from tests.system import difference

HELD = ("PENDING", "CONFIRMED", "COMPLETED")


@dataclass(frozen=True)
class Seen:
    """What there is to look at."""

    stage: Stage
    journal: Journal

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.stage.system.query(sql, *parameters)

    @cached_property
    def bookings(self) -> dict[str, dict[str, Any]]:
        """All lessons by their id."""
        names = ("id", "student", "teacher", "starts_at", "ends_at", "status", "series", "guest", "kind")
        sql = (
            "SELECT b.id::text, s.email, t.email, b.starts_at, b.ends_at, b.status, b.series_id::text, s.is_guest, k.address"
            " FROM bookings_booking b JOIN accounts_user s ON s.id = b.student_id JOIN accounts_user t ON t.id = b.teacher_id"
            " LEFT JOIN bookings_lessonkind k ON k.id = b.kind_id"
        )
        return {row[0]: dict(zip(names, row, strict=True)) for row in self.rows(sql)}

    def email(self, name: str) -> str:
        """Return the address of somebody by their first name."""
        return self.stage.school.people[name].email


Check = Callable[[Seen], Iterator[str]]


def zoom_agrees(seen: Seen) -> Iterator[str]:
    """Zoom has each wanted meeting once, with its topic and its times, and nothing else."""
    yield from difference(seen.stage.system, seen.stage.zoom)
    for title, status, error in seen.rows(
        "SELECT title, sync_status, sync_error FROM meetings_meeting WHERE sync_status NOT IN ('synced', 'removed')"
    ):
        yield f"{title} is {status}: {error}"


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


def balances_add_up(seen: Seen) -> Iterator[str]:
    """What a student has left is what was given less what was spent, and never below nothing."""
    lines = seen.rows(
        "SELECT u.email, e.kind, e.amount, e.booking_id::text, e.credit_id::text FROM bookings_creditentry e"
        " JOIN bookings_makeupcredit c ON c.id = e.credit_id JOIN accounts_user u ON u.id = c.student_id ORDER BY e.number"
    )
    left = dict(
        seen.rows(
            "SELECT u.email, count(*) FROM bookings_makeupcredit c JOIN accounts_user u ON u.id = c.student_id"
            " WHERE c.used_by_id IS NULL AND c.taken_back_at IS NULL GROUP BY 1"
        )
    )
    balance: Counter[str] = Counter()
    given: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for student, kind, amount, booking, _credit in lines:
        balance[student] += amount
        if balance[student] < 0:
            yield f"{student} had {balance[student]} lessons left"
        if kind == "corrected" and amount > 0:
            given[student] += amount
        if booking is not None:
            paid[booking] -= amount
    for name in STUDENTS:
        student = seen.email(name)
        if balance[student] != left.get(student, 0):
            yield f"{student}: the ledger says {balance[student]}, {left.get(student, 0)} can be used"
    yield from _what_was_given(seen, given)
    yield from _what_was_paid(seen, paid)


def _what_was_given(seen: Seen, given: Counter[str]) -> Iterator[str]:
    for name in STUDENTS:
        student = seen.email(name)
        sure = LESSONS_LEFT + sum(
            action.facts["amount"] for action in seen.journal.done("give") if action.facts["student"] == name
        )
        perhaps = sum(
            action.facts["amount"]
            for action in seen.journal.of("give", outcome=Outcome.UNKNOWN)
            if action.facts["student"] == name
        )
        if not sure <= given[student] <= sure + perhaps:
            yield f"{student} was given {given[student]} lessons, and is to have {sure} to {sure + perhaps}"


def _what_was_paid(seen: Seen, paid: Counter[str]) -> Iterator[str]:
    for row in seen.bookings.values():
        if row["kind"] == seen.stage.school.paid and row["status"] in HELD and paid[row["id"]] != 1:
            yield f"lesson {row['id']} ({row['status']}) took {paid[row['id']]} of the balance"
        if row["status"] == "CANCELLED" and paid[row["id"]] != 0:
            yield f"cancelled lesson {row['id']} keeps {paid[row['id']]} of the balance"


def each_notice_once(seen: Seen) -> Iterator[str]:
    """Nobody is told one thing twice, each notice that goes by mail arrives, and it is one mail."""
    told = seen.rows(
        "SELECT u.email, n.kind, n.facts, count(*) FROM notices_notice n JOIN accounts_user u ON u.id = n.user_id"
        " GROUP BY 1, 2, 3"
    )
    asked = _lessons_asked(seen)
    for reader, kind, facts, count in told:
        if kind in TOLD_OF_EACH:
            continue
        times = 1
        if kind == "lesson_requested":
            times = asked[reader, facts["student"], datetime.fromisoformat(facts["when"])]
        if count > times:
            yield f"{reader} is told {count} times instead of {times} of {kind} {str(facts)[:160]}"
    yield from _mails(seen)


# Several of the same person at the same hour, one after the other, are told of in the same words.
TOLD_OF_EACH: Final = frozenset({"makeup_corrected", "lesson_confirmed", "lesson_cancelled", "lesson_moved"})


def _lessons_asked(seen: Seen) -> Counter[tuple[str, str, datetime]]:
    """Return how often a student may have asked a teacher for a time."""
    asked: Counter[tuple[str, str, datetime]] = Counter()
    for action in seen.journal.of("book", "spend"):
        if action.outcome is not Outcome.REFUSED:
            asked[seen.email(action.facts["teacher"]), f"{action.by.title()} Test", action.facts["start"]] += 1
    for action in seen.journal.done("guest"):
        asked[action.answer["booking"]["teacher_name"], action.body["name"], action.facts["start"]] += 1
    return asked


def _mails(seen: Seen) -> Iterator[str]:
    arrived = Counter(str(message_from_string(text)["Message-ID"]) for text in list(seen.stage.mail.mails))
    wanted = seen.rows(
        "SELECT n.id::text, n.kind, u.email, n.mailed_at, d.status FROM notices_notice n"
        " JOIN accounts_user u ON u.id = n.user_id"
        " LEFT JOIN notices_dispatch d ON d.notice_id = n.id AND d.channel = 'mail' WHERE u.wants_mail"
    )
    for key, kind, reader, mailed_at, status in wanted:
        if mailed_at is not None and not arrived[f"<{key}@classbell>"]:
            yield f"the mail to {reader} about {kind} is said to be out and did not arrive"
        if mailed_at is None and status != "dropped":
            yield f"the mail to {reader} about {kind} is not out ({status})"
    again = sum(count - 1 for count in arrived.values())
    if again > seen.stage.interruptions * MAILS_AT_WORK:
        yield f"{again} mails came again, more than {seen.stage.interruptions} interruptions can explain"


# What a worker that is killed has in hand goes out again, under the same Message-ID: mail programs show it once.
MAILS_AT_WORK: Final = 6


def programs_are_told(seen: Seen) -> Iterator[str]:
    """The school's program has taken in each event that was written for it, and each event was written once."""
    taken = {told.id: told.body for told in list(seen.stage.outside.told) if told.accepted}
    events: Counter[tuple[str, str]] = Counter()
    for key, event, body, status in seen.rows("SELECT id::text, event, body::text, status FROM hooks_delivery"):
        if status != "delivered":
            yield f"{event} is {status}"
        elif not any(key.replace("-", "") in told.replace("-", "") for told in taken):
            yield f"{event} is said to be delivered and did not arrive"
        events[event, body] += 1
    for (event, body), count in events.items():
        if count > 1:
            yield f"{event} was written {count} times: {body[:120]}"
    requested = Counter(
        body["data"]["id"] for body in taken.values() if body["type"] == "booking.requested" and "id" in body["data"]
    )
    for made in seen.journal.done("book", "spend"):
        if made.answer["status"] == "PENDING" and requested and requested[made.answer["id"]] != 1:
            yield f"the program was told {requested[made.answer['id']]} times that lesson {made.answer['id']} was asked for"


def attendance_is_what_zoom_saw(seen: Seen) -> Iterator[str]:
    """The verdict on each student of a lesson is that of the simulator's own record of who was there when."""
    for made in seen.journal.done("class"):
        if not made.facts.get("held"):
            continue
        key, start = made.answer["meeting"]["id"], made.facts["start"]
        ((number,),) = seen.rows("SELECT zoom_meeting_id FROM meetings_meeting WHERE id = %s", key)
        meeting = seen.stage.zoom.meeting(number)
        emails = {one["id"]: one["email"] for one in meeting["registrants"]}
        stays: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        for one in meeting["participants"]:
            if one.get("registrant_id") in emails:
                comes, goes = (datetime.fromisoformat(one[name]) for name in ("join_time", "leave_time"))
                stays[emails[one["registrant_id"]]].append((comes, goes))
        said = dict(
            seen.rows(
                "SELECT u.email, a.computed_status FROM meetings_attendance a JOIN accounts_user u ON u.id = a.user_id"
                " JOIN meetings_occurrence o ON o.id = a.occurrence_id WHERE o.meeting_id = %s",
                key,
            )
        )
        excused = {
            row[0]
            for row in seen.rows(
                "SELECT u.email FROM excuses_excuse e JOIN accounts_user u ON u.id = e.student_id"
                " WHERE e.meeting_id = %s AND e.status = 'accepted'",
                key,
            )
        }
        for name in MEMBERS:
            email = seen.email(name)
            expected = verdict(stays[email], start)
            if expected == "absent" and email in excused:
                expected = "excused"
            if said.get(email) != expected:
                yield f"{email} is {said.get(email)} in the lesson of {start:%d %H:%M}, and was {expected}: {stays[email]}"


def excuses_are_kept(seen: Seen) -> Iterator[str]:
    """Each excuse that was taken in is there, once."""
    there = {row[0] for row in seen.rows("SELECT id::text FROM excuses_excuse")}
    for made in seen.journal.done("excuse"):
        if made.answer["excuse"]["id"] not in there:
            yield f"the excuse of {made.by} is gone"
    # The same absence told once more is the same excuse.
    sure = len({made.answer["excuse"]["id"] for made in seen.journal.done("excuse")})
    perhaps = sum(1 for _ in seen.journal.of("excuse", outcome=Outcome.UNKNOWN))
    if not sure <= len(there) <= sure + perhaps:
        yield f"{len(there)} excuses are there, {sure} to {sure + perhaps} were told"


def limits_hold(seen: Seen) -> Iterator[str]:
    """Zoom never had to say that it was asked too often, and no visitor is answered more often than the school allows."""
    said = int(seen.stage.zoom.counters()["throttled"])
    if said > seen.stage.pretended_limits:
        yield f"Zoom said {said - seen.stage.pretended_limits} times that it was asked too often"
    begun, answered = time.monotonic(), 0
    address = {"X-Forwarded-For": f"198.18.{secrets.randbelow(250)}.{secrets.randbelow(250)}"}
    with httpx.Client(base_url=seen.stage.url(0), headers=address, timeout=20) as visitor:
        for _request in range(VISITORS_REQUESTS + 4):
            answered += visitor.get("/api/nothing").status_code != httpx.codes.TOO_MANY_REQUESTS
    filled = int((time.monotonic() - begun) * VISITORS_REQUESTS / 60)
    if not VISITORS_REQUESTS <= answered <= VISITORS_REQUESTS + filled:
        yield f"a visitor was answered {answered} times, and may ask {VISITORS_REQUESTS} times and {filled} more"


def zoom_is_heard_once(seen: Seen) -> Iterator[str]:
    """What Zoom tells several times is kept once."""
    for event, count in seen.rows(
        "SELECT min(event), count(*) FROM meetings_webhookevent GROUP BY digest HAVING count(*) > 1"
    ):
        yield f"one {event} is kept {count} times"


def nobody_is_answered_wrongly(seen: Seen) -> Iterator[str]:
    """No answer says that something broke, and none shows what its reader must not see."""
    yield from seen.journal.wrong
    seen.journal.wrong.clear()


def nobody_waits_for_each_other(seen: Seen) -> Iterator[str]:
    """The database never had to end one of two that waited for each other."""
    count = seen.stage.server.log.read_text(errors="replace").count("deadlock detected")
    if count:
        yield f"{count} deadlocks"


INVARIANTS: Final[Mapping[str, Check]] = {
    "Zoom agrees": zoom_agrees,
    "nobody is taken twice": nobody_is_taken_twice,
    "what is held is claimed": what_is_held_is_claimed,
    "what was acknowledged is there": what_was_acknowledged_is_there,
    "series keep their clock": series_keep_their_clock,
    "balances add up": balances_add_up,
    "each notice once": each_notice_once,
    "programs are told": programs_are_told,
    "attendance is what Zoom saw": attendance_is_what_zoom_saw,
    "excuses are kept": excuses_are_kept,
    "limits hold": limits_hold,
    "Zoom is heard once": zoom_is_heard_once,
    "nobody is answered wrongly": nobody_is_answered_wrongly,
    "no deadlocks": nobody_waits_for_each_other,
}
