"""A teacher's own Zoom by consent: connected, used, refreshed, lost, connected again. Its Zoom is a second simulator."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.accounts.models import User
from classbell.accounts.services import deactivate_person
from classbell.meetings import consent, tasks
from classbell.meetings.jobs import END_CONSENT, SETTLE_LOST
from classbell.meetings.models import (
    LostBecause,
    Meeting,
    Occurrence,
    OccurrenceStatus,
    SyncStatus,
    ZoomAccount,
    ZoomHost,
    ZoomToken,
    ZoomTrouble,
)
from classbell.meetings.presence.zoom_report import fetch_report
from classbell.meetings.queries import start_link
from classbell.meetings.sync import gateway, health
from classbell.meetings.sync.limits import slot_key
from classbell.meetings.sync.reconcile import reconcile
from classbell.meetings.webhooks.inbox import process_all
from classbell.meetings.zoom_accounts import account, accounts, secrets_of
from classbell.notices.models import Notice
from classbell.privacy.erasure import ask_erasure, confirmation_of, erase
from classbell.zoom.errors import ZoomGrantLost, ZoomUnauthorized, ZoomUnavailable
from classbell.zoom.limits import Call, Label, Priority
from tests.api_client import ApiClient
from tests.at_once import done_at_once
from tests.factories import make_admin, make_teacher
from tests.factories_meetings import make_meeting, spec
from tests.own_zoom import AMINA, BASIC, BILAL, HOOK, connect, decide, own_simulator, set_out, use_app_of
from tests.simulator import Simulator
from tests.zoom_events import Run, as_bytes, headers


@pytest.fixture(scope="module")
def own_process() -> Iterator[Simulator]:
    with own_simulator() as simulator:
        yield simulator


@pytest.fixture
def own(own_process: Simulator, zoom_hosts: list[ZoomHost], monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The Zoom in which teachers have users of their own, and the app that they consent to."""
    own_process.reset()
    own_process.clear_faults()
    own_process.clock(0)
    use_app_of(own_process, monkeypatch)
    return own_process


@pytest.fixture
def teacher(own: Simulator) -> User:
    """A teacher whose own Zoom is connected."""
    teacher = make_teacher()
    connect(own, teacher)
    return teacher


def row() -> ZoomAccount:
    return ZoomAccount.objects.get(by_consent=True)


def titles(simulator: Simulator) -> list[str]:
    return [meeting["topic"] for meeting in simulator.state()["meetings"] if not meeting["deleted"]]


def synced(meeting: Meeting) -> SyncStatus:
    return reconcile(meeting.pk, gateway.zoom_client())


def held(teacher: User, title: str = "Algebra", **fields: object) -> Meeting:
    """Want a meeting of a teacher, and have it made at Zoom."""
    meeting = make_meeting(spec(teacher, title=title, **fields))
    assert synced(meeting) == SyncStatus.SYNCED
    return Meeting.objects.get(pk=meeting.pk)


def said(page: Any) -> str:
    return str(page.content.decode())


def expire_token() -> None:
    """Let the access token be near its end, so that the next call asks for another."""
    token = ZoomToken.objects.get(account_id=row().account_id)
    client = gateway.zoom_client(row().account_id)
    kept = client.token()
    old = type(kept)(
        access_token=kept.access_token,
        expires_at=datetime.now(UTC) + timedelta(seconds=5),
        scopes=kept.scopes,
        api_url=kept.api_url,
    )
    client._sender.tokens.put(token.account_id, old)  # type: ignore[attr-defined]


def told(*kinds: str) -> list[tuple[str, str]]:
    found = Notice.objects.filter(kind__in=kinds).order_by("pk")
    return [(notice.kind, notice.user.role) for notice in found]


def tell(client: Client, body: dict[str, object], secret: str = HOOK) -> None:
    raw = as_bytes(body)
    answer = client.generic("POST", "/api/zoom/webhook", raw, "application/json", headers=headers(raw, secret=secret))
    assert answer.status_code == 200
    process_all(now=datetime.now(UTC))


def removal(user_id: str, *, client_id: str = "sim-oauth-client", at: datetime | None = None) -> dict[str, object]:
    when = at or datetime.now(UTC) + timedelta(seconds=1)
    payload = {"account_id": "own", "user_id": user_id, "client_id": client_id, "deauthorization_time": "x"}
    return {"event": "app_deauthorized", "event_ts": int(when.timestamp() * 1000), "payload": payload}


