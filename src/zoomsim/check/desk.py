"""How the check speaks to a Zoom: signed in, patiently, and never to a meeting that is not its own."""

import base64
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import Request, urlopen

MARK = "zoom-check"
ANSWERS_WITHIN_S = 30
PATIENCE = 4
PER_SECOND_AGAIN_S = 1.5
DAILY = ("daily", "GMT")
CHANGES = re.compile(r"^/(?:meetings/(?P<meeting>[^/?]+)|users/[^/?]+/meetings$)")
LIST_PAGE = 300


class Unreachable(Exception):
    """The Zoom does not answer, or lets nobody in; the text says what to look at."""


class DayUsedUp(Exception):
    """Zoom takes no more of these calls today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Which Zoom to ask, and as whom. `host` is a user's e-mail or id."""

    api_url: str
    oauth_url: str
    account_id: str
    client_id: str
    client_secret: str = field(repr=False)
    host: str = "me"
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What Zoom answered; `body` is None where it is no JSON."""

    status: int
    body: Any


class Desk:
    """Makes calls, and keeps in mind which meetings it made."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.run = secrets.token_hex(4)
        self.made: set[str] = set()
        self._token = ""

    @property
    def topic(self) -> str:
        """How every meeting of this run is called, so that it can be told from all others."""
        return f"{MARK} {self.run}"

    def sign_in(self) -> Answer:
        """Get a token. Raises Unreachable."""
        answer = self.ask_token({"grant_type": "account_credentials", "account_id": self.target.account_id})
        if answer.status != 200 or not isinstance(answer.body, dict) or "access_token" not in answer.body:
            reason = answer.body.get("reason") if isinstance(answer.body, dict) else ""
            raise Unreachable(f"no token: status {answer.status} {reason or ''}. Are account, client and secret right?")
        self._token = str(answer.body["access_token"])
        return answer

    def ask_token(self, form: Mapping[str, str], secret: str | None = None) -> Answer:
        """Make a token request, with the secret unless another is given."""
        pair = f"{self.target.client_id}:{self.target.client_secret if secret is None else secret}"
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._patiently("POST", self.target.oauth_url, urlencode(form).encode(), headers)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        token: str | None = None,
    ) -> Answer:
        """
        Make a call below the API's address; `token` "" goes without one. What is created is remembered.

        Raises PermissionError for a change of what is not this run's, DayUsedUp, and Unreachable.
        """
        self._check_own(method, path)
        headers = {"Content-Type": "application/json"}
        if bearer := self._token if token is None else token:
            headers["Authorization"] = f"Bearer {bearer}"
        url = self.target.api_url + path + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        answer = self._patiently(method, url, data, headers)
        if method == "POST" and path.endswith("/meetings") and answer.status == 201:
            self.made.add(str(answer.body.get("id")))
        return answer

    def leftovers(self) -> list[str]:
        """Return the meetings of this run that are still there, those whose creation seemed to fail included."""
        host = quote(self.target.host, safe="@")
        found, token = [], ""
        while True:
            query = {"type": "scheduled", "page_size": str(LIST_PAGE), "next_page_token": token}
            answer = self.call("GET", f"/users/{host}/meetings", query=query)
            if answer.status != 200 or not isinstance(answer.body, dict):
                return sorted(self.made)
            listed = answer.body.get("meetings", [])
            found += [str(one["id"]) for one in listed if str(one.get("topic", "")).startswith(self.topic)]
            token = answer.body.get("next_page_token", "")
            if not token:
                return sorted(self.made | set(found))

    def clean_up(self) -> list[str]:
        """Delete this run's meetings; return those that could not be deleted."""
        left = []
        for number in self.leftovers():
            self.made.add(number)
            answer = self.call("DELETE", f"/meetings/{number}")
            if answer.status not in {204, 404}:
                left.append(number)
        return left

    def _check_own(self, method: str, path: str) -> None:
        if method == "GET":
            return
        found = CHANGES.match(path)
        if found is None or (found["meeting"] is not None and found["meeting"] not in self.made):
            raise PermissionError(f"{method} {path} would change what is not the check's")

    def _patiently(self, method: str, url: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
        for turn in range(PATIENCE):
            time.sleep(self.target.pause_s if not turn else PER_SECOND_AGAIN_S * turn)
            answer = self._send(method, url, data, headers)
            if answer.status != 429:
                return answer
            said = str(answer.body.get("message")) if isinstance(answer.body, dict) else ""
            if any(word in said for word in DAILY):
                raise DayUsedUp(said)
        return answer

    def _send(self, method: str, url: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
        request = Request(url, data=data, method=method, headers=dict(headers))  # noqa: S310 -- checked at start
        try:
            with urlopen(request, timeout=ANSWERS_WITHIN_S) as response:  # noqa: S310
                return Answer(response.status, _json(response.read()))
        except HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, _json(refusal.read()))
        except (OSError, HTTPException) as problem:
            raise Unreachable(f"{urlsplit(url).netloc} does not answer: {type(problem).__name__}") from problem


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None
