"""The hosts a simulator starts with."""

from datetime import datetime, timedelta

from zoomsim.clock import whole_second
from zoomsim.options import Options
from zoomsim.state import ids
from zoomsim.state.models import User, UserType

DOMAIN = "zoomsim.example"
OWNER_ROLE, MEMBER_ROLE = "0", "2"
ROLE_NAMES = {OWNER_ROLE: "Owner", "1": "Admin", MEMBER_ROLE: "Member"}
ROLE_DESCRIPTIONS = {
    OWNER_ROLE: "Account owner has full privileges to access and manage a Zoom account.",
    "1": "Admins have wide range privileges to access and manage a Zoom account.",
    MEMBER_ROLE: "Members have access to basic Zoom video meeting services but no account management privileges.",
}
ACCOUNT_AGE = timedelta(days=400)


def initial_hosts(options: Options, now: datetime) -> list[User]:
    """Return the licensed hosts, named and numbered, then Basic ones. The first owns the account and is `me`."""
    licensed = [*options.host_emails, *_numbered("host", options.hosts)]
    types = dict.fromkeys(licensed, UserType.LICENSED)
    types |= dict.fromkeys(_numbered("basic", options.basic_hosts), UserType.BASIC)
    made_at = whole_second(now - ACCOUNT_AGE)
    return [
        new_user(email, options.timezone, made_at, user_type=kind, role_id=MEMBER_ROLE if index else OWNER_ROLE)
        for index, (email, kind) in enumerate(types.items())
    ]


def _numbered(name: str, count: int) -> list[str]:
    return [f"{name}{number:02}@{DOMAIN}" for number in range(1, count + 1)]


def new_user(
    email: str,
    timezone: str,
    created_at: datetime,
    *,
    user_type: int = UserType.LICENSED,
    role_id: str = MEMBER_ROLE,
    first_name: str = "",
    last_name: str = "",
) -> User:
    """Return a user; without a name it is made from the e-mail: `amina.haddad@…` is Amina Haddad."""
    if not first_name and not last_name:
        words = email.partition("@")[0].replace("_", ".").replace("-", ".").split(".")
        first_name, last_name = words[0].capitalize(), " ".join(word.capitalize() for word in words[1:])
        if not last_name:
            stem = first_name.rstrip("0123456789")
            first_name, last_name = stem, first_name[len(stem) :]
    return User(
        id=ids.user_id(email),
        email=email,
        first_name=first_name,
        last_name=last_name,
        display_name=f"{first_name} {last_name}".strip(),
        type=user_type,
        role_id=role_id,
        pmi=ids.personal_meeting_id(email),
        timezone=timezone,
        created_at=created_at,
    )
