"""The host pool: who may host, read from Zoom, and which seat each meeting gets."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.meetings import claims
from classbell.meetings.audience import people_in
from classbell.meetings.claims import NewClaim
from classbell.meetings.hosts import planner
from classbell.meetings.hosts.budget import host_budgets
from classbell.meetings.hosts.fitting import UNKNOWN_CAPACITY, Holds, rounds
from classbell.meetings.hosts.spread import spread
from classbell.meetings.models import (
    FREE_MINUTES,
    FREE_TIME,
    AccountBinding,
    ClaimKind,
    HostSeat,
    Meeting,
    Occurrence,
    ZoomAccount,
    ZoomHost,
)
from classbell.meetings.periods import Interval
from classbell.meetings.schedule import ahead
from classbell.meetings.signals import licence_lost
from classbell.meetings.zoom_accounts import account
from classbell.zoom.client import ZoomClient
from classbell.zoom.models import User as ZoomUser

BASIC, LICENSED = 1, 2
LONGEST_NAME = 200
# What of a host Zoom tells, and nobody here decides.
SAID_BY_ZOOM = ["email", "name", "is_licensed", "is_basic", "is_active"]
# Zoom's "Concurrent Meeting" add-on allows at least this many; its exact numbers are not published.
SEATS_WITH_ADD_ON = 2
# A host's plan seldom changes; what is asked at once leaves Zoom's limits to others.
ASKED_AGAIN_AFTER = timedelta(days=1)
MOST_ASKED_AT_ONCE = 50
# A seat may be taken between planning and claiming; then we plan again with what is known by now.
PLACEMENT_ROUNDS = 3
# What is held more often than this is a series, and keeps to as few hosts as possible.
FEW_OCCURRENCES = 3


# The Zoom user who must host a meeting, "" for any, and the account that must hold it, None for any. Of a teacher's own
# Zoom the first is `THEIRS`.
Pool = tuple[str, UUID | None]
THEIRS = "theirs"


@dataclass(frozen=True, kw_only=True, slots=True)
class HostsRead:
    """What reading the hosts from Zoom found."""

    found: int
    added: int
    gone: int


def read_hosts(client: ZoomClient, *, account_id: str, now: datetime) -> HostsRead:
    """
    Bring our list of hosts up to date with the account's users.

    Hosts that Zoom no longer lists stop being used for new meetings; theirs stay assigned until somebody decides. Users
    without a licence (Basic) serve the pool where nobody has one, and else their own teacher only. One MEDIUM call per 300
    users and one per new licensed host, which says too how many people it lets in (later: `read_capacities`).
    """
    row, _ = ZoomAccount.objects.get_or_create(account_id=account_id)
    known = {host.zoom_user_id: host for host in row.hosts.all()}
    users = _users(client)
    nobody_is_licensed = all(user.type != LICENSED for user in users)
    own = _own_zoom_users() if not nobody_is_licensed else frozenset()
    seen, added, lost = set(), 0, list[ZoomHost]()
    for user in users:
        host = known.get(user.id)
        if host is None:
            basic_serves = user.type == BASIC and (
                nobody_is_licensed or bool({user.id.lower(), user.email.lower()} & own)
            )
            if user.type != LICENSED and not basic_serves:
                continue
            in_pool = not client.by_consent and (user.type == LICENSED or nobody_is_licensed)
            host = ZoomHost(account=row, zoom_user_id=user.id, in_pool=in_pool)
            added += 1
        is_new = host.email == ""
        if user.type == BASIC and host.is_licensed and not is_new and host.is_active:
            lost.append(host)
        name = user.display_name or f"{user.first_name} {user.last_name}".strip()
        host.email, host.name = user.email, name[:LONGEST_NAME]
        host.is_licensed, host.is_basic, host.is_active = user.type == LICENSED, user.type == BASIC, True
        # Whether it serves the pool may have been decided while Zoom was asked.
        host.save(update_fields=None if host._state.adding else SAID_BY_ZOOM)
        if is_new:
            set_seats(host, _read_features(client, host, now) if host.is_licensed else 1)
        seen.add(user.id)
    for host in lost:
        licence_lost.send(ZoomHost, host_id=host.pk)
    gone = row.hosts.exclude(zoom_user_id__in=seen).filter(is_active=True).update(is_active=False)
    ZoomAccount.objects.filter(pk=row.pk).update(hosts_read_at=now)
    return HostsRead(found=len(seen), added=added, gone=gone)


def _users(client: ZoomClient) -> list[ZoomUser]:
    """
    Return who may host in an account; by consent that is who consented. A user is one host: theirs goes before the
    account's.
    """
    if client.by_consent:
        return [client.get_user("me")]
    of_their_own = ZoomHost.objects.filter(account__by_consent=True, account__lost_at=None)
    left_out = set(of_their_own.values_list("zoom_user_id", flat=True))
    return [user for user in client.iter_users(status="active") if user.id not in left_out]


def _own_zoom_users() -> frozenset[str]:
    """Return the ids and addresses of the Zoom users that are some teacher's own, in lower case."""
    named = User.objects.exclude(zoom_user="").values_list("zoom_user", flat=True)
    return frozenset(name.lower() for name in named)


