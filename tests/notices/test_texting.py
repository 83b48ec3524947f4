"""Text messages: by what they go out, to whose phone, once, and what becomes of those that are not taken."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from functools import partial
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.accounts.models import User
from classbell.notices import phones
from classbell.notices.dispatching import PAUSES
from classbell.notices.gateways import (
    GatewayInvalid,
    HttpGateway,
    LogGateway,
    TextMessage,
    gateway_of,
    keep_gateway,
    remove_gateway,
    text_channels,
)
from classbell.notices.models import Channel, Dispatch, DispatchStatus, Gateway, Notice, Phone
from classbell.notices.phones import (
    CodeNotSent,
    NotANumber,
    WrongCode,
    checked_number,
    confirm_number,
    enter_number,
    forget_number,
    number_of,
)
from classbell.notices.preferences import QuietHours, change_preferences
from classbell.notices.services import tell
from classbell.notices.texting import send_text
from classbell.notices.texts import Kind
from classbell.notices.topics import Topic
from tests.at_once import done_at_once
from tests.factories import make_student
from tests.receiver import Receiver, reaching

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
NUMBER = "+966501234567"
BODY = '{"to": "{digits}", "message": {"text": "{text}"}, "ref": "{id}"}'
TAKEN = 202


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A program that takes messages in, where the settings let them go."""
    with Receiver(status=TAKEN) as gateway:
        monkeypatch.setattr(django_settings, "ENVIRONMENT", reaching(gateway))
        yield gateway


@pytest.fixture
def by_sms(db: None, gateway: Receiver) -> Receiver:
    """A school that sends SMS by it."""
    keep_gateway(Channel.SMS, HttpGateway(address=gateway.url, headers={"X-Key": "k"}, body=BODY), now=NOW)
    return gateway


@pytest.fixture
def reader(db: None) -> User:
    """Somebody in Riyadh with a phone, who wants messages about moved sessions there."""
    reader = make_student(locale="ar", timezone="Asia/Riyadh")
    Phone.objects.create(user=reader, number=NUMBER, confirmed_at=NOW, code_sent_at=NOW)
    change_preferences(reader, {"channels": {Topic.SESSIONS: {"sms": True}}})
    return reader


def told(reader: User, title: str = "Algebra", stale_at: datetime | None = None) -> Notice:
    facts = {"title": title, "when": NOW.isoformat()}
    return tell(reader, Kind.SESSION_MOVED, facts, path="/meetings/1/", stale_at=stale_at, now=NOW)


def jobs() -> list[tuple[str, datetime | None]]:
    found = ProcrastinateJob.objects.filter(task_name="notices.send_text").order_by("pk")
    return [(job.args["channel"], job.scheduled_at) for job in found]


def test_message_says_what_happened_in_the_readers_words_and_where_to_look(by_sms: Receiver, reader: User) -> None:
    notice = told(reader, "Al“ge\\bra\n2")

    send_text(notice_id=notice.pk, channel=Channel.SMS, now=NOW)

    (received,) = by_sms.received
    said = json.loads(received.body)
    subject, link = said["message"]["text"].split("\n")
    assert (said["to"], said["ref"]) == (NUMBER[1:], str(notice.pk))
    assert "15:00 (بتوقيت الرياض)" in subject
    assert "Al“ge\\bra 2" in subject
    assert link.endswith("/meetings/1/")
    assert (received.headers["x-key"], received.headers["content-type"]) == ("k", "application/json")
    assert Dispatch.objects.values_list("channel", "status").get() == ("sms", DispatchStatus.SENT)


def test_form_and_address_hold_the_values_too(db: None, gateway: Receiver) -> None:
    form = HttpGateway(
        address=f"{gateway.url}?ref={{id}}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body="to={to}&text={text}",
    )
    keep_gateway(Channel.WHATSAPP, form, now=NOW)

    found = gateway_of(Channel.WHATSAPP)
    assert found is not None
    found.send(TextMessage(id=UUID(int=7), to=NUMBER, text="a&b=ج\nd"))

    (received,) = gateway.received
    assert parse_qs(received.body.decode()) == {"to": [NUMBER], "text": ["a&b=ج\nd"]}
    assert received.path.endswith(f"?ref={UUID(int=7)}")


