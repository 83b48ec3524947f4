"""Admins see what people are told, in both languages, before anybody is."""

import re
from html import unescape

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

    mails = [unescape(mail) for mail in re.findall(r'srcdoc="([^"]*)"', page.content.decode())]
    assert page.status_code == 200
    assert ['lang="en" dir="ltr"' in mails[0], 'lang="ar" dir="rtl"' in mails[1]] == [True, True]
    assert not Notice.objects.exists()
    assert not Dispatch.objects.exists()


def test_mail_is_shown_in_a_frame_in_which_nothing_runs(sign_in: SignIn) -> None:
    shown = sign_in(make_admin()).get(PAGE)

    frames = re.findall(r"<iframe [^>]*>", shown.content.decode())
    assert len(frames) == 2
    assert all(" sandbox srcdoc=" in frame for frame in frames)
    assert "script-src 'self';" in shown["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["?kind=gossip", "gossip/en"])
def test_what_is_no_notice_is_not_there(sign_in: SignIn, address: str) -> None:
    assert sign_in(make_admin()).get(f"{PAGE}{address}").status_code == 404