def read_capacities(client: ZoomClient, *, account_id: str, now: datetime) -> None:
    """Ask Zoom how many people each host lets in who has not been asked about for a day. One MEDIUM call a host."""
    asked_before = Q(capacity_read_at=None) | Q(capacity_read_at__lt=now - ASKED_AGAIN_AFTER)
    due = ZoomHost.objects.usable().filter(asked_before, account__account_id=account_id)
    for host in due.order_by("email")[:MOST_ASKED_AT_ONCE]:
        _read_features(client, host, now)


def _read_features(client: ZoomClient, host: ZoomHost, now: datetime) -> int:
    """Keep how many people a host lets in, and return how many meetings it may run at once."""
    features = client.get_user_settings(host.zoom_user_id).get("feature", {})
    large = features.get("large_meeting_capacity") if features.get("large_meeting") is True else None
    known = [number for number in (features.get("meeting_capacity"), large) if isinstance(number, int) and number > 0]
    host.capacity, host.capacity_read_at = max(known, default=None), now
    host.save(update_fields=["capacity", "capacity_read_at"])
    default = account(client.account_id).seats_per_host
    return max(default, SEATS_WITH_ADD_ON) if features.get("concurrent_meeting") in ("Basic", "Plus") else default


def set_seats(host: ZoomHost, count: int) -> None:
    """Give a host `count` seats. Seats above that go only when no meeting has them."""
    for number in range(1, count + 1):
        HostSeat.objects.get_or_create(host=host, number=number)
    host.seats.filter(number__gt=count, meetings=None).delete()


def place(meetings: Sequence[Meeting], occurrences: Iterable[Occurrence]) -> list[Meeting]:
    """
    Give each meeting a free seat for all its sessions, and claim it: series on as few hosts as possible, single sessions
    on hosts whose daily budget lets them out the earliest (`spread`).

    `occurrences` are the sessions of these meetings still to be held. A meeting whose own seat is free keeps it; a
    teacher with a Zoom user of their own is hosted there; what is held elsewhere needs none. Call it in a transaction.

    Returns the meetings for which no seat was free; they have none now.
    """
    by_meeting: dict[UUID, list[Occurrence]] = {meeting.pk: [] for meeting in meetings}
    for occurrence in at_zoom(occurrences):
        by_meeting[occurrence.meeting_id].append(occurrence)
    for meeting in meetings:
        if meeting.is_elsewhere:
            meeting.seat = None
    unplaced = [meeting for meeting in meetings if not meeting.is_elsewhere]
    for _round in range(PLACEMENT_ROUNDS):
        unplaced, lost_a_race = _place_once(unplaced, by_meeting)
        if not lost_a_race:
            break
        unplaced += lost_a_race
    for meeting in unplaced:
        meeting.seat = None
    _save_seats(meetings)
    return unplaced


