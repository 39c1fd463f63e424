"""The sealed log as JSON lines, for whoever checks it from outside (`verify_log.py`).

One line an entry, in order: `position`, the sealed text `leaf`, and under `row` what stands in the audit table today:
plain fields, salt and personal texts; both null after erasure; `row` null if it is gone. A log for the public leaves
`row` out altogether.
"""

import json
from collections.abc import Iterator
from typing import Any

from karmayogi.standards import logbook
from karmayogi.standards.logbook import Entry

QUERY = """
SELECT l.position, l.leaf, r.id, r.at, r.act, r.object_kind, r.body, r.actor, r.object_id, r.reason, r.details, r.salt
FROM institutions_auditleaf l LEFT JOIN institutions_auditrow r ON r.id = l.id
ORDER BY l.position
"""


def lines(cursor: Any, *, leaves_only: bool = False) -> Iterator[str]:
    """The lines, each with its newline. `cursor`: any DB-API cursor of a role that reads the log whole."""
    cursor.execute(QUERY)
    while found := cursor.fetchmany(2000):
        for position, leaf, *row in found:
            told: dict[str, Any] = {"position": position, "leaf": leaf}
            if not leaves_only:
                told["row"] = _row(row) if row[0] else None
            yield json.dumps(told, ensure_ascii=False) + "\n"


def _row(row: list[Any]) -> dict[str, Any]:
    id, at, act, kind, body, actor, object, reason, details, salt = row
    details = json.loads(details) if isinstance(details, str) else details
    entry = Entry(id, at, act, kind, body, actor, object, reason, details, bytes(salt or b""))
    return {
        "id": str(id),
        "at": logbook.moment(at),
        "act": act,
        "kind": kind,
        "body": str(body) if body else None,
        "salt": entry.salt.hex() if salt is not None else None,
        **(logbook.texts(entry) if salt is not None else dict.fromkeys(logbook.SALTED)),
    }
