"""
A whole lesson of thirty students, played on a running demo over HTTP: asked for by the API, attended at the simulator.

Minutes count from the planned start. The lesson began three quarters of an hour ago, so that everything in it has happened
when it is told, and nothing has to be waited for but the processes themselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx

from tests.demo.running import PASSWORD
from tests.simulator import wait_while_moving

TEACHER = "ines@classbell.example"
MINUTES = 45
MIDDLE = 25
TIMEOUT_SECONDS = 30

Times = tuple[tuple[float, float], ...]
WHOLE: Times = ((0, MINUTES),)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One student of the class and when they are there; `shown_as` is the name they give at Zoom, if not their own."""

    name: str
    email: str
    times: Times = WHOLE
    shown_as: str = ""
    leaving_is_lost: bool = False


YUSUF = Part(
    name="Yusuf Almeida", email="student@classbell.example", times=((0, 30),), leaving_is_lost=True
)  # The demo's student, so that somebody can sign in and look.
TWO_DEVICES = Part(name="Beatriz Sampaio", email="beatriz@pupils.example", times=((0, MINUTES), (5, 30)))
DROPS_OUT = Part(
    name="Chidi Adeyemi-Nwosu", email="chidi@pupils.example", times=((0, 10), (11, 20), (22, 30), (31, MINUTES))
)
OTHER_NAME = Part(name="Noor Haddad", email="noor@pupils.example", shown_as="Grandma's iPad")
LEAVES_EARLY = Part(name="Elif Yıldız", email="elif@pupils.example", times=((0, 20),))
LATE = (
    Part(name="Jonas Bergström", email="jonas@pupils.example", times=((12, MINUTES),)),
    Part(name="عبد الرحمن بن محمد الشهراني", email="abdulrahman@pupils.example", times=((13, MINUTES),)),
    Part(name="Mei-Lin Kowalczyk", email="mei-lin@pupils.example", times=((15, MINUTES),)),
)
BY_PHONE = Part(name="Hamza Idrissi", email="hamza@pupils.example", times=())
ABSENT = tuple(
    Part(name=name, email=email, times=())
    for name, email in (
        ("Ana Lúcia Vasconcelos", "ana-lucia@pupils.example"),
        ("Piotr Zieliński", "piotr@pupils.example"),
        ("فاطمة الزهراء بنت عبد العزيز القحطاني", "fatima@pupils.example"),
        ("Rosa Delgado", "rosa@pupils.example"),
    )
)
ON_TIME = tuple(
    Part(name=name, email=f"{email}@pupils.example")
    for name, email in (
        ("عبد الله بن سليمان الغامدي", "abdullah"),
        ("مريم بنت أحمد آل سعدون", "maryam"),
        ("محمد الأمين ولد سيدي محمود", "alamin"),
        ("خديجة بنت عبد الرحمن المنصوري", "khadija"),
        ("أسماء عبد الكريم الأنصاري", "asma"),
        ("يوسف بن إبراهيم الحضرمي", "yusuf-h"),
        ("سمية عبد الحميد البغدادي", "sumayya"),
        ("عمر الفاروق حسن", "omar"),
        ("Greta Lindqvist", "greta"),
        ("Oluwaseun Afolabi-Okonkwo", "oluwaseun"),
        ("Inés Martínez de la Cruz", "ines-m"),
        ("Tom Baker", "tom"),
        ("Lucía Fernández", "lucia"),
        ("Kwame Mensah", "kwame"),
        ("Sara Novák", "sara"),
        ("Daniel O'Connor", "daniel"),
        ("Aylin Demir", "aylin"),
    )
)
CAST = (YUSUF, TWO_DEVICES, DROPS_OUT, OTHER_NAME, LEAVES_EARLY, BY_PHONE, *LATE, *ABSENT, *ON_TIME)
CALLER, GUEST = "Call-in user", "Aunt Zaynab"


