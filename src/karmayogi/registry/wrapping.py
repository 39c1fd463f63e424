"""Who wraps the root keys: nobody (they lie open in their file), a hardware module (PKCS#11), or a key service.

A wrapping key never leaves its module or service; what it wrapped may lie in a file. The root keys are unwrapped once
for each process and used in its memory, so that no page waits for the module or the service.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

CONTEXT = b"karmayogi root key"
"""Bound to what is wrapped: a key wrapped for another use of the same wrapping key is not taken for a root key."""
FILE, MODULE, SERVICE = "file", "pkcs11", "kms"
KINDS = (FILE, MODULE, SERVICE)


class CustodyNotSet(Exception):
    """A variable that the custody needs is missing or wrong; the message names it."""

    status = 500


class CustodyAway(Exception):
    """The module or service that holds the wrapping key does not answer, or refuses; the message says which."""

    status = 500


class Wrapping(Protocol):
    """The adapter: whoever can wrap a root key and unwrap it again."""

    def wrap(self, root: bytes) -> bytes:
        """The root key as it may lie in a file. Raises `CustodyAway`."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """The root key. Raises `CustodyAway`, also where something else was wrapped."""

    def describe(self) -> str:
        """Which key wraps, in words for who runs the house. Raises `CustodyAway` where the key may not be used."""


class Open:
    """The file as custody: the root keys are as they are, and only its owner may read it."""

    def wrap(self, root: bytes) -> bytes:
        """The key itself."""
        return root

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key itself."""
        return wrapped

    def describe(self) -> str:
        """Where the keys lie."""
        return "open in a file, readable by its owner only"


@dataclass(frozen=True)
class Custody:
    """What the environment says: `kind` is one of KINDS, the others the variables without their common start."""

    kind: str = FILE
    pkcs11_module: str = ""
    pkcs11_token: str = ""
    pkcs11_key: str = "karmayogi"
    pkcs11_pin_file: str = ""
    kms_url: str = ""
    kms_key: str = "karmayogi"
    kms_token_file: str = ""
    kms_ca_file: str = ""

    def wrapping(self, kind: str = "") -> Wrapping:
        """The adapter in force, or that of another kind that is set up too. Raises `CustodyNotSet`."""
        kind = kind or self.kind
        if kind == FILE:
            return Open()
        if kind == MODULE:
            from karmayogi.registry.wrapping_module import Module

            self._need("pkcs11_module", "pkcs11_token", "pkcs11_key", "pkcs11_pin_file")
            return Module(self.pkcs11_module, self.pkcs11_token, self.pkcs11_key, self.pkcs11_pin_file)
        if kind == SERVICE:
            from karmayogi.registry.wrapping_service import Service

            self._need("kms_url", "kms_key", "kms_token_file")
            return Service(self.kms_url, self.kms_key, self.kms_token_file, self.kms_ca_file)
        raise CustodyNotSet(f"KARMAYOGI_CUSTODY is {kind!r}; it is one of {', '.join(KINDS)}.")

    def _need(self, *names: str) -> None:
        missing = [f"KARMAYOGI_{name.upper()}" for name in names if not getattr(self, name)]
        if missing:
            raise CustodyNotSet(f"Set {', '.join(missing)} too.")


def read(environment: Mapping[str, str]) -> Custody:
    """The custody as the environment describes it; nothing is opened."""
    names = [name for name in Custody.__dataclass_fields__ if name != "kind"]
    told = {name: environment.get(f"KARMAYOGI_{name.upper()}", "") for name in names}
    return Custody(
        environment.get("KARMAYOGI_CUSTODY", "") or FILE,
        **{name: said for name, said in told.items() if said},
    )
