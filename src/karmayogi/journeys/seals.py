"""Root keys: a fresh one in front, every sealed value sealed anew by it, and the old ones dropped once none needs them.

Sealed values stand in three places: the seeds of signing keys, the seeds of the keys that sign certificates, and the
secrets of second factors. Each is opened and sealed anew in one transaction; the public halves do not change, so
that everything signed before still verifies.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import transaction

from karmayogi.credentials import keys as certificates
from karmayogi.institutions import audit
from karmayogi.registry import custody, vault
from karmayogi.registry.vault import FileKeeper, SealBroken

SECOND_FACTOR = "second-factor"


class KeeperOutside(Exception):
    """The root keys are held by a key service or a module of its own: rotate them there, then seal anew here."""

    status = 409


class StillNeeded(Exception):
    """A value cannot be opened by the newest root key alone; seal anew first."""

    status = 409


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many values were sealed anew."""

    signing: int
    certificates: int
    factors: int


def rotate() -> Resealed:
    """Puts a fresh root key in front and seals everything anew. As the worker role. Raises `KeeperOutside`."""
    file_keeper().rotate()
    return reseal()


def reseal() -> Resealed:
    """Seals everything anew by the newest root key, in one transaction. As the worker role."""
    with transaction.atomic():
        done = Resealed(custody.reseal(), certificates.reseal(), _factors())
        audit.record(
            "keys.reseal", actor=None, object_kind="keys", object_id="root",
            details={"signing": done.signing, "certificates": done.certificates, "factors": done.factors},
        )  # fmt: skip
    return done


def drop_old() -> int:
    """Drops all root keys but the newest; how many. Values of a backup from before cannot be opened any more.

    Raises `StillNeeded` while one is sealed by an older key, `KeeperOutside`.
    """
    keeper = file_keeper()
    newest = keeper.newest_alone()
    try:
        custody.openable(newest)
        certificates.openable(newest)
        for _, data in _secrets():
            for value in data.values():
                if _sealed(value):
                    newest.open_sealed(value.encode(), purpose=SECOND_FACTOR)
    except SealBroken as error:
        raise StillNeeded(
            "Something is still sealed by an older root key. Run: karmayogi keys rotate --root."
        ) from error
    return keeper.drop_old()


def file_keeper() -> FileKeeper:
    """The keeper of the file of root keys. Raises `KeeperOutside`."""
    keeper = vault.keeper()
    if not isinstance(keeper, FileKeeper):
        raise KeeperOutside(
            "The keeper is not a file. Rotate its keys there, then run: karmayogi keys reseal."
        )
    return keeper


def _factors() -> int:
    count = 0
    for row, data in _secrets():
        anew = {k: _anew(v) if _sealed(v) else v for k, v in data.items()}
        if anew != data:
            row.data = anew
            row.save(update_fields=["data"])
            count += 1
    return count


def _secrets() -> Iterator[tuple[Any, dict[str, Any]]]:
    model = apps.get_model("mfa", "Authenticator")
    for row in model.objects.select_for_update().order_by("pk").iterator(chunk_size=1000):
        yield row, row.data


def _sealed(value: object) -> bool:
    """What the vault sealed is a Fernet token: base64 of a first byte 0x80."""
    return isinstance(value, str) and value.startswith("gAAAA")


def _anew(value: str) -> str:
    return vault.reseal(value.encode(), purpose=SECOND_FACTOR).decode()