def test_only_who_asked_for_it_and_has_a_number_is_sent_anything(by_sms: Receiver, reader: User) -> None:
    without_number, did_not_ask = make_student(), make_student()
    change_preferences(without_number, {"channels": {Topic.SESSIONS: {"sms": True}}})
    Phone.objects.create(user=did_not_ask, number=NUMBER, confirmed_at=NOW, code_sent_at=NOW)

    for person in (reader, without_number, did_not_ask):
        told(person)

    assert jobs() == [("sms", None)]


def test_number_that_is_not_confirmed_is_sent_nothing(by_sms: Receiver, reader: User) -> None:
    notice = told(reader)
    Phone.objects.update(confirmed_at=None)

    send_text(notice_id=notice.pk, channel=Channel.SMS, now=NOW)

    assert (by_sms.received, Dispatch.objects.count()) == ([], 0)


def test_quiet_hours_hold_messages_back(by_sms: Receiver, reader: User) -> None:
    noon = QuietHours(begin=time(14), end=time(16))
    change_preferences(reader, {"quiet_hours": noon})

    told(reader)

    assert jobs() == [("sms", NOW + timedelta(hours=1))]


@pytest.mark.django_db(transaction=True)
def test_of_workers_who_send_it_at_once_one_does(by_sms: Receiver, reader: User) -> None:
    notice = told(reader)

    done_at_once([partial(send_text, notice_id=notice.pk, channel=Channel.SMS, now=NOW)] * 3)

    assert len(by_sms.received) == 1


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_what_is_not_taken_now_is_tried_again_later_and_once_more_only(
    by_sms: Receiver, reader: User, status: int
) -> None:
    by_sms.status = status
    notice = told(reader)
    send_text(notice_id=notice.pk, channel=Channel.SMS, now=NOW)
    by_sms.status = TAKEN
    for _time in range(2):
        send_text(notice_id=notice.pk, channel=Channel.SMS, now=NOW + PAUSES[0])

    assert jobs()[-1] == ("sms", NOW + PAUSES[0])
    assert len(by_sms.received) == 2
    assert Dispatch.objects.values_list("status", "tries").get() == (DispatchStatus.SENT, 1)


def test_number_that_is_refused_is_not_tried_again(by_sms: Receiver, reader: User) -> None:
    by_sms.status, by_sms.text = 422, b"no such number"
    notice = told(reader)

    for _time in range(2):
        send_text(notice_id=notice.pk, channel=Channel.SMS, now=NOW)

    assert len(by_sms.received) == 1
    assert Dispatch.objects.values_list("status", "error").get() == (DispatchStatus.REFUSED, "422 no such number")


def test_what_is_of_no_use_any_more_is_not_sent(by_sms: Receiver, reader: User) -> None:
    notice = told(reader, stale_at=NOW)

    send_text(notice_id=notice.pk, channel=Channel.SMS, now=NOW)

    assert by_sms.received == []


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("address", {"address": "http://169.254.169.254/"}),
        ("address", {"address": "https://10.0.0.1/{to}"}),
        ("address", {"address": "ftp://sms.example/"}),
        ("address", {"address": "https://key:secret@sms.example/"}),
        ("body", {"body": '{"to": "{to}"}'}),
        ("body", {"body": '{"text": "{text}"}'}),
        ("body", {"body": '{"to": "{to}", "text": {text}}'}),
        ("headers", {"headers": {"X Key": "k"}}),
        ("headers", {"headers": {"X-Key": "ك"}}),
    ],
)
def test_gateway_that_could_send_nothing_is_refused(
    db: None, field: str, wrong: dict[str, str | dict[str, str]]
) -> None:
    good: dict[str, object] = {"address": "https://sms.example/send"}

    with pytest.raises(GatewayInvalid) as refused:
        keep_gateway(Channel.SMS, HttpGateway(**(good | wrong)), now=NOW)  # type: ignore[arg-type]

    assert refused.value.field == field
    assert text_channels() == []


def test_name_that_leads_into_a_network_is_not_gone_to(db: None, reader: User) -> None:
    keep_gateway(Channel.SMS, HttpGateway(address="https://localhost/send"), now=NOW)
    notice = told(reader)

    send_text(notice_id=notice.pk, channel=Channel.SMS, now=NOW)

    assert "refused_address" in Dispatch.objects.get().error


