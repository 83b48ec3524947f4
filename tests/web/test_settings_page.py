"""The installation's settings as admins see them: all of them, explained, and no secret."""

from pathlib import Path

import pytest
from django.conf import settings
from pydantic import SecretStr

from classbell.web.school.labels import GROUPS, settings_in_words
from tests.web.conftest import School, SignIn
from tests.web.html import words

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "settings.md"
# Read only to tell people what to make instead.
RETIRED = {"zoom_api_key", "zoom_api_secret"}


def test_every_setting_is_explained_on_the_page_and_in_the_documentation() -> None:
    explained = {name for _key, _title, group in GROUPS for name in group}
    fields = type(settings.ENVIRONMENT).model_fields
    documented = DOCUMENTATION.read_text()

    assert explained == fields.keys() - RETIRED
    assert [field.alias for field in fields.values() if f"`{field.alias}`" not in documented] == []


@pytest.mark.django_db
def test_secrets_say_only_whether_they_are_set(
    school: School, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = {
        "zoom_client_secret": SecretStr("hush-hush"),
        "database_url": "postgresql://classbell:hush-hush@db/classbell",
    }
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=hidden))

    page = sign_in(school.admin).get("/setup/settings")

    shown = {setting.variable: setting for group in page.context["groups"] for setting in group.settings}
    assert b"hush-hush" not in page.content
    assert (shown["ZOOM_CLIENT_SECRET"].value, shown["DATABASE_URL"].value) == ("Set", "Set")
    assert settings.ENVIRONMENT.secret_key.get_secret_value() not in words(page)


def test_what_was_changed_stands_beside_what_it_would_be() -> None:
    changed = settings.ENVIRONMENT.model_copy(update={"zoom_plan": "business", "join_early_minutes": 0})

    shown = {one.variable: one for group in settings_in_words(changed) for one in group.settings}

    plan, timeout = shown["ZOOM_PLAN"], shown["ZOOM_INLINE_TIMEOUT"]
    assert (plan.value, plan.default, plan.is_default) == ("business", "pro", False)
    assert (timeout.value, timeout.is_default) == ("5 seconds", True)
    assert shown["CLASSBELL_JOIN_EARLY_MINUTES"].value == "0"