class Lesson:
    """One lesson on a running demo; `begin`, `go_on_to` and `end` play it, in this order."""

    def __init__(self, base_url: str, sim_url: str, *, teacher: str = TEACHER, title: str = "Geometry") -> None:
        self.teacher, self.title = teacher, title
        self.starts_at = (datetime.now(UTC) - timedelta(minutes=MINUTES - 1)).replace(second=0, microsecond=0)
        self.meeting_id = self.zoom_meeting_id = ""
        self._sim = httpx.Client(base_url=sim_url, timeout=TIMEOUT_SECONDS)
        self._api = signed_in_api(base_url, teacher)
        self._links: Mapping[str, str] = {}
        self._open: dict[tuple[str, float], str] = {}
        self._played_to = -1.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.zooms_clock(timedelta())
        self._sim.close()
        self._api.close()

    @property
    def ends_at(self) -> datetime:
        """When it is planned to end: a minute from its making at most."""
        return self.starts_at + timedelta(minutes=MINUTES)

    def begin(self) -> None:
        """Make the class and its meeting, wait until all are registered at Zoom, and let the teacher start on time."""
        group = self._post("/api/zoom/classes", {"name": self.title, "timezone": "UTC"})["class"]["id"]
        roster = "\n".join(["name,email", *(f"{part.name},{part.email}" for part in CAST)])
        answer = self._api.post(f"/api/zoom/classes/{group}/import", content=roster.encode()).raise_for_status().json()
        assert (answer["student_count"], answer["bad"]) == (len(CAST), [])
        meeting = self._post(
            "/api/zoom/meetings",
            {
                "title": self.title,
                "startTime": self.starts_at.isoformat(),
                "duration": MINUTES,
                "classId": group,
                "registrationEnabled": True,
            },
        )["meeting"]
        self.meeting_id = meeting["id"]
        wait_while_moving(
            self._is_registered,
            sign=lambda: (self.zoom_meeting_id, len(self._links)),
            what="everybody to be registered at Zoom",
        )
        self._control("start", at=self.at(-1))

    def go_on_to(self, minute: float) -> None:
        """Let everything happen that happens after the minute played last, up to and with this one."""
        moments = [(start, 1, part, start) for part in CAST for start, _end in part.times]
        moments += [(end, 0, part, start) for part in CAST for start, end in part.times if end < MINUTES]
        for moment, comes, part, start in sorted(moments, key=lambda one: one[:2]):
            if not self._played_to < moment <= minute:
                continue
            if comes:
                self._come(part, start)
            else:
                self._go(part, start, moment)
        if self._played_to < 1 <= minute:
            self._join(CALLER, at=self.at(1))
            self._join(GUEST, at=self.at(1.5), email="zaynab@elsewhere.example")
        self._played_to = minute

    def end(self) -> None:
        """Play to the end; the teacher ends it on time."""
        self.go_on_to(MINUTES)
        self._control("end", at=self.at(MINUTES))

    def at(self, minute: float) -> str:
        """Return a minute of the lesson as a moment."""
        return (self.starts_at + timedelta(minutes=minute)).isoformat()

    def api(self, path: str) -> Any:
        """Ask the API as the teacher."""
        return self._api.get(path).raise_for_status().json()

    def attendance(self) -> Any:
        """Return what the API says of everybody's attendance."""
        return self.api(f"/api/zoom/meetings/{self.meeting_id}/attendance")

    def zooms_clock(self, offset: timedelta) -> None:
        """Set Zoom's clock so far ahead of ours, for it to have its report ready; set right when the lesson is left."""
        self._sim.post("/sim/clock", json={"offset_s": offset.total_seconds()}).raise_for_status()

    def _come(self, part: Part, start: float) -> None:
        name, link = part.shown_as or part.name, self._links[part.email]
        self._open[part.email, start] = self._join(name, at=self.at(start), registrant_id=link)

    def _go(self, part: Part, start: float, moment: float) -> None:
        if part.leaving_is_lost:
            self._sim.post("/sim/webhooks", json={"drop": 1.0}).raise_for_status()
        self._control("leave", participant_uuid=self._open[part.email, start], at=self.at(moment))
        if part.leaving_is_lost:
            self._sim.post("/sim/webhooks", json={}).raise_for_status()

    def _join(self, name: str, **body: str) -> str:
        return str(self._control("join", name=name, **body)["participant_uuid"])

    def _control(self, action: str, **body: str) -> Any:
        path = f"/sim/meetings/{self.zoom_meeting_id}/{action}"
        return self._sim.post(path, json=body).raise_for_status().json()

    def _is_registered(self) -> bool:
        self.zoom_meeting_id = self.api(f"/api/zoom/meetings/{self.meeting_id}")["meeting"]["zoom_meeting_id"] or ""
        if not self.zoom_meeting_id:
            return False
        state = self._sim.get("/sim/state", params={"meeting": self.zoom_meeting_id}).raise_for_status().json()
        self._links = {one["email"]: one["id"] for one in state["meetings"][0]["registrants"]}
        return len(self._links) == len(CAST)

    def _post(self, path: str, body: Mapping[str, object]) -> Any:
        return self._api.post(path, json=body).raise_for_status().json()


def names(parts: Iterable[Part]) -> set[str]:
    """Return how these students are called."""
    return {part.name for part in parts}


def signed_in_api(base_url: str, email: str) -> httpx.Client:
    """Return a client of the API that acts for somebody of the demo."""
    credentials = {"email": email, "password": PASSWORD}
    answer = httpx.post(f"{base_url}/api/auth/token", json=credentials, timeout=TIMEOUT_SECONDS).raise_for_status()
    token = answer.json()["access_token"]
    return httpx.Client(base_url=base_url, timeout=TIMEOUT_SECONDS, headers={"Authorization": f"Bearer {token}"})
