"""Settings come from the environment; a wrong one stops the program with a sentence that names it."""

import json
import stat

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsError

from classbell.config.environment import Environment, kept_secret_key, read_database_settings, read_environment


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch, tmp_path):
    for name in ("DATABASE_URL", "CLASSBELL_SECRET_KEY", "CLASSBELL_LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLASSBELL_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)


PROVIDER = {"slug": "school", "name": "School", "issuer": "https://login.school.example", "client_id": "classbell"}


def test_providers_to_sign_in_at_are_a_list_in_json(monkeypatch):
    monkeypatch.setenv("CLASSBELL_SIGN_IN_PROVIDERS", json.dumps([PROVIDER | {"domains": "school.example"}]))

    (provider,) = read_environment().sign_in_providers

    assert (provider.slug, provider.domains) == ("school", ("school.example",))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("google", "must be a list in JSON"),
        (json.dumps([PROVIDER, PROVIDER]), "names a provider twice"),
        (json.dumps([PROVIDER | {"client_secrets": "x"}]), "client_secrets"),
        (json.dumps([PROVIDER | {"issuer": "http://login.school.example"}]), "begins with https://"),
        (json.dumps([PROVIDER | {"issuer": "https://login.microsoftonline.com/common/v2.0"}]), "your own tenant"),
        (json.dumps([PROVIDER | {"vouches": True}]), "Name the domains"),
        (json.dumps([PROVIDER | {"makes_accounts": True}]), "Name the domains"),
        (
            json.dumps([PROVIDER | {"roles": [{"claim": "user_metadata.role", "value": "x", "role": "teacher"}]}]),
            "what people write about themselves",
        ),
        (json.dumps([PROVIDER | {"roles": [{"claim": "groups", "value": "x", "role": "admin"}]}]), "may not make any"),
        (json.dumps([PROVIDER | {"kind": "saml"}]), "This is needed"),
    ],
)
def test_a_wrong_provider_is_refused_with_what_to_write(monkeypatch, text, sentence):
    monkeypatch.setenv("CLASSBELL_SIGN_IN_PROVIDERS", text)

    with pytest.raises(ValidationError, match=sentence):
        read_environment()


def test_nothing_set_is_a_laptop_without_zoom():
    environment = read_environment()

    assert not environment.zoom_configured
    assert environment.zoom_plan == "pro"
    assert environment.debug is False


def test_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    first = read_environment().secret_key.get_secret_value()

    assert read_environment().secret_key.get_secret_value() == first == kept_secret_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_own_database_needs_a_secret_key_of_its_own(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/classbell")

    with pytest.raises(ValidationError, match="CLASSBELL_SECRET_KEY must be set when DATABASE_URL is"):
        read_environment()


def test_settings_are_read_from_the_data_folder_and_the_environment_is_stronger(monkeypatch, tmp_path):
    (tmp_path / "classbell.env").write_text("ZOOM_PLAN=business\nZOOM_SEATS_PER_HOST=2\n")
    monkeypatch.setenv("ZOOM_PLAN", "free")

    environment = read_environment()

    assert (environment.zoom_plan, environment.zoom_seats_per_host) == ("free", 2)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param("ZOOM_PLAN", "gold", "ZOOM_PLAN\n  Input should be 'free', 'pro'", id="plan"),
        pytest.param(
            "CLASSBELL_TIMEZONE", "Lisbon", "no IANA timezone; write one such as Europe/Lisbon", id="timezone"
        ),
        pytest.param(
            "CLASSBELL_WEBHOOK_PORTS", "https", "CLASSBELL_WEBHOOK_PORTS\n  Value error, must be ports", id="ports"
        ),
        pytest.param(
            "CLASSBELL_SECRET_KEY_OLD",
            "2027-02-30:hidden",
            "CLASSBELL_SECRET_KEY_OLD\n.*2027-02-30 is no day",
            id="old key",
        ),
        pytest.param("ZOOM_SEATS_PER_HOST", "0", "ZOOM_SEATS_PER_HOST\n  Input should be greater", id="seats"),
        pytest.param("ZOOM_SDK_URL", "http://a.example; script-src *", "ZOOM_SDK_URL", id="SDK's address"),
        pytest.param("CLASSBELL_LOG_FORMAT", "xml", "CLASSBELL_LOG_FORMAT", id="log format"),
    ],
)
def test_wrong_value_is_named(monkeypatch, name, value, message):
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=message) as raised:
        read_environment()

    assert "hidden" not in str(raised.value)