# Connecting


def test_teachers_lessons_are_held_at_their_own_zoom(own: Simulator, simulator: Simulator) -> None:
    teacher = make_teacher()
    _client, page = connect(own, teacher)

    assert "Connected. Your new lessons are held at your own Zoom." in said(page)
    assert AMINA in said(page)
    meeting = held(teacher)
    assert (titles(own), titles(simulator)) == (["Algebra"], [])
    assert start_link(meeting, teacher).startswith(own.url)
    held(make_teacher(), "Optics")
    assert titles(simulator) == ["Optics"]


def test_way_to_zoom_has_state_and_a_challenge_and_no_secret(own: Simulator) -> None:
    client = Client()
    client.force_login(make_teacher())

    address = set_out(client)

    asked = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{own.url}/oauth/authorize?")
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 32
    assert asked["redirect_uri"].endswith("/me/zoom/back")
    assert "sim-oauth-secret" not in address
    assert client.session["own_zoom"]["verifier"] not in address


def test_who_says_no_at_zoom_is_told_that_nothing_was_connected(own: Simulator) -> None:
    client = Client()
    client.force_login(make_teacher())

    page = client.get(decide(own, set_out(client), decision="deny"), follow=True)

    assert "You did not allow it at Zoom. Nothing was connected." in said(page)
    assert not ZoomAccount.objects.filter(by_consent=True).exists()


def test_answer_that_did_not_begin_in_this_session_is_refused(own: Simulator) -> None:
    mine, theirs = Client(), Client()
    mine.force_login(make_teacher())
    theirs.force_login(make_teacher())
    address = decide(own, set_out(theirs))

    for client, path in (
        (mine, address),
        (theirs, address.replace("state=", "state=x")),
        (theirs, address),
        (mine, "/me/zoom/back"),
        (mine, "/me/zoom/back?error=server_error&state=x"),
    ):
        assert "This did not begin here, or took too long." in said(client.get(path, follow=True))
    assert not ZoomAccount.objects.filter(by_consent=True).exists()


def test_way_that_took_too_long_is_over(own: Simulator) -> None:
    client = Client()
    client.force_login(make_teacher())
    address = decide(own, set_out(client))
    session = client.session
    session["own_zoom"] = session["own_zoom"] | {"since": (datetime.now(UTC) - timedelta(minutes=16)).isoformat()}
    session.save()

    assert "took too long" in said(client.get(address, follow=True))


def test_code_that_was_used_or_made_up_connects_nothing(own: Simulator) -> None:
    client = Client()
    client.force_login(make_teacher())
    used = parse_qs(urlsplit(decide(own, set_out(client))).query)["code"][0]
    own.http.post("/oauth/token", data={"grant_type": "authorization_code", "code": used})  # without the app: 400

    for code in ("made-up", "", "x" * 5000):
        state = parse_qs(urlsplit(set_out(client)).query)["state"][0]
        page = client.get("/me/zoom/back", {"code": code, "state": state}, follow=True)
        assert "used before, or is too old" in said(page)
    assert not ZoomAccount.objects.filter(by_consent=True).exists()


def test_answers_of_zoom_as_odd_as_they_come_are_said_and_never_break_the_page(own: Simulator) -> None:
    client = Client()
    client.force_login(make_teacher())

    for error in ("server_error", "<script>alert(1)</script>", "x" * 1000):
        state = parse_qs(urlsplit(set_out(client)).query)["state"][0]
        page = client.get("/me/zoom/back", {"error": error, "state": state}, follow=True)
        assert "Zoom did not connect it" in said(page)
        assert "<script>alert" not in said(page)
    assert client.post("/me/zoom/back").status_code == 405


def test_students_have_no_zoom_of_their_own_here(own: Simulator, client: Client) -> None:
    assert client.get("/me/zoom/connect").status_code == 302
    assert "/oauth/" not in client.get("/me/zoom/connect")["Location"]


def test_zoom_that_does_not_answer_connects_nothing_and_says_so(own: Simulator) -> None:
    client = Client()
    client.force_login(make_teacher())
    address = decide(own, set_out(client))
    own.fault(kind="status", status=503, path="/oauth/token")

    assert "Zoom does not answer just now. Begin again" in said(client.get(address, follow=True))
    assert not ZoomAccount.objects.filter(by_consent=True).exists()


