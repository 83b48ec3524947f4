"""Admins see what people are told, in both languages, before anybody is."""

import pytest

from classbell.notices.models import Dispatch, Notice
from classbell.notices.texts import Kind
from tests.factories import make_admin
from tests.web.conftest import SignIn

PAGE = "/setup/notices/"

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", Kind)
def test_every_notice_is_shown_in_both_languages_and_none_is_sent(sign_in: SignIn, kind: Kind) -> None:
    browser = sign_in(make_admin())

    page = browser.get(PAGE, {"kind": kind.value})
    mails = [browser.get(f"{PAGE}{kind.value}/{language}").content.decode() for language in ("en", "ar")]

    assert page.status_code == 200
    assert ['dir="ltr"' in mails[0], 'dir="rtl"' in mails[1]] == [True, True]
    assert not Notice.objects.exists()
    assert not Dispatch.objects.exists()


def test_mail_is_shown_in_a_frame_in_which_nothing_runs(sign_in: SignIn) -> None:
    shown = sign_in(make_admin()).get(f"{PAGE}{Kind.LESSON_MOVED.value}/en")

    assert "sandbox" in shown["Content-Security-Policy"]
    assert "script-src" not in shown["Content-Security-Policy"]
    assert shown["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("address", ["?kind=gossip", "gossip/en", "lesson_moved/fr"])
def test_what_is_no_notice_is_not_there(sign_in: SignIn, address: str) -> None:
    assert sign_in(make_admin()).get(f"{PAGE}{address}").status_code == 404
