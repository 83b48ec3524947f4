"""What tests of the pages share: reading them, and the ways in."""

import re
from html import unescape
from urllib.parse import urlsplit

ROOM, LOBBY, WAITING = "room", "lobby", "waiting"
EVIL = '<script>alert("x")</script>'
PERSON = {"email": "student07@school.example", "first_name": "Student", "last_name": "Seven"}


def state(answer):
    """Return what kind of page this is."""
    (found,) = re.findall(r'data-state="([^"]*)"', answer.text)[:1]
    return found


def action(page):
    """Return where the page's form leads."""
    (found,) = re.findall(r'<form[^>]* action="([^"]*)"', page.text)
    return unescape(found)


def names(simulator, meeting):
    """Return who is in a meeting now."""
    people = simulator.meeting(meeting["id"])["participants"]
    return [person["name"] for person in people if person["leave_time"] is None]


def host_door(meeting, what=""):
    """Return the path of the start link, or of a form behind it."""
    link = urlsplit(meeting["start_url"])
    return f"{link.path}{what}?{link.query}"


def register(v2, meeting):
    """Register somebody and return the registrant as the API lists it."""
    answer = v2.post(f"/meetings/{meeting['id']}/registrants", json=PERSON).json()
    link = urlsplit(answer.get("join_url", ""))
    return answer | {"path": link.path, "query": link.query}
