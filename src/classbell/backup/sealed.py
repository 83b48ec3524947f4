"""
Encrypted files of any length, read and written a piece at a time.

A file begins with MAGIC, 16 bytes of salt and 7 bytes of nonce. Pieces of 64 KiB follow, the last one shorter or not, each
encrypted by AES-256-GCM with its 16-byte tag behind it. The key is scrypt's of passphrase and salt; a piece's nonce is the
file's, the piece's number in 4 bytes, and a byte that is 1 for the last. So pieces cannot be changed, exchanged, left out or
cut off without its being noticed (the STREAM construction). What stands before the pieces is authenticated with each.
"""

import io
import os
from typing import IO, TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from classbell.backup.errors import Damaged, Locked

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

MAGIC: Final = b"classbell-sealed-1\n"
SALT, NONCE, TAG = 16, 7, 16
PIECE: Final = 64 * 1024
# About a fifth of a second and 64 MiB for each guess at a passphrase.
SCRYPT: Final = {"n": 2**16, "r": 8, "p": 1}


class SealedWriter(io.RawIOBase):
    """Encrypts what is written to it. Closing it writes the last piece, without which nobody reads the file as whole."""

    def __init__(self, out: IO[bytes], passphrase: bytes) -> None:
        self._out = out
        salt, nonce = os.urandom(SALT), os.urandom(NONCE)
        self._pieces = _Pieces(MAGIC + salt + nonce, passphrase)
        self._waiting = bytearray()
        out.write(self._pieces.head)

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        """Take all of `data`."""
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._out.write(self._pieces.seal(bytes(self._waiting[:PIECE]), last=False))
            del self._waiting[:PIECE]
        return memoryview(data).nbytes

    def finish(self) -> None:
        """Write what waits as the last piece."""
        self._out.write(self._pieces.seal(bytes(self._waiting), last=True))
        self._waiting.clear()


class SealedReader(io.RawIOBase):
    """
    Decrypts a file that SealedWriter wrote, from its beginning.

    Raises Locked for another passphrase, Damaged where the file was changed or ends too early.
    """

    def __init__(self, source: IO[bytes], passphrase: bytes) -> None:
        self._source = source
        head = source.read(len(MAGIC) + SALT + NONCE)
        if not head.startswith(MAGIC) or len(head) < len(MAGIC) + SALT + NONCE:
            raise Damaged("It is not an encrypted backup.")
        self._pieces = _Pieces(head, passphrase)
        self._next = source.read(PIECE + TAG)
        self._clear = b""
        self._is_over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill as much of `buffer` as one piece does; 0 at the end."""
        while not self._clear and not self._is_over:
            piece, self._next = self._next, self._source.read(PIECE + TAG)
            self._is_over = not self._next
            self._clear = self._pieces.open(piece, last=self._is_over)
        target = memoryview(buffer).cast("B")
        taken = self._clear[: len(target)]
        target[: len(taken)] = taken
        self._clear = self._clear[len(taken) :]
        return len(taken)


class _Pieces:
    """The pieces of one file, in order."""

    def __init__(self, head: bytes, passphrase: bytes) -> None:
        self.head = head
        salt = head[len(MAGIC) : len(MAGIC) + SALT]
        self._nonce = head[len(MAGIC) + SALT :]
        self._cipher = AESGCM(Scrypt(salt=salt, length=32, **SCRYPT).derive(passphrase))
        self._number = 0

    def seal(self, clear: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce_of_next(last=last), clear, self.head)

    def open(self, piece: bytes, *, last: bool) -> bytes:
        is_first = self._number == 0
        try:
            return self._cipher.decrypt(self._nonce_of_next(last=last), piece, self.head)
        except InvalidTag:
            if is_first:
                raise Locked(
                    "The backup was encrypted with another passphrase, or it is damaged from the beginning. "
                    "Name the file with the passphrase of that day: --passphrase-file FILE"
                ) from None
            raise Damaged("The backup was changed or cut off after it was written. Take another one.") from None

    def _nonce_of_next(self, *, last: bool) -> bytes:
        nonce = self._nonce + self._number.to_bytes(4) + bytes([last])
        self._number += 1
        return nonce
