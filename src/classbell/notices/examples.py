"""Every kind of notice with facts made up, for whoever wants to see what people are told before they are."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from classbell.accounts.models import User
from classbell.notices.models import Notice
from classbell.notices.texts import Kind
from classbell.notices.topics import Topic, topic_of

NAMES: Final[Mapping[str, tuple[str, str, str]]] = {
    "en": ("Sami Haddad", "Amina Saleh", "Algebra"),
    "ar": ("سامي حداد", "أمينة صالح", "الجبر"),
}


def example_of(kind: Kind, language: str, *, zone: str, now: datetime) -> Notice:
    """Return a notice of a kind to somebody who reads this language, on the clock of `zone`; nothing of it is kept."""
    student, teacher, title = NAMES[language]
    when = (now + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    facts: dict[str, Any] = {
        "student": student,
        "teacher": teacher,
        "by": teacher,
        "person": student,
        "names": [student],
        "title": title,
        "when": when.isoformat(),
        "time": when.isoformat(),
        "old": (when - timedelta(days=1)).isoformat(),
        "until": (when + timedelta(days=7)).isoformat(),
        "count": 2,
        "listed": [],
        "scopes": "meeting:write:meeting:admin",
        "webhook": title,
        "answer": "550 5.1.1",
        "calendar": title,
        "meetings": 3,
        "jobs": 40,
        "hosts": 1,
        "host": "Host 01",
        "moved": 3,
        "waiting": 1,
        "megabytes": 900,
        "percent": 4,
        "price": {"amount": 2500, "currency": "EUR"},
        "agreed": {"amount": 3000, "currency": "EUR"},
    }
    reader = User(email="reader@school.example", first_name=student, locale=language, timezone=zone)
    return Notice(user=reader, kind=kind, facts=facts, path="/notices/", created_at=now)


def kinds_by_topic() -> dict[Topic, list[Kind]]:
    """Return all kinds, those of each topic together."""
    return {topic: [kind for kind in Kind if topic_of(kind) == topic] for topic in Topic}
