"""What is kept encrypted is read with the same key, for the same purpose, and not otherwise."""

import pytest
from django.test import override_settings

from classbell.encryption import NotDecipherable, decrypt, encrypt


def test_what_is_encrypted_is_read_again() -> None:
    kept = encrypt(b"a secret", purpose="tests")

    assert b"a secret" not in kept
    assert decrypt(kept, purpose="tests") == b"a secret"


def test_each_purpose_has_a_key_of_its_own() -> None:
    with pytest.raises(NotDecipherable):
        decrypt(encrypt(b"a secret", purpose="tests"), purpose="others")


def test_an_older_secret_key_still_reads_what_it_wrote() -> None:
    with override_settings(SECRET_KEY="old", SECRET_KEY_FALLBACKS=[]):
        kept = encrypt(b"a secret", purpose="tests")

    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"]):
        assert decrypt(kept, purpose="tests") == b"a secret"
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[]), pytest.raises(NotDecipherable):
        decrypt(kept, purpose="tests")
