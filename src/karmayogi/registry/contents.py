"""What the tables hold, as one hash a table: where two answers are equal, not one cell differs."""

from collections.abc import Collection, Mapping

from django.apps import apps
from django.db import connection
from psycopg import sql

from karmayogi.registry.fields import Fact
from karmayogi.registry.models import ImportProblem, ImportRun

KEPT_APART = frozenset({ImportRun._meta.db_table, ImportProblem._meta.db_table})
"""That an import ran is itself noted here; these tables say nothing of what it changed."""


def hashes(tables: Collection[str] | None = None) -> dict[str, str]:
    """table -> number of its rows and the sum of their 64-bit hashes, over all columns, ids included.

    All tables of the rooms where none are named. Computed by the database in one statement; call it as the worker,
    since other roles do not see every row.
    """
    wanted = sorted(_ours() if tables is None else tables)
    each = sql.SQL(
        "SELECT {name}, count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} t"
    )
    statement = sql.SQL(" UNION ALL ").join(
        each.format(name=sql.Literal(name), table=sql.Identifier(name)) for name in wanted
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return dict(cursor.fetchall())


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """The tables whose content is not the same in both, by name."""
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))


def _ours() -> set[str]:
    return {model._meta.db_table for model in apps.get_models() if issubclass(model, Fact)} - KEPT_APART
