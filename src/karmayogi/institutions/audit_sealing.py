"""Sealing: committed audit rows get their place in the log, and the log a signed checkpoint.

One sealer at a time, in a transaction of its own. What it takes is decided by transactions, not by times or
numbers handed out on writing: all rows visible in its snapshot that the snapshot of the checkpoint before could
not see. A transaction that was still running then is seen by a later seal, however late it commits, and however
many others committed before it; and a long one holds nobody up.
"""

import datetime as dt
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from karmayogi.institutions import audit, audit_erasure, audit_tree
from karmayogi.institutions.models import AuditCheckpoint, AuditLeaf
from karmayogi.registry import bulk, custody
from karmayogi.registry.custody import KeyCard, Signer
from karmayogi.standards import logbook, merkle, notes
from karmayogi.standards.logbook import Entry
from karmayogi.standards.notes import Checkpoint, Note, Verifier

PURPOSE = "audit log"
AT_ONCE = 20_000
"""Rows of one seal; what is left over is taken by the next."""
_TURN = 0x617564697473  # any number nobody else locks: one sealer

TAKE = """
SELECT r.id, r.at, r.act, r.object_kind, r.body, r.actor, r.object_id, r.reason, r.details, r.salt
FROM institutions_auditrow r
WHERE r.xid >= pg_snapshot_xmin(%(before)s::pg_snapshot)
  AND NOT pg_visible_in_snapshot(r.xid, %(before)s::pg_snapshot)
  AND pg_visible_in_snapshot(r.xid, %(now)s::pg_snapshot)
  AND NOT EXISTS (SELECT FROM institutions_auditleaf l WHERE l.id = r.id)
ORDER BY r.xid, r.id LIMIT %(limit)s
"""
"""The index on xid bounds what is looked at: nothing older than the oldest transaction that ran at the last seal."""

TAKE_ALL = """
SELECT r.id, r.at, r.act, r.object_kind, r.body, r.actor, r.object_id, r.reason, r.details, r.salt
FROM institutions_auditrow r LEFT JOIN institutions_auditleaf l ON l.id = r.id
WHERE l.id IS NULL
ORDER BY r.xid, r.id LIMIT %(limit)s
"""
"""For the first seal, and after a restore elsewhere, where transaction numbers begin anew."""


class AnotherSeals(Exception):
    """Another process is sealing at this moment; let it."""


class SealsAlone(Exception):
    """Sealing needs a transaction of its own: rows written after it in the same one would be passed over."""


class LogChanged(Exception):
    """The sealed log is not as it was sealed; nothing is sealed on top. Run `karmayogi audit status`."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a seal did. `left`: there may be more to take at once."""

    entries: int
    size: int
    left: bool


def seal(*, now: dt.datetime, limit: int = AT_ONCE) -> Sealed:
    """Seals what was committed, at most `limit` rows, as the worker role. Raises `AnotherSeals`, `LogChanged`."""
    if connection.in_atomic_block:
        raise SealsAlone("Seal outside of any transaction.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_TURN])
        if not cursor.fetchone()[0]:
            raise AnotherSeals("Another process seals.")
        last = AuditCheckpoint.objects.order_by("-size").first()
        # After the lock: whatever the sealer before us committed is in this snapshot.
        cursor.execute("SELECT pg_current_snapshot()::text, system_identifier::text FROM pg_control_system()")
        snapshot, system = cursor.fetchone()
        entries = _take(cursor, last, snapshot=snapshot, system=system, limit=limit)
        size = last.size if last else 0
        left = len(entries) == limit
        if not entries:
            return Sealed(0, size, left)
        if left:  # the next seal looks at the same transactions again
            snapshot, system = (last.snapshot, last.system) if last else ("", "")
        _write(entries, before=size)
        _erase(entries)
        _checkpoint(size + len(entries), now=now, snapshot=snapshot, system=system)
    return Sealed(len(entries), size + len(entries), left)


def key(*, now: dt.datetime) -> Verifier:
    """The public key of the log, made with its name if there is none; as the worker role."""
    return verifier(custody.ensure(PURPOSE, name=_origin(), now=now))


def known_keys() -> list[Verifier]:
    """All keys the log ever signed with, newest first."""
    return [verifier(card) for card in custody.of(PURPOSE)]


def verifier(card: KeyCard) -> Verifier:
    """The key as those who check the log know it."""
    return Verifier(card.name, notes.LOG, card.public)


def oldest_unsealed() -> dt.datetime | None:
    """When the oldest row was written that is not sealed; None if all are. Looks at every row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(r.at) FROM institutions_auditrow r"
            " WHERE NOT EXISTS (SELECT FROM institutions_auditleaf l WHERE l.id = r.id)"
        )
        (at,) = cursor.fetchone()
    return at  # type: ignore[no-any-return]


def _take(
    cursor: Any, last: AuditCheckpoint | None, *, snapshot: str, system: str, limit: int
) -> Sequence[Entry]:
    if last is not None and last.snapshot and last.system == system:
        cursor.execute(TAKE, {"before": last.snapshot, "now": snapshot, "limit": limit})
    else:
        cursor.execute(TAKE_ALL, {"limit": limit})
    return [entry(row) for row in cursor.fetchall()]


def entry(row: Sequence[Any]) -> Entry:
    """The columns of `TAKE` as an entry."""
    id, at, act, kind, body, actor, object, reason, details, salt = row
    details = json.loads(details) if isinstance(details, str) else details
    return Entry(id, at, act, kind, body, actor, object, reason, details, bytes(salt))


def _write(entries: Sequence[Entry], *, before: int) -> None:
    rows = []
    for position, each in enumerate(entries, before):
        leaf = logbook.leaf(each)
        rows.append((each.id, position, leaf, merkle.leaf_hash(leaf.encode())))
    if bulk.load(AuditLeaf, ["id", "position", "leaf", "hash"], rows) != len(rows):
        raise LogChanged(f"Entries stand behind the checkpoint of {before} that no checkpoint covers.")
    audit_tree.grow(before=before, after=before + len(rows))


def _erase(entries: Sequence[Entry]) -> None:
    wanted = [UUID(e.object) for e in entries if e.act == audit.ERASED]
    if wanted:
        audit_erasure.carry_out(wanted)


def _checkpoint(size: int, *, now: dt.datetime, snapshot: str, system: str) -> None:
    custody.ensure(PURPOSE, name=_origin(), now=now)
    root = audit_tree.root(size)
    note = _signed(custody.signer(PURPOSE), size=size, root=root)
    AuditCheckpoint(
        size=size, root=root, note=str(note), sealed_at=now, snapshot=snapshot, system=system
    ).save(force_insert=True)


def _signed(signer: Signer, *, size: int, root: bytes) -> Note:
    text = Checkpoint(signer.key.name, size, root).text
    return Note(text, (notes.sign(text, key=verifier(signer.key), by=signer.sign),))


def _origin() -> str:
    """The name of a new log: KARMAYOGI_LOG_NAME, else the host of the public address."""
    return os.environ.get("KARMAYOGI_LOG_NAME") or f"{urlsplit(settings.PUBLIC_URL).netloc}/audit"