def test_what_a_gateway_knows_us_by_is_kept_encrypted(db: None) -> None:
    keep_gateway(Channel.TELEGRAM, HttpGateway(address="https://api.example/bot-secret", body=BODY), now=NOW)

    assert b"secret" not in bytes(Gateway.objects.get().sealed)
    remove_gateway(Channel.TELEGRAM)
    assert gateway_of(Channel.TELEGRAM) is None


@pytest.mark.parametrize(
    "typed", ["+966 50 123 4567", "00966501234567", "+966-50-(123)4567", "+٩٦٦٥٠١٢٣٤٥٦٧", " +966.50.123.4567 "]
)
def test_number_is_read_as_people_write_it(typed: str) -> None:
    assert checked_number(typed) == NUMBER


@pytest.mark.parametrize("typed", ["", "0501234567", "+0501234567", "+96650", "+9665012345678901", "+966 5O1234567"])
def test_what_reaches_nobody_is_no_number(typed: str) -> None:
    with pytest.raises(NotANumber):
        checked_number(typed)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, db: None) -> list[TextMessage]:
    """What a school sends that has a gateway for trials."""
    sent: list[TextMessage] = []
    monkeypatch.setattr(LogGateway, "send", lambda _gateway, message: sent.append(message))
    keep_gateway(Channel.SMS, LogGateway(channel="sms"), now=NOW)
    return sent


@pytest.fixture
def enter(sent: list[TextMessage]) -> Callable[..., str]:
    """Return a function that enters somebody's number and returns the code that arrives there."""

    def entered(user: User, number: str = NUMBER, *, now: datetime = NOW) -> str:
        enter_number(user, number, Channel.SMS, now=now)
        return sent[-1].text.split()[0]

    return entered


def test_number_is_theirs_once_they_say_what_was_sent_there(enter: Callable[..., str]) -> None:
    user = make_student()
    code = enter(user)
    before = number_of(user)
    confirm_number(user, f" {code} ", now=NOW + timedelta(minutes=9))

    assert (before, number_of(user)) == (None, NUMBER)
    assert code not in Phone.objects.get().code
    forget_number(user)
    assert number_of(user) is None


@pytest.mark.parametrize("way", ["wrong", "late", "others", "used", "guessed"])
def test_wrong_codes_confirm_nothing(enter: Callable[..., str], way: str) -> None:
    user, now = make_student(), NOW
    code = enter(user)
    match way:
        case "wrong":
            code = f"{(int(code) + 1) % 10**6:06}"
        case "late":
            now += phones.GOOD_FOR
        case "others":
            enter(user, "+966507654321")
        case "used":
            confirm_number(user, code, now=NOW)
            forget_number(user)
        case "guessed":
            for guess in range(phones.MOST_TRIES):
                with pytest.raises(WrongCode):
                    confirm_number(user, f"x{guess}", now=NOW)

    with pytest.raises(WrongCode):
        confirm_number(user, code, now=now)

    assert number_of(user) is None


def test_nobody_has_many_codes_sent_to_others(enter: Callable[..., str], sent: list[TextMessage]) -> None:
    user = make_student()
    for last in range(phones.MOST_CODES_A_DAY):
        enter(user, f"+96650123456{last}")
        forget_number(user)

    with pytest.raises(CodeNotSent):
        enter(user)
    enter(user, now=NOW + timedelta(days=1))

    assert len(sent) == phones.MOST_CODES_A_DAY + 1


def test_another_number_is_confirmed_anew(enter: Callable[..., str]) -> None:
    user = make_student()
    confirm_number(user, enter(user), now=NOW)

    enter(user, "+966507654321")

    assert number_of(user) is None


def test_code_that_cannot_be_sent_is_said_to_be_so(db: None, gateway: Receiver) -> None:
    gateway.status = 500
    keep_gateway(Channel.SMS, HttpGateway(address=gateway.url), now=NOW)

    with pytest.raises(CodeNotSent):
        enter_number(make_student(), NUMBER, Channel.SMS, now=NOW)
    with pytest.raises(CodeNotSent):
        enter_number(make_student(), NUMBER, Channel.WHATSAPP, now=NOW)
