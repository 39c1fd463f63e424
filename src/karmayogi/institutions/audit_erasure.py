"""Erasing from the log: salt and personal texts of an entry are destroyed, its leaf and its place stay.

Each erasure is an entry of its own, found by the id of what was erased, so that whoever checks the log can tell it
from tampering. The seal that takes this entry into the log carries it out in the same transaction: at no moment is
something gone that the sealed log does not explain.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from karmayogi.institutions import audit
from karmayogi.institutions.audit import Trace

ERASE = """
UPDATE institutions_auditrow SET salt = NULL, actor = NULL, object_id = '', reason = '', details = '{}'
WHERE id = ANY(%s) AND salt IS NOT NULL
"""
UNSEALED = """
SELECT count(*) FROM institutions_auditrow r
WHERE id = ANY(%s) AND NOT EXISTS (SELECT FROM institutions_auditleaf l WHERE l.id = r.id)
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
    """Has these entries erased by the next seal, seconds after the running transaction commits; as the worker role.

    Returns how many were not asked for before. Raises `NotSealedYet`, and then nothing will be erased.
    """
    wanted = sorted(set(entries))
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED, [wanted])
        if cursor.fetchone()[0]:
            raise NotSealedYet("Some of these entries are not sealed yet. Try again in a few seconds.")
    traces = [Trace(id, {}, audit.entry_of(audit.ERASED, id)) for id in wanted]
    return audit.record_all(audit.ERASED, traces, actor=by, object_kind="audit", reason=reason, now=now)


def carry_out(entries: Iterable[UUID]) -> None:
    """Destroys salt and personal texts, inside the seal that takes the entries saying so into the log."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('app.purpose', true), set_config('app.purpose', 'erasure', true)"
        )
        (before, _) = cursor.fetchone()
        cursor.execute(ERASE, [list(entries)])
        cursor.execute("SELECT set_config('app.purpose', %s, true)", [before or ""])
