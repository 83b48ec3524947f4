"""The people of the demo school."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password

from classbell.accounts.guardians.services import add_guardian
from classbell.accounts.models import Role, User

PASSWORD = "demo-classbell"
DOMAIN = "classbell.example"
LISBON = "Europe/Lisbon"
RIYADH = "Asia/Riyadh"

# By the part of their e-mail before the @.
People = Mapping[str, User]


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody of the demo school; `name` is the part of their e-mail before the @."""

    name: str
    first_name: str
    last_name: str
    role: Role = Role.STUDENT
    learns: bool = False
    timezone: str = LISBON
    locale: str = "en"


def _of_riyadh(name: str, first_name: str, last_name: str, role: Role = Role.STUDENT) -> Person:
    return Person(name=name, first_name=first_name, last_name=last_name, role=role, timezone=RIYADH, locale="ar")


PEOPLE: Sequence[Person] = (
    Person(name="admin", first_name="Leonor", last_name="Vasconcelos", role=Role.ADMIN),
    Person(name="teacher", first_name="Amina", last_name="Haddad", role=Role.TEACHER),
    Person(name="student", first_name="Yusuf", last_name="Almeida"),
    _of_riyadh("khalid", "خالد", "العبد الرحمن آل سعدون", Role.TEACHER),
    Person(name="ines", first_name="Inês", last_name="Figueiredo-Montenegro", role=Role.TEACHER, learns=True),
    _of_riyadh("maryam", "مريم", "بنت عبد الله"),
    Person(name="tomas", first_name="Tomás", last_name="Pereira"),
    Person(name="sofia", first_name="Sofia", last_name="Lindqvist"),
    Person(name="david", first_name="David", last_name="Okonkwo", timezone="America/New_York"),
    Person(name="layla", first_name="Layla", last_name="Benali"),
    _of_riyadh("abdullah", "عبد الله", "الغامدي"),
    _of_riyadh("noura", "نورة", "الغامدي"),
    _of_riyadh("salman", "سلمان", "الحربي"),
    _of_riyadh("fatima", "فاطمة الزهراء", "الشهري"),
    _of_riyadh("reem", "ريم", "الغامدي"),
    _of_riyadh("mother", "هدى", "الزهراني", Role.GUARDIAN),
)
# Whose guardian who is: a mother of three, and a teacher who has a child at the school too.
GUARDIANS: Mapping[str, Sequence[str]] = {"mother": ("abdullah", "noura", "reem"), "ines": ("tomas",)}


def make_people() -> People:
    """Return everybody; who is missing gets an account."""
    known = User.objects.by_email(_email(person) for person in PEOPLE)
    missing = [person for person in PEOPLE if _email(person) not in known]
    # Hashing a password takes as long as all the rest of a person, and here they have all the same.
    hashed = make_password(PASSWORD) if missing else ""
    made = User.objects.bulk_create(_account(person, hashed) for person in missing)
    everybody = known | {user.email: user for user in made}
    return {person.name: everybody[_email(person)] for person in PEOPLE}


def make_guardians(people: People, *, now: datetime) -> None:
    """Name them."""
    for guardian, children in GUARDIANS.items():
        for child in named(people, children):
            add_guardian(
                student_id=child.pk,
                email=people[guardian].email,
                relation="mother",
                by=people["admin"],
                now=now,
            )


def named(people: People, names: Iterable[str]) -> list[User]:
    """Return these people, in this order."""
    return [people[name] for name in names]


def _account(person: Person, hashed: str) -> User:
    return User(
        email=_email(person),
        password=hashed,
        first_name=person.first_name,
        last_name=person.last_name,
        role=person.role,
        learns=person.learns,
        timezone=person.timezone,
        locale=person.locale,
        is_staff=person.role == Role.ADMIN,
        is_superuser=person.role == Role.ADMIN,
    )


def _email(person: Person) -> str:
    return f"{person.name}@{DOMAIN}"
