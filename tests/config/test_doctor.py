"""The doctor finds what is wrong and says what to do."""

import json

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings as django_settings
from pydantic import SecretStr

from classbell.config.doctor import examine
from classbell.config.doctor_public import unsafe_in_public
from classbell.config.findings import Verdict, print_findings, print_json
from classbell.zoom.check import CLASSIC_SCOPES, GRANULAR_SCOPES
from tests.factories import make_admin, make_student
from tests.secret_keys import secret_keys


def found():
    return {finding.subject: (finding.verdict, finding.text) for finding in examine()}


@pytest.mark.django_db
def test_without_zoom_everything_else_is_still_examined():
    findings = found()

    assert findings["Database"][0] == Verdict.OK
    assert findings["Zoom"][0] == Verdict.WARNING
    assert "Server-to-Server OAuth app" in findings["Zoom"][1]
    assert [name for name in (*GRANULAR_SCOPES, *CLASSIC_SCOPES) if name not in findings["Zoom scopes"][1]] == []
    assert findings["Webhooks"][0] == findings["Meeting SDK"][0] == Verdict.WARNING


def test_working_zoom_is_well(zoom, zoom_hosts):
    findings = found()

    assert {findings[subject][0] for subject in ("Database", "Zoom", "Clock", "Hosts")} == {Verdict.OK}
    assert "Zoom scopes" not in findings


def test_refused_credentials_are_said_without_showing_them(zoom, monkeypatch, capsys):
    from classbell.meetings.sync import gateway

    wrong = django_settings.ENVIRONMENT.model_copy(update={"zoom_client_secret": SecretStr("wrong-secret")})
    monkeypatch.setattr(django_settings, "ENVIRONMENT", wrong)
    gateway._client.cache_clear()

    status = print_findings(examine())

    out = capsys.readouterr().out
    assert status == 1
    assert "broken" in out
    assert "wrong-secret" not in out


@pytest.mark.django_db
def test_retired_credentials_are_named_with_what_to_create_instead(monkeypatch):
    legacy = django_settings.ENVIRONMENT.model_copy(update={"zoom_api_key": "abc"})
    monkeypatch.setattr(django_settings, "ENVIRONMENT", legacy)

    verdict, text = found()["ZOOM_API_KEY"]

    assert verdict == Verdict.BROKEN
    assert "Server-to-Server OAuth" in text


@pytest.mark.django_db
@pytest.mark.parametrize(("mode", "is_said"), [(0o644, True), (0o600, False)])
def test_settings_that_others_may_read_are_named(monkeypatch, tmp_path, mode, is_said):
    file = tmp_path / "classbell.env"
    file.touch()
    file.chmod(mode)
    monkeypatch.setattr(
        django_settings, "ENVIRONMENT", django_settings.ENVIRONMENT.model_copy(update={"data": tmp_path})
    )

    assert ("Settings file" in found()) is is_said


@pytest.mark.django_db
@pytest.mark.parametrize(("proxies", "is_said"), [(0, True), (1, False)])
def test_proxy_that_is_not_counted_is_named(monkeypatch, proxies, is_said):
    changed = {"public_url": "https://school.example", "trusted_proxies": proxies}
    monkeypatch.setattr(django_settings, "ENVIRONMENT", django_settings.ENVIRONMENT.model_copy(update=changed))

    assert ("Proxy" in found()) is is_said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "allowed", "said"),
    [
        pytest.param("http://localhost:8000", ["localhost"], {"Public address": Verdict.WARNING}, id="this machine"),
        pytest.param(
            "http://127.0.0.2:9",
            ["127.0.0.2"],
            {"HTTPS": Verdict.BROKEN, "Public address": Verdict.WARNING},
            id="no TLS",
        ),
        pytest.param("https://127.0.0.2:9", ["127.0.0.2"], {"Public address": Verdict.WARNING}, id="nobody answers"),
    ],
)
def test_public_address_is_tried(monkeypatch, settings, url, allowed, said):
    settings.ALLOWED_HOSTS = allowed
    monkeypatch.setattr(
        django_settings, "ENVIRONMENT", django_settings.ENVIRONMENT.model_copy(update={"public_url": url})
    )

    findings = found()

    assert {name: findings[name][0] for name in ("Public address", "HTTPS") if name in findings} == said


