"""The guide for one machine with PostgreSQL, nginx and systemd, played as it stands, and what people then meet there."""

import json
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.install.conftest import PASSWORD
from tests.install.installation import (
    ADMIN_STEP,
    MAIL_STEP,
    REQUESTS_PER_ADDRESS,
    WEBHOOK_SECRET,
    ZOOM_STEP,
    Installation,
)
from tests.install.machine import missing_here
from tests.install.visitor import Visitor
from tests.simulator import STUCK_SECONDS, wait_until
from tests.web.html import words

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing_here()), reason=missing_here()),
    pytest.mark.xdist_group("installation"),
]


def test_every_step_says_what_it_promises(installation: Installation) -> None:
    assert '"status": "ok"' in installation.said["8. nginx"]
    assert installation.machine.host in installation.said[ADMIN_STEP]
    assert "the credentials work" in installation.said[ZOOM_STEP]
    assert "Licensed Zoom users who can host: 2" in installation.said[ZOOM_STEP]


def test_mail_goes_out_by_tls_and_password(installation: Installation, teacher: str) -> None:
    sent = installation.mail_server.mails
    wait_until(
        lambda: any(mail["to"] == teacher for mail in sent), seconds=STUCK_SECONDS, what="an invitation to be mailed"
    )
    invitation = next(mail for mail in sent if mail["to"] == teacher)

    # The second where this machine has no name but localhost, from which others would take no mail.
    assert re.search(r"takes mail\.|the server answers", installation.said[MAIL_STEP])
    assert invitation["from"] == f"Classbell <classbell@{installation.machine.host}>"
    assert installation.machine.url in invitation.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_the_first_admin_comes_in_and_cookies_go_by_https_only(installation: Installation, admin: Visitor) -> None:
    cookies = {cookie.name: cookie for cookie in admin.pages.cookies.jar}
    with installation.visitor() as again:
        home = again.send("/accounts/login/", login="head@school.example", password=PASSWORD)

    assert "Amina Haddad" in words(home)
    assert cookies.keys() >= {"sessionid", "csrftoken"}
    assert {cookie.secure for cookie in cookies.values()} == {True}
    assert cookies["sessionid"].has_nonstandard_attr("HttpOnly")
    assert home.headers["strict-transport-security"] == "max-age=31536000"


def test_forms_of_other_sites_are_refused(installation: Installation, admin: Visitor) -> None:
    elsewhere = admin.pages.post(
        "/classes/new", data={"name": "Algebra"}, headers={"Origin": "https://elsewhere.example"}
    )

    assert elsewhere.status_code == 403


def test_http_leads_to_https(installation: Installation) -> None:
    machine = installation.machine
    answer = httpx.get(f"http://{machine.host}:{machine.ports['80']}/lessons?day=1")

    assert (answer.status_code, answer.headers["location"]) == (308, f"https://{machine.host}/lessons?day=1")


def test_admin_plans_a_class_by_pages_and_zooms_webhooks_come_through_nginx(
    installation: Installation, admin: Visitor, teacher: str
) -> None:
    simulator, soon = installation.simulator, datetime.now(UTC) + timedelta(minutes=10)
    simulator.send_webhooks_to(f"{installation.machine.url}/api/zoom/webhook", WEBHOOK_SECRET)
    made = admin.send("/classes/new", name="Algebra", teacher=teacher)
    planned = admin.send(
        f"{made.url.path}meetings/new",
        title="Algebra for all",
        day=soon.date().isoformat(),
        start=f"{soon:%H:%M}",
        minutes="60",
        repeats="once",
    )
    (meeting,) = (meeting for meeting in simulator.state()["meetings"] if meeting["topic"] == "Algebra for all")
    simulator.start_meeting(meeting["id"])
    simulator.join(meeting["id"], "Salma")

    assert "Planned, and on Zoom." in words(planned)
    for understood in ("Started Algebra for all Done", "Somebody came in Algebra for all Done"):
        wait_until(
            lambda understood=understood: understood in words(admin.pages.get("/zoom/inbox")),  # type: ignore[misc]
            seconds=STUCK_SECONDS,
            what=f"a webhook to be understood: {understood}",
        )
    assert {delivery["status"] for delivery in installation.deliveries_of(meeting["id"])} == {"delivered"}


def test_whoever_asks_too_often_is_refused_by_their_own_address_whatever_they_say_it_is(
    installation: Installation,
) -> None:
    def ask(visitor: Visitor, says: str) -> int:
        return visitor.pages.get("/accounts/login/", headers={"X-Forwarded-For": says}).status_code

    with installation.visitor(comes_from="127.0.0.2") as pushy, installation.visitor(comes_from="127.0.0.3") as other:
        asked = [ask(pushy, f"203.0.113.{number % 250}") for number in range(REQUESTS_PER_ADDRESS * 10)]

        assert 429 in asked
        assert ask(other, "127.0.0.2") == 200


def test_requests_have_a_number_of_nginx_whatever_visitors_say(installation: Installation) -> None:
    with installation.visitor() as visitor:
        answer = visitor.pages.get("/healthz/live", headers={"X-Request-ID": "one-of-my-own"})
    number = answer.headers["x-request-id"]

    assert number != "one-of-my-own"
    assert number in (installation.machine.folder / "var/log/nginx/classbell.log").read_text()


def test_measures_are_for_this_machine_only_and_secrets_for_their_user(installation: Installation) -> None:
    folder = installation.machine.folder / "var/lib/classbell"
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}

    assert {mode for name, mode in modes.items() if name not in {"classbell", "secrets"}} == {0o600}
    assert modes["classbell"] == modes["secrets"] == 0o700
    assert {path.owner() for path in folder.rglob("*")} == {"classbell"}


def test_doctor_names_all_that_was_broken_and_finds_nothing_to_mend_before(installation: Installation) -> None:
    folder = installation.machine.folder / "var/lib/classbell"
    settings, key = folder / "classbell.env", folder / "secrets/secret-key"
    before = settings.read_text()
    sound = installation.classbell("doctor")
    broken = before.replace("=https://", "=http://").replace("ZOOM_WEBHOOK_SECRET_FILE", "NOT_SET")
    settings.write_text(broken + "CLASSBELL_DEBUG=true\nEMAIL_HOST=127.0.0.2\nEMAIL_PORT=9\n")
    key.chmod(0o644)
    try:
        examined = installation.classbell("doctor", "--json")
    finally:
        settings.write_text(before)
        key.chmod(0o600)

    wrong = {found["subject"] for found in json.loads(examined.stdout) if found["verdict"] != "ok"}
    assert sound.returncode == 0, sound.stdout
    assert examined.returncode == 1
    assert wrong >= {"HTTPS", "Webhooks", "Mail", "CLASSBELL_DEBUG", "Secret file"}
