"""
Who comes in by the Meeting SDK: the signature, the passcode and the host's ZAK are checked as Zoom checks them.

A refusal has the number that the SDK gives to `error`.
"""

import time
from dataclasses import dataclass
from typing import Any

import jwt

from zoomsim.lookup import find_meeting, meeting_number
from zoomsim.meetings.settings import NO_REGISTRATION
from zoomsim.options import Options
from zoomsim.protocol.errors import ZoomError
from zoomsim.protocol.wire import Json
from zoomsim.rooms import runs as rooms
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, Stay, User

HOST = 1
SHORTEST_S, LONGEST_S = 1800, 172_800
NAME_AT_MOST, CUSTOMER_KEY_AT_MOST = 64, 36


class SdkRefused(Exception):
    """Somebody does not come in; `code` is the SDK's number."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a page hands to `ZoomMtg.join`, under our names."""

    signature: str
    number: str
    name: str
    passcode: str
    email: str
    registrant_token: str
    zak: str
    customer_key: str

    @classmethod
    def read(cls, sent: Json) -> "Request":
        """Read what the script sends; what is missing is ""."""

        def text(name: str) -> str:
            value = sent.get(name)
            return "" if value is None else str(value).strip()

        return cls(
            signature=text("signature"),
            number=text("meetingNumber").replace(" ", "").replace("-", ""),
            name=text("userName"),
            passcode=text("passWord"),
            email=text("userEmail"),
            registrant_token=text("tk"),
            zak=text("zak"),
            customer_key=text("customerKey"),
        )


def admit(sim: Simulation, request: Request) -> tuple[Meeting, Stay]:
    """Let somebody into a meeting, which a host starts by it. Raises SdkRefused."""
    if not request.name or len(request.name) > NAME_AT_MOST or len(request.customer_key) > CUSTOMER_KEY_AT_MOST:
        raise SdkRefused(4003, "A parameter is missing or too long: userName, customerKey.")
    role = _role(sim.options, request)
    try:
        meeting = find_meeting(sim, request.number)
    except ZoomError:
        raise SdkRefused(3001, "Meeting does not exist.") from None
    user = _user(sim, request)
    if role == HOST:
        _start(sim, meeting, user)
    registrant_id = "" if role == HOST else _invitation(sim, meeting, request, user)
    try:
        stay = rooms.join(
            sim,
            meeting,
            name=request.name,
            # Only a ZAK proves who somebody is; what a page says of an e-mail is not taken for a user of the account's.
            email=user.email if user else _others(sim, request.email),
            registrant_id=registrant_id,
            customer_key=request.customer_key,
        )
    except rooms.RoomClosed as error:
        if error.code == "not_started":
            raise SdkRefused(3008, "Meeting has not started.") from None
        raise SdkRefused(3003, str(error)) from None
    return meeting, stay


def _role(options: Options, request: Request) -> int:
    """
    Check the signature and return the role in it.

    Its times go by real time, not by the simulator's clock: whoever signs knows only the one.
    """
    try:
        said: dict[str, Any] = jwt.decode(request.signature, options={"verify_signature": False})
        if said.get("appKey", said.get("sdkKey")) != options.sdk_key:
            raise SdkRefused(3704, "The SDK key is invalid.")
        claims = jwt.decode(
            request.signature,
            options.sdk_secret,
            algorithms=["HS256"],
            options={"verify_exp": False, "verify_iat": False},
        )
        issued_at, expires_at = int(claims["iat"]), int(claims["exp"])
        lasts = int(claims["tokenExp"]) - issued_at
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        raise SdkRefused(3712, "Signature is invalid.") from None
    now = time.time()
    if not SHORTEST_S <= lasts <= LONGEST_S or issued_at > now or str(claims.get("mn")) != request.number:
        raise SdkRefused(3712, "Signature is invalid.")
    if expires_at <= now:
        raise SdkRefused(3705, "The signature has expired.")
    if claims.get("role") not in {0, HOST}:
        raise SdkRefused(3708, "The role is invalid.")
    return int(claims["role"])


def _user(sim: Simulation, request: Request) -> User | None:
    """Return whose ZAK was sent; None without one."""
    if not request.zak:
        return None
    user = sim.store.user(sim.tokens.user_of_zak(request.zak) or "")
    if user is None:
        raise SdkRefused(4013, "The ZAK is invalid or has expired.")
    return user


def _start(sim: Simulation, meeting: Meeting, user: User | None) -> None:
    """Start the meeting for its host or somebody named to stand in, unless it runs."""
    if user is None or not rooms.may_host(meeting, user):
        raise SdkRefused(3003, "You are not the host of this meeting.")
    if rooms.would_end(sim, meeting):
        raise SdkRefused(3711, "The host has another meeting in progress.")
    try:
        rooms.start_run(sim, meeting, with_host=False)
    except rooms.RoomClosed as error:
        raise SdkRefused(3003, str(error)) from None


def _invitation(sim: Simulation, meeting: Meeting, request: Request, user: User | None) -> str:
    """Check what lets people in who do not host; return the id of the registrant, "" where nobody has to register."""
    if meeting.password and request.passcode != meeting.password:
        raise SdkRefused(3004, "Passcode wrong.")
    if meeting.settings.get("meeting_authentication") and user is None:
        raise SdkRefused(3100, "Sign in to join this meeting.")
    if meeting.approval_type == NO_REGISTRATION:
        return ""
    registrant = sim.store.registrant_by_token(request.registrant_token)
    if registrant is None or registrant.meeting_id != meeting_number(request.number):
        raise SdkRefused(3099, "Register to join this meeting.")
    return registrant.id


def _others(sim: Simulation, email: str) -> str:
    return "" if sim.store.user(email) else email
