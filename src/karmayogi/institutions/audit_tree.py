"""The tree over the sealed log: stored leaf hashes and full nodes of 256, from which any root or proof is put together.

A root or a proof over millions of entries reads a few hundred hashes in two statements.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.db import connection

from karmayogi.institutions.models import AuditLeaf, AuditNode
from karmayogi.registry import bulk, ids
from karmayogi.standards import merkle
from karmayogi.standards.merkle import Range

BITS = 8
WIDTH = 1 << BITS
"""Hashes under one stored node; a node of level n covers WIDTH ** n leaves."""


def grow(*, before: int, after: int) -> int:
    """Writes the nodes that became full when the log grew from `before` to `after` leaves; returns how many."""
    written, level = 0, 1
    while after >> (BITS * level):
        first, last = before >> (BITS * level), after >> (BITS * level)
        below = _read({level - 1: [(first << BITS, last << BITS)]})[level - 1]
        rows = [
            (ids.new(), level, place, merkle.perfect_hash([below[i] for i in _under(place)]))
            for place in range(first, last)
        ]
        written += bulk.load(AuditNode, ["id", "level", "place", "hash"], rows)
        level += 1
    return written


def root(size: int) -> bytes:
    """The root over the first `size` leaves."""
    return hashes([(0, size)])[0]


def hashes(ranges: Sequence[Range]) -> list[bytes]:
    """The hash of each range of leaves; all of them must be sealed."""
    wanted: dict[int, list[Range]] = {}
    for part in ranges:
        for perfect in merkle.perfect_ranges(part):
            level, span = _stored(perfect)
            wanted.setdefault(level, []).append(span)
    known = _read(wanted)

    def perfect_hash(start: int, end: int) -> bytes:
        level, (first, last) = _stored((start, end))
        return merkle.perfect_hash([known[level][i] for i in range(first, last)])

    return [merkle.range_hash(part, perfect_hash) for part in ranges]


def _under(place: int) -> range:
    return range(place << BITS, (place + 1) << BITS)


def _stored(perfect: Range) -> tuple[int, Range]:
    """The level of stored hashes that a perfect subtree is made of, and which of them."""
    start, end = perfect
    level = ((end - start).bit_length() - 1) // BITS
    return level, (start >> (BITS * level), end >> (BITS * level))


def _read(wanted: Mapping[int, Iterable[Range]]) -> dict[int, dict[int, bytes]]:
    """level -> place -> hash; level 0 are the leaves."""
    found: dict[int, dict[int, bytes]] = {}
    with connection.cursor() as cursor:
        for level, spans in wanted.items():
            table, place, only = (
                (AuditLeaf._meta.db_table, "position", "")
                if level == 0
                else (AuditNode._meta.db_table, "place", f"t.level = {level} AND")
            )
            starts, ends = zip(*spans, strict=True)
            cursor.execute(
                f"SELECT t.{place}, t.hash FROM unnest(%s::bigint[], %s::bigint[]) AS s(start, stop)"  # noqa: S608
                f" JOIN {table} t ON {only} t.{place} >= s.start AND t.{place} < s.stop",
                [list(starts), list(ends)],
            )
            found[level] = {place: bytes(value) for place, value in cursor.fetchall()}
    return found