@pytest.mark.django_db
def test_public_name_that_is_not_served_is_named(monkeypatch, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    changed = {"public_url": "https://127.0.0.2:9"}
    monkeypatch.setattr(django_settings, "ENVIRONMENT", django_settings.ENVIRONMENT.model_copy(update=changed))

    texts = [finding.text for finding in examine() if finding.subject == "Public address"]

    assert "CLASSBELL_ALLOWED_HOSTS does not name 127.0.0.2" in texts[0]


@pytest.mark.django_db
@pytest.mark.parametrize(("host", "verdict"), [("", Verdict.WARNING), ("127.0.0.2", Verdict.BROKEN)])
def test_mail_is_tried(settings, host, verdict):
    settings.EMAIL_HOST, settings.EMAIL_PORT = host, 9

    assert found()["Mail"][0] == verdict


@pytest.mark.django_db
def test_second_file_of_settings_is_named(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert "Settings" not in found()

    (tmp_path / ".env").touch()

    assert "classbell.env" in found()["Settings"][1]


PUBLIC = {"public_url": "https://127.0.0.2:9"}
LONG_KEY = "kJ2b-Qv81hTz0LmX6cYw9RsE4uPoA7dF3gNi5"


def be(monkeypatch, **changed):
    environment = django_settings.ENVIRONMENT.model_copy(update=changed)
    monkeypatch.setattr(django_settings, "ENVIRONMENT", environment)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "django", "subject", "verdict"),
    [
        pytest.param({}, {"DEBUG": True}, "CLASSBELL_DEBUG", Verdict.BROKEN, id="debug"),
        pytest.param(
            {}, {"SECRET_KEY": "changeme" * 8}, "CLASSBELL_SECRET_KEY", Verdict.BROKEN, id="key of a tutorial"
        ),
        pytest.param({}, {"SECRET_KEY": "aB3" * 20}, "CLASSBELL_SECRET_KEY", Verdict.BROKEN, id="few characters"),
        pytest.param({}, {"SECRET_KEY": LONG_KEY[:20]}, "CLASSBELL_SECRET_KEY", Verdict.BROKEN, id="short key"),
        pytest.param(
            {"zoom_webhook_secret": SecretStr("sim-webhook-secret")},
            {},
            "ZOOM_WEBHOOK_SECRET",
            Verdict.BROKEN,
            id="the simulator's secret",
        ),
        pytest.param(
            {"metrics_token": SecretStr("metrics")}, {}, "CLASSBELL_METRICS_TOKEN", Verdict.BROKEN, id="short token"
        ),
        pytest.param({"zoom_api_url": "http://127.0.0.1:9/v2"}, {}, "ZOOM_API_URL", Verdict.WARNING, id="simulator"),
        pytest.param({"zoom_sdk_url": "http://127.0.0.1:9/sdk"}, {}, "ZOOM_SDK_URL", Verdict.WARNING, id="its SDK"),
    ],
)
def test_what_is_unsafe_in_public_is_named_there_and_not_on_a_laptop(
    monkeypatch, settings, changed, django, subject, verdict
):
    for name, value in ({"SECRET_KEY": LONG_KEY} | django).items():
        setattr(settings, name, value)

    be(monkeypatch, **changed)
    assert subject not in found()
    be(monkeypatch, **PUBLIC)
    assert found()[subject][0] == verdict


@pytest.mark.django_db
def test_a_sound_public_installation_has_nothing_unsafe(monkeypatch, settings):
    settings.SECRET_KEY = LONG_KEY
    zoom = {"zoom_api_url": "https://api.zoom.us/v2", "zoom_oauth_url": "https://zoom.us/oauth/token"}
    be(monkeypatch, zoom_webhook_secret=SecretStr("pKq9aG2"), **PUBLIC, **zoom)

    assert [finding.subject for finding in unsafe_in_public()] == []


