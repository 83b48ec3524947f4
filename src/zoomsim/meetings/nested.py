"""
The settings that are objects or lists of objects: their fields, and what these may hold.

What is not described here is ignored, as unknown fields are everywhere.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from zoomsim.protocol.validation import Reader
from zoomsim.protocol.wire import Json

Read: TypeAlias = Callable[[Reader, str], Any]
Fields: TypeAlias = Mapping[str, Read]

FLAG, TEXT = Reader.boolean, Reader.text


def one_of(*choices: str, required: bool = False) -> Read:
    """Return how to read one of several texts."""
    return lambda reader, name: reader.choice(name, choices, required=required)


def text(longest: int) -> Read:
    """Return how to read a text of limited length."""
    return lambda reader, name: reader.text(name, longest=longest)


def list_of(fields: Fields, most: int | None = None) -> Read:
    """Return how to read a list of objects."""
    return lambda reader, name: _read_list(reader, name, fields, most)


def _texts(reader: Reader, name: str) -> list[str]:
    return reader.texts(name)


INTERPRETER = {"email": TEXT, "languages": TEXT, "interpreter_languages": TEXT, "sign_language": TEXT}

OBJECTS: dict[str, Fields] = {
    "approved_or_denied_countries_or_regions": {
        "enable": FLAG,
        "method": one_of("approve", "deny"),
        "approved_list": _texts,
        "denied_list": _texts,
    },
    "auto_add_recording_to_video_management": {
        "enable": FLAG,
        "channels": list_of({"channel_id": TEXT, "name": TEXT}, most=5),
    },
    "breakout_room": {"enable": FLAG, "rooms": list_of({"name": TEXT, "participants": _texts})},
    "continuous_meeting_chat": {
        "enable": FLAG,
        "auto_add_invited_external_users": FLAG,
        "auto_add_meeting_participants": FLAG,
    },
    "language_interpretation": {"enable": FLAG, "interpreters": list_of(INTERPRETER)},
    "question_and_answer": {
        "enable": FLAG,
        "allow_submit_questions": FLAG,
        "allow_anonymous_questions": FLAG,
        "question_visibility": one_of("answered", "all"),
        "attendees_can_comment": FLAG,
        "attendees_can_upvote": FLAG,
    },
    "sign_language_interpretation": {"enable": FLAG, "interpreters": list_of(INTERPRETER, most=20)},
    "waiting_room_options": {
        "mode": one_of("follow_setting", "custom", required=True),
        "who_goes_to_waiting_room": one_of(
            "everyone",
            "users_not_in_account",
            "users_not_in_account_or_whitelisted_domains",
            "users_not_on_invite",
            "users_not_in_org",
        ),
    },
}
LISTS: dict[str, Read] = {
    "authentication_exception": list_of({"name": TEXT, "email": TEXT}),
    "custom_keys": list_of({"key": text(64), "value": text(256)}, most=10),
    "meeting_invitees": list_of({"email": TEXT, "internal_user": FLAG}),
    "resources": list_of(
        {
            "resource_type": one_of("whiteboard"),
            "resource_id": TEXT,
            "permission_level": one_of("editor", "commenter", "viewer"),
        }
    ),
}


def read_nested(reader: Reader) -> Json:
    """Return the objects and lists that were sent; what is wrong is noted in `reader`."""
    found: Json = {}
    for name, fields in OBJECTS.items():
        if not reader.has(name):
            continue
        raw = reader.raw[name]
        if isinstance(raw, dict):
            found[name] = _read_fields(reader, f"{name}.", raw, fields)
        else:
            reader.refuse(name)
    return found | {name: read(reader, name) for name, read in LISTS.items() if reader.has(name)}


def _read_list(reader: Reader, name: str, fields: Fields, most: int | None) -> list[Json]:
    items = reader.objects(name, most=most)
    return [_read_fields(reader, f"{name}[{index}].", raw, fields) for index, raw in enumerate(items)]


def _read_fields(reader: Reader, place: str, raw: Json, fields: Fields) -> Json:
    inner = Reader(raw, reader.prefix + place)
    values = {name: read(inner, name) for name, read in fields.items()}
    reader.errors += inner.errors
    return {name: value for name, value in values.items() if inner.has(name)}
