"""What is kept encrypted is read with the same key, for the same purpose, and not otherwise."""

import pytest

from classbell.encryption import NotDecipherable, decrypt, encrypt, encrypt_anew
from tests.secret_keys import secret_keys


def test_what_is_encrypted_is_read_again() -> None:
    kept = encrypt(b"a secret", purpose="tests")

    assert b"a secret" not in kept
    assert decrypt(kept, purpose="tests") == b"a secret"


def test_each_purpose_has_a_key_of_its_own() -> None:
    with pytest.raises(NotDecipherable):
        decrypt(encrypt(b"a secret", purpose="tests"), purpose="others")


def test_an_older_secret_key_still_reads_what_it_wrote_also_after_its_last_day() -> None:
    with secret_keys("old"):
        kept = encrypt(b"a secret", purpose="tests")

    with secret_keys("new", "2020-01-31:old"):
        assert decrypt(kept, purpose="tests") == b"a secret"
    with secret_keys("new"), pytest.raises(NotDecipherable):
        decrypt(kept, purpose="tests")


def test_encrypted_anew_it_needs_the_older_key_no_more_and_stays_as_it_is_from_then_on() -> None:
    with secret_keys("old"):
        kept = encrypt(b"a secret", purpose="tests")

    with secret_keys("new", "old"):
        anew = encrypt_anew(kept, purpose="tests")
    with secret_keys("new"):
        assert decrypt(anew, purpose="tests") == b"a secret"
        assert encrypt_anew(anew, purpose="tests") == anew
        with pytest.raises(NotDecipherable):
            encrypt_anew(kept, purpose="tests")
