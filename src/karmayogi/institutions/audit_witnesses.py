"""Witnesses outside of the house: each gets the newest checkpoint, and what it has seen cannot be unsaid here.

A witness that is down is tried again after 1, 2, 4... seconds, at most five minutes; then it gets the newest
checkpoint, which covers all it missed. One that refuses says that the log was rewritten or rolled back.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from karmayogi.institutions import audit_tree
from karmayogi.institutions.models import AuditCheckpoint, AuditCosignature, AuditWitness
from karmayogi.standards import merkle

LONGEST_PAUSE = 300
"""Seconds."""

Proof = Callable[[int], Sequence[bytes]]
"""The consistency proof from a size to the checkpoint in question; raises ValueError for a larger size."""


class Unreachable(Exception):
    """The witness could not be asked; it is tried again."""


class Refused(Exception):
    """The witness saw something that this log contradicts. Nobody may go on as if nothing were."""


class Witness(Protocol):
    """Someone who keeps checkpoints where we cannot change them."""

    @property
    def name(self) -> str:
        """By which it is known here."""

    def see(self, note: str, *, size: int, since: int, proof: Proof) -> str:
        """Hands over a checkpoint; its cosignature lines, '' from one that only stores.

        `since`: the size it has seen. Raises `Unreachable`, `Refused`.
        """


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a witness. `behind`: entries sealed since it last saw a checkpoint."""

    name: str
    size: int
    behind: int
    failures: int
    failing_since: dt.datetime | None
    said: str
    refused: bool

    @property
    def well(self) -> bool:
        """It has what we have, or will have it in a moment."""
        return not self.refused and not self.failures


def deliver(witnesses: Sequence[Witness], *, now: dt.datetime) -> int:
    """Hands the newest checkpoint to each witness that lacks it and is due; returns how many took it.

    Run it as the worker role and outside of any transaction: it waits for the network.
    """
    last = AuditCheckpoint.objects.order_by("-size").first()
    if last is None:
        return 0
    return sum(_hand(witness, last, now=now) for witness in witnesses)


def standings(names: Sequence[str]) -> list[Standing]:
    """How it stands with the witnesses of these names, those never asked included; as the worker role."""
    size = AuditCheckpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    known = {row.name: row for row in AuditWitness.objects.filter(name__in=names)}
    rows = [known.get(name) or AuditWitness(name=name) for name in names]
    return [
        Standing(r.name, r.size, size - r.size, r.failures, r.failing_since, r.said, r.refused) for r in rows
    ]


def witnessed() -> int:
    """How many entries the newest checkpoint covers that any witness has."""
    rows = AuditCosignature.objects.order_by("-checkpoint__size")
    return rows.values_list("checkpoint__size", flat=True).first() or 0


def _hand(witness: Witness, point: AuditCheckpoint, *, now: dt.datetime) -> bool:
    row, _ = AuditWitness.objects.get_or_create(name=witness.name)
    if row.size >= point.size or (row.again_at and now < row.again_at):
        return False

    def proof(since: int) -> Sequence[bytes]:
        return audit_tree.hashes(merkle.consistency_ranges(since, size=point.size))

    try:
        line = witness.see(point.note, size=point.size, since=row.size, proof=proof)
    except (Unreachable, Refused) as error:
        pause = min(2**row.failures, LONGEST_PAUSE)
        row.failures += 1
        row.failing_since = row.failing_since or now
        row.again_at = now + dt.timedelta(seconds=pause)
        row.said, row.refused = str(error)[:300], isinstance(error, Refused)
        row.save()
        return False
    AuditCosignature.objects.bulk_create(
        [AuditCosignature(checkpoint=point, witness=witness.name, line=line, at=now)], ignore_conflicts=True
    )
    AuditWitness.objects.filter(id=row.id).update(
        size=point.size, failures=0, failing_since=None, again_at=None, said="", refused=False
    )
    return True
