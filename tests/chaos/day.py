"""What people do: each action is a request or two over HTTP, written down with how it was answered."""

import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx

from tests.chaos.journal import Action, Journal, Outcome
from tests.chaos.plan import Step
from tests.chaos.school import MEMBERS, STRANGERS, STUDENTS, TEACHERS
from tests.chaos.stage import Stage

PATIENCE_SECONDS: Final = 12.0
AT_ONCE: Final = 10
# Some of the lessons are meant to be after the same hour.
HOURS_WANTED: Final = range(2, 14)
LESSON_MINUTES: Final = 30
CLASS_MINUTES: Final = 30
CLASS_TEACHER: Final = "amina"
SERIES_WEEKS: Final = 3
PLACES: Final = [ZoneInfo(zone) for zone in TEACHERS.values()]
LINK: Final = re.compile(r"/my-lesson/([\w-]+)|/guest/([\w-]+)")


class Day:
    """The people at work on a stage. `perform` does one step; any number at once."""

    def __init__(self, stage: Stage, journal: Journal, *, name: str) -> None:
        self.stage, self.journal = stage, journal
        self._name, self._numbers, self._lock = name, 0, Lock()
        self._http = httpx.Client(timeout=PATIENCE_SECONDS, limits=httpx.Limits(max_connections=None))
        self._busy: set[str] = set()
        self.actions: dict[str, Callable[[random.Random], None]] = {
            "book": self._book,
            "race": self._race,
            "twice": self._twice,
            "confirm": self._confirm,
            "move": self._move,
            "cancel": self._cancel,
            "give": self._give,
            "spend": self._spend,
            "series": self._series,
            "guest": self._guest,
            "circle": self._circle,
            "course": self._course,
            "class": self._class,
            "excuse": self._excuse,
            "calendar": self._calendar,
            "read": self._read,
            "pry": self._pry,
        }

    def perform(self, step: Step) -> None:
        """Do one action with its own dice."""
        self.actions[step.kind](random.Random(step.choice))

    def ask_again(self) -> None:
        """Ask again, by the same keys, for what nobody knows the outcome of."""
        for action in self.journal.unknown():
            if action.kind in AGAIN:
                self._send(action)

    # Asking

    def ask(self, kind: str, by: str, path: str, body: dict[str, Any], *, about: str = "", **facts: Any) -> Action:
        """Send a POST in somebody's name ("" for a visitor's) and return what became of it."""
        with self._lock:
            self._numbers += 1
            key = f"{self._name}-{self._numbers}"
        action = Action(kind=kind, by=by, path=path, body=body, key=key, about=about, facts=facts)
        self.journal.add(action)
        self._send(action)
        return action

    def _send(self, action: Action) -> None:
        action.sent_at = action.sent_at or self.stage.clock.now()
        try:
            answer = self._http.post(
                self._url(action.path), json=action.body, headers=self._headers(action.by, key=action.key)
            )
        except httpx.HTTPError:
            self.journal.count(0)
            return
        action.answered_at = self.stage.clock.now()
        self._note(answer)
        if answer.is_success:
            action.outcome, action.answer = Outcome.DONE, answer.json() if answer.content else {}
        elif answer.status_code >= 500:
            action.errors.append(f"{answer.status_code} {answer.text[:100]}")
            return
        elif answer.json().get("code") == "idempotency_outcome_unknown":
            action.errors.append("broke off")
            return
        else:
            action.outcome, action.answer = Outcome.REFUSED, answer.json()
        action.status = answer.status_code

    def get(self, by: str, path: str, **query: str) -> httpx.Response | None:
        """Read something in somebody's name; None when nobody answered."""
        try:
            answer = self._http.get(self._url(path), params=query or None, headers=self._headers(by))
        except httpx.HTTPError:
            self.journal.count(0)
            return None
        self._note(answer)
        return answer

    def _note(self, answer: httpx.Response) -> None:
        self.journal.count(answer.status_code)
        if answer.status_code >= 500 and answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            path = re.sub(r"[0-9a-f-]{36}", "ID", answer.url.path)
            self.journal.wrong.append(f"{answer.request.method} {path}: {answer.status_code} {answer.text[:120]}")

    def _url(self, path: str) -> str:
        with self._lock:
            self._numbers += 1
            return f"{self.stage.url(self._numbers)}{path}"

    def _headers(self, by: str, *, key: str = "") -> dict[str, str]:
        headers = {"Idempotency-Key": key} if key else {}
        if by:
            return headers | {"Authorization": f"Bearer {self.stage.school.people[by].token}"}
        with self._lock:
            self._numbers += 1
            return headers | {"X-Forwarded-For": f"10.{self._numbers // 250 % 250}.0.{self._numbers % 250 + 1}"}

    def _id(self, name: str) -> str:
        return self.stage.school.people[name].id

    def _hour(self, dice: random.Random, hours: range = HOURS_WANTED) -> datetime:
        """Return the begin of an hour soon, the same for many."""
        begin = self.stage.clock.now().replace(minute=0, second=0, microsecond=0)
        return begin + timedelta(hours=dice.choice(hours))

    def _take_hold(self, dice: random.Random, *kinds: str) -> Action | None:
        """Return something of these kinds that was made and that nobody else is at, so that the order of changes is known."""
        with self._lock:
            free = [action for action in self.journal.done(*kinds) if action.answer["id"] not in self._busy]
            if not free:
                return None
            chosen = dice.choice(free[-12:])
            self._busy.add(chosen.answer["id"])
            return chosen

    def _give_back(self, action: Action) -> None:
        with self._lock:
            self._busy.discard(action.answer["id"])

    # Lessons

    def _book(self, dice: random.Random) -> None:
        self._ask_lesson(dice.choice(STUDENTS), dice.choice(list(TEACHERS)), self._hour(dice))

    def _race(self, dice: random.Random) -> None:
        """Three students after one hour of one teacher, at one moment."""
        teacher, start = dice.choice(list(TEACHERS)), self._hour(dice)
        with ThreadPoolExecutor(3) as threads:
            for student in dice.sample(STUDENTS, 3):
                threads.submit(self._ask_lesson, student, teacher, start)

    def _twice(self, dice: random.Random) -> None:
        """One student on two devices, after one hour of one teacher."""
        student, teacher, start = dice.choice(STUDENTS), dice.choice(list(TEACHERS)), self._hour(dice)
        with ThreadPoolExecutor(2) as threads:
            for _device in range(2):
                threads.submit(self._ask_lesson, student, teacher, start)

    def _ask_lesson(self, student: str, teacher: str, start: datetime) -> Action:
        body = {
            "teacher_id": self._id(teacher),
            "start_time": start.isoformat(),
            "duration": LESSON_MINUTES,
            "despite_overlap": True,
        }
        facts: dict[str, Any] = {"student": student, "teacher": teacher, "start": start}
        return self.ask("book", student, "/api/bookings/bookings", body, **facts)

    def _confirm(self, dice: random.Random) -> None:
        if (lesson := self._take_hold(dice, "book", "spend")) is not None:
            path = f"/api/bookings/bookings/{lesson.answer['id']}/confirm"
            self.ask("confirm", lesson.facts["teacher"], path, {}, about=lesson.answer["id"])
            self._give_back(lesson)

    def _cancel(self, dice: random.Random) -> None:
        if (lesson := self._take_hold(dice, "book", "spend")) is not None:
            by = lesson.facts[dice.choice(["student", "teacher"])]
            path = f"/api/bookings/bookings/{lesson.answer['id']}/cancel"
            self.ask("cancel", by, path, {"reason": "No time"}, about=lesson.answer["id"])
            self._give_back(lesson)

    def _move(self, dice: random.Random) -> None:
        if (lesson := self._take_hold(dice, "book", "spend")) is not None:
            start = self._hour(dice)
            body = {"start_time": start.isoformat(), "duration": LESSON_MINUTES, "despite_overlap": True}
            path = f"/api/bookings/bookings/{lesson.answer['id']}/reschedule"
            self.ask("move", lesson.facts["teacher"], path, body, about=lesson.answer["id"], start=start)
            self._give_back(lesson)

    def _give(self, dice: random.Random) -> None:
        student, amount = dice.choice(STUDENTS), dice.randint(1, 2)
        body = {"amount": amount, "reason": "Bought", "origin": "package"}
        path = f"/api/balances/{self._id(student)}/entries"
        self.ask("give", "admin", path, body, student=student, amount=amount)

    def _spend(self, dice: random.Random) -> None:
        """One student on two devices, after two lessons with what may be the last of the balance."""
        student = dice.choice(STUDENTS)
        with ThreadPoolExecutor(2) as threads:
            for teacher in dice.sample(list(TEACHERS), 2):
                start = self._hour(dice)
                body = {
                    "kind": self.stage.school.paid,
                    "teacher_id": self._id(teacher),
                    "start_time": start.isoformat(),
                    "despite_overlap": True,
                }
                facts: dict[str, Any] = {"student": student, "teacher": teacher, "start": start}
                threads.submit(self.ask, "spend", student, "/api/bookings/bookings", body, **facts)

    def _series(self, dice: random.Random) -> None:
        """Two students after the same time of some weeks, which is said on the clock of one place."""
        teacher, place = dice.choice(list(TEACHERS)), dice.choice(PLACES)
        begin = self._hour(dice, range(26, 38)).astimezone(place).replace(tzinfo=None)
        body = {
            "teacher_id": self._id(teacher),
            "start_time": begin.isoformat(),
            "timezone": place.key,
            "duration": LESSON_MINUTES,
            "weeks": SERIES_WEEKS,
            "despite_overlap": True,
        }
        starts = [(begin + timedelta(weeks=week)).replace(tzinfo=place).astimezone(UTC) for week in range(SERIES_WEEKS)]
        with ThreadPoolExecutor(2) as threads:
            for student in dice.sample(STUDENTS, 2):
                facts: dict[str, Any] = {"student": student, "teacher": teacher, "starts": starts}
                threads.submit(self.ask, "series", student, "/api/bookings/series", body, **facts)

    def _guest(self, dice: random.Random) -> None:
        """Somebody without an account books a trial."""
        start, number = self._hour(dice), dice.randrange(10**6)
        body = {
            "kind": self.stage.school.trial,
            "start_time": start.isoformat(),
            "name": f"Guest {number}",
            "email": f"guest-{number}@family.example",
            "timezone": "Europe/Lisbon",
        }
        self.ask("guest", "", "/api/public/bookings", body, start=start)

    # Groups

    def _circle(self, dice: random.Random) -> None:
        teacher = dice.choice(list(TEACHERS))
        place = ZoneInfo(TEACHERS[teacher])
        first = (self.stage.clock.now() + timedelta(days=2)).astimezone(place).date()
        hour = dice.randrange(24)
        starts = [
            datetime(day.year, day.month, day.day, hour, 15, tzinfo=place).astimezone(UTC)
            for day in (first + timedelta(days=number) for number in range(4))
        ]
        body = {
            "title": f"Circle {dice.randrange(10**6)}",
            "startDate": first.isoformat(),
            "endDate": (first + timedelta(days=3)).isoformat(),
            "frequency": "daily",
            "startTime": f"{hour:02}:15",
            "duration": 20,
            "timezone": place.key,
        }
        self.ask("circle", teacher, "/api/v1/halaka", body, starts=starts, teacher=teacher)

    def _course(self, dice: random.Random) -> None:
        teacher = dice.choice(list(TEACHERS))
        place = ZoneInfo(TEACHERS[teacher])
        made = self.ask(
            "course", teacher, "/api/courses", {"title": f"Course {dice.randrange(10**6)}"}, teacher=teacher
        )
        if made.outcome is not Outcome.DONE:
            return
        first = (self.stage.clock.now() + timedelta(days=7)).astimezone(place).date()
        hour, days = dice.randrange(24), [first + timedelta(days=number) for number in range(3)]
        pattern = {
            "weekdays": [day.weekday() for day in days],
            "start_time": f"{hour:02}:40",
            "duration": 15,
            "from": first.isoformat(),
            "to": days[-1].isoformat(),
            "timezone": place.key,
        }
        starts = [datetime(day.year, day.month, day.day, hour, 40, tzinfo=place).astimezone(UTC) for day in days]
        course = made.answer["course"]["id"]
        path = f"/api/courses/{course}/sessions/batch"
        self.ask("sessions", teacher, path, {"pattern": pattern}, course=course, starts=starts)

    def _class(self, dice: random.Random) -> None:
        """A lesson of the class soon, whose students Zoom knows by name."""
        minutes = dice.choice([15, 20, 25, 30])
        start = (self.stage.clock.now() + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
        body = {
            "title": f"Algebra {dice.randrange(10**6)}",
            "startTime": start.isoformat(),
            "duration": CLASS_MINUTES,
            "classId": self.stage.school.class_id,
            "registrationEnabled": True,
        }
        self.ask("class", CLASS_TEACHER, "/api/zoom/meetings", body, start=start)

    def _excuse(self, dice: random.Random) -> None:
        student = dice.choice(MEMBERS)
        meetings = self.journal.done("class")
        if meetings:
            meeting = dice.choice(meetings[-4:])
            start: datetime = meeting.facts["start"]
            body = {
                "from": start.isoformat(),
                "until": (start + timedelta(minutes=CLASS_MINUTES)).isoformat(),
                "meeting_id": meeting.answer["meeting"]["id"],
                "reason": "Ill",
            }
            self.ask("excuse", student, "/api/excuses", body, student=student)

    def _calendar(self, dice: random.Random) -> None:
        """The calendar of a teacher elsewhere gets an entry, and the teacher adds it here unless that is done."""
        self.stage.outside.add_entry(self._hour(dice), LESSON_MINUTES)
        if not self.journal.done("calendar"):
            body = {"type": "ics", "url": f"{self.stage.outside.url}/clara.ics"}
            self.ask("calendar", "clara", "/api/calendars/external", body)

    # Reading

    def _read(self, dice: random.Random) -> None:
        path = dice.choice(
            ["/api/bookings/teachers", "/api/zoom/reports", "/api/bookings/bookings", "/api/public/teachers"]
        )
        self.get("admin" if "public" not in path else "", path)

    def _pry(self, dice: random.Random) -> None:
        """Somebody who has nothing to do with it asks for what others have, or wants to decide about it."""
        by = STRANGERS[dice.choice(list(STRANGERS))]
        for path in self.private_paths(dice):
            answer = self.get(by, path)
            if answer is not None and answer.status_code not in {403, 404, 503, 429}:
                self.journal.wrong.append(f"{by} reads {path}: {answer.status_code}")
        for path, name in LISTS.items():
            answer = self.get(by, path)
            if answer is not None and answer.is_success and answer.json()[name]:
                self.journal.wrong.append(f"{by} is shown {len(answer.json()[name])} of {path}")
        lessons = self.journal.done("book", "spend")
        if lessons:
            lesson = dice.choice(lessons)
            for action in ("confirm", "cancel", "complete"):
                path = f"/api/bookings/bookings/{lesson.answer['id']}/{action}"
                tried = self.ask("pry", by, path, {}, about=lesson.answer["id"])
                if tried.outcome is Outcome.DONE:
                    self.journal.wrong.append(f"{by} may {action} a lesson of {lesson.by}")

    def private_paths(self, dice: random.Random) -> list[str]:
        """Return a few addresses of what a stranger must not see."""
        paths = [f"/api/balances?student_id={self._id(dice.choice(STUDENTS))}"]
        paths += [f"/api/zoom/classes/{self.stage.school.class_id}", f"/api/people/{self._id(STUDENTS[0])}/guardians"]
        for kind, address in PRIVATE.items():
            if found := self.journal.done(kind):
                paths.append(address.format(_id_of(dice.choice(found))))
        return paths


# Those that make something: asked for twice by one key, it is made once.
AGAIN: Final = ("book", "spend", "give", "series", "guest", "circle", "course", "sessions", "class", "excuse")
# Of nothing of this do strangers have any.
LISTS: Final = {
    "/api/bookings/bookings": "bookings",
    "/api/excuses": "excuses",
    "/api/courses": "courses",
    "/api/zoom/meetings": "meetings",
}
PRIVATE: Final = {
    "book": "/api/bookings/bookings/{}",
    "series": "/api/bookings/series/{}",
    "circle": "/api/v1/halaka/{}/students",
    "course": "/api/courses/{}",
    "class": "/api/zoom/meetings/{}/attendance",
    "excuse": "/api/excuses/{}",
}


def _id_of(action: Action) -> str:
    """Return the id of what was made, wherever the answer has it."""
    found: Any = action.answer
    for name in ("data", "series", "halaka", "course", "meeting", "excuse", "booking"):
        if isinstance(found, dict) and name in found and isinstance(found[name], dict):
            found = found[name]
    return str(found["id"])