def _save_seats(meetings: Sequence[Meeting]) -> None:
    # Django's bulk_update spells out a CASE per row, which for a thousand meetings takes longer than all the rest.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE meetings_meeting SET seat_id = placed.seat_id
            FROM unnest(%s::uuid[], %s::uuid[]) AS placed (id, seat_id)
            WHERE meetings_meeting.id = placed.id
            """,
            [[meeting.pk for meeting in meetings], [meeting.seat_id for meeting in meetings]],
        )


def _place_once(
    meetings: Sequence[Meeting], occurrences: dict[UUID, list[Occurrence]]
) -> tuple[list[Meeting], list[Meeting]]:
    """Return (meetings that fit nowhere, meetings whose planned seat was taken from under them)."""
    nowhere: list[Meeting] = []
    wanted: list[NewClaim] = []
    for (own_host, bound_to), together in _by_pool(meetings).items():
        seats = _seats(own_host, bound_to)
        assignment = _assign(together, occurrences, seats)
        for meeting in together:
            seat = assignment.get(meeting.pk)
            if seat is None:
                nowhere.append(meeting)
                continue
            meeting.seat = seats[seat]
            wanted += [seat_claim(meeting, occurrence) for occurrence in occurrences[meeting.pk]]
    refused = {claim.occurrence_id for claim in claims.take(wanted)}
    lost = [m for m in meetings if m not in nowhere and any(o.pk in refused for o in occurrences[m.pk])]
    claims.release(occurrence_ids=[o.pk for m in lost for o in occurrences[m.pk]], kind=ClaimKind.SEAT)
    return nowhere, lost


def move_off_spent_host(meeting: Meeting, coming: Sequence[Occurrence]) -> bool:
    """
    Give a meeting that is not on Zoom yet a seat of a host with some of today left, that is free for all its coming
    sessions; say whether there was one. Call it in a transaction, with the meeting locked; save it, or roll back.
    """
    assert meeting.seat is not None  # noqa: S101 -- who has no seat waits for no budget
    budgets = host_budgets(None)
    own = budgets.get(meeting.seat.host_id)
    if own is not None and own.left != 0:
        return False  # It is the account's day that is spent; that is the same everywhere.
    has = _holds(meeting.seat.host)
    least = Holds(has.licence, min(has.people, people_in([meeting])[meeting.pk]))
    seats = {
        key: seat
        for key, seat in _seats_of(meeting).items()
        if seat.host_id != meeting.seat.host_id
        and budgets[seat.host_id].left != 0
        and _holds(seat.host).suffices(least)
    }
    one = planner.Series(key=meeting.pk, periods=tuple(sorted(_with_gap(meeting, o) for o in at_zoom(coming))))
    seat = planner.plan([one], list(seats), _occupied([one], seats)).assignment.get(meeting.pk)
    if seat is None:
        return False
    claims.release(occurrence_ids=[o.pk for o in coming], kind=ClaimKind.SEAT)
    meeting.seat = seats[seat]
    return not claims.take(seat_claim(meeting, o) for o in at_zoom(coming))


def keep_seat(meeting: Meeting, coming: Sequence[Occurrence]) -> bool:
    """
    Claim a meeting's present seat for these sessions. False when it has none or something else has it at any of these times;
    then nothing is held.
    """
    if meeting.seat is None:
        return False
    if claims.take(seat_claim(meeting, occurrence) for occurrence in at_zoom(coming)):
        claims.release(occurrence_ids=[occurrence.pk for occurrence in coming], kind=ClaimKind.SEAT)
        return False
    return True


def hold_seat(meeting: Meeting, moved: Sequence[Occurrence], *, now: datetime) -> bool:
    """
    Claim a seat for sessions of a meeting that were held at other times before; its other ones hold theirs.

    Where the present seat is taken, the whole meeting goes to another one that is free for all it has ahead, but never from
    under a session that runs. Says whether there was one; if not, roll back. A meeting that waits for a host goes on waiting.
    """
    if meeting.seat is not None and keep_seat(meeting, moved):
        return True
    coming = ahead(meeting.occurrences.select_related("substitute"), now)
    if meeting.seat is None:
        place([meeting], coming)
        return True
    if meeting.occurrences.running(now).exists():
        return False
    claims.release(occurrence_ids=[occurrence.pk for occurrence in coming], kind=ClaimKind.SEAT)
    return not place([meeting], coming)


def seats_open_to(teacher: User, group_id: UUID | None) -> set[UUID]:
    """Return the ids of the seats that this teacher's meetings of a group, or of none, may have, taken or not."""
    return {seat.pk for seat in _seats_of(Meeting(teacher=teacher, group_id=group_id)).values()}


