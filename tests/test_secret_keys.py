"""The keys before the secret key: how they are written, and until when they verify."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.signing import BadSignature, Signer

from classbell.secret_keys import VerifyingKeys, read_old_keys

DAY = "2027-01-31"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", []),
        ("one", [("one", None)]),
        (f"{DAY}:one, two\n2027-02-28:three", [("one", DAY), ("two", None), ("three", "2027-02-28")]),
        ("a:b", [("a:b", None)]),
        ("a=b/c+d==", [("a=b/c+d==", None)]),
    ],
)
def test_old_keys_are_written_one_after_the_other_with_or_without_a_day(text: str, keys: list[tuple[str, str]]) -> None:
    assert [(old.key, old.until and str(old.until)) for old in read_old_keys(text)] == keys


def test_what_is_no_day_is_named_and_the_key_is_not() -> None:
    with pytest.raises(ValueError, match="2027-13-01 is no day") as raised:
        read_old_keys("2027-13-01:confidential")

    assert "confidential" not in str(raised.value)
    assert "confidential" not in repr(read_old_keys(f"{DAY}:confidential"))


@pytest.mark.parametrize(
    ("moment", "verifies"),
    [
        (datetime(2027, 1, 31, 23, 59, tzinfo=UTC), False),
        (datetime(2027, 1, 31, 20, 59, tzinfo=UTC), True),
        (datetime(2027, 1, 31, 21, 0, tzinfo=UTC), False),
    ],
    ids=["next day there", "last minute", "midnight there"],
)
def test_a_key_verifies_until_its_last_day_is_over_where_the_school_is(moment: datetime, verifies: bool) -> None:
    keys = VerifyingKeys(read_old_keys(f"{DAY}:old"), ZoneInfo("Asia/Riyadh"), clock=lambda: moment)

    assert list(keys) == (["old"] if verifies else [])


def test_a_running_process_stops_verifying_when_the_day_is_over() -> None:
    moments = iter([datetime(2027, 1, 31, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)])
    clock: Callable[[], datetime] = lambda: next(moments)  # noqa: E731 -- as short as that
    keys = VerifyingKeys(read_old_keys(f"{DAY}:old"), ZoneInfo("UTC"), clock=clock)
    signer, signed = Signer(key="new", fallback_keys=keys), Signer(key="old").sign("x")

    assert signer.unsign(signed) == "x"
    with pytest.raises(BadSignature):
        signer.unsign(signed)
