"""The calls of `/users`."""

from datetime import timedelta

from zoomsim.call import Call
from zoomsim.clock import whole_second, zulu
from zoomsim.hosts import ROLE_NAMES, new_user
from zoomsim.lookup import find_user
from zoomsim.meetings.input import is_timezone
from zoomsim.protocol.errors import ZoomError, invalid_field, no_user, refused
from zoomsim.protocol.validation import Reader
from zoomsim.protocol.wire import Answer, Json
from zoomsim.state.models import User, UserStatus, UserType
from zoomsim.tokens import zak_life
from zoomsim.users import events
from zoomsim.users.settings import read_changes, show_settings

SHOWN_STATUSES = (UserStatus.ACTIVE, UserStatus.INACTIVE, UserStatus.PENDING)
MAX_PAGE_SIZE = 2000
MAX_ASSISTANTS = 30
OWN_ZAK_LIFE = timedelta(minutes=5)
MAX_ZAK_LIFE_S = 365 * 86_400
CHANGEABLE = {"first_name": 64, "last_name": 64, "display_name": 128, "timezone": None, "dept": None}
CLIENT_VERSION = "6.6.2.21104(win)"
RETIRED_TOKEN = "Token is no longer supported. Please use ZAK token instead."
LAST_LOGIN_AGO = timedelta(hours=20)


def list_users(call: Call) -> Answer:
    """List the account's users by status."""
    status = call.query.get("status") or UserStatus.ACTIVE
    if status not in SHOWN_STATUSES:
        raise invalid_field("status")
    role = call.query.get("role_id", "")
    users = [user for user in call.sim.store.users.values() if user.status == status and role in {"", user.role_id}]
    page = call.sim.pager.page(users, call.query, of=f"users {status} {role}", maximum=MAX_PAGE_SIZE)
    extra = call.query.get("include_fields", "")
    return Answer(200, page.envelope | {"users": [show_in_list(call, user, extra) for user in page.items]})


def get(call: Call) -> Answer:
    """Show one user."""
    return Answer(200, show_user(call, find_user(call.sim, call["userId"])))


def create(call: Call) -> Answer:
    """Add a user: invited by `create` and pending, active at once by the other actions."""
    call.sim.limits.count_new_user()
    body = call.body()
    reader = Reader(body)
    action = reader.choice("action", ("create", "autoCreate", "custCreate", "ssoCreate"), required=True)
    if not isinstance(body.get("user_info"), dict):
        reader.refuse("user_info")
    reader.raise_errors()
    info = Reader(body["user_info"], "user_info.")
    email = info.text("email", longest=128, required=True) or ""
    if email and "@" not in email:
        info.refuse("email")
    user_type = info.integer("type", choices=tuple(UserType), required=True)
    first_name, last_name = info.text("first_name", longest=64), info.text("last_name", longest=64)
    display_name = info.text("display_name", longest=128)
    info.raise_errors()
    if call.sim.store.user(email) is not None:
        raise ZoomError(409, 1005, f"User already in the account: {email}.")
    user = new_user(
        email,
        call.sim.options.timezone,
        whole_second(call.sim.now()),
        user_type=user_type or UserType.BASIC,
        first_name=first_name or "",
        last_name=last_name or "",
    )
    user.display_name = display_name or user.display_name
    user.made_by_api = action == "custCreate"
    user.status = UserStatus.PENDING if action == "create" else UserStatus.ACTIVE
    call.sim.store.save_user(user)
    events.created(call.sim, user, action or "")
    names = {"first_name": user.first_name, "last_name": user.last_name}
    return Answer(201, {"id": user.id, **names, "email": user.email, "type": user.type})


def update(call: Call) -> Answer:
    """Change a user's names, licence, timezone or department."""
    user = find_user(call.sim, call["userId"])
    reader = Reader(call.body())
    texts = {name: reader.text(name, longest=longest) for name, longest in CHANGEABLE.items()}
    user_type = reader.integer("type", choices=tuple(UserType))
    if (zone := texts["timezone"]) is not None and not is_timezone(zone):
        reader.refuse("timezone")
    reader.raise_errors()
    changes: Json = {name: value for name, value in texts.items() if value is not None}
    changes |= {"type": user_type} if user_type else {}
    before = {name: getattr(user, name) for name in changes}
    for name, value in changes.items():
        setattr(user, name, value)
    call.sim.store.save_user(user)
    events.updated(call.sim, user, before, changes)
    return Answer(204)


def set_status(call: Call) -> Answer:
    """Activate or deactivate a user."""
    user = call.sim.store.user(call["userId"])
    if user is None:
        raise no_user(call["userId"])
    reader = Reader(call.body())
    action = reader.choice("action", ("activate", "deactivate", "clock_in", "clock_out"), required=True)
    reader.raise_errors()
    if action in {"activate", "deactivate"}:
        user.status = UserStatus.ACTIVE if action == "activate" else UserStatus.INACTIVE
        if action == "deactivate":
            user.type = UserType.BASIC
        call.sim.store.save_user(user)
        events.told_of(call.sim, f"user.{action}d", user)
    return Answer(204)


def check_email(call: Call) -> Answer:
    """Tell whether somebody in the account has this e-mail."""
    email = call.query.get("email")
    if not email:
        raise invalid_field("email")
    return Answer(200, {"existed_email": call.sim.store.user(email) is not None})


