"""Keys in custody: for each purpose one key signs; its private half is read only for the moment of signing.

Only a job or the command line may sign: the web role cannot become `roles.SIGNER`.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from karmayogi.registry import roles, vault
from karmayogi.registry.acting import as_role
from karmayogi.registry.models import SigningKey, SigningSeed


class NoKey(LookupError):
    """There is no key for this purpose; make one with `custody.ensure`."""

    status = 500


@dataclass(frozen=True, slots=True)
class KeyCard:
    """A public Ed25519 key (32 bytes) and its time; `retired_at` None: it signs today."""

    id: UUID
    purpose: str
    name: str
    public: bytes
    made_at: dt.datetime
    retired_at: dt.datetime | None


class Signer:
    """Signs for a purpose. Holds the private half: keep it in a local variable, never store it."""

    def __init__(self, key: KeyCard, seed: bytes) -> None:
        self.key, self._private = key, Ed25519PrivateKey.from_private_bytes(seed)

    def sign(self, text: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._private.sign(text)


def ensure(purpose: str, *, name: str, now: dt.datetime) -> KeyCard:
    """The key that signs for this purpose, made under `name` if there is none."""
    row = _current(purpose)
    return _card(row) if row else _make(purpose, name=name, now=now)


def rotate(purpose: str, *, now: dt.datetime) -> KeyCard:
    """Retires the key and makes another under the same name; what the old one signed still counts. Raises `NoKey`."""
    with transaction.atomic():
        row = SigningKey.objects.select_for_update().filter(purpose=purpose, retired_at__isnull=True).first()
        if row is None:
            raise NoKey(f"No key signs for {purpose}.")
        SigningKey.objects.filter(id=row.id).update(retired_at=now)
        return _make(purpose, name=row.name, now=now)


def of(purpose: str) -> list[KeyCard]:
    """All keys that ever signed for this purpose, newest first."""
    return [_card(row) for row in SigningKey.objects.filter(purpose=purpose).order_by("-made_at", "-id")]


def signer(purpose: str) -> Signer:
    """What signs for this purpose now. Raises `NoKey`."""
    row = _current(purpose)
    if row is None:
        raise NoKey(f"No key signs for {purpose}. Make one with `custody.ensure`.")
    with as_role(roles.SIGNER):
        sealed = bytes(SigningSeed.objects.values_list("seed", flat=True).get(key_id=row.id))
    return Signer(_card(row), vault.open_sealed(sealed, purpose=vault.SIGNING))


def every() -> list[KeyCard]:
    """All keys of all purposes, by purpose and the newest first."""
    return [_card(row) for row in SigningKey.objects.order_by("purpose", "-made_at", "-id")]


def reseal() -> int:
    """Seals every private half anew by the newest root key; how many. As the worker role, in a transaction."""
    rows = list(SigningSeed.objects.select_for_update().order_by("id"))
    for row in rows:
        row.seed = vault.reseal(bytes(row.seed), purpose=vault.SIGNING)
    return SigningSeed.objects.bulk_update(rows, ["seed"])


def openable(alone: vault.Alone) -> None:
    """Raises `vault.SealBroken` if a private half needs another root key."""
    for seed in SigningSeed.objects.values_list("seed", flat=True):
        alone.open_sealed(bytes(seed), purpose=vault.SIGNING)


def _make(purpose: str, *, name: str, now: dt.datetime) -> KeyCard:
    private = Ed25519PrivateKey.generate()
    row = SigningKey(purpose=purpose, name=name, public=private.public_key().public_bytes_raw(), made_at=now)
    with transaction.atomic():
        row.save(force_insert=True)
        sealed = vault.seal(private.private_bytes_raw(), purpose=vault.SIGNING)
        SigningSeed(key=row, seed=sealed).save(force_insert=True)
    return _card(row)


def _current(purpose: str) -> SigningKey | None:
    return SigningKey.objects.filter(purpose=purpose, retired_at__isnull=True).first()


def _card(row: SigningKey) -> KeyCard:
    return KeyCard(row.id, row.purpose, row.name, bytes(row.public), row.made_at, row.retired_at)
