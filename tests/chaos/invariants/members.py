"""Members of the class whose lists change, here and at Zoom."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, combinations, permutations

from tests.chaos.actions.lists import BY_NAME, LISTS, address
from tests.chaos.invariants.seen import Seen
from tests.chaos.journal import Action, Outcome, Try

# Who is in the class, and by which keys that count once something has been done.
State = tuple[frozenset[str], frozenset[str]]


def members_are_as_listed(seen: Seen) -> Iterator[str]:
    """
    Who is in the class is what all changes made of it, one after the other, each of them whole; those at one moment in either
    order, and those without an answer or not. Whoever comes in has one account, and is told of what is planned.
    """
    rows = seen.rows(
        "SELECT u.email, u.role FROM groups_membership m JOIN accounts_user u ON u.id = m.user_id WHERE m.group_id = %s",
        seen.stage.school.changing_id,
    )
    members = Counter(email for email, _role in rows)
    changes = list(seen.journal.of(*LISTS, *BY_NAME))
    possible = {state[0] for state in _possible(changes)}
    if frozenset(members) not in possible:
        nearest = min(possible, key=lambda one: len(one ^ set(members)))
        more, fewer = sorted(set(members) - nearest), sorted(nearest - set(members))
        told = ", ".join(f"{one.kind} {one.outcome.value} {one.facts['pupils']}" for one in changes[-6:])
        yield f"too many in the class: {more}, too few: {fewer}, after: {told}"
    for email, count in members.items():
        if count != 1:
            yield f"{email} is {count} times in the class"
    for email, role in rows:
        if role != "student":
            yield f"{email} is {role}"
    for made in changes:
        if made.outcome is Outcome.REFUSED or made.answer.get("bad"):
            yield f"a change of the class was not done: {made.kind} {made.answer}"


def _possible(changes: Sequence[Action]) -> set[State]:
    """Return in which states the class may be."""
    states: set[State] = {(frozenset(), frozenset())}
    for together in _together(changes):
        states = {_after(state, order) for state in states for order in _orders(together)}
    return states


def _together(changes: Sequence[Action]) -> Iterator[list[tuple[Try, Action]]]:
    """Yield the requests that may have been at work at one moment, one group after the other."""
    tries = sorted(((one, made) for made in changes for one in made.tries), key=lambda pair: pair[0].sent_at)
    group: list[tuple[Try, Action]] = []
    for one, made in tries:
        if group and one.sent_at > max(other.ended_at for other, _made in group):
            yield group
            group = []
        group.append((one, made))
    if group:
        yield group


def _orders(together: Sequence[tuple[Try, Action]]) -> Iterator[Sequence[Action]]:
    """Yield each order in which requests at one moment may have been done, without some that nobody knows the outcome of."""
    sure = [made for one, made in together if one.outcome is Outcome.DONE]
    perhaps = [made for one, made in together if one.outcome is Outcome.UNKNOWN]
    for some in chain.from_iterable(combinations(perhaps, count) for count in range(len(perhaps) + 1)):
        yield from permutations([*sure, *some])


def _after(state: State, changes: Sequence[Action]) -> State:
    members, keys = state
    for change in changes:
        if change.key in keys:
            continue
        pupils = frozenset(address(number) for number in change.facts["pupils"])
        if change.kind == "list":
            members = pupils
        elif change.kind == "leave":
            members -= pupils
        else:
            members |= pupils
        if change.kind == "enrol":
            keys |= {change.key}
    return members, keys


def zoom_lets_members_in(seen: Seen) -> Iterator[str]:
    """For a lesson of the class that is still to come Zoom has its members, and nobody who has left; each of them is told."""
    members = {
        row[0]
        for row in seen.rows(
            "SELECT u.email FROM groups_membership m JOIN accounts_user u ON u.id = m.user_id WHERE m.group_id = %s",
            seen.stage.school.changing_id,
        )
    }
    told = {
        row[0]
        for row in seen.rows(
            "SELECT u.email FROM notices_notice n JOIN accounts_user u ON u.id = n.user_id WHERE n.kind = 'sessions_planned'"
        )
    }
    for made in seen.journal.done("ahead"):
        if made.facts["start"] <= seen.stage.clock.now():
            continue
        sql = "SELECT zoom_meeting_id FROM meetings_meeting WHERE id = %s"
        ((number,),) = seen.rows(sql, made.answer["meeting"]["id"])
        shown = seen.stage.zoom.meeting(number)["registrants"]
        there = Counter(one["email"] for one in shown if one["status"] == "approved")
        if set(there) != members or there.total() != len(members):
            more, fewer = sorted(set(there) - members), sorted(members - set(there))
            yield f"Zoom lets {len(there)} of {len(members)} in: too many are {more}, too few {fewer}"
        for email in sorted(members - told):
            yield f"{email} is not told of the lesson that is planned"
