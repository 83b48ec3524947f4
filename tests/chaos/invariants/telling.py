"""Who is told of what: notices, mails, and programs that hear of it."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from email import message_from_string
from typing import Final

from tests.chaos.actions.lists import LISTS, address
from tests.chaos.invariants.seen import Seen
from tests.chaos.journal import Outcome
from tests.chaos.school import PRICED


def each_notice_once(seen: Seen) -> Iterator[str]:
    """Nobody is told one thing twice, each notice that goes by mail arrives, and it is one mail."""
    told = seen.rows(
        "SELECT u.email, n.kind, n.facts, n.path, count(*) FROM notices_notice n JOIN accounts_user u ON u.id = n.user_id"
        " GROUP BY 1, 2, 3, n.path"
    )
    asked = _lessons_asked(seen)
    came, back = _comings(seen), _refunds(seen)
    for reader, kind, facts, path, count in told:
        if kind in TOLD_OF_EACH:
            continue
        times = 1
        if kind == "lesson_requested":
            times = asked[reader, facts["student"], datetime.fromisoformat(facts["when"])]
        elif kind == "sessions_planned":
            times = max(1, came[reader])
        elif kind == "purchase_refunded":
            times = back[path.rstrip("/").rpartition("/")[2], facts["price"]["amount"]]
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
    for action in seen.journal.of("pay"):
        asked[seen.email(PRICED), action.body["name"], action.facts["start"]] += 1
    return asked


def _comings(seen: Seen) -> Counter[str]:
    """Return how often each pupil may have come into the class whose lists change: so often they are told what is planned."""
    return Counter(
        address(number)
        for action in seen.journal.of(*LISTS, "enrol")
        for _try in action.tries
        for number in action.facts["pupils"]
    )


def _refunds(seen: Seen) -> Counter[tuple[str, int]]:
    """Return how often the bank gave so much of a purchase back."""
    bank = seen.stage.bank
    bought = {one["payment_intent"]: one["metadata"]["purchase_id"] for one in bank.all_of_it()}
    return Counter((bought[one["payment_intent"]], one["amount"]) for one in bank.given_back())


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
