"""What the rows of one file said before, so that a file that contradicts itself is found whatever its size.

Kept in a temporary table of the session and not in memory: a file may name millions of people.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import uuid4

from django.db import connection
from psycopg import sql

from karmayogi.registry.acting import as_worker

Cells = tuple[str, ...]


class Sayings:
    """What was said about each thing so far: its key, the row that said it first, and its cells ('': not said yet)."""

    def __init__(self, width: int) -> None:
        """`width`: how many cells are said of each thing."""
        names = [sql.Identifier(f"c{n}") for n in range(width)]
        self._table = sql.Identifier(f"sayings_{uuid4().hex}")
        self._cells = sql.SQL(", ").join(names)
        typed = sql.SQL(", ").join(sql.SQL("{} text").format(name) for name in names)
        self._run(
            sql.SQL("CREATE TEMP TABLE {} (key text PRIMARY KEY, row bigint, {})").format(self._table, typed)
        )

    def of(self, keys: Collection[str]) -> dict[str, tuple[int, Cells]]:
        """key -> (row, cells), for those something was said about."""
        ask = sql.SQL("SELECT key, row, {} FROM {} WHERE key = ANY(%s)").format(self._cells, self._table)
        return {key: (row, tuple(cells)) for key, row, *cells in self._run(ask, list(keys))}

    def keep(self, said: Mapping[str, tuple[int, Cells]], *, again: Iterable[str] = ()) -> None:
        """Remembers them; `again`: those among them that were said something about before."""
        if former := list(again):
            self._run(sql.SQL("DELETE FROM {} WHERE key = ANY(%s)").format(self._table), former)
        copy = sql.SQL("COPY {} (key, row, {}) FROM STDIN").format(self._table, self._cells)
        with as_worker(), connection.cursor() as wrapper, wrapper.cursor.copy(copy) as stream:
            for key, (row, cells) in said.items():
                stream.write_row((key, row, *cells))

    def forget(self) -> None:
        """Drops the table; where the transaction has failed, the end of the session does."""
        if not connection.needs_rollback:
            self._run(sql.SQL("DROP TABLE {}").format(self._table))

    def _run(self, statement: sql.Composed, *arguments: list[str]) -> list[tuple[Any, ...]]:
        with as_worker(), connection.cursor() as cursor:
            cursor.execute(statement, arguments or None)
            return cursor.fetchall() if cursor.description else []