@pytest.mark.django_db
def test_keys_of_payments_without_webhooks_are_named_and_none_are_no_fault(monkeypatch):
    assert "Payments" not in found()

    be(monkeypatch, stripe_secret_key=SecretStr("sk_test_1"))
    assert found()["Payments"][0] == Verdict.WARNING

    be(monkeypatch, stripe_secret_key=SecretStr("sk_test_1"), stripe_webhook_secret=SecretStr("whsec_1"))
    assert found()["Payments"] == (Verdict.OK, "by Stripe, trial payments only.")


@pytest.mark.django_db
def test_people_of_the_demo_may_not_sign_in_in_public(monkeypatch):
    person = make_student(email="student@classbell.example")
    be(monkeypatch, **PUBLIC)

    assert found()["Demo accounts"][0] == Verdict.BROKEN

    type(person).objects.update(is_active=False)
    assert "Demo accounts" not in found()


@pytest.mark.django_db
def test_workers_that_are_not_there_are_named():
    assert found()["Workers"][0] == Verdict.WARNING
    assert "classbell worker" in found()["Workers"][1]


@pytest.mark.django_db
def test_programs_read_the_findings_and_their_worst_is_the_status(monkeypatch, settings, capsys):
    settings.DEBUG = True
    be(monkeypatch, **PUBLIC)

    status = print_json(examine())

    told = json.loads(capsys.readouterr().out)
    assert status == 1
    assert {tuple(one) for one in told} == {("subject", "verdict", "text")}
    assert ("CLASSBELL_DEBUG", "broken") in {(one["subject"], one["verdict"]) for one in told}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "said"),
    [
        ("a-key-without-a-day-that-is-long-enough", None),
        ("2999-12-31:a-key-whose-day-is-to-come-long-enough", None),
        ("2020-12-31:a-key-whose-day-is-over-long-enough", "verifies nothing since the end of 2020-12-31"),
        ("the-key-of-now-that-is-long-enough-to-sign", "is the present CLASSBELL_SECRET_KEY itself"),
    ],
)
def test_an_older_key_that_may_go_is_named(old, said):
    with secret_keys("the-key-of-now-that-is-long-enough-to-sign", old):
        text = found().get("CLASSBELL_SECRET_KEY_OLD", (None, None))[1]

    assert (said in text) if said else text is None
    assert old.rpartition(":")[2] not in str(text)


@pytest.mark.django_db
def test_an_older_secret_of_webhooks_is_named_for_as_long_as_it_is_taken(monkeypatch):
    be(monkeypatch, zoom_webhook_secret=SecretStr("new"), zoom_webhook_secret_old=SecretStr("old"))

    assert found()["ZOOM_WEBHOOK_SECRET_OLD"][0] == Verdict.WARNING


@pytest.mark.django_db
def test_an_older_key_that_everybody_can_guess_must_not_verify_in_public(monkeypatch):
    with secret_keys("mDf83hS-2kf9Xc7Lq0zRt5vYb1nAw6Ue", "the-key-of-a-document-somewhere-on-the-web"):
        be(monkeypatch, **PUBLIC)
        subjects = [finding.subject for finding in unsafe_in_public()]

    assert subjects == ["CLASSBELL_SECRET_KEY_OLD"]


@pytest.mark.django_db
def test_admins_with_nothing_but_a_password_are_counted_in_public(monkeypatch, settings):
    settings.SECRET_KEY = LONG_KEY
    be(monkeypatch, **PUBLIC)
    make_admin()
    invited, careful = make_admin(), make_admin()
    invited.set_unusable_password()
    invited.save()
    TOTP.activate(careful, generate_totp_secret())

    said = {finding.subject: finding.text for finding in unsafe_in_public()}

    assert said["Second steps"].startswith("1 admins sign in by a password alone")