def at_zoom(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """Return the sessions that need a seat: not those that are held elsewhere by themselves."""
    return [occurrence for occurrence in occurrences if not occurrence.location]


def seat_claim(meeting: Meeting, occurrence: Occurrence) -> NewClaim:
    """Return the claim of a session on its meeting's seat: the session and the turnaround gap after it."""
    assert meeting.seat_id is not None  # noqa: S101 -- only placed meetings claim a seat
    starts_at, ends_at = _with_gap(meeting, occurrence)
    return NewClaim(
        kind=ClaimKind.SEAT,
        resource_id=meeting.seat_id,
        starts_at=starts_at,
        ends_at=ends_at,
        occurrence_id=occurrence.pk,
    )


def _with_gap(meeting: Meeting, occurrence: Occurrence) -> Interval:
    return occurrence.starts_at, occurrence.ends_at + timedelta(minutes=meeting.gap_minutes)


def _by_pool(meetings: Sequence[Meeting]) -> dict[Pool, list[Meeting]]:
    """Group meetings by the Zoom user who must host them ("" is the pool) and the account that must (None: any)."""
    bound, own = _bound_among(meetings)
    groups: dict[Pool, list[Meeting]] = {}
    for meeting in meetings:
        groups.setdefault(_pool_of(meeting, bound, own), []).append(meeting)
    return groups


def _pool_of(meeting: Meeting, bound: Mapping[UUID, UUID], own: Mapping[UUID, UUID]) -> Pool:
    if meeting.teacher_id in own:
        return THEIRS, own[meeting.teacher_id]
    of_group = bound.get(meeting.group_id) if meeting.group_id is not None else None
    return meeting.teacher.zoom_user.lower(), of_group or bound.get(meeting.teacher_id)


def _bound_among(meetings: Sequence[Meeting]) -> tuple[dict[UUID, UUID], dict[UUID, UUID]]:
    """
    Return the accounts to which groups and teachers of these meetings are bound, by group and by teacher, and those that are
    the teachers' own. One query.
    """
    groups = {meeting.group_id for meeting in meetings if meeting.group_id is not None}
    teachers = {meeting.teacher_id for meeting in meetings}
    bindings = AccountBinding.objects.filter(Q(group__in=groups) | Q(teacher__in=teachers))
    theirs = ZoomAccount.objects.set_up().filter(by_consent=True, owner__in=teachers)
    theirs = theirs.filter(hosts__in=ZoomHost.objects.usable())
    bound: dict[UUID, UUID] = {}
    own: dict[UUID, UUID] = {}
    rows = bindings.values_list(Coalesce("group", "teacher"), "account", Value(False)).union(
        theirs.values_list("owner", "pk", Value(True))
    )
    for whose, account_id, is_own in rows:
        (own if is_own else bound)[whose] = account_id
    return bound, own


def _seats_of(meeting: Meeting) -> dict[Hashable, HostSeat]:
    """Return the seats that one meeting may have. Two statements."""
    return _seats(*_pool_of(meeting, *_bound_among([meeting])))


def _seats(own_host: str, bound_to: UUID | None) -> dict[Hashable, HostSeat]:
    """
    Return the seats a group may use, in the order to fill them: first seats of all hosts, then second ones. Who has lost
    the licence has one.
    """
    seats = HostSeat.objects.filter(Q(host__is_licensed=True) | Q(number=1), host__in=ZoomHost.objects.usable())
    seats = seats.select_related("host__account")
    ordered = seats.order_by("number", "host__email")
    if own_host == THEIRS:
        return {seat.pk: seat for seat in ordered.filter(host__account=bound_to)}
    if own_host:
        own = [s for s in ordered if own_host in (s.host.email.lower(), s.host.zoom_user_id.lower())]
        if own:
            return {seat.pk: seat for seat in own}
    return {seat.pk: seat for seat in ordered if seat.host.in_pool and bound_to in (None, seat.host.account_id)}


def _assign(
    meetings: Sequence[Meeting], occurrences: dict[UUID, list[Occurrence]], seats: dict[Hashable, HostSeat]
) -> dict[Hashable, Hashable]:
    """
    Choose seats: each meeting's on a host that holds it as it is meant, where one is free (`fitting`); those who need less
    leave the others to those who need more.
    """
    holds = {key: _holds(seat.host) for key, seat in seats.items()}
    kinds = set(holds.values())
    if len(kinds) < 2:
        return _assign_among(meetings, occurrences, seats, {})
    largest = max(kind.people for kind in kinds)
    sizes = _sizes(meetings) if any(kind.people < largest for kind in kinds) else {}
    by_id = {meeting.pk: meeting for meeting in meetings}
    needs = {
        pk: Holds(_needs_licence(meeting, occurrences[pk]), min(largest, sizes.get(pk, 0)))
        for pk, meeting in by_id.items()
    }
    given: dict[Hashable, Hashable] = {}
    taken: dict[Hashable, list[Interval]] = defaultdict(list)
    for keys, kind in rounds(needs, kinds):
        waiting = [by_id[key] for key in keys if key not in given]
        open_to_them = {key: seat for key, seat in seats.items() if holds[key] == kind}
        given |= _assign_among(waiting, occurrences, open_to_them, taken)
        for meeting in waiting:
            if meeting.pk in given:
                taken[given[meeting.pk]] += [_with_gap(meeting, o) for o in occurrences[meeting.pk]]
    return given


def _holds(host: ZoomHost) -> Holds:
    return Holds(host.is_licensed, host.capacity if host.capacity is not None else UNKNOWN_CAPACITY)


def _sizes(meetings: Sequence[Meeting]) -> dict[UUID, int]:
    """Return how many people each may have: who is expected, or while nobody is, as many as its group has places."""
    groups = {meeting.group_id for meeting in meetings if meeting.group_id is not None}
    places = dict(Group.objects.filter(pk__in=groups, capacity__isnull=False).values_list("pk", "capacity"))
    people = people_in(meetings)
    return {
        meeting.pk: 1 + (places.get(meeting.group_id) or 0 if meeting.group_id is not None else 0)
        if people[meeting.pk] == 1
        else people[meeting.pk]
        for meeting in meetings
    }


def ends_after(minutes: int, teacher_ids: Collection[UUID]) -> int | None:
    """
    Return after how many minutes Zoom would end lessons of so many, whoever of these holds them, as no host of theirs has
    a licence; None where it would not. No statement for short ones, one where all hosts are licensed, else four at most.
    """
    if minutes <= FREE_MINUTES:
        return None
    licences = set(ZoomHost.objects.usable().values_list("is_licensed", flat=True).distinct())
    is_early = licences == {False}
    if False in licences and len(teacher_ids) == 1:
        teacher = User.objects.filter(pk__in=teacher_ids).first()
        is_early = teacher is not None and only_basic_hosts(teacher)
    return FREE_MINUTES if is_early else None


def _needs_licence(meeting: Meeting, occurrences: Iterable[Occurrence]) -> bool:
    """Whether a host without a licence could not hold it as it is meant: Zoom's registration needs one, too."""
    return meeting.registration or any(one.ends_at - one.starts_at > FREE_TIME for one in occurrences)


def only_basic_hosts(teacher: User) -> bool:
    """Whether nobody who could hold this teacher's meetings has a licence, so that Zoom ends each early. Two statements."""
    seats = _seats_of(Meeting(teacher=teacher)).values()
    return bool(seats) and not any(seat.host.is_licensed for seat in seats)


def _assign_among(
    meetings: Sequence[Meeting],
    occurrences: dict[UUID, list[Occurrence]],
    seats: dict[Hashable, HostSeat],
    before: Mapping[Hashable, Sequence[Interval]],
) -> dict[Hashable, Hashable]:
    """
    Choose seats: for series as few hosts as possible, for what is held a few times the earliest way to Zoom. `before` is what
    else has just been put on seats.
    """
    if not meetings:
        return {}
    series = [
        planner.Series(key=meeting.pk, periods=tuple(sorted(_with_gap(meeting, o) for o in occurrences[meeting.pk])))
        for meeting in meetings
    ]
    occupied = _occupied(series, seats)
    for seat, periods in before.items():
        if seat in occupied:
            occupied[seat] += periods
    long = [one for one in series if len(one.periods) > FEW_OCCURRENCES]
    assignment = planner.plan(long, list(seats), occupied).assignment
    for one in long:
        if one.key in assignment:
            occupied[assignment[one.key]] += one.periods
    short = [one for one in series if len(one.periods) <= FEW_OCCURRENCES]
    return assignment | _assign_short(short, seats, occupied, before=assignment.values())


def _assign_short(
    short: Sequence[planner.Series],
    seats: dict[Hashable, HostSeat],
    occupied: Mapping[Hashable, Sequence[Interval]],
    *,
    before: Iterable[Hashable],
) -> dict[Hashable, Hashable]:
    if not short:
        return {}
    budgets = host_budgets({seat.host_id for seat in seats.values()})
    spread_out = spread(
        short,
        list(seats),
        occupied,
        host_of={key: seat.host_id for key, seat in seats.items()},
        day_of={host: budget.day_of for host, budget in budgets.items()},
        before=Counter(seats[seat].host_id for seat in before),
    )
    if len(spread_out) == len(short):
        return spread_out
    # Better later than nowhere: the planner tries more orders to fit everybody in.
    packed = planner.plan(short, list(seats), occupied).assignment
    return packed if len(packed) > len(spread_out) else spread_out


def _occupied(series: Sequence[planner.Series], seats: dict[Hashable, HostSeat]) -> dict[Hashable, list[Interval]]:
    """Return what the seats hold during the time of these series."""
    periods = [period for one in series for period in one.periods]
    if not periods:
        return {seat: [] for seat in seats}
    start, end = min(start for start, _end in periods), max(end for _start, end in periods)
    taken = claims.taken_periods([seat.pk for seat in seats.values()], start=start, end=end)
    return {key: taken[seat.pk] for key, seat in seats.items()}
