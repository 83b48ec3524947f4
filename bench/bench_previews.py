"""
Fifty people who plan: each looks every seven seconds or so at what forty sessions would come to: that is done and taken back.
Beside them one session is really moved to and fro. What a move takes is told alone, next to as many people who only read, as
much as costs the machine the same, and next to planners, in turns: what these cost beyond their share of the machine.
"""

import asyncio
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.bookings.school import fill
from tests.simulator import Simulator
from tests.system import System, fresh_system

PLANNERS = 50
SESSIONS = 40
EVERY_SECONDS = (5.0, 10.0)
ROUNDS = 4
MOVES = 120
WARM_UP = 20
# A preview of forty sessions costs the machine what so many reads do.
READS = 9


def main() -> None:
    """Print the middle and the 99th percentile of a move: alone, beside readers, beside planners."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(plan="unlimited", hosts=100) as simulator,
        fresh_system(
            simulator,
            Path(folder),
            ZOOM_PLAN="unlimited",
            CLASSBELL_REQUESTS_PER_PERSON="0",
            CLASSBELL_REQUESTS_PER_ADDRESS="0",
        ) as system,
    ):
        school = fill(system, students=1)
        system.start_web()
        system.wait_for_web(system.url)
        measured = asyncio.run(_measure(system, school.teacher_token))
    alone = _percentile(measured["alone"], 99)
    for name, times in measured.items():
        middle, slow = _percentile(times, 50), _percentile(times, 99)
        print(
            f"{name:>22}: {middle * 1000:5.0f} ms, 99 of 100 within {slow * 1000:5.0f} ms: {slow / alone:.1f} times as long"
        )


async def _measure(system: System, token: str) -> dict[str, list[float]]:
    headers = {"Authorization": f"Bearer {token}"}
    limits = httpx.Limits(max_connections=PLANNERS + 5)
    async with httpx.AsyncClient(base_url=f"{system.url}/api", headers=headers, timeout=60, limits=limits) as teacher:
        course = (await _sent(teacher.post("/courses", json={"title": "Planned"})))["course"]["id"]
        meeting = {"title": "Moved", "start_time": f"{_at(4, hour=1):%Y-%m-%dT%H:%M:%SZ}", "duration": 30}
        moved = (await _sent(teacher.post("/zoom/meetings", json=meeting)))["meeting"]["id"]
        days = [f"{_at(30 + day, hour=8):%Y-%m-%dT%H:%M:%SZ}" for day in range(SESSIONS)]
        plan = {"sessions": [{"title": "Planned", "start_time": day, "duration": 60} for day in days]}
        looks = {
            "alone": None,
            "beside as many readers": lambda: _read(teacher, READS),
            "beside planners": lambda: teacher.post(f"/courses/{course}/sessions/batch?dry_run=true", json=plan),
        }
        found: dict[str, list[float]] = {}
        looked: dict[str, list[float]] = defaultdict(list)
        seconds: dict[str, float] = defaultdict(float)
        await _moves(teacher, moved, _at(4, hour=1), WARM_UP)
        for name, look in list(looks.items()) * ROUNDS:
            others = [asyncio.create_task(_again_and_again(look, looked[name])) for _ in range(PLANNERS if look else 0)]
            began = time.perf_counter()
            found.setdefault(name, []).extend(await _moves(teacher, moved, _at(4, hour=1), MOVES))
            seconds[name] += time.perf_counter() - began
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        for name, times in looked.items():
            if times:
                middle = _percentile(times, 50)
                print(
                    f"{name}: {len(times) / seconds[name]:.1f} looks a second, {middle * 1000:.0f} ms each in the middle"
                )
        return found


async def _read(teacher: httpx.AsyncClient, times: int) -> httpx.Response:
    """Read as often as takes the machine about as long as a preview, one after the other."""
    for _time in range(times - 1):
        await _sent(teacher.get("/zoom/meetings"))
    return await teacher.get("/zoom/meetings")


async def _again_and_again(look: Any, times: list[float]) -> None:
    # They are at it already, each somewhere between two looks.
    await asyncio.sleep(random.uniform(0, EVERY_SECONDS[1]))
    while True:
        began = time.perf_counter()
        await _sent(look())
        times.append(time.perf_counter() - began)
        await asyncio.sleep(random.uniform(*EVERY_SECONDS))


async def _moves(teacher: httpx.AsyncClient, meeting: str, first: datetime, count: int) -> list[float]:
    times = []
    for number in range(count):
        at = first + timedelta(hours=number % 2)
        began = time.perf_counter()
        await _sent(teacher.patch(f"/zoom/meetings/{meeting}", json={"start_time": f"{at:%Y-%m-%dT%H:%M:%SZ}"}))
        times.append(time.perf_counter() - began)
    return times


def _at(days: int, *, hour: int) -> datetime:
    return datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)


async def _sent(asked: Any) -> Any:
    return (await asked).raise_for_status().json()


def _percentile(times: Sequence[float], percent: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


if __name__ == "__main__":
    main()
