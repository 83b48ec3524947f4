"""Where users let the app act in their names, `/oauth/authorize`, and take that back, `/oauth/apps`."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web

from zoomsim.grants import CHALLENGE_METHODS
from zoomsim.hosts import MEMBER_ROLE
from zoomsim.keys import SIMULATION
from zoomsim.pages.rendering import HEADERS, render, see, sentence
from zoomsim.simulation import Simulation
from zoomsim.state.models import User, UserStatus
from zoomsim.tokens import ADMIN

AUTHORIZE, APPS = "/oauth/authorize", "/oauth/apps"
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What an app that sends a user here asks for; its address to lead back to is one of the app's."""

    redirect_uri: str
    state: str
    challenge: str
    method: str
    error: str
    """What is wrong with it, as the app is told (RFC 6749, 4.1.2.1)."""

    def answer(self, **parameters: str) -> web.Response:
        """Lead back to the app."""
        parts = urlsplit(self.redirect_uri)
        query = parse_qsl(parts.query, keep_blank_values=True) + list(parameters.items())
        if self.state:
            query.append(("state", self.state))
        return see(urlunsplit(parts._replace(query=urlencode(query))))


async def ask(request: web.Request) -> web.StreamResponse:
    """Ask who consents, and whether they do."""
    asked = _read(request)
    if not isinstance(asked, Asked):
        return asked
    if asked.error:
        return asked.answer(error=asked.error)
    return _page(request, asked)


async def decide(request: web.Request) -> web.StreamResponse:
    """Lead back to the app with a code, or with the user's refusal."""
    asked = _read(request)
    if not isinstance(asked, Asked):
        return asked
    form = await request.post()
    if asked.error or form.get("decision") == "deny":
        return asked.answer(error=asked.error or "access_denied")
    sim = request.app[SIMULATION]
    user = next((user for user in _may_consent(sim) if user.id == form.get("user")), None)
    if user is None:
        return _page(request, asked, status=400)
    code = sim.grants.new_code(user, asked.redirect_uri, challenge=asked.challenge, method=asked.method)
    return asked.answer(code=code)


async def apps(request: web.Request) -> web.StreamResponse:
    """Show who consented."""
    sim = request.app[SIMULATION]
    grants = [(sim.store.users[grant.user_id], grant) for grant in sim.store.grants.values()]
    return render(request, "apps.html", grants=grants, client_id=sim.options.oauth_client_id)


async def remove(request: web.Request) -> web.StreamResponse:
    """Let a user remove the app; nothing happens when it is gone already."""
    sim = request.app[SIMULATION]
    grant = sim.store.grants.get(str((await request.post()).get("user", "")))
    if grant is not None:
        sim.grants.remove(grant)
    return see(APPS)


def _read(request: web.Request) -> Asked | web.Response:
    """Read what the app asks for, or say to the user why the app cannot even be told what is wrong."""
    sim, sent = request.app[SIMULATION], request.query
    if sent.get("client_id") != sim.options.oauth_client_id:
        return sentence(request, "consent.bad_client", status=400)
    redirect_uri = sent.get("redirect_uri", "")
    if not _is_apps(sim, redirect_uri):
        return sentence(request, "consent.bad_redirect", status=400, address=redirect_uri)
    method = sent.get("code_challenge_method") or "plain"
    error = ""
    if sent.get("response_type") != "code":
        error = "unsupported_response_type"
    elif method not in CHALLENGE_METHODS:
        error = "invalid_request"
    return Asked(redirect_uri, sent.get("state", ""), sent.get("code_challenge", ""), method, error)


def _is_apps(sim: Simulation, redirect_uri: str) -> bool:
    """Whether an address is one of the app's; of an app that names none, whether it is on this machine."""
    if sim.options.redirect_uris:
        return redirect_uri in sim.options.redirect_uris
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.hostname in THIS_MACHINE and not parts.fragment


def _may_consent(sim: Simulation) -> list[User]:
    """Return who may let the app in: everybody; where it reaches beyond one's own things, only who runs the account."""
    for_account = any(scope.endswith(ADMIN) for scope in sim.options.oauth_scopes)
    active = [user for user in sim.store.users.values() if user.status is UserStatus.ACTIVE]
    return [user for user in active if not for_account or user.role_id != MEMBER_ROLE]


def _page(request: web.Request, asked: Asked, *, status: int = 200) -> web.Response:
    sim = request.app[SIMULATION]
    parts = urlsplit(asked.redirect_uri)
    page = render(
        request,
        "consent.html",
        status=status,
        action=f"{AUTHORIZE}?{urlencode(list(request.query.items()))}",
        client_id=sim.options.oauth_client_id,
        back_to=parts.netloc,
        scopes=sim.options.oauth_scopes,
        users=_may_consent(sim),
        nobody_chosen=status != 200,
    )
    # Browsers hold a form's redirects, too, to where forms may lead.
    own = f"form-action 'self' {parts.scheme}://{parts.netloc};"
    page.headers["Content-Security-Policy"] = HEADERS["Content-Security-Policy"].replace("form-action 'self';", own)
    return page