def settings(call: Call) -> Answer:
    """Show a user's settings, or the part that was asked for."""
    user = find_user(call.sim, call["userId"])
    return Answer(200, show_settings(call.sim, user, call.query))


def change_settings(call: Call) -> Answer:
    """Change what is named of a user's settings; what the account has locked, or nobody has, stays without a word."""
    user = find_user(call.sim, call["userId"])
    changed = read_changes(call.sim, user, call.body())
    for section, fields in changed.items():
        user.settings[section] = user.settings.get(section, {}) | fields
    call.sim.store.save_user(user)
    if changed:
        events.settings_updated(call.sim, user, changed)
    return Answer(204)


def token(call: Call) -> Answer:
    """Give a ZAK or a token on somebody's behalf; the default type is a retired one that is only text."""
    user = find_user(call.sim, call["userId"])
    kind = call.query.get("type") or "token"
    if kind == "token":
        return Answer(200, {"token": RETIRED_TOKEN})
    if kind not in {"zak", "onbehalf"}:
        raise invalid_field("type")
    reader = Reader(dict(call.query))
    ttl = reader.integer("ttl", low=0, high=MAX_ZAK_LIFE_S)
    reader.raise_errors()
    return Answer(200, {"token": call.sim.tokens.zak(user.id, timedelta(seconds=ttl) if ttl else zak_life(user))})


def own_zak(call: Call) -> Answer:
    """Give the ZAK of the token's own user."""
    return Answer(200, {"token": call.sim.tokens.zak(call.sim.me.id, OWN_ZAK_LIFE)})


def assistants(call: Call) -> Answer:
    """List who may schedule for a user."""
    user = find_user(call.sim, call["userId"])
    people = [call.sim.store.users[user_id] for user_id in user.assistants]
    shown = [{"id": person.id, "email": person.email, "can_manage_host_private_event": False} for person in people]
    return Answer(200, {"assistants": shown})


def add_assistants(call: Call) -> Answer:
    """Let others schedule for a user: both licensed, at most 30."""
    user = find_user(call.sim, call["userId"])
    reader = Reader(call.body())
    wanted = reader.objects("assistants", most=MAX_ASSISTANTS)
    reader.raise_errors()
    people = [find_user(call.sim, str(item.get("id") or item.get("email") or "")) for item in wanted]
    if any(person.type != UserType.LICENSED for person in [user, *people]):
        raise refused("Assistants and the user they schedule for must be licensed.", code=200)
    user.assistants = list(dict.fromkeys([*user.assistants, *(person.id for person in people)]))
    if len(user.assistants) > MAX_ASSISTANTS:
        raise invalid_field("assistants")
    call.sim.store.save_user(user)
    return Answer(201, {"ids": ",".join(person.id for person in people), "add_at": zulu(call.sim.now())})


def schedulers(call: Call) -> Answer:
    """List for whom a user may schedule."""
    user = find_user(call.sim, call["userId"])
    people = [other for other in call.sim.store.users.values() if user.id in other.assistants]
    return Answer(200, {"schedulers": [{"id": other.id, "email": other.email, "pmi": other.pmi} for other in people]})


def show_in_list(call: Call, user: User, extra: str = "") -> Json:
    """Return a user as lists do; somebody merely invited has no id yet."""
    shown: Json = {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "display_name": user.display_name,
        "email": user.email,
        "type": user.type,
        "pmi": user.pmi,
        "timezone": user.timezone,
        "verified": 0 if user.status is UserStatus.PENDING else 1,
        "dept": user.dept,
        "created_at": zulu(user.created_at),
        "user_created_at": zulu(user.created_at),
        "last_login_time": zulu(call.sim.now() - LAST_LOGIN_AGO),
        "last_client_version": CLIENT_VERSION,
        "group_ids": [],
        "status": user.status,
        "role_id": user.role_id,
        "login_types": [100],
    }
    if user.status is UserStatus.PENDING:
        del shown["id"]
    if extra == "host_key":
        shown["host_key"] = str(user.pmi)[-6:]
    if extra == "custom_attributes":
        shown["custom_attributes"] = []
    return shown


def show_user(call: Call, user: User) -> Json:
    """Return everything that is told about one user."""
    return {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "display_name": user.display_name,
        "email": user.email,
        "type": user.type,
        "role_name": ROLE_NAMES[user.role_id],
        "role_id": user.role_id,
        "pmi": user.pmi,
        "use_pmi": False,
        "personal_meeting_url": f"{call.sim.base_url}/j/{user.pmi}",
        "timezone": user.timezone,
        "verified": 1,
        "dept": user.dept,
        "created_at": zulu(user.created_at),
        "user_created_at": zulu(user.created_at),
        "last_login_time": zulu(call.sim.now() - LAST_LOGIN_AGO),
        "last_client_version": CLIENT_VERSION,
        "pic_url": "",
        "cms_user_id": "",
        "jid": f"{user.id.lower()}@xmpp.zoom.us",
        "group_ids": [],
        "im_group_ids": [],
        "account_id": call.sim.options.account_id,
        "account_number": 40081123,
        "language": "en-US",
        "phone_country": "",
        "phone_number": "",
        "status": user.status,
        "job_title": "",
        "cost_center": "",
        "company": "",
        "location": "",
        "login_types": [100],
        "cluster": "us06",
    }