def test_zoom_user_of_somebody_else_is_refused_and_theirs_goes_on(own: Simulator, teacher: User) -> None:
    _client, page = connect(own, make_teacher())

    assert "connected as somebody else’s Zoom here" in said(page)
    assert row().owner == teacher
    assert synced(make_meeting(spec(teacher))) == SyncStatus.SYNCED
    expire_token()
    assert synced(make_meeting(spec(make_teacher(), title="Another"))) == SyncStatus.SYNCED
    assert gateway.zoom_client(row().account_id).get_user("me").email == AMINA


def test_second_zoom_waits_until_the_first_is_disconnected(own: Simulator, teacher: User) -> None:
    _client, page = connect(own, teacher, BILAL)
    assert "Disconnect that first" in said(page)

    consent.disconnect(row(), because=LostBecause.DISCONNECTED, now=datetime.now(UTC))
    connect(own, teacher, BILAL)

    assert [one.owner for one in ZoomAccount.objects.filter(by_consent=True).order_by("connected_at")] == [
        None,
        teacher,
    ]
    held(teacher)
    assert own.state()["meetings"][0]["host_email"] == BILAL


def test_host_of_the_school_has_nothing_to_connect(
    simulator: Simulator, zoom_hosts: list[ZoomHost], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_app_of(simulator, monkeypatch)

    _client, page = connect(simulator, make_teacher(), "host02@zoomsim.example")

    assert "one of the school’s own Zoom users already" in said(page)
    assert not ZoomAccount.objects.filter(by_consent=True, owner__isnull=False).exists()
    assert ZoomHost.objects.filter(zoom_user_id=zoom_hosts[1].zoom_user_id).count() == 1


def test_app_that_lacks_a_scope_connects_nothing_and_names_it(
    zoom_hosts: list[ZoomHost], monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_simulator(oauth_scope=["user:read:user", "meeting:write:meeting"]) as narrow:
        use_app_of(narrow, monkeypatch)
        _client, page = connect(narrow, make_teacher())

        assert "lacks permissions" in said(page)
        assert "meeting:update:meeting" in said(page)
        assert narrow.state()["grants"] == [] or not ZoomAccount.objects.filter(by_consent=True).exists()


def test_teacher_without_a_licence_is_told_of_the_forty_minutes(own: Simulator) -> None:
    teacher = make_teacher()
    _client, page = connect(own, teacher, BASIC)

    assert "ends what you hold after 40 minutes" in said(page)
    meeting = make_meeting(spec(teacher, duration_minutes=60))
    assert (meeting.seat is not None, meeting.ends_after_minutes) == (True, 40)


# Working


def test_own_zoom_holds_nobody_elses_meetings(own: Simulator, teacher: User, zoom_hosts: list[ZoomHost]) -> None:
    others = [make_meeting(spec(make_teacher())) for _ in range(len(zoom_hosts) + 1)]

    assert [meeting.seat is None for meeting in others] == [False] * len(zoom_hosts) + [True]


def test_check_finds_all_well_and_reads_the_one_host(own: Simulator, teacher: User) -> None:
    tasks.check_zoom(0)
    tasks.read_hosts(0)

    known = health.health(row().account_id)
    assert known is not None
    assert (known.trouble, known.missing, known.email) == (ZoomTrouble.NONE, {}, AMINA)
    assert [(host.email, host.in_pool, host.is_licensed) for host in row().hosts.all()] == [(AMINA, False, True)]


def test_attendance_of_a_lesson_comes_from_what_zoom_tells_a_user(own: Simulator, teacher: User) -> None:
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    meeting = held(teacher, starts_at=starts_at)
    own.clock(300)
    own.start_meeting(meeting.zoom_meeting_id)
    own.join(meeting.zoom_meeting_id, "Yusuf")
    own.clock(3600)
    own.end_meeting(meeting.zoom_meeting_id)
    own.clock(7200)

    found = fetch_report(meeting.occurrences.get().pk, gateway.zoom_client(), now=starts_at + timedelta(hours=2))

    assert found
    known = health.health(row().account_id)
    assert known is None or not known.trouble


def test_messages_of_the_app_count_for_its_users_meetings_alone(
    own: Simulator, teacher: User, simulator: Simulator, client: Client
) -> None:
    theirs, schools = held(teacher), held(make_teacher(), "Optics")

    for meeting in (theirs, schools):
        tell(client, Run(meeting.occurrences.get()).started())

    assert [meeting.occurrences.get().status for meeting in (theirs, schools)] == [
        OccurrenceStatus.LIVE,
        OccurrenceStatus.SCHEDULED,
    ]


def test_outage_of_a_teachers_zoom_is_no_news_for_the_school(own: Simulator, teacher: User) -> None:
    make_admin()
    own.fault(kind="status", status=503)

    tasks.read_hosts(0)
    tasks.check_zoom(0)

    known = health.health(row().account_id)
    assert known is not None
    assert known.trouble == ZoomTrouble.UNAVAILABLE
    assert health.gravest_trouble() is None
    assert not Notice.objects.exists()


# Refreshing


def test_refresh_token_rotates_and_is_kept_encrypted(own: Simulator, teacher: User) -> None:
    before = secrets_of(row()).refresh_token
    expire_token()

    gateway.zoom_client(row().account_id).get_user("me")

    after = secrets_of(row()).refresh_token
    assert before
    assert after not in ("", before)
    assert after.encode() not in bytes(row().sealed)
    assert row().refreshing_since is None


def test_two_that_refresh_at_once_lose_nothing(own: Simulator, teacher: User) -> None:
    expire_token()

    def ask() -> str:
        return gateway.zoom_client(row().account_id).get_user("me").email

    assert done_at_once([ask, ask, ask]) == [AMINA] * 3
    assert row().lost_at is None
    expire_token()
    assert ask() == AMINA


def test_crash_between_refresh_and_storing_is_told_as_what_it_is(
    own: Simulator, teacher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire_token()
    client = gateway.zoom_client(row().account_id)

    def die(*_arguments: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("classbell.meetings.sync.consent_tokens.keep", die)
        with pytest.raises(SystemExit):
            client.get_user("me")
    assert row().refreshing_since is not None

    with pytest.raises(ZoomGrantLost):
        client.get_user("me")
    assert row().lost_because == LostBecause.INTERRUPTED


def test_zoom_that_refuses_to_answer_a_refresh_costs_nothing(own: Simulator, teacher: User) -> None:
    expire_token()
    own.fault(kind="status", status=503, path="/oauth/token", times=1)

    client = gateway.zoom_client(row().account_id)
    assert client.get_user("me").email == AMINA  # the kept token serves to its end
    assert row().refreshing_since is None
    assert client.token(renewed=True).access_token
    assert row().lost_at is None


# Losing


def test_revoked_consent_is_told_once_and_lessons_are_held_by_the_school(
    own: Simulator, teacher: User, simulator: Simulator
) -> None:
    make_admin()
    meeting = held(teacher)
    own.http.post(
        "/oauth/revoke",
        data={"token": secrets_of(row()).refresh_token},
        auth=("sim-oauth-client", "sim-oauth-secret"),
    ).raise_for_status()

    with pytest.raises(ZoomGrantLost):
        gateway.zoom_client(row().account_id).get_user("me")
    for _twice in range(2):
        consent.settle_lost(row().pk, now=datetime.now(UTC))

    assert row().lost_because == LostBecause.REFUSED
    assert (secrets_of(row()).refresh_token, ZoomToken.objects.filter(account_id=row().account_id).exists()) == (
        "",
        False,
    )
    assert told("own_zoom_lost", "teachers_zoom_lost") == [
        ("own_zoom_lost", "teacher"),
        ("teachers_zoom_lost", "admin"),
    ]
    assert Notice.objects.get(kind="own_zoom_lost").facts == {"moved": 1, "waiting": 0}
    assert synced(meeting) == SyncStatus.SYNCED
    assert titles(simulator) == ["Algebra"]


def test_lessons_for_which_the_school_has_no_host_wait_and_come_back(
    own: Simulator, teacher: User, simulator: Simulator
) -> None:
    meeting = held(teacher)
    ZoomHost.objects.filter(account__by_consent=False).update(is_active=False)
    consent.disconnect(row(), because=LostBecause.REMOVED, now=datetime.now(UTC))
    consent.settle_lost(row().pk, now=datetime.now(UTC))
    client = Client()
    client.force_login(teacher)

    page = said(client.get("/me/zoom/"))
    assert "1 lesson waits for a host: connect your Zoom again" in page
    assert "The app was removed at Zoom." in page
    assert Meeting.objects.get(pk=meeting.pk).wanted

    connect(own, teacher)

    assert Meeting.objects.get(pk=meeting.pk).seat is not None
    assert synced(meeting) == SyncStatus.SYNCED
    assert row().lost_at is None


def test_removing_the_app_at_zoom_ends_it_here(own: Simulator, teacher: User, client: Client) -> None:
    meeting = held(teacher)
    host = row().hosts.get()

    tell(client, removal(host.zoom_user_id))

    assert row().lost_because == LostBecause.REMOVED
    assert secrets_of(row()).refresh_token == ""
    consent.settle_lost(row().pk, now=datetime.now(UTC))
    moved = Meeting.objects.get(pk=meeting.pk)
    assert moved.seat is not None
    assert moved.seat.host.account.account_id == "sim-account"


def test_zoom_tells_of_a_removal_as_it_is_read_here(own: Simulator, teacher: User) -> None:
    own.deauthorize(AMINA)

    with pytest.raises(ZoomGrantLost):
        gateway.zoom_client(row().account_id).get_user("me")
    assert row().lost_at is not None


@pytest.mark.parametrize("case", ["another app", "before it was connected", "another account's secret", "nobody's"])
def test_removal_that_is_not_of_this_consent_changes_nothing(
    case: str, own: Simulator, teacher: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = type(settings.ENVIRONMENT.zoom_webhook_secret)("first-hook")
    monkeypatch.setattr(
        settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update={"zoom_webhook_secret": secret})
    )
    user = row().hosts.get().zoom_user_id
    bodies = {
        "another app": removal(user, client_id="other"),
        "before it was connected": removal(user, at=datetime.now(UTC) - timedelta(hours=1)),
        "another account's secret": removal(user),
        "nobody's": removal("somebody-else"),
    }

    tell(client, bodies[case], secret="first-hook" if case == "another account's secret" else HOOK)

    assert row().lost_at is None


def test_lesson_that_runs_keeps_its_link_until_it_is_over(own: Simulator, teacher: User, client: Client) -> None:
    now = datetime.now(UTC)
    meeting = held(teacher, rule="FREQ=DAILY;COUNT=3", starts_at=now + timedelta(minutes=5))
    first = meeting.occurrences.order_by("starts_at")[0]
    tell(client, Run(first).started())
    link = meeting.join_url

    tell(client, removal(row().hosts.get().zoom_user_id))
    during = first.starts_at + timedelta(minutes=1)
    consent.settle_lost(row().pk, now=during)

    assert Meeting.objects.get(pk=meeting.pk).join_url == link
    Occurrence.objects.filter(pk=first.pk).update(status=OccurrenceStatus.ENDED)
    consent.settle_what_ran(now=first.ends_at + timedelta(minutes=1))
    moved = Meeting.objects.get(pk=meeting.pk)
    assert moved.seat is not None
    assert moved.seat.host.account.account_id == "sim-account"


def test_disconnecting_ends_the_consent_at_zoom_too(own: Simulator, teacher: User) -> None:
    token = secrets_of(row()).refresh_token
    client = Client()
    client.force_login(teacher)

    assert "Disconnect your Zoom" in said(client.get("/me/zoom/disconnect"))
    page = client.post("/me/zoom/disconnect", follow=True)

    assert "Disconnected." in said(page)
    again = own.http.post(
        "/oauth/token",
        data={"grant_type": "refresh_token", "refresh_token": token},
        auth=("sim-oauth-client", "sim-oauth-secret"),
    )
    assert again.json()["error"] == "invalid_grant"
    assert [one.account_id for one in accounts()] == ["sim-account"]


def test_disconnecting_while_zoom_is_down_says_what_is_left_to_do(own: Simulator, teacher: User) -> None:
    client = Client()
    client.force_login(teacher)
    own.fault(kind="status", status=503)

    page = client.post("/me/zoom/disconnect", follow=True)

    assert "remove the app at Zoom too" in said(page)
    assert secrets_of(row()).refresh_token == ""


def test_credentials_of_the_app_that_are_wrong_lose_no_consent(
    own: Simulator, teacher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire_token()
    wrong = type(settings.ENVIRONMENT.zoom_webhook_secret)("wrong")
    use_app_of(own, monkeypatch, zoom_user_app_client_secret=wrong)

    with pytest.raises(Exception, match="refused the credentials"):
        gateway.zoom_client(row().account_id).get_user("me")

    assert row().lost_at is None
    use_app_of(own, monkeypatch)
    assert gateway.zoom_client(row().account_id).get_user("me").email == AMINA


def test_connection_that_breaks_off_during_a_refresh_is_remembered(own: Simulator, teacher: User) -> None:
    client = gateway.zoom_client(row().account_id)
    own.fault(kind="drop_response", path="/oauth/token", times=1)

    with pytest.raises(ZoomUnavailable):
        client.token(renewed=True)

    assert row().refreshing_since is not None


# Licence, admins, programs


def test_host_that_becomes_basic_is_told_of_once(own: Simulator, teacher: User) -> None:
    make_admin()
    user = row().hosts.get().zoom_user_id
    answer = own.http.patch(
        f"/v2/users/{user}", json={"type": 1}, headers={"Authorization": f"Bearer {own_token(own)}"}
    )
    assert answer.status_code == 204, answer.text

    tasks.read_hosts(0)
    tasks.read_hosts(0)

    assert told("own_licence_lost", "host_is_basic") == [("own_licence_lost", "teacher"), ("host_is_basic", "admin")]
    own.http.patch(f"/v2/users/{user}", json={"type": 2}, headers={"Authorization": f"Bearer {own_token(own)}"})


def own_token(own: Simulator) -> str:
    """Return a token of whoever runs the other Zoom."""
    form = {"grant_type": "account_credentials", "account_id": "own"}
    return str(own.http.post("/oauth/token", data=form, auth=("sim-client", "sim-secret")).json()["access_token"])


def test_api_shows_a_teachers_own_zoom_and_lets_admins_end_it(
    own: Simulator, teacher: User, api: Callable[[User], ApiClient]
) -> None:
    admin, path = api(make_admin()), f"/api/zoom/accounts/{row().pk}"
    refresh = secrets_of(row()).refresh_token
    held(teacher)

    shown = admin.get("/api/zoom/accounts")
    found = shown.json()["accounts"][1]
    assert (found["by_consent"], found["owner_id"], found["hosts"], found["meetings"]) == (True, str(teacher.pk), 1, 1)
    assert refresh not in shown.content.decode()
    assert "sim-oauth-secret" not in shown.content.decode()
    assert admin.patch(path, {"name": "Mine"}).json()["code"] == "zoom_account_by_consent"
    bound = {"teacher_id": str(make_teacher().pk), "account_id": str(row().pk)}
    assert admin.put("/api/zoom/accounts/bindings", bound).json()["code"] == "zoom_account_by_consent"
    assert admin.delete(path).json()["code"] == "zoom_account_in_use"
    assert admin.delete(f"{path}?confirm=true").status_code == 200
    assert row().lost_because == LostBecause.DISCONNECTED


def test_admins_enter_the_app_on_a_page_and_its_secrets_stay_hidden(
    own: Simulator, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    empty = type(settings.ENVIRONMENT.zoom_webhook_secret)("")
    use_app_of(own, monkeypatch, zoom_user_app_client_id="", zoom_user_app_client_secret=empty)
    teacher, admin = make_teacher(), make_admin()
    client.force_login(teacher)
    assert "ask the school to set up the app" in said(client.get("/me/zoom/"))
    assert client.get("/zoom/accounts/own").status_code == 403
    client.force_login(admin)
    page = said(client.get("/zoom/accounts/own"))
    assert "/me/zoom/back" in page
    assert "meeting:write:meeting" in page

    client.post("/zoom/accounts/own", {"client_id": "sim-oauth-client", "client_secret": "sim-oauth-secret"})

    assert "sim-oauth-secret" not in said(client.get("/zoom/accounts/own"))
    _client, end = connect(own, teacher)
    assert "Connected." in said(end)
    client.post("/zoom/accounts/own", {"client_id": "sim-oauth-client", "client_secret": ""})
    assert account(row().account_id).client_secret == "sim-oauth-secret"


# Who goes, an app that is refused, secrets that are mixed up, programs


def grant_is_over(own: Simulator, refresh: str) -> bool:
    """Whether Zoom takes a refresh token no longer."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    answer = own.http.post("/oauth/token", data=form, auth=("sim-oauth-client", "sim-oauth-secret"))
    return answer.status_code == 400 and answer.json()["error"] == "invalid_grant"


def do_the_jobs() -> None:
    """Do what waits of ending consents and settling what is lost."""
    for name, task in ((END_CONSENT, tasks.end_consent), (SETTLE_LOST, tasks.settle_lost_account)):
        for job in ProcrastinateJob.objects.filter(task_name=name, status="todo"):
            task(**job.args)


def test_deactivating_a_teacher_ends_their_consent_at_zoom_too(
    own: Simulator, teacher: User, zoom_hosts: list[ZoomHost]
) -> None:
    make_admin()
    refresh, meeting = secrets_of(row()).refresh_token, held(teacher)

    deactivate_person(user_id=teacher.pk)
    do_the_jobs()

    assert grant_is_over(own, refresh)
    assert (row().lost_because, secrets_of(row()).refresh_token) == (LostBecause.DISCONNECTED, "")
    meeting.refresh_from_db()
    assert meeting.seat is not None
    assert meeting.seat.host in zoom_hosts
    assert told("own_zoom_lost", "teachers_zoom_lost") == [("teachers_zoom_lost", "admin")]


def test_consent_of_who_is_gone_is_ended_as_soon_as_zoom_answers(own: Simulator, teacher: User) -> None:
    refresh = secrets_of(row()).refresh_token
    deactivate_person(user_id=teacher.pk)
    own.fault(kind="status", status=503, path="/oauth/.*")

    ProcrastinateJob.objects.filter(task_name=END_CONSENT).delete()
    tasks.end_consent(account_id=str(row().pk), tries=1)
    assert row().lost_at is None
    own.clear_faults()
    (again,) = ProcrastinateJob.objects.filter(task_name=END_CONSENT)
    assert again.scheduled_at is not None
    tasks.end_consent(**again.args)

    assert again.args["tries"] == 2
    assert row().lost_because == LostBecause.DISCONNECTED
    assert grant_is_over(own, refresh)


def test_consent_of_who_is_gone_ends_here_in_the_end_though_zoom_never_answers(own: Simulator, teacher: User) -> None:
    own.fault(kind="status", status=503, path="/oauth/.*")

    tasks.end_consent(account_id=str(row().pk), tries=tasks.TRIES_TO_END_CONSENT)

    assert (row().lost_because, secrets_of(row()).refresh_token) == (LostBecause.DISCONNECTED, "")
    assert not ProcrastinateJob.objects.filter(task_name=END_CONSENT).exists()


def test_deactivating_somebody_without_a_zoom_of_their_own_asks_nothing(own: Simulator) -> None:
    deactivate_person(user_id=make_teacher().pk)

    assert not ProcrastinateJob.objects.filter(task_name=END_CONSENT).exists()


def test_erasing_a_teacher_ends_their_consent_and_forgets_whose_it_was(own: Simulator, teacher: User) -> None:
    admin, now = make_admin(), datetime.now(UTC)
    refresh = secrets_of(row()).refresh_token
    asked = ask_erasure(person_id=teacher.pk, confirm=confirmation_of(teacher), by=admin, now=now)
    erase(erased_id=asked.pk, now=now)
    do_the_jobs()

    assert grant_is_over(own, refresh)
    assert not ZoomAccount.objects.filter(by_consent=True, lost_at=None).exists()
    assert not ZoomAccount.objects.filter(owner=teacher).exists()
    assert not ZoomToken.objects.filter(account_id=ZoomAccount.objects.get(by_consent=True).account_id).exists()


def test_admin_disconnects_a_teacher_on_the_page(own: Simulator, teacher: User) -> None:
    refresh = secrets_of(row()).refresh_token
    meeting = held(teacher, title="Nahw")
    client = Client()
    client.force_login(make_admin())
    path = f"/zoom/accounts/{row().pk}/remove"

    asked = said(client.get(path))
    page = client.post(path, follow=True)
    do_the_jobs()

    assert "Nahw" in asked
    assert "Disconnected." in said(page)
    assert grant_is_over(own, refresh)
    meeting.refresh_from_db()
    assert meeting.seat is not None
    assert not meeting.seat.host.account.by_consent
    client.force_login(teacher)
    assert client.post(path).status_code == 403


def test_admins_hear_once_that_zoom_refuses_the_app(
    own: Simulator, teacher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_admin()
    wrong = type(settings.ENVIRONMENT.zoom_webhook_secret)("wrong")
    use_app_of(own, monkeypatch, zoom_user_app_client_secret=wrong)
    for _try in range(2):
        with pytest.raises(ZoomUnauthorized):
            gateway.zoom_client(row().account_id).token(renewed=True)
    _client, page = connect(own, make_teacher(), BILAL)

    assert "does not accept the school’s app" in said(page)
    assert told("user_app_refused") == [("user_app_refused", "admin")]

    use_app_of(own, monkeypatch)
    gateway.zoom_client(row().account_id).token(renewed=True)
    use_app_of(own, monkeypatch, zoom_user_app_client_secret=wrong)
    with pytest.raises(ZoomUnauthorized):
        gateway.zoom_client(row().account_id).token(renewed=True)
    assert len(told("user_app_refused")) == 2


def test_consent_that_ended_is_no_trouble_of_the_app(own: Simulator, teacher: User) -> None:
    make_admin()
    own.deauthorize(AMINA)

    with pytest.raises(ZoomGrantLost):
        gateway.zoom_client(row().account_id).token(renewed=True)

    assert told("user_app_refused") == []


def test_app_and_accounts_have_secret_tokens_of_their_own(
    own: Simulator, monkeypatch: pytest.MonkeyPatch, api: Callable[[User], ApiClient]
) -> None:
    secret = type(settings.ENVIRONMENT.zoom_webhook_secret)
    use_app_of(own, monkeypatch, zoom_user_app_client_id="", zoom_webhook_secret=secret("of-the-account"))
    admin, client = make_admin(), Client()
    client.force_login(admin)
    typed = {"client_id": "sim-oauth-client", "client_secret": "sim-oauth-secret"}

    refused = client.post("/zoom/accounts/own", typed | {"webhook_secret": "of-the-account"})
    taken = client.post("/zoom/accounts/own", typed | {"webhook_secret": "of-the-app"})
    body = {"account_id": "west", "name": "West", "client_id": "west", "client_secret": "x"}
    other = api(admin).post("/api/zoom/accounts", body | {"webhook_secret": "of-the-app"})

    assert (refused.status_code, "has this secret token" in said(refused)) == (400, True)
    assert taken.status_code == 302
    assert (other.status_code, other.json()["details"][0]["field"]) == (400, "webhook_secret")


def test_program_shows_a_teachers_own_zoom_and_takes_it_back(
    own: Simulator, teacher: User, api: Callable[[User], ApiClient]
) -> None:
    refresh = secrets_of(row()).refresh_token
    held(teacher)
    program, another = api(teacher), api(make_teacher())

    shown = program.get("/api/zoom/own").json()
    begun = another.post("/api/zoom/own/connect", {}).json()
    ended = program.delete("/api/zoom/own").json()

    assert (shown["is_connected"], shown["email"], shown["is_licensed"], shown["meetings"]) == (True, AMINA, True, 1)
    assert refresh not in str(shown)
    assert another.get("/api/zoom/own").json()["is_connected"] is False
    assert begun == {"url": f"{settings.ENVIRONMENT.public_url.rstrip('/')}/me/zoom/connect"}
    assert ended == {"ended_at_zoom": True}
    assert grant_is_over(own, refresh)
    after = program.get("/api/zoom/own").json()
    assert (after["is_connected"], after["lost_because"]) == (False, "disconnected")
    assert program.delete("/api/zoom/own").json() == {"ended_at_zoom": True}


def test_each_consent_has_limits_of_its_own_as_zoom_counts_them(own: Simulator, teacher: User) -> None:
    """Zoom counts by account, not by app: what one teacher's Zoom has used up is nothing to another's."""
    other = make_teacher()
    connect(own, other, BILAL)
    keys = {slot_key(call_of(one.account_id)) for one in ZoomAccount.objects.filter(by_consent=True)}

    assert len(keys) == 2
    assert slot_key(call_of("sim-account")) not in keys


def call_of(account_id: str) -> Call:
    return Call(
        account_id=account_id,
        method="GET",
        path_template="/meetings/{meetingId}",
        label=Label.LIGHT,
        priority=Priority.INTERACTIVE,
    )
