"""Which tables have a key of a person, and whether export, erasure and retention know each of them.

Two independent lists: the database's own catalogue (foreign keys that lead to a person or an account), and the models.
"""

from dataclasses import dataclass

from django.db import connection

from karmayogi.journeys import my_data
from karmayogi.policy import purposes
from karmayogi.registry import keys


@dataclass(frozen=True, slots=True)
class Covered:
    """A table, the columns that lead to a person ("about" for rows found through another one), and what knows it."""

    table: str
    keys: tuple[str, ...]
    exported: bool
    registered: bool
    timed: bool

    @property
    def covered(self) -> bool:
        """Whether export, register of purposes and retention all know it."""
        return self.exported and self.registered and self.timed


def tables() -> list[Covered]:
    """Every table with a key of a person, by name."""
    known, seen = keys.tables(), _in_the_catalogue()
    return [
        Covered(
            table=name,
            keys=tuple(sorted({*seen.get(name, ()), *_said(name)})),
            exported=name in known and bool(my_data.selection(known[name])),
            registered=any(table == name for table, _ in purposes.lines()),
            timed=name in purposes.clocks(),
        )
        for name in sorted({*known, *seen})
    ]


def _said(name: str) -> set[str]:
    table = keys.tables().get(name)
    if table is None:
        return set()
    return {key.column for key in table.keys} | ({"about"} if table.about else set())


def _in_the_catalogue() -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(_FOREIGN_KEYS)
        return dict(cursor.fetchall())


_FOREIGN_KEYS = """
SELECT c.conrelid::regclass::text, array_agg(a.attname ORDER BY a.attname)
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid IN ('institutions_person'::regclass, 'institutions_account'::regclass)
GROUP BY 1
"""
