"""Several accounts at Zoom, each with hosts, credentials and troubles of its own: two simulators, one for each."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from classbell.accounts.models import User
from classbell.meetings import account_changes, claims, tasks
from classbell.meetings.account_changes import AccountInUse, AccountInvalid
from classbell.meetings.hosts import pool
from classbell.meetings.joining.entrance import sdk_app_of
from classbell.meetings.models import (
    AccountBinding,
    Circuit,
    ClaimKind,
    Meeting,
    MeetingRun,
    OccurrenceStatus,
    SyncStatus,
    WebhookEvent,
    ZoomAccount,
    ZoomHost,
    ZoomTrouble,
)
from classbell.meetings.queries import start_link
from classbell.meetings.services import bump_revision
from classbell.meetings.sync import gateway, health
from classbell.meetings.sync.circuit import FAILURES_TO_OPEN
from classbell.meetings.sync.reconcile import reconcile
from classbell.meetings.webhooks.inbox import process_all
from classbell.meetings.zoom_accounts import account, accounts
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomNotConfigured
from tests.api_client import ApiClient
from tests.factories import make_admin, make_class, make_teacher
from tests.factories_meetings import make_meeting, next_monday_at, spec
from tests.simulator import Simulator
from tests.zoom_events import Run, as_bytes, event, headers

SECOND = "second-account"
HOOK = "second-hook"

DOCUMENT = Path(__file__).parents[2] / "docs" / "accounts.md"


@pytest.fixture(scope="module")
def second_process() -> Iterator[Simulator]:
    """Another Zoom account: two hosts, other credentials."""
    options: dict[str, Any] = {"account_id": SECOND, "client_id": "second-client", "client_secret": "second-secret"}
    with Simulator(plan="unlimited", hosts=2, **options) as simulator:
        yield simulator


@pytest.fixture
def second(second_process: Simulator, zoom_hosts: list[ZoomHost]) -> Simulator:
    """The other account, added and read beside the first."""
    second_process.reset()
    second_process.clear_faults()
    account_changes.add_account(account_id=SECOND, values=credentials(second_process), now=datetime.now(UTC))
    read(SECOND)
    return second_process


def credentials(simulator: Simulator, **more: Any) -> dict[str, Any]:
    return {
        "name": "East campus",
        "client_id": "second-client",
        "client_secret": "second-secret",
        "webhook_secret": HOOK,
        "plan": "unlimited",
        "api_url": simulator.api_url,
        "oauth_url": simulator.oauth_url,
        **more,
    }


def read(account_id: str) -> None:
    pool.read_hosts(gateway.zoom_client(account_id), account_id=account_id, now=datetime.now(UTC))


def row() -> ZoomAccount:
    return ZoomAccount.objects.get(account_id=SECOND)


def meeting_of(teacher: User | None = None, **fields: Any) -> Meeting:
    return make_meeting(spec(teacher or make_teacher(), **fields))


def bound_meeting(**fields: Any) -> Meeting:
    """Want a meeting that only the second account may hold."""
    teacher = make_teacher()
    account_changes.bind_teacher(teacher, row())
    return meeting_of(teacher, **fields)


def titles(simulator: Simulator) -> list[str]:
    return [meeting["topic"] for meeting in simulator.state()["meetings"] if not meeting["deleted"]]


def synced(meeting: Meeting) -> SyncStatus:
    return reconcile(meeting.pk, gateway.zoom_client())


def test_hosts_of_all_accounts_hold_meetings(second: Simulator, simulator: Simulator) -> None:
    meetings = [meeting_of() for _ in range(5)]

    assert [synced(meeting) for meeting in meetings] == [SyncStatus.SYNCED] * 5
    assert (len(titles(simulator)), len(titles(second))) == (3, 2)


def test_bound_teachers_meetings_are_held_in_their_account(second: Simulator, simulator: Simulator) -> None:
    meeting = bound_meeting(title="Optics")

    assert synced(meeting) == SyncStatus.SYNCED
    assert (titles(simulator), titles(second)) == ([], ["Optics"])
    assert start_link(Meeting.objects.get(pk=meeting.pk), meeting.teacher).startswith(second.url)


def test_what_is_said_of_a_group_goes_before_what_is_said_of_its_teacher(second: Simulator) -> None:
    teacher = make_teacher()
    first = ZoomAccount.objects.get(account_id="sim-account")
    group = make_class(teacher=teacher)
    account_changes.bind_teacher(teacher, row())
    account_changes.bind_group(group, first)

    of_group, of_nobody = meeting_of(teacher, group=group), meeting_of(teacher, starts_at=next_monday_at(15))

    hosts = [meeting.seat.host.account for meeting in (of_group, of_nobody) if meeting.seat]
    assert hosts == [first, row()]


def test_bound_meeting_waits_rather_than_going_elsewhere(second: Simulator) -> None:
    teachers = [make_teacher() for _ in range(3)]
    for teacher in teachers:
        account_changes.bind_teacher(teacher, row())

    assert [meeting_of(teacher).seat is None for teacher in teachers] == [False, False, True]


def test_outage_of_one_account_leaves_the_other_untouched(second: Simulator, simulator: Simulator) -> None:
    ill, well = bound_meeting(title="East"), meeting_of(title="Main")
    second.fault(kind="status", status=503)

    states = [synced(ill) for _ in range(FAILURES_TO_OPEN)]

    assert set(states) == {SyncStatus.PENDING}
    assert Circuit.objects.get(account_id=SECOND).open_until is not None
    assert not Circuit.objects.filter(account_id="sim-account", failures__gt=0).exists()
    assert synced(well) == SyncStatus.SYNCED
    assert titles(simulator) == ["Main"]
    troubles = {one.account_id: getattr(health.health(one.account_id), "trouble", "") for one in accounts()}
    assert troubles == {"sim-account": "", SECOND: ZoomTrouble.UNAVAILABLE}


def test_checks_and_reading_of_hosts_go_on_when_an_account_fails(second: Simulator, simulator: Simulator) -> None:
    simulator.fault(kind="status", status=503)
    ZoomHost.objects.filter(account__account_id=SECOND).update(is_active=False)

    tasks.read_hosts(0)
    tasks.check_zoom(0)

    assert ZoomHost.objects.usable().filter(account__account_id=SECOND).count() == 2
    known = health.health(SECOND)
    assert known is not None
    assert known.trouble == ZoomTrouble.NONE


def test_meeting_that_goes_to_another_account_leaves_nothing_behind(second: Simulator, simulator: Simulator) -> None:
    meeting = meeting_of(title="Moving")
    synced(meeting)
    account_changes.bind_teacher(meeting.teacher, row())
    meeting = Meeting.objects.select_related("teacher").get(pk=meeting.pk)
    occurrences = list(meeting.occurrences.all())
    claims.release(occurrence_ids=[one.pk for one in occurrences], kind=ClaimKind.SEAT)
    pool.place([meeting], occurrences)
    bump_revision(meeting, datetime.now(UTC))

    assert synced(meeting) == SyncStatus.SYNCED
    assert (titles(simulator), titles(second)) == ([], ["Moving"])


def test_message_of_an_account_is_taken_at_its_address_and_at_the_address_of_all(
    second: Simulator, client: Client
) -> None:
    for number, path in enumerate((f"/api/zoom/webhook/{row().pk}", "/api/zoom/webhook")):
        body = as_bytes(event("meeting.alert", datetime.now(UTC), id=str(number)))
        assert send(client, path, body, HOOK) == 200

    assert WebhookEvent.objects.count() == 2


def test_message_is_taken_at_an_accounts_address_by_its_secret_alone(
    second: Simulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = type(settings.ENVIRONMENT.zoom_webhook_secret)("first-hook")
    monkeypatch.setattr(
        settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update={"zoom_webhook_secret": secret})
    )
    body = as_bytes(event("meeting.alert", datetime.now(UTC), id="1"))

    assert send(client, f"/api/zoom/webhook/{row().pk}", body, "first-hook") == 401
    assert send(client, f"/api/zoom/webhook/{uuid4()}", body, "first-hook") == 404
    assert send(client, "/api/zoom/webhook", body, "nobodys") == 401
    assert send(client, "/api/zoom/webhook", body, "first-hook") == 200


def test_zoom_may_validate_an_accounts_address(second: Simulator, client: Client) -> None:
    body = as_bytes({"event": "endpoint.url_validation", "event_ts": 1, "payload": {"plainToken": "token"}})

    answer = client.generic(
        "POST", f"/api/zoom/webhook/{row().pk}", body, "application/json", headers=headers(body, secret=HOOK)
    )

    assert answer.json()["plainToken"] == "token"


def send(client: Client, path: str, body: bytes, secret: str) -> int:
    return client.generic(
        "POST", path, body, content_type="application/json", headers=headers(body, secret=secret)
    ).status_code


def run_of(meeting: Meeting) -> Run:
    """Return a run of a meeting that is on Zoom, as Zoom tells of it."""
    meeting.refresh_from_db()
    return Run(meeting.occurrences.get(), uuid="its-run")


def test_message_about_another_accounts_meeting_changes_nothing(second: Simulator, client: Client) -> None:
    meeting = meeting_of(title="Main")
    synced(meeting)
    body = as_bytes(run_of(meeting).started())

    assert send(client, f"/api/zoom/webhook/{row().pk}", body, HOOK) == 200
    process_all(now=datetime.now(UTC))

    kept = WebhookEvent.objects.get()
    assert (kept.signed_by, kept.zoom_meeting_id, kept.zoom_instance_uuid) == (SECOND, "", "")
    assert kept.processed_at is not None
    assert not MeetingRun.objects.exists()
    assert set(meeting.occurrences.values_list("status", flat=True)) == {OccurrenceStatus.SCHEDULED}


def test_message_about_a_run_of_another_accounts_meeting_changes_nothing(second: Simulator, client: Client) -> None:
    meeting = meeting_of(title="Main")
    synced(meeting)
    ended = run_of(meeting).ended(meeting.starts_at)
    ended["payload"]["object"]["id"] = "99999999999"
    run = MeetingRun.objects.create(
        zoom_instance_uuid="its-run",
        zoom_meeting_id=meeting.zoom_meeting_id,
        occurrence=meeting.occurrences.first(),
        started_at=meeting.starts_at,
        seen_at=meeting.starts_at,
    )

    assert send(client, f"/api/zoom/webhook/{row().pk}", as_bytes(ended), HOOK) == 200
    process_all(now=datetime.now(UTC))

    run.refresh_from_db()
    assert run.ended_at is None


def test_message_about_its_own_meeting_counts(second: Simulator, client: Client) -> None:
    meeting = bound_meeting(title="East")
    synced(meeting)

    assert send(client, "/api/zoom/webhook", as_bytes(run_of(meeting).started()), HOOK) == 200
    process_all(now=datetime.now(UTC))

    assert meeting.occurrences.get().status == OccurrenceStatus.LIVE


def test_status_says_of_each_account_how_it_is(second: Simulator, api: Callable[[User], ApiClient]) -> None:
    second.fault(kind="status", status=503)
    tasks.check_zoom(0)

    said = api(make_teacher()).get("/api/zoom/status").json()

    assert said["status"]["success"]
    assert [(one["account_id"], one["trouble"], one["limits"]["hosts"]) for one in said["accounts"]] == [
        ("sim-account", "", 3),
        (SECOND, "unavailable", 2),
    ]


def test_meetings_are_joined_by_the_sdk_app_of_their_account(second: Simulator) -> None:
    account_changes.change_account(row_id=row().pk, values={"sdk_key": "east-key", "sdk_secret": "east-secret"})
    meeting = bound_meeting()
    synced(meeting)

    app = sdk_app_of(Meeting.objects.get(pk=meeting.pk))

    assert app is not None
    assert (app.sdk_key, app.sdk_secret) == ("east-key", "east-secret")


def test_account_is_known_by_its_new_credentials_at_once(second: Simulator) -> None:
    before = gateway.zoom_client(SECOND)
    account_changes.change_account(row_id=row().pk, values={"client_secret": "another"})

    found = account_changes.check_account(row(), now=datetime.now(UTC))

    assert gateway.zoom_client(SECOND) is not before
    assert not found.works


def test_removing_an_account_says_first_what_that_moves(second: Simulator, simulator: Simulator) -> None:
    meeting = bound_meeting(title="East")
    synced(meeting)
    with pytest.raises(AccountInUse):
        account_changes.remove_account(row_id=row().pk, confirmed=False, now=datetime.now(UTC))

    moved = account_changes.remove_account(row_id=row().pk, confirmed=True, now=datetime.now(UTC))

    assert moved == 1
    assert synced(meeting) == SyncStatus.SYNCED
    assert titles(simulator) == ["East"]
    assert not AccountBinding.objects.exists()
    with pytest.raises(ZoomNotConfigured):
        account(SECOND)


def test_removed_account_may_be_added_again(second: Simulator) -> None:
    account_changes.remove_account(row_id=row().pk, confirmed=True, now=datetime.now(UTC))

    account_changes.add_account(account_id=SECOND, values=credentials(second), now=datetime.now(UTC))
    read(SECOND)

    assert bound_meeting().seat is not None


@pytest.mark.parametrize(
    ("account_id", "values", "field"),
    [
        ("sim-account", {}, "account_id"),
        (SECOND, {}, "account_id"),
        ("third", {"client_secret": ""}, "client_secret"),
        ("third", {"api_url": "https://10.0.0.1/v2"}, "api_url"),
        ("third", {"oauth_url": "ftp://zoom.us"}, "oauth_url"),
    ],
    ids=["the settings'", "there already", "no secret", "inside the network", "no address"],
)
def test_what_could_not_be_used_is_refused(
    second: Simulator, account_id: str, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(AccountInvalid) as refused:
        account_changes.add_account(account_id=account_id, values=credentials(second, **values), now=datetime.now(UTC))

    assert refused.value.field == field


def test_secrets_go_in_and_never_out(
    zoom: ZoomClient, second_process: Simulator, api: Callable[[User], ApiClient]
) -> None:
    admin = api(make_admin())
    body = credentials(second_process, account_id=SECOND, sdk_secret="east-sdk-secret", sdk_key="east-key")

    made = admin.post("/api/zoom/accounts", body)
    path = f"/api/zoom/accounts/{made.json()['account']['id']}"
    answers = [
        made,
        admin.get("/api/zoom/accounts"),
        admin.get(path),
        admin.patch(path, {"name": "East"}),
        admin.post(f"{path}/check", {}),
        admin.delete(path),
    ]

    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200, 200]
    assert answers[4].json()["works"]
    secrets = (b"second-secret", HOOK.encode(), b"east-sdk-secret")
    assert not any(secret in answer.content for answer in answers for secret in secrets)


def test_secrets_lie_encrypted(second: Simulator) -> None:
    kept = bytes(row().sealed)

    assert b"second-secret" not in kept
    assert account(SECOND).client_secret == "second-secret"


def test_account_of_the_settings_is_changed_there(second: Simulator, api: Callable[[User], ApiClient]) -> None:
    first = ZoomAccount.objects.get(account_id="sim-account").pk

    answers = [
        api(make_admin()).patch(f"/api/zoom/accounts/{first}", {"name": "Main"}),
        api(make_admin()).delete(f"/api/zoom/accounts/{first}?confirm=true"),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (409, "zoom_account_of_settings")
    ] * 2


def test_group_is_bound_and_freed_by_api(second: Simulator, api: Callable[[User], ApiClient]) -> None:
    group, admin = make_class(), api(make_admin())
    bound = {"group_id": str(group.pk), "account_id": str(row().pk)}

    assert admin.put("/api/zoom/accounts/bindings", bound).status_code == 200
    assert admin.get(f"/api/zoom/accounts/{row().pk}").json()["account"]["group_ids"] == [str(group.pk)]
    assert admin.put("/api/zoom/accounts/bindings", bound | {"account_id": None}).status_code == 200
    assert not AccountBinding.objects.exists()
    assert admin.put("/api/zoom/accounts/bindings", {}).status_code == 400


def test_accounts_page_shows_each_and_forms_lead_through(second: Simulator, client: Client) -> None:
    client.force_login(make_admin())
    group = make_class()
    home = f"/zoom/accounts/{row().pk}/"

    assert "East campus" in client.get("/zoom/accounts/").content.decode()
    assert f"/zoom/accounts/groups/{group.pk}/" in client.get(f"/classes/{group.pk}/edit").content.decode()
    client.post(f"/zoom/accounts/groups/{group.pk}/", {"account": str(row().pk)})
    assert AccountBinding.objects.get().group == group
    page = client.get(home).content.decode()
    assert group.name in page
    assert "second-secret" not in page
    assert "It works: 2 hosts." in client.post(f"{home}check", follow=True).content.decode()
    saved = client.post(home, {"name": "East", "client_id": "second-client", "plan": "pro", "seats_per_host": "1"})
    assert saved.status_code == 302
    assert account(SECOND).client_secret == "second-secret"
    client.post(f"{home}remove")
    assert [one.account_id for one in accounts()] == ["sim-account"]


def test_the_document_names_a_test_for_each_state_of_an_account() -> None:
    table = DOCUMENT.read_text(encoding="utf-8").partition("## What works when")[2].partition("Each name is")[0]
    rows = [row.strip("| ").split(" | ") for row in table.strip().splitlines()[2:]]

    assert len(rows) > 8
    for state, *_what, shown_by in rows:
        named = re.findall(r"(test_\w+): ([\w, ]+)", shown_by)
        assert named, state
        for module, tests in named:
            text = (Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8")
            assert [one for one in tests.split(", ") if f"def test_{one}(" not in text] == [], state
