"""
One installation on machines of its own: two that serve and work, three with a database under Patroni or one with a plain
one, simulated Zoom, and people. Who looks on, the tests, sits at the desk.
"""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import httpx

from tests.at_work import STUDENTS, Habits, People
from tests.bookings.school import fill
from tests.failover import settle
from tests.networks.machines import Machine, Network
from tests.networks.plain import Alone, plain_postgres
from tests.patroni import Cluster, Place, patroni_cluster
from tests.simulator import Simulator
from tests.system import System, difference

APPS: Final = ("app1", "app2")
DATABASES: Final = ("db1", "db2", "db3")
# Lines of it that are shown.
LONGEST_TRACEBACK: Final = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Campus:
    """The machines, what runs on them, and who is at work."""

    network: Network
    cluster: Cluster | Alone
    apps: dict[str, System]
    simulator: Simulator
    people: People

    @property
    def apps_and_zoom(self) -> list[Machine]:
        """Return all machines but those of databases and of people."""
        return [self.network[name] for name in (*APPS, "zoom")]

    def databases(self) -> tuple[Machine, list[Machine]]:
        """Return the machine whose database leads, and the others."""
        leader = self.cluster.leader()
        assert leader is not None
        machines = dict(zip((node.name for node in self.cluster.nodes), DATABASES, strict=False))
        return self.network[machines[leader.name]], [
            self.network[machine] for name, machine in machines.items() if name != leader.name
        ]

    def problems(self) -> list[str]:
        """Wait until all is done; return what was acknowledged and is gone or twice, and where Zoom differs from us."""
        app = self.apps[APPS[0]]
        app.disconnect()
        settle(app)
        journal = self.people.journal
        status = {str(key): state for key, state in app.query("SELECT id, status FROM bookings_booking")}
        events = (
            "SELECT body #>> '{payload,object,id}', count(*), count(processed_at) FROM meetings_webhookevent GROUP BY 1"
        )
        known = {name: (copies, done) for name, copies, done in app.query(events)}
        same = "SELECT student_id, starts_at, count(*) FROM bookings_booking GROUP BY 1, 2 HAVING count(*) > 1"
        return [
            *(f"booking {key} is gone" for key in journal.booked if key not in status),
            *(f"booking {key} is {status.get(key)}" for key in journal.confirmed if status.get(key) != "CONFIRMED"),
            *(f"{key} is {known.get(key)}" for key in journal.events if known.get(key) != (1, 1)),
            *(f"student {student} booked {start} {copies} times" for student, start, copies in app.query(same)),
            *hosts_at_two_places(self.simulator),
            *difference(app, self.simulator),
        ]


def tracebacks(log: str) -> list[str]:
    """Return each traceback of a log, with the line that it follows."""
    lines = log.splitlines()
    begins = [number for number, line in enumerate(lines) if line.startswith("Traceback")]
    return ["\n".join(lines[max(0, begin - 1) : begin + LONGEST_TRACEBACK]) for begin in begins]


def hosts_at_two_places(simulator: Simulator) -> list[str]:
    """Return the hosts who have two meetings at a time, as Zoom shows them: worked out without asking Classbell."""
    busy: dict[str, list[tuple[str, int, str]]] = {}
    for meeting in simulator.state()["meetings"]:
        if meeting["deleted"]:
            continue
        for one in meeting.get("occurrences") or [meeting]:
            if one.get("status", "available") == "available" and one.get("start_time"):
                entry = (one["start_time"], int(one.get("duration", meeting["duration"])), str(meeting["id"]))
                busy.setdefault(meeting["host_id"], []).append(entry)
    return [
        f"host {host} has {first[2]} and {second[2]} at {second[0]}"
        for host, times in busy.items()
        for first, second in _overlapping(times)
    ]


def _overlapping(times: list[tuple[str, int, str]]) -> Iterator[tuple[tuple[str, int, str], tuple[str, int, str]]]:
    ordered = sorted(times)
    for first, second in itertools.pairwise(ordered):
        end = datetime.fromisoformat(first[0]) + timedelta(minutes=first[1])
        if datetime.fromisoformat(second[0]) < end:
            yield first, second


@contextmanager
def campus(folder: Path, *, is_plain: bool = False) -> Iterator[Campus]:
    """
    Yield an installation that runs on all its machines, with nobody at work yet; a plain one has one database, without
    Patroni. Look on from its desk.
    """
    databases = DATABASES[:1] if is_plain else DATABASES
    with ExitStack() as held:
        network = held.enter_context(Network([*APPS, *databases, "zoom", "people"]))
        places = [Place(address=network[name].address, inside=network[name].inside) for name in databases]
        cluster: Cluster | Alone
        if is_plain:
            cluster = held.enter_context(plain_postgres(places[0]))
        else:
            cluster = held.enter_context(patroni_cluster(places, etcds=len(places)))
        with network["zoom"].inside():
            zoom = Simulator(host=network["zoom"].address, plan="unlimited", hosts=64, control_from_anywhere=True)
            simulator = held.enter_context(zoom)
        apps = {name: _app(folder / name, network[name], cluster, simulator) for name in APPS}
        for app in apps.values():
            held.callback(app.kill_all)
        with network["desk"].inside():
            first = apps[APPS[0]]
            # Hundreds of commits that nobody would miss: minutes, where the disk is busy.
            first.environment["DATABASE_URL"] += "?options=-csynchronous_commit%3Doff"
            first.command("migrate")
            first.environment["DATABASE_URL"] = cluster.url()
            first.command("read-hosts")
            habits = Habits(
                bookings=0.7,
                events=0.4,
                pages=0.4,
                patience=httpx.Timeout(15.0, connect=3.0),
                repeats=True,
                home=network["people"].inside,
                zoom=network["zoom"].inside,
            )
            people = People({name: app.url for name, app in apps.items()}, fill(first, students=STUDENTS), habits)
        for name, app in apps.items():
            with network[name].inside():
                app.start_web()
                app.start_worker()
                app.wait_for_web()
        yield Campus(network=network, cluster=cluster, apps=apps, simulator=simulator, people=people)


def _app(folder: Path, machine: Machine, cluster: Cluster | Alone, simulator: Simulator) -> System:
    folder.mkdir()
    # The tests ask whichever takes writes; the programs find it by themselves.
    looked_at = f"{cluster.url()}?target_session_attrs=read-write&connect_timeout=3"
    app = System(looked_at, simulator, folder, CLASSBELL_ALLOWED_HOSTS="*", DATABASE_URL=cluster.url())
    app.host = machine.address
    return app
