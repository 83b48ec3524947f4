"""An encrypted file is read whole and unchanged, by who has the passphrase, or not at all."""

import io
from typing import IO, cast

import pytest

from classbell.backup.errors import BackupError, Damaged, Locked
from classbell.backup.sealed import MAGIC, NONCE, PIECE, SALT, TAG, SealedReader, SealedWriter

PASSPHRASE = b"three words and more"
HEAD = len(MAGIC) + SALT + NONCE


def sealed(clear: bytes, *, at_a_time: int = 1000) -> bytes:
    out = io.BytesIO()
    writer = SealedWriter(out, PASSPHRASE)
    for start in range(0, len(clear), at_a_time):
        writer.write(clear[start : start + at_a_time])
    writer.finish()
    return out.getvalue()


def opened(data: bytes, passphrase: bytes = PASSPHRASE) -> bytes:
    return cast("IO[bytes]", SealedReader(io.BytesIO(data), passphrase)).read()


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 17])
@pytest.mark.parametrize("at_a_time", [999, 10**7])
def test_what_was_written_is_read(length: int, at_a_time: int) -> None:
    clear = bytes(range(256)) * (length // 256) + b"x" * (length % 256)

    assert opened(sealed(clear, at_a_time=at_a_time)) == clear


def test_nothing_of_it_can_be_read_without_the_passphrase() -> None:
    data = sealed(b"ada@school.example " * 10)

    assert b"ada@school" not in data
    with pytest.raises(Locked, match="another passphrase"):
        opened(data, b"four words and no more")


def test_same_text_looks_different_each_time() -> None:
    assert sealed(b"the same")[HEAD:] != sealed(b"the same")[HEAD:]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: data[:-1], id="the end is missing"),
        pytest.param(lambda data: data[: HEAD + PIECE + TAG], id="the last piece is missing"),
        pytest.param(lambda data: data[: HEAD + 2 * (PIECE + TAG)] + data[-1:], id="some of the last piece is missing"),
        pytest.param(lambda data: data[:-20] + bytes([data[-20] ^ 1]) + data[-19:], id="one bit is another"),
        pytest.param(
            lambda data: data[: HEAD + PIECE + TAG] + data[HEAD + 2 * (PIECE + TAG) :],
            id="a piece in the middle is missing",
        ),
        pytest.param(lambda data: data + b"x", id="there is more"),
    ],
)
def test_what_was_changed_is_noticed(change) -> None:
    data = sealed(b"a" * (2 * PIECE + 100))

    with pytest.raises(BackupError):
        opened(change(data))


def test_another_file_is_none_of_ours() -> None:
    with pytest.raises(Damaged, match="not an encrypted backup"):
        opened(b"PGDMP" + b"x" * 100)
    with pytest.raises(Damaged):
        opened(MAGIC + b"short")
