"""
Lessons of the class as they are held at Zoom: once their time is over, Zoom is told who was there when, and tells it further,
then or later, once or twice. What came of it is read from the simulator alone.
"""

import random
from datetime import datetime, timedelta
from typing import Any, Final

from tests.chaos.journal import Action, Journal
from tests.chaos.stage import Stage

MINUTES: Final = 30
# How many of the lessons are recorded.
RECORDED: Final = 0.7
# When somebody is there, as minutes of the lesson: all of it, late, in part, hardly, twice, not at all.
WAYS: Final = (((0, 30),), ((12, 30),), ((0, 12),), ((0, 2),), ((0, 14), (18, 30)), ())


def hold(stage: Stage, journal: Journal) -> None:
    """Hold each lesson of the class whose time has passed since, in ways that the number of the lesson decides."""
    for made in journal.done("class"):
        start: datetime = made.facts["start"]
        if "held" in made.facts or start + timedelta(minutes=MINUTES) > stage.clock.now():
            continue
        made.facts["held"] = _hold(stage, made, start)


def _hold(stage: Stage, made: Action, start: datetime) -> bool:
    """Hold one lesson and return whether it could be: Zoom may have no meeting of it, as one that was refused."""
    found = stage.system.query(
        "SELECT m.zoom_meeting_id FROM meetings_meeting m WHERE m.id = %s AND m.wanted AND m.sync_status = 'synced'",
        made.answer["meeting"]["id"],
    )
    if not found:
        return False
    zoom, number, dice = stage.zoom, found[0][0], random.Random(made.key)
    registrants = sorted(zoom.meeting(number)["registrants"], key=lambda one: str(one["email"]))
    events: list[tuple[datetime, int, dict[str, Any]]] = []
    for place, registrant in enumerate(registrants):
        for stay, (comes, goes) in enumerate(dice.choice(WAYS)):
            who = {"registrant": registrant, "stay": (place, stay)}
            events.append((start + timedelta(minutes=comes), place, who | {"comes": True}))
            events.append((start + timedelta(minutes=goes), place, who | {"comes": False}))
    zoom.start_meeting(number, at=_zulu(start))
    if dice.random() < RECORDED:
        zoom.record(number, at=_zulu(start))
        made.facts["recorded"] = number
    there: dict[tuple[int, int], str] = {}
    for at, _place, event in sorted(events, key=lambda one: (one[0], not one[2]["comes"], one[1])):
        if event["comes"]:
            registrant = event["registrant"]
            name = f"{registrant['first_name']} {registrant.get('last_name', '')}".strip()
            there[event["stay"]] = zoom.join(number, name, registrant_id=registrant["id"], at=_zulu(at))
        else:
            zoom.leave(number, there.pop(event["stay"]), at=_zulu(at))
    zoom.end_meeting(number, at=_zulu(start + timedelta(minutes=MINUTES)))
    return True


def verdict(stays: list[tuple[datetime, datetime]], start: datetime) -> str:
    """
    Return what is to be said of somebody who was there at these times: the school's rules as docs/attendance.md has them, in
    whole minutes, for a lesson that ran exactly as planned.
    """
    minutes = {start + timedelta(minutes=number) for number in range(MINUTES)}
    there = {minute for minute in minutes for comes, goes in stays if comes <= minute < goes}
    if not there:
        return "absent"
    forgiven = {minute for minute in minutes if minute < start + timedelta(minutes=5)}
    forgiven |= {minute for minute in minutes if minute >= start + timedelta(minutes=MINUTES - 5)}
    percent = 100 * len(there | forgiven) / MINUTES
    if percent < 25:
        return "absent"
    if percent < 75:
        return "partial"
    return "late" if min(there) - start > timedelta(minutes=10) else "present"


def _zulu(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
