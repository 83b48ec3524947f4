from datetime import UTC, datetime, timedelta

import pytest

from classbell.zoom.webhooks import WebhookRejected, sign, url_validation_answer, verify_signature
from tests.zoom.payloads import payload

VECTOR = payload("test_vectors")["webhook_signature"]
VALIDATION = payload("test_vectors")["url_validation"]
BODY = VECTOR["raw_body"].encode()
SECONDS = VECTOR["x-zm-request-timestamp"]
SENT_AT = datetime.fromtimestamp(int(SECONDS), UTC)


def verify(**changes):
    arguments = {
        "secrets": [VECTOR["secret"]],
        "timestamp": SECONDS,
        "signature": VECTOR["x-zm-signature"],
        "body": BODY,
        "now": SENT_AT,
    }
    verify_signature(**arguments | changes)


def signed(timestamp):
    return {"timestamp": timestamp, "signature": sign(VECTOR["secret"], timestamp, BODY)}


def test_signature_of_zooms_vector_is_right():
    verify()


@pytest.mark.parametrize("unit", [1, 1000], ids=["seconds", "milliseconds"])
@pytest.mark.parametrize(
    "age", [timedelta(), timedelta(hours=2), -timedelta(minutes=5)], ids=["now", "oldest", "newest"]
)
def test_timestamp_is_believed_in_either_unit_within_bounds(unit, age):
    verify(**signed(str(int(SECONDS) * unit)), now=SENT_AT + age)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"signature": None}, "missing"),
        ({"timestamp": None}, "missing"),
        ({"signature": ""}, "missing"),
        ({"secrets": []}, "no secret"),
        ({"secrets": ["another", "a third"]}, "does not match"),
        ({"body": BODY + b" "}, "does not match"),
        ({"timestamp": str(int(SECONDS) + 1)}, "does not match"),
        ({"signature": VECTOR["x-zm-signature"].upper()}, "does not match"),
        ({"signature": VECTOR["x-zm-signature"][3:]}, "does not match"),
        ({"signature": "v0=é"}, "does not match"),
        ({"now": SENT_AT + timedelta(hours=2, seconds=1)}, "too old"),
        ({"now": SENT_AT + timedelta(seconds=61), "max_age": timedelta(seconds=60)}, "too old"),
        ({"now": SENT_AT - timedelta(minutes=5, seconds=1)}, "future"),
        (signed("yesterday"), "no time"),
        (signed("9" * 5000), "no time"),
        (signed("1e9"), "no time"),
    ],
)
def test_what_is_not_zooms_is_rejected(changes, reason):
    with pytest.raises(WebhookRejected, match=reason) as raised:
        verify(**changes)

    assert VECTOR["secret"] not in str(raised.value)


@pytest.mark.parametrize("secrets", [["new", VECTOR["secret"]], [VECTOR["secret"], "old"]], ids=["old", "new"])
def test_either_of_two_secrets_verifies_while_one_is_changed_for_the_other(secrets):
    verify(secrets=secrets)


def test_url_validation_is_answered_as_zoom_asks():
    answer = url_validation_answer(VALIDATION["secret"], VALIDATION["plainToken"])

    assert answer == {"plainToken": VALIDATION["plainToken"], "encryptedToken": VALIDATION["encryptedToken"]}