def test_no_secret_shows_in_the_printed_settings(monkeypatch):
    monkeypatch.setenv("ZOOM_CLIENT_SECRET", "very-secret")

    assert "very-secret" not in repr(read_environment())


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("CLASSBELL_STOP_NOTICE", "301", "less than or equal to 5 minutes"),
        ("CLASSBELL_STOP_NOTICE", "-1", "greater than or equal to"),
        ("CLASSBELL_STOP_TIMEOUT", "soon", "could not convert string to float"),
        ("CLASSBELL_OTLP_ENDPOINT", "collector:4318", "write one such as http://localhost:4318/v1/traces"),
    ],
)
def test_wrong_settings_of_operation_are_named(monkeypatch, variable, value, sentence):
    monkeypatch.setenv(variable, value)

    with pytest.raises(ValidationError) as refused:
        read_environment()

    (problem,) = refused.value.errors()
    assert problem["loc"] == (variable,)
    assert sentence in problem["msg"]


def test_secrets_that_no_log_may_show_are_all_of_them(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://classbell:of-the-database@db/classbell")
    monkeypatch.setenv("CLASSBELL_SECRET_KEY", "of-the-installation")
    monkeypatch.setenv("CLASSBELL_SIGN_IN_PROVIDERS", json.dumps([PROVIDER | {"client_secret": "of-the-provider"}]))
    monkeypatch.setenv("EMAIL_HOST_PASSWORD", "of-the-mail-server")

    known = read_environment().secrets

    assert {"of-the-database", "of-the-installation", "of-the-provider", "of-the-mail-server"} <= known
    assert "" not in known


def test_each_setting_may_lie_in_a_file(monkeypatch, tmp_path):
    sample = {name: f"value of {name}" for name, field in Environment.model_fields.items() if field.annotation is str}
    sample |= {"database_url": "postgresql://db/classbell", "timezone": "Europe/Lisbon", "backup_room_url": ""}
    sample |= {"database_replica_url": "postgresql://copy/classbell", "webhook_ports": "443,8443"}
    sample |= {"otlp_endpoint": "http://collector:4318/v1/traces", "zoom_sdk_url": "http://sdk.school.example/5"}
    sample |= {"stripe_api_url": "http://stripe.school.example"}
    secret = [name for name, field in Environment.model_fields.items() if "SecretStr" in str(field.annotation)]
    for name, value in (sample | {name: f"hidden {name}" for name in secret}).items():
        if value:
            (tmp_path / name).write_text(f"{value}\n")
            monkeypatch.setenv(f"{Environment.model_fields[name].alias}_FILE", str(tmp_path / name))

    environment = read_environment()

    assert {name: getattr(environment, name) for name in sample} == sample
    assert all(getattr(environment, name).get_secret_value() == f"hidden {name}" for name in secret)
    assert len(secret) > 5


def test_files_of_secrets_are_named_in_the_file_of_settings_too(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from the file")
    (tmp_path / "url").write_text("postgresql://db/classbell")
    (tmp_path / "classbell.env").write_text(
        f"CLASSBELL_SECRET_KEY_FILE={tmp_path}/key\nDATABASE_URL_FILE={tmp_path}/url\n"
    )

    assert read_environment().secret_key.get_secret_value() == "from the file"
    assert read_database_settings().database_url == "postgresql://db/classbell"
    monkeypatch.setenv("CLASSBELL_SECRET_KEY", "from the environment")
    assert read_environment().secret_key.get_secret_value() == "from the environment"


def test_a_setting_given_twice_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOOM_CLIENT_SECRET", "one")
    monkeypatch.setenv("ZOOM_CLIENT_SECRET_FILE", str(tmp_path / "other"))

    with pytest.raises(SettingsError, match="ZOOM_CLIENT_SECRET and ZOOM_CLIENT_SECRET_FILE are both set"):
        read_environment()


@pytest.mark.parametrize(
    ("content", "path", "sentence"),
    [
        pytest.param(None, "{folder}/none", "cannot be read \\(No such file", id="missing"),
        pytest.param(b"x", "secret", "must be the whole path", id="relative"),
        pytest.param(b" \n", "{folder}/secret", "is empty", id="empty"),
        pytest.param(b"\xff\xfe", "{folder}/secret", "no text in UTF-8", id="binary"),
        pytest.param(b"x" * 70_000, "{folder}/secret", "larger than 64 KB", id="large"),
    ],
)
def test_a_file_that_holds_no_secret_is_named(monkeypatch, tmp_path, content, path, sentence):
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    monkeypatch.setenv("ZOOM_WEBHOOK_SECRET_FILE", path.format(folder=tmp_path))

    with pytest.raises(SettingsError, match=f"ZOOM_WEBHOOK_SECRET_FILE .*{sentence}"):
        read_environment()


def test_app_of_teachers_and_account_may_not_have_one_secret_token(monkeypatch):
    monkeypatch.setenv("ZOOM_WEBHOOK_SECRET", "the-same")
    monkeypatch.setenv("ZOOM_USER_APP_WEBHOOK_SECRET", "the-same")

    with pytest.raises(Exception, match="ZOOM_USER_APP_WEBHOOK_SECRET is the same as ZOOM_WEBHOOK_SECRET"):
        read_environment()
