"""Attendance, and absences that were told."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from tests.chaos.invariants.seen import Seen
from tests.chaos.journal import Outcome
from tests.chaos.lessons import verdict
from tests.chaos.school import MEMBERS


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
