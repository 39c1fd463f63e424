"""Proof that an entry stands in the log: for a result slip, a certificate, an order, or any act of one's own."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from karmayogi.institutions import audit_tree
from karmayogi.institutions.models import AuditCheckpoint, AuditLeaf
from karmayogi.standards import merkle

FORMAT = "karmayogi-proof/1"
HOW = (
    "Take CHECKPOINTS from a witness, not from the keeper of the log. Then: python verify_log.py CHECKPOINTS"
    " --proof THIS_FILE. It answers WHOLE and exit code 0 if this entry stands in the log."
)
"""What a proof says to whoever finds it without its page."""


class NotInLog(LookupError):
    """There is no such entry in the sealed log. A fresh one is sealed after a few seconds."""


@dataclass(frozen=True, slots=True)
class Proof:
    """`path` leads from `leaf` at `position` to the root of `size` entries that `checkpoint` (a signed note) names.

    `witnesses`: who has that checkpoint.
    """

    entry: UUID
    position: int
    leaf: str
    size: int
    path: tuple[bytes, ...]
    checkpoint: str
    witnesses: tuple[str, ...]

    @property
    def number(self) -> int:
        """The place as people count, from 1."""
        return self.position + 1

    def as_json(self) -> Mapping[str, Any]:
        """What `verify_log.py --proof` reads."""
        return {
            "format": FORMAT,
            "entry": str(self.entry),
            "position": self.position,
            "leaf": self.leaf,
            "size": self.size,
            "path": [base64.b64encode(step).decode() for step in self.path],
            "checkpoint": self.checkpoint,
            "check": HOW,
        }


def proof_of(entry: UUID) -> Proof:
    """The proof under the newest checkpoint a witness has, or under the newest of all. Raises `NotInLog`.

    Anyone may ask: nothing personal stands in it.
    """
    leaf = AuditLeaf.objects.filter(id=entry).first()
    covering = (
        AuditCheckpoint.objects.filter(size__gt=leaf.position) if leaf else AuditCheckpoint.objects.none()
    )
    seen = covering.filter(cosignatures__isnull=False).order_by("-size").first()
    point = seen or covering.order_by("-size").first()
    if leaf is None or point is None:
        raise NotInLog("There is no such entry in the sealed log. A fresh one is sealed after a few seconds.")
    path = audit_tree.hashes(merkle.inclusion_ranges(leaf.position, size=point.size))
    given = list(point.cosignatures.order_by("witness"))
    note = point.note + "".join(c.line for c in given)
    return Proof(
        entry, leaf.position, leaf.leaf, point.size, tuple(path), note, tuple(c.witness for c in given)
    )


def places(entries: list[UUID]) -> dict[UUID, int]:
    """entry -> its position, for those that are sealed."""
    return dict(AuditLeaf.objects.filter(id__in=entries).values_list("id", "position"))


def length() -> int:
    """How many entries the newest checkpoint covers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(size), 0) FROM institutions_auditcheckpoint")
        (size,) = cursor.fetchone()
    return int(size)
