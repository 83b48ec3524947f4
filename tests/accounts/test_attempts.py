"""How often anybody may try to sign in: growing pauses for an account, a high bound for an address, known devices apart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from classbell.accounts.models import IdentityProvider, SignInPolicy, User
from classbell.accounts.password_links import password_link
from classbell.accounts.services import deactivate_person
from classbell.accounts.sign_in_models import Outcome, SignInAttempt
from classbell.accounts.sign_ins.attempts import (
    FORGOTTEN_AFTER,
    FREE_FAILURES,
    MOST_OF_AN_ADDRESS,
    WINDOW_OF_AN_ADDRESS,
    TooManyAttempts,
    forget_attempts,
    note_success,
    pause_after,
    try_password,
)
from classbell.accounts.sign_ins.devices import Device
from tests.at_once import done_at_once
from tests.factories import PASSWORD, make_admin, make_student

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 7, 45, tzinfo=UTC)
STRANGER = Device(agent="curl/8", address="198.51.100.9")
AT_SCHOOL = Device(agent="Firefox", address="192.0.2.1")
MINUTE = timedelta(minutes=1)


def at_home(user: User) -> Device:
    return Device(agent="Firefox", address="203.0.113.5", id="laptop", people=(user.pk,))


def fails(email: str, device: Device = STRANGER, *, now: datetime = NOW) -> None:
    """Try a wrong password."""
    assert try_password(email, device, lambda: None, now=now) is None


def gets_in(user: User, device: Device, *, now: datetime = NOW) -> bool:
    """Try the right one, and be signed in."""
    try:
        found = try_password(user.email, device, lambda: user, now=now)
    except TooManyAttempts:
        return False
    note_success(user, device, now=now)
    return found == user


def wait_for(email: str, device: Device = STRANGER, *, now: datetime = NOW) -> int:
    """Return how many seconds the next try must wait."""
    with pytest.raises(TooManyAttempts) as refused:
        try_password(email, device, lambda: pytest.fail("nothing is compared while one must wait"), now=now)
    return refused.value.retry_after_seconds


def test_pauses_grow_from_a_minute_to_an_hour() -> None:
    minutes = [pause_after(number) / MINUTE for number in range(14)]

    assert minutes == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert pause_after(100_000) == timedelta(hours=1)


@pytest.mark.parametrize("email", ["known@school.example", "nobody@school.example"])
def test_account_must_wait_longer_and_longer_and_nobody_learns_whether_it_exists(email: str) -> None:
    make_student(email="known@school.example")
    now = NOW
    for _ in range(FREE_FAILURES):
        fails(email, now=now)

    waits = []
    for _ in range(4):
        waits.append(wait_for(email.upper(), now=now))
        now += timedelta(seconds=waits[-1])
        fails(email, now=now)

    assert waits == [60, 120, 240, 480]


def test_who_waits_as_long_as_they_are_told_gets_in_and_begins_anew() -> None:
    user = make_student()
    for _ in range(FREE_FAILURES):
        fails(user.email)

    assert not gets_in(user, STRANGER, now=NOW + 59 * timedelta(seconds=1))
    assert gets_in(user, STRANGER, now=NOW + MINUTE)
    for _ in range(FREE_FAILURES):
        fails(user.email, now=NOW + 2 * MINUTE)


def test_failures_are_forgotten_after_a_day() -> None:
    user = make_student()
    for _ in range(FREE_FAILURES + 5):
        fails(user.email, replace(STRANGER), now=NOW)
        SignInAttempt.objects.update(at=NOW - FORGOTTEN_AFTER)

    fails(user.email)

    assert forget_attempts(now=NOW + MINUTE) == FREE_FAILURES + 5
    assert SignInAttempt.objects.count() == 1


def test_stranger_keeps_nobody_off_a_device_of_their_own() -> None:
    user = make_student()
    assert gets_in(user, at_home(user))
    for _ in range(FREE_FAILURES):
        fails(user.email)

    assert wait_for(user.email) == 60
    assert gets_in(user, at_home(user))
    # Nor do they get more guesses by it.
    assert wait_for(user.email) == 60


def test_known_device_has_no_more_guesses_than_a_stranger() -> None:
    user = make_student()
    for _ in range(FREE_FAILURES):
        fails(user.email, at_home(user))

    assert wait_for(user.email, at_home(user)) == 60
    assert wait_for(user.email, replace(at_home(user), address="192.0.2.77")) == 60


def test_device_of_a_brother_is_not_known_for_his_sister() -> None:
    brother, sister = make_student(), make_student()
    for _ in range(FREE_FAILURES):
        fails(sister.email)

    assert wait_for(sister.email, at_home(brother)) == 60


def test_school_of_two_thousand_behind_one_address_signs_in_within_minutes() -> None:
    users = [make_student() for _ in range(20)]
    SignInAttempt.objects.bulk_create(
        SignInAttempt(outcome=Outcome.IN, bucket=str(number), network=AT_SCHOOL.address, at=NOW)
        for number in range(2000)
    )
    for user in users:
        fails(user.email, AT_SCHOOL)

    assert all(gets_in(user, AT_SCHOOL) for user in users)


def an_address_that_failed(address: str) -> None:
    SignInAttempt.objects.bulk_create(
        SignInAttempt(outcome=Outcome.UNKNOWN, bucket=str(number), network=address, at=NOW)
        for number in range(MOST_OF_AN_ADDRESS)
    )


def test_address_that_tries_one_account_after_the_other_must_wait() -> None:
    user = make_student()
    an_address_that_failed(STRANGER.address)

    assert wait_for(user.email) == WINDOW_OF_AN_ADDRESS.total_seconds()
    assert gets_in(user, STRANGER, now=NOW + WINDOW_OF_AN_ADDRESS)


def test_known_devices_at_an_address_that_must_wait_need_not() -> None:
    user = make_student()
    device = replace(at_home(user), address=AT_SCHOOL.address)
    an_address_that_failed(AT_SCHOOL.address)

    assert not gets_in(user, AT_SCHOOL)
    assert gets_in(user, device)


def test_customer_with_many_addresses_of_ipv6_is_one() -> None:
    user = make_student()
    an_address_that_failed("2001:db8:1:2::/64")

    assert not gets_in(user, Device(address="2001:db8:1:2:9::7"))
    assert gets_in(user, Device(address="2001:db8:1:3::7"))


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_are_as_many_as_one_after_the_other() -> None:
    user = make_student()

    def guess() -> str:
        try:
            fails(user.email)
        except TooManyAttempts:
            return "must wait"
        return "wrong"

    assert sorted(done_at_once([guess] * 12)) == ["must wait"] * 7 + ["wrong"] * FREE_FAILURES


def test_what_became_of_a_try_is_written_down_and_an_unknown_address_is_not() -> None:
    user, gone = make_student(), make_student()
    deactivate_person(user_id=gone.pk)
    gone.refresh_from_db()

    fails(user.email)
    fails("my-pass-word@school.example")
    try_password(gone.email, STRANGER, lambda: gone, now=NOW)
    gets_in(user, STRANGER)

    rows = SignInAttempt.objects.order_by("pk")
    assert [(row.outcome, row.user) for row in rows] == [
        (Outcome.WRONG_PASSWORD, user),
        (Outcome.UNKNOWN, None),
        (Outcome.DEACTIVATED, gone),
        (Outcome.IN, user),
    ]
    assert not any("my-pass" in str(vars(row)) for row in rows)


def sign_in(client: Client, user: User, password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": user.email, "password": password})


def test_page_says_how_long_to_wait_and_keeps_the_address() -> None:
    user, browser = make_student(), Client()
    for _ in range(FREE_FAILURES):
        sign_in(browser, user, "not it")

    page = sign_in(browser, user).content.decode()

    assert "Too many failed attempts to sign in. Try again in 1 minute." in page
    assert user.email in page


def test_browser_is_known_once_its_owner_has_signed_in() -> None:
    user, own, strange = make_student(), Client(), Client()
    assert sign_in(own, user).status_code == 302
    own.post("/accounts/logout/")
    for _ in range(FREE_FAILURES):
        sign_in(strange, user, "not it")

    assert sign_in(strange, user).status_code == 200
    assert sign_in(own, user).status_code == 302


def test_owner_under_attack_comes_in_on_a_new_device_by_a_link_to_choose_a_password() -> None:
    user, browser = make_student(), Client()
    for _ in range(FREE_FAILURES):
        sign_in(Client(), user, "not it")
    new = "quite-another-password"

    form = browser.get(urlsplit(password_link(user)).path).headers["Location"]
    browser.post(form, {"password1": new, "password2": new})

    assert sign_in(browser, user, new).status_code == 302
    assert sign_in(Client(), user, new).status_code == 200


def test_who_is_not_let_in_by_the_rules_is_written_down_and_not_slowed(api: Any) -> None:
    user, browser = make_student(), Client()
    IdentityProvider.objects.create(
        slug="school",
        said={"name": "School", "issuer": "https://login.school.example", "client_id": "classbell", "is_on": True},
    )
    SignInPolicy.objects.update_or_create(pk=1, defaults={"only_providers": True, "always_in": make_admin()})

    for _ in range(FREE_FAILURES + 1):
        answer = api().post("/api/auth/token", {"email": user.email, "password": PASSWORD})
    sign_in(browser, user)

    assert answer.json()["code"] == "only_providers"
    outcomes = SignInAttempt.objects.filter(user=user).values_list("outcome", flat=True)
    assert list(outcomes) == [Outcome.REFUSED] * (FREE_FAILURES + 2)


def test_second_step_that_fails_is_written_down(api: Any) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    user, browser = make_student(), Client()
    TOTP.activate(user, generate_totp_secret())

    api().post("/api/auth/token", {"email": user.email, "password": PASSWORD, "code": "000000x"})
    sign_in(browser, user)
    browser.post("/accounts/2fa/authenticate/", {"code": "1234567"})

    assert [row.outcome for row in SignInAttempt.objects.filter(user=user)] == [Outcome.WRONG_CODE] * 2
