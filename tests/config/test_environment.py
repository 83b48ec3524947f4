"""Settings come from the environment; a wrong one stops the program with a sentence that names it."""

import json
import stat

import pytest
from pydantic import ValidationError

from classbell.config.environment import kept_secret_key, read_environment


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
        pytest.param("ZOOM_SEATS_PER_HOST", "0", "ZOOM_SEATS_PER_HOST\n  Input should be greater", id="seats"),
        pytest.param("CLASSBELL_LOG_FORMAT", "xml", "CLASSBELL_LOG_FORMAT", id="log format"),
    ],
)
def test_wrong_value_is_named(monkeypatch, name, value, message):
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=message):
        read_environment()


def test_no_secret_shows_in_the_printed_settings(monkeypatch):
    monkeypatch.setenv("ZOOM_CLIENT_SECRET", "very-secret")

    assert "very-secret" not in repr(read_environment())
