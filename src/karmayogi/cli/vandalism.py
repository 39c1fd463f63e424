"""Ways to change a sealed log as its owner, each with some luck of its own. For the tamper test only."""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from karmayogi.institutions import audit_sealing
from karmayogi.registry import ids
from karmayogi.standards import logbook

Way = Callable[[Any, random.Random], None]

EDITS: tuple[LiteralString, ...] = (
    "act = act || 'x'",
    "at = at + interval '1 microsecond'",
    "object_kind = 'other'",
    "body = gen_random_uuid()",
    "actor = gen_random_uuid()",
    "object_id = 'somebody-else'",
    "reason = reason || ' '",
    "details = details || '{\"more\": 1}'",
    "salt = uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())",
)


def edit_a_row(cursor: Any, draw: random.Random) -> None:
    """One column of one row."""
    cursor.execute(
        f"UPDATE institutions_auditrow SET {draw.choice(EDITS)} WHERE id = %s AND salt IS NOT NULL",  # noqa: S608
        [_one(cursor, draw)],
    )


def edit_row_and_leaf_alike(cursor: Any, draw: random.Random) -> None:
    """A new reason, and the leaf made anew to fit it."""
    id = _one(cursor, draw)
    cursor.execute("UPDATE institutions_auditrow SET reason = 'Another reason.' WHERE id = %s", [id])
    cursor.execute(
        "SELECT id, at, act, object_kind, body, actor, object_id, reason, details, salt FROM institutions_auditrow"
        " WHERE id = %s",
        [id],
    )
    leaf = logbook.leaf(audit_sealing.entry(cursor.fetchone()))
    cursor.execute("UPDATE institutions_auditleaf SET leaf = %s WHERE id = %s", [leaf, id])


def edit_a_leaf(cursor: Any, draw: random.Random) -> None:
    """Another act in the sealed text and in the row."""
    id = _one(cursor, draw)
    cursor.execute("SELECT leaf FROM institutions_auditleaf WHERE id = %s", [id])
    leaf = json.loads(cursor.fetchone()[0]) | {"act": "test.other"}
    cursor.execute("UPDATE institutions_auditleaf SET leaf = %s WHERE id = %s", [logbook.canonical(leaf), id])
    cursor.execute("UPDATE institutions_auditrow SET act = 'test.other' WHERE id = %s", [id])


def delete_a_row(cursor: Any, draw: random.Random) -> None:
    """The row only; its leaf stays."""
    cursor.execute("DELETE FROM institutions_auditrow WHERE id = %s", [_one(cursor, draw)])


def delete_row_and_leaf(cursor: Any, draw: random.Random) -> None:
    """Both, leaving a gap."""
    id = _one(cursor, draw)
    cursor.execute("DELETE FROM institutions_auditrow WHERE id = %s", [id])
    cursor.execute("DELETE FROM institutions_auditleaf WHERE id = %s", [id])


def delete_and_close_the_gap(cursor: Any, draw: random.Random) -> None:
    """Both, and all later entries move up."""
    id = _one(cursor, draw)
    cursor.execute("DELETE FROM institutions_auditleaf WHERE id = %s RETURNING position", [id])
    (position,) = cursor.fetchone()
    cursor.execute("DELETE FROM institutions_auditrow WHERE id = %s", [id])
    _shift(cursor, position, -1)


def blank_a_row_without_saying_so(cursor: Any, draw: random.Random) -> None:
    """As erasure does it, but no entry says it."""
    cursor.execute(
        "UPDATE institutions_auditrow SET salt = NULL, actor = NULL, object_id = '', reason = '', details = '{}'"
        " WHERE id = %s AND salt IS NOT NULL",
        [_one(cursor, draw)],
    )


def swap_two_entries(cursor: Any, draw: random.Random) -> None:
    """Two leaves exchange their places."""
    first, second = _two(cursor, draw)
    cursor.execute("SELECT id, position FROM institutions_auditleaf WHERE id IN (%s, %s)", [first, second])
    places: dict[UUID, int] = dict(cursor.fetchall())
    for id, place in ((first, -1), (second, places[first]), (first, places[second])):
        cursor.execute("UPDATE institutions_auditleaf SET position = %s WHERE id = %s", [place, id])


def swap_what_two_rows_say(cursor: Any, draw: random.Random) -> None:
    """Two rows exchange object, reason and details; leaves stay."""
    first, second = _two(cursor, draw)
    cursor.execute(
        "SELECT id, object_id, reason, details FROM institutions_auditrow WHERE id IN (%s, %s)",
        [first, second],
    )
    said = {id: rest for id, *rest in cursor.fetchall()}
    for here, there in ((first, second), (second, first)):
        object, reason, details = said[there]
        cursor.execute(
            "UPDATE institutions_auditrow SET object_id = %s, reason = %s, details = %s WHERE id = %s",
            [object, reason, Jsonb(details), here],
        )


def cut_off_the_end(cursor: Any, draw: random.Random) -> None:
    """The last entries, with rows and checkpoints."""
    cursor.execute("SELECT max(position) + 1 FROM institutions_auditleaf")
    size = cursor.fetchone()[0] - draw.randrange(1, 40)
    cursor.execute(
        "WITH gone AS (DELETE FROM institutions_auditleaf WHERE position >= %s RETURNING id)"
        " DELETE FROM institutions_auditrow WHERE id IN (SELECT id FROM gone)",
        [size],
    )
    cursor.execute("DELETE FROM institutions_auditcheckpoint WHERE size > %s", [size])


def slip_an_entry_in(cursor: Any, draw: random.Random) -> None:
    """A forged entry in the middle; all later ones move down."""
    cursor.execute("SELECT position, leaf FROM institutions_auditleaf WHERE id = %s", [_one(cursor, draw)])
    position, leaf = cursor.fetchone()
    _shift(cursor, position, 1)
    new = ids.new()
    forged = logbook.canonical(json.loads(leaf) | {"id": str(new)})
    cursor.execute(
        "INSERT INTO institutions_auditleaf (id, position, leaf, hash) VALUES (%s, %s, %s, '')",
        [new, position, forged],
    )


WAYS: Sequence[Way] = (
    edit_a_row, edit_row_and_leaf_alike, delete_a_row, swap_two_entries, cut_off_the_end, edit_a_leaf,
    delete_row_and_leaf, swap_what_two_rows_say, delete_and_close_the_gap, blank_a_row_without_saying_so,
    slip_an_entry_in,
)  # fmt: skip


def _one(cursor: Any, draw: random.Random) -> UUID:
    """An entry whose texts are still there."""
    return _some(cursor, draw, 1)[0]


def _two(cursor: Any, draw: random.Random) -> tuple[UUID, UUID]:
    first, second = _some(cursor, draw, 2)
    return first, second


def _some(cursor: Any, draw: random.Random, count: int) -> list[UUID]:
    cursor.execute(
        "SELECT l.id FROM institutions_auditleaf l JOIN institutions_auditrow r ON r.id = l.id"
        " WHERE r.salt IS NOT NULL AND r.act = 'test.act' ORDER BY l.position"
    )
    return draw.sample([id for (id,) in cursor.fetchall()], count)


def _shift(cursor: Any, position: int, by: int) -> None:
    """Moves all entries from a position on; by way of negative places, which are free."""
    cursor.execute(
        "UPDATE institutions_auditleaf SET position = -position - %s WHERE position >= %s", [by, position]
    )
    cursor.execute("UPDATE institutions_auditleaf SET position = -position WHERE position < 0")
