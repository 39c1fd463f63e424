"""Erasing from the log: salt and personal texts of an entry are destroyed, its leaf and its place stay.

Each erasure is an entry of its own, found by the id of what was erased, so that whoever checks the log can tell it
from tampering.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction

from karmayogi.institutions import audit
from karmayogi.institutions.audit import Trace

ERASE = """
UPDATE institutions_auditrow SET salt = NULL, actor = NULL, object_id = '', reason = '', details = '{}'
WHERE id = ANY(%s) AND salt IS NOT NULL RETURNING id
"""


class NotSealedYet(Exception):
    """Some entries are not sealed; erase them a few seconds later."""

    status = 409


def about(person: UUID) -> list[UUID]:
    """The entries of what a person did, and of what was done to them; as the worker role."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM institutions_auditrow WHERE salt IS NOT NULL AND (actor = %s OR object_id = %s)"
            " ORDER BY xid, id",
            [person, str(person)],
        )
        return [id for (id,) in cursor.fetchall()]


def erase(entries: Iterable[UUID], *, by: UUID | None, reason: str, now: dt.datetime) -> int:
    """Erases these entries and writes down that it did, as the worker role; returns how many were not erased before.

    Raises `NotSealedYet`, and then nothing is erased.
    """
    wanted = sorted(set(entries))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM institutions_auditrow r WHERE id = ANY(%s)"
            " AND NOT EXISTS (SELECT FROM institutions_auditleaf l WHERE l.id = r.id)",
            [wanted],
        )
        if cursor.fetchone()[0]:
            raise NotSealedYet("Some of these entries are not sealed yet. Try again in a few seconds.")
        cursor.execute(
            "SELECT current_setting('app.purpose', true), set_config('app.purpose', 'erasure', true)"
        )
        (before, _) = cursor.fetchone()
        cursor.execute(ERASE, [wanted])
        erased = [id for (id,) in cursor.fetchall()]
        cursor.execute("SELECT set_config('app.purpose', %s, true)", [before or ""])
        traces = [Trace(id, {}, audit.entry_of(audit.ERASED, id)) for id in erased]
        audit.record_all(audit.ERASED, traces, actor=by, object_kind="audit", reason=reason, now=now)
    return len(erased)
