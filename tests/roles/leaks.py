"""What must not be in an answer, searched for in its raw text, whatever the answer is meant to hold."""

import io
import re
import zipfile
from typing import Any, Final

import jwt
from django.conf import settings
from django.utils import timezone

from classbell.accounts.models import User
from classbell.addresses import NO_ADDRESS
from classbell.meetings.joining.doors import shown_ways_in
from classbell.meetings.models import Meeting
from classbell.meetings.permissions import can_host
from tests.roles.world import BOTH, EAST_SECRET, GUARDIAN, GUEST, World

START_LINK: Final = re.compile(r"/s/(\d+)\?zak=[\w.-]+")
JWT: Final = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
TEACHERS: Final = frozenset({"other_teacher", "class_teacher", BOTH, "host", "admin"})
# Whose e-mail each role may read besides its own. The guest came to the class's meeting; the guardian is the member's.
IN_CLASS: Final = TEACHERS | {"member", "fellow", "guardian", "guest"}
MAY_KNOW: Final[dict[str, frozenset[str]]] = {
    "anonymous": frozenset(),
    "other_student": TEACHERS,
    "member": TEACHERS,
    "other_teacher": TEACHERS,
    BOTH: TEACHERS,
    # As the member, whose guardian it is.
    GUARDIAN: TEACHERS | {"member"},
    "class_teacher": IN_CLASS,
    "host": IN_CLASS | {"pupil"},
    "admin": IN_CLASS | {"pupil", "other_student"},
}
STUDENTS: Final = ("other_student", "member", "fellow", "pupil")
# Whose full name each role may read besides its own.
MAY_NAME: Final[dict[str, frozenset[str]]] = {
    "anonymous": frozenset(),
    "other_student": frozenset(),
    "member": frozenset({"fellow", "pupil"}),
    "other_teacher": frozenset(),
    BOTH: frozenset(),
    GUARDIAN: frozenset({"member", "fellow", "pupil"}),
    "class_teacher": frozenset({"member", "fellow"}),
    "host": frozenset({"member", "fellow", "pupil"}),
    "admin": frozenset(STUDENTS),
}


def text_of(answer: Any) -> str:
    """Return what an answer says, and of an archive or a spreadsheet what the files in it say."""
    if not answer.content.startswith(b"PK"):
        return str(answer.content.decode(errors="replace"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


def leaks(world: World, role: str, text: str) -> list[str]:
    """Return what `role` reads in `text` and must not. Asks the database who may attend which meeting: call it in time."""
    return [
        *(["the address that stands for none"] if NO_ADDRESS in text else []),
        *_our_secrets(text),
        *_hosts_secrets(world, role, text),
        *_doors(world, role, text),
        *_emails(world, role, text),
        *_names(world, role, text),
    ]


def _our_secrets(text: str) -> list[str]:
    """Nobody is ever told the secrets of the settings, or of an account at Zoom."""
    environment = settings.ENVIRONMENT
    names = ("zoom_client_secret", "zoom_sdk_secret", "zoom_webhook_secret")
    kept = [EAST_SECRET] if EAST_SECRET in text else []
    return [name for name in names if getattr(environment, name).get_secret_value() in text] + kept


def _hosts_secrets(world: World, role: str, text: str) -> list[str]:
    """A start link is for who holds the meeting and admins; so is a host's token anywhere else."""
    reader = world.person(role)
    found = [f"start link of {number}" for number in START_LINK.findall(text) if not _holds(reader, number)]
    elsewhere = START_LINK.sub("", text)
    if role not in {"host", "admin"} and ("zak=" in elsewhere or any(map(_is_hosts, JWT.findall(elsewhere)))):
        found.append("host's token")
    return found


def _is_hosts(token: str) -> bool:
    """Whether a token is of those with which Zoom knows a host."""
    audience = jwt.decode(token, options={"verify_signature": False}).get("aud")
    return bool(audience == "clientsm")


def _holds(reader: User | None, number: str) -> bool:
    return reader is not None and can_host(reader, Meeting.objects.get(zoom_meeting_id=number))


def _doors(world: World, role: str, text: str) -> list[str]:
    """Passcodes, links to come in and Zoom's numbers are for who may attend, and is shown the way in as the settings say."""
    # What a guardian is shown is the ward's.
    reader = world.person("member" if role == GUARDIAN else role)
    on_zoom = Meeting.objects.exclude(zoom_meeting_id="")
    named = [meeting for meeting in on_zoom if meeting.zoom_meeting_id in text or meeting.password in text]
    if not named:
        return []
    seen = list(on_zoom.visible_to(reader)) if reader else []
    told = shown_ways_in(reader, seen, now=timezone.now()) if reader else set()
    closed = [meeting for meeting in named if meeting.pk not in told]
    return [
        *(f"passcode of {m.title}" for m in closed if re.search(rf"\b{re.escape(m.password)}\b", text)),
        *(f"link of {m.title}" for m in closed if f"/j/{m.zoom_meeting_id}" in text),
        *(f"number of {m.title}" for m in closed if re.search(rf"\b{m.zoom_meeting_id}\b", _without_links(text))),
    ]


def _without_links(text: str) -> str:
    """Return a text without the addresses that hosts and guests are told apart by, which carry the number too."""
    return re.sub(r"/[swj]/\d+", "", text)


def _emails(world: World, role: str, text: str) -> list[str]:
    known = {name: person.email for name, person in world.people.items()} | {"guest": GUEST}
    may = MAY_KNOW[role]
    if role != "admin" and settings.ENVIRONMENT.teachers_emails != "whole":
        may &= TEACHERS
    may |= {"member"} if role == GUARDIAN else frozenset()
    return [f"e-mail of {name}" for name, email in known.items() if email in text and name not in {role, *may}]


def _names(world: World, role: str, text: str) -> list[str]:
    """Full names are for who teaches them; students read each other's as the school has set it."""
    if text.startswith("BEGIN:VCALENDAR"):
        role = "member"  # Its secret address is the member's, whoever opens it.
    may = MAY_NAME[role]
    if role in {"member", GUARDIAN} and settings.ENVIRONMENT.students_names != "whole":
        may &= {"member"}
    named = {name: world.people[name].last_name for name in STUDENTS}
    return [f"name of {name}" for name, last in named.items() if last in text and name not in {role, *may}]
