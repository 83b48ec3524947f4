"""What happens to a call of the API before and after its handler: faults, permission, limits, headers."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from zoomsim.api.endpoints import ENDPOINTS, Endpoint
from zoomsim.api.oauth import answer_revocation, answer_token
from zoomsim.api.router import Router
from zoomsim.api.scopes import Reach
from zoomsim.call import Call
from zoomsim.lookup import host_of
from zoomsim.options import Plan
from zoomsim.protocol.errors import ZoomError, invalid_token, missing_scope, paid_only, unknown_endpoint
from zoomsim.protocol.wire import Answer, Json, written
from zoomsim.simulation import Simulation
from zoomsim.state import ids
from zoomsim.state.models import User
from zoomsim.traffic.faults import Fault, FaultKind
from zoomsim.traffic.limits import Label, per_second_error

PREFIX = "/v2"
JSON_TYPE = "application/json;charset=UTF-8"
TROUBLE_PAGE = "<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
# What something between us and a program says in place of an answer.
GARBAGE = b'\x00\xff<!doctype html>{"id": '
LOOK_FOR_HANG_UP_EVERY_S = 0.25

Work = Callable[[], Awaitable[web.Response]]


class Api:
    """Answers `/v2/…` and `/oauth/token`."""

    def __init__(self, sim: Simulation) -> None:
        self.sim = sim
        self.router = Router(ENDPOINTS)

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Answer one call of the API."""
        path = request.raw_path.partition("?")[0]
        found = self.router.find(request.method, path.removeprefix(PREFIX))
        label = found[0].label if found else None
        self.sim.counters.count(found[0].name if found else f"{request.method} (unknown)", label)

        async def work() -> web.Response:
            body = await request.read() if request.body_exists else b""
            try:
                if found is None:
                    raise unknown_endpoint()
                endpoint, values = found
                user = self._admit(request, endpoint, values)
                with self.sim.acting_as(user):
                    query = dict(request.query) if request.query_string else {}
                    answer = endpoint.handler(Call(self.sim, values, query, body))
            except ZoomError as error:
                return self._refusal(error, label)
            return _response(answer.status, answer.body, label)

        return await self._with_faults(request, path, label, work)

    async def token(self, request: web.Request) -> web.StreamResponse:
        """Answer one token request."""
        return await self._oauth(request, answer_token)

    async def revoke(self, request: web.Request) -> web.StreamResponse:
        """Answer one request to end a token."""
        return await self._oauth(request, answer_revocation)

    async def _oauth(
        self, request: web.Request, answering: Callable[[Simulation, str, dict[str, str], bytes], Answer]
    ) -> web.StreamResponse:
        self.sim.counters.count(f"POST {request.path}", None)

        async def work() -> web.Response:
            authorization = request.headers.get("Authorization", "")
            answer = answering(self.sim, authorization, dict(request.query), await request.read())
            return _response(answer.status, answer.body, None)

        return await self._with_faults(request, request.path, None, work)

    def _admit(self, request: web.Request, endpoint: Endpoint, values: dict[str, str]) -> User | None:
        """
        Return who consented to the token, None for the account's own app.

        Raises ZoomError unless the token is good, reaches what the path names, and the account's limits leave room.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise invalid_token()
        access = self.sim.tokens.access(token.strip())
        user = self.sim.grants.user_of(access) if access.user_id else None
        reach = endpoint.needs.reach(access.scopes, consented=user is not None)
        if reach is Reach.NOBODYS:
            raise missing_scope(endpoint.needs.granular)
        if reach is Reach.OWN and user is not None and not _is_own(self.sim, user, values):
            raise missing_scope(endpoint.needs.for_account)
        self.sim.limits.count_call(endpoint.label)
        if endpoint.paid and self.sim.options.plan is Plan.FREE:
            raise paid_only(self.sim.options.account_id)
        return user

    async def _with_faults(
        self, request: web.Request, path: str, label: Label | None, work: Work
    ) -> web.StreamResponse:
        """Do the work unless a fault in force wants something else."""
        delay_ms = self.sim.options.latency_ms
        struck = self.sim.faults.strike(request.method, path)
        self.sim.counters.faults += len(struck)
        last: Fault | None = None
        for fault in struck:
            delay_ms += fault.ms
            last = fault
        if delay_ms:
            await asyncio.sleep(delay_ms / 1000)
        match last.kind if last else None:
            case FaultKind.TIMEOUT:
                return await _never_answer(request)
            case FaultKind.REFUSE:
                return _hang_up(request)
            case FaultKind.STATUS | FaultKind.GARBAGE if last:
                return self._pretend(last, label)
            case FaultKind.RATE_LIMIT:
                return self._refusal(per_second_error(label or Label.LIGHT, self.sim.options.plan), label)
            case FaultKind.DROP_RESPONSE:
                await work()
                return _hang_up(request)
            case _:
                return await work()

    def _pretend(self, fault: Fault, label: Label | None) -> web.Response:
        """Answer as a fault wants: Zoom's own trouble comes as HTML, a refusal as JSON, garbage as if it were JSON."""
        if fault.kind is FaultKind.GARBAGE:
            return web.Response(body=GARBAGE, content_type="application/json")
        if fault.status >= 500 and fault.code is None:
            page = TROUBLE_PAGE.format(status=fault.status)
            return web.Response(status=fault.status, text=page, content_type="text/html")
        return self._refusal(fault.error(), label)

    def _refusal(self, error: ZoomError, label: Label | None) -> web.Response:
        if error.status == 429:
            self.sim.counters.count_throttled()
        response = _response(error.status, error.body, label)
        response.headers.update(error.headers)
        return response


def _is_own(sim: Simulation, user: User, values: dict[str, str]) -> bool:
    """Whether the user and the meeting that a path names are this user and one of theirs, or do not exist at all."""
    named = sim.store.user(values.get("userId", ""))
    host_id = host_of(sim, values["meetingId"]) if "meetingId" in values else None
    return (named is None or named is user) and host_id in {None, user.id}


def _response(status: int, body: Json | bytes | None, label: Label | None) -> web.Response:
    headers = {"x-zm-trackingid": ids.tracking_id("WEB")}
    if label is not None:
        headers["x-ratelimit-category"] = label
    if body is None:
        return web.Response(status=status, headers=headers)
    headers["Content-Type"] = JSON_TYPE
    return web.Response(status=status, headers=headers, body=body if isinstance(body, bytes) else written(body))


async def _never_answer(request: web.Request) -> web.Response:
    """Hold the connection until the other side gives up."""
    while request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(LOOK_FOR_HANG_UP_EVERY_S)
    return web.Response()


def _hang_up(request: web.Request) -> web.Response:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
