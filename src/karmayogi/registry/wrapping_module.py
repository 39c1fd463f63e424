"""A wrapping key in a hardware module, spoken to by PKCS#11 (v2.40): AES in GCM, the key never leaves the module.

Needs the extra [pkcs11] and the module's own library. Sessions are short: opened for one key, closed after it.
"""

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from karmayogi.registry.wrapping import CONTEXT, CustodyAway, CustodyNotSet

IV_BYTES, TAG_BITS, KEY_BITS = 12, 128, 256
_ONE_AT_A_TIME = threading.Lock()
"""Who is signed in to a token is one thing for the whole process."""
_refused: set[tuple[str, str]] = set()
"""(token, file) of PINs that were wrong: a module locks itself after a few, so none is tried twice in a process."""
_started_in = os.getpid()


class Module:
    """The AES key with a label on a token; its PIN is read from a file that nobody else may read."""

    def __init__(self, library: str, token: str, label: str, pin_file: str) -> None:
        self.library, self.token, self.label, self.pin_file = library, token, label, Path(pin_file)

    def wrap(self, root: bytes) -> bytes:
        """Initial value, ciphertext and tag."""
        with self._key() as (pkcs11, key):
            iv = secrets.token_bytes(IV_BYTES)
            return iv + bytes(key.encrypt(root, **_gcm(pkcs11, iv)))

    def unwrap(self, wrapped: bytes) -> bytes:
        """The root key; raises CustodyAway where another key, or nothing of ours, wrapped it."""
        with self._key() as (pkcs11, key):
            return bytes(key.decrypt(wrapped[IV_BYTES:], **_gcm(pkcs11, wrapped[:IV_BYTES])))

    def describe(self) -> str:
        """The key and its token, which was asked for it."""
        with self._key():
            return f"wrapped by {self.label} on token {self.token} (PKCS#11), which answers"

    def make(self) -> bool:
        """Makes the key on the token if there is none; False if there was one."""
        with self._session(write=True) as (pkcs11, session):
            if list(session.get_objects({pkcs11.Attribute.LABEL: self.label})):
                return False
            stays = {pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False}
            session.generate_key(pkcs11.KeyType.AES, KEY_BITS, label=self.label, store=True, template=stays)
            return True

    @contextmanager
    def _key(self) -> Iterator[tuple[Any, Any]]:
        with self._session() as (pkcs11, session):
            kind = {"object_class": pkcs11.ObjectClass.SECRET_KEY, "key_type": pkcs11.KeyType.AES}
            key = session.get_key(label=self.label, **kind)
            if key[pkcs11.Attribute.EXTRACTABLE] or not key[pkcs11.Attribute.SENSITIVE]:
                raise CustodyAway(
                    f"The key {self.label} can leave the token {self.token}. Make one that cannot."
                )
            yield pkcs11, key

    @contextmanager
    def _session(self, *, write: bool = False) -> Iterator[tuple[Any, Any]]:
        """(the library of the adapter, a session); whatever the module says against it becomes CustodyAway."""
        try:
            import pkcs11
        except ImportError:
            raise CustodyNotSet(
                'Install the extra for hardware modules: pip install "karmayogi[pkcs11]".'
            ) from None
        with _ONE_AT_A_TIME:
            try:
                pin = self._pin()
                token = self._library(pkcs11).get_token(token_label=self.token)
                with token.open(rw=write, user_pin=pin) as session:
                    yield pkcs11, session
            except (pkcs11.PinIncorrect, pkcs11.PinLocked) as error:
                _refused.add((self.token, str(self.pin_file)))
                raise CustodyAway(
                    f"The token {self.token} refuses the PIN: {type(error).__name__}."
                ) from error
            except (pkcs11.PKCS11Error, OSError) as error:
                told = str(error) or type(error).__name__
                raise CustodyAway(f"The token {self.token} with the key {self.label}: {told}") from error

    def _library(self, pkcs11: Any) -> Any:
        global _started_in
        library = pkcs11.lib(self.library)
        if _started_in != os.getpid():  # what a fork inherits of a module may not be used (PKCS#11, 5.4)
            library.reinitialize()
            _started_in = os.getpid()
        return library

    def _pin(self) -> str:
        if (self.token, str(self.pin_file)) in _refused:
            raise CustodyAway(
                f"The token {self.token} refused this PIN before, and locks after a few. Mend the file, then restart."
            )
        if self.pin_file.stat().st_mode & 0o077:
            raise CustodyNotSet(f"Others may read {self.pin_file.name}. Run: chmod 600 on it.")
        return self.pin_file.read_text().strip()


def _gcm(pkcs11: Any, iv: bytes) -> dict[str, Any]:
    return {
        "mechanism": pkcs11.Mechanism.AES_GCM,
        "mechanism_param": pkcs11.GCMParams(iv, CONTEXT, TAG_BITS),
    }
