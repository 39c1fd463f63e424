"""Signing keys: the private half is read only where something is signed, the public half by everyone.

A key is named as `did:key` names it, so that a document carries all that is needed to check its signature;
whether the key was ours, and when, is said by the table.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from karmayogi.credentials.models import Key, KeySeed
from karmayogi.registry import roles, vault
from karmayogi.registry.acting import as_role
from karmayogi.standards import signing

DAYS = 730


class NoSigningKey(LookupError):
    """No key may sign on this day; make one first."""

    status = 500


@dataclass(frozen=True, slots=True)
class KeyCard:
    """A public key (multibase) and when it may have signed: days `[since, until)`, unless given up."""

    name: str
    public: str
    since: dt.date
    until: dt.date
    revoked_at: dt.datetime | None
    reason: str

    def signs_on(self, day: dt.date) -> bool:
        """True if a signature of that day counts. One given up counts for no day: nobody knows who held it."""
        return self.revoked_at is None and self.since <= day < self.until


class Signer:
    """Signs with the key in force. Holds the private half: keep it in a local variable, never store it."""

    def __init__(self, name: str, seed: bytes, created: str) -> None:
        self.name, self._seed, self._created = name, seed, created

    def sign(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document with its proof."""
        return signing.sign(document, seed=self._seed, key_id=self.name, created=self._created)


def make(*, now: dt.datetime, days: int = DAYS) -> KeyCard:
    """Makes a key that signs from today for `days` days."""
    seed, today = signing.new_key(), timezone.localdate(now)
    public = signing.public_key(seed)
    row = Key(
        name=f"did:key:{public}#{public}", public=public, since=today, until=today + dt.timedelta(days=days)
    )
    with transaction.atomic():
        row.save(force_insert=True)
        KeySeed(key=row, seed=vault.seal(seed, purpose=vault.SIGNING)).save(force_insert=True)
    return _card(row)


def ensure(*, now: dt.datetime) -> KeyCard:
    """The key that signs today, made if there is none."""
    row = _current(now)
    return _card(row) if row else make(now=now)


def signer(*, now: dt.datetime) -> Signer:
    """What signs today; only jobs and the command line get this far. Raises `NoSigningKey`."""
    row = _current(now)
    if row is None:
        raise NoSigningKey("No key may sign today. Make one with `credentials.keys.ensure`.")
    with as_role(roles.SIGNER):
        sealed = bytes(KeySeed.objects.values_list("seed", flat=True).get(key_id=row.id))
    return Signer(row.name, vault.open_sealed(sealed, purpose=vault.SIGNING), timestamp(now))


def reseal() -> int:
    """Seals every private half anew by the newest root key; how many. As the worker role, in a transaction."""
    rows = list(KeySeed.objects.select_for_update().order_by("id"))
    for row in rows:
        row.seed = vault.reseal(bytes(row.seed), purpose=vault.SIGNING)
    return KeySeed.objects.bulk_update(rows, ["seed"])


def openable(alone: vault.Alone) -> None:
    """Raises `vault.SealBroken` if a private half needs another root key."""
    for seed in KeySeed.objects.values_list("seed", flat=True):
        alone.open_sealed(bytes(seed), purpose=vault.SIGNING)


def every() -> list[KeyCard]:
    """All keys that ever signed certificates, the newest first."""
    return [_card(row) for row in Key.objects.order_by("-since", "-id")]


def revoke(name: str, *, reason: str, now: dt.datetime) -> None:
    """Gives up a key (lost, seen by others): nothing it signed can be relied on any more."""
    if not Key.objects.filter(name=name, revoked_at__isnull=True).update(revoked_at=now, reason=reason):
        raise NoSigningKey("There is no such key, or it was given up before.")


def by_names(names: Iterable[str]) -> dict[str, KeyCard]:
    """name -> public key, for those that are ours."""
    return {row.name: _card(row) for row in Key.objects.filter(name__in=list(names))}


def timestamp(now: dt.datetime) -> str:
    """The moment as an XML Schema dateTimeStamp in UTC, to the second."""
    return now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _current(now: dt.datetime) -> Key | None:
    today = timezone.localdate(now)
    query = Key.objects.filter(since__lte=today, until__gt=today, revoked_at__isnull=True)
    return query.order_by("-since", "-id").first()


def _card(row: Key) -> KeyCard:
    return KeyCard(row.name, row.public, row.since, row.until, row.revoked_at, row.reason)
