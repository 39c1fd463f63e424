"""Sealed secrets: what is kept in the database is sealed by keys that are kept outside it.

Each purpose (second factors, signing seeds, sealed forms, pseudonyms) has keys of its own, derived from the root keys
of a keeper. The first root key seals; the others only open, so that a root key is rotated by putting a new one in
front and sealing anew. The keeper is a file, in which a hardware module or a key service may have wrapped each root key
(`wrapping`); `KARMAYOGI_KEEPER` names a class with the same one method for one that derives the keys inside itself.
"""

import base64
import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.module_loading import import_string

from karmayogi.registry.wrapping import FILE, Custody

ROOT_BYTES = 32
SIGNING = "signing"
"""The purpose of seeds of signing keys."""


class SealBroken(Exception):
    """The secret was sealed by keys this installation does not hold, or was altered. Restore the keeper's keys."""

    status = 500


class KeeperUnreadable(Exception):
    """The file of root keys cannot be used; the message says what to mend."""

    status = 500


class Keeper(Protocol):
    """Whoever holds the root keys."""

    def keys(self, purpose: str) -> Sequence[bytes]:
        """The keys of a purpose, 32 bytes each, the one that seals first."""


class FileKeeper:
    """Root keys in a file only its owner may read: one a line, the newest first; made if there is none.

    A line is a key in base64, or the kind of custody that wrapped it, a colon and what it made, in base64. Each is
    unwrapped once for this process; the file itself is read each time, so that a rotation counts at once.
    """

    def __init__(self, path: Path, custody: Custody | None = None) -> None:
        self.path, self.custody = path, custody or Custody()
        self._opened: dict[str, bytes] = {}

    def keys(self, purpose: str) -> list[bytes]:
        """Each root key, derived for the purpose by HKDF-SHA256 (RFC 5869)."""
        return [_derived(root, purpose) for root in self._roots()]

    def rotate(self) -> None:
        """Puts a fresh root key in front. Seal anew what the older ones sealed before you remove them."""
        _write(self.path, [self._wrapped(secrets.token_bytes(ROOT_BYTES)), *self._lines()])

    def rewrap(self) -> int:
        """Wraps every root key anew by the custody in force, whoever wrapped it before; how many there are."""
        roots = self._roots()
        _write(self.path, [self._wrapped(root) for root in roots])
        return len(roots)

    def wrapped_by(self) -> list[str]:
        """The kind of custody of each root key, as the file says it; nothing is unwrapped."""
        return [line.rpartition(":")[0] or FILE for line in self._lines()]

    def newest_alone(self) -> "Alone":
        """What opens with the newest root key only: to see whether the older ones are still needed."""
        return Alone(self._roots()[0])

    def drop_old(self) -> int:
        """Leaves the newest root key; how many went. What they alone open is lost."""
        lines = self._lines()
        _write(self.path, lines[:1])
        return len(lines) - 1

    def marks(self) -> list[str]:
        """A mark for each root key, the newest first: the start of its SHA-256, which tells nothing of the key."""
        return [hashlib.sha256(b"mark" + root).hexdigest()[:12] for root in self._roots()]

    def _roots(self) -> list[bytes]:
        return [self._unwrapped(line) for line in self._lines()]

    def _lines(self) -> list[str]:
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _write(self.path, [self._wrapped(secrets.token_bytes(ROOT_BYTES))], first=True)
        if self.path.stat().st_mode & 0o077:
            raise KeeperUnreadable(f"Others may read {self.path.name}. Run: chmod 600 on it.")
        lines = self.path.read_text().split()
        if not lines:
            raise self._damaged()
        return lines

    def _wrapped(self, root: bytes) -> str:
        kind = self.custody.kind
        made = base64.b64encode(self.custody.wrapping().wrap(root)).decode()
        return made if kind == FILE else f"{kind}:{made}"

    def _unwrapped(self, line: str) -> bytes:
        if line not in self._opened:
            kind, _, told = line.rpartition(":")
            try:
                wrapped = base64.b64decode(told, validate=True)
            except ValueError:
                raise self._damaged() from None
            root = self.custody.wrapping(kind or FILE).unwrap(wrapped)
            if len(root) != ROOT_BYTES:
                raise self._damaged()
            self._opened[line] = root
        return self._opened[line]

    def _damaged(self) -> KeeperUnreadable:
        return KeeperUnreadable(
            f"{self.path.name} holds something else than keys. Restore it from the backup."
        )


class Alone:
    """One root key by itself."""

    def __init__(self, root: bytes) -> None:
        self._root = root

    def open_sealed(self, sealed: bytes, *, purpose: str) -> bytes:
        """The secret; raises `SealBroken` where another key sealed it."""
        try:
            return Fernet(base64.urlsafe_b64encode(_derived(self._root, purpose))).decrypt(sealed)
        except InvalidToken:
            raise SealBroken("Another root key sealed this.") from None


def seal(secret: bytes, *, purpose: str) -> bytes:
    """The secret sealed for a purpose: authenticated encryption, as printable bytes (Fernet)."""
    return _box(purpose).encrypt(secret)


def open_sealed(sealed: bytes, *, purpose: str) -> bytes:
    """The secret; raises `SealBroken`."""
    try:
        return _box(purpose).decrypt(sealed)
    except InvalidToken:
        raise SealBroken("A stored secret cannot be opened with the keys of this installation.") from None


def reseal(sealed: bytes, *, purpose: str) -> bytes:
    """The same secret sealed by the newest key, after a rotation."""
    try:
        return _box(purpose).rotate(sealed)
    except InvalidToken:
        raise SealBroken("A stored secret cannot be opened with the keys of this installation.") from None


def pseudonym(subject: bytes, *, purpose: str) -> str:
    """A name for a subject that nobody without the keys can trace back or make: 32 hexadecimal digits.

    By the oldest key held, so that it stays the same when a root key is added in front.
    """
    return hmac.new(keeper().keys(f"pseudonym/{purpose}")[-1], subject, hashlib.sha256).hexdigest()[:32]


def keeper() -> Keeper:
    """Whoever holds the root keys of this installation."""
    return _keeper(settings.KEEPER, str(settings.CUSTODY_FILE), settings.CUSTODY)


@cache
def _keeper(name: str, path: str, custody: Custody) -> Keeper:
    if not name:
        return FileKeeper(Path(path), custody)
    made: Keeper = import_string(name)()
    return made


def _box(purpose: str) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keeper().keys(purpose)])


def _derived(root: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), ROOT_BYTES, salt=None, info=f"karmayogi/{purpose}".encode()).derive(root)


def _write(path: Path, lines: Sequence[str], *, first: bool = False) -> None:
    """Whole or not at all, and never readable by others, not even for an instant.

    `first`: of several processes that make the file at once one succeeds, and all go on with its keys.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write("".join(f"{line}\n" for line in lines))
        stream.flush()
        os.fsync(stream.fileno())
    if first:
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    else:
        fresh.replace(path)
