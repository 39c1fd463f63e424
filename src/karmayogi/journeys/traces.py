"""Where a person stands in the tables, and what the register says happens there at erasure: as SQL and as counts."""

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db import connection

from karmayogi.policy import purposes
from karmayogi.registry import keys, rows
from karmayogi.registry.keys import PersonTable

ROW = "*"
"""In a step: the row as a whole."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to the rows of a table that name a person. `field`: what is emptied or kept, `*` for the row.

    `law`: what forbids to erase, for "keep"; `rows`: how many.
    """

    table: str
    field: str
    does: Literal["delete", "empty", "keep"]
    rows: int
    purpose: str
    law: str


def steps(person: UUID) -> Iterator[Step]:
    """Every step of every table, also those without a row."""
    for table in keys.tables().values():
        goes = going(table)
        if goes:
            yield _step(table, ROW, "delete", goes, person)
        for field in _key_fields(table):
            line = purposes.line(table.table, field)
            if line.at_erasure == "keep":
                yield _step(table, field, "keep", f"({_naming(table, field)}) AND {_stays(goes)}", person)
        for field in _emptied(table):
            yield _step(table, field, "empty", f"({_mention(table, field)}) AND {_stays(goes)}", person)


def going(table: PersonTable) -> str:
    """SQL that is true of the rows that go with the person; "" if none do."""
    parts = [
        f"({_naming(table, field)})"
        for field in _key_fields(table)
        if purposes.line(table.table, field).at_erasure == "delete"
    ]
    return " OR ".join(parts)


def deletions(tables: Iterable[str]) -> list[str]:
    """The statements that delete the rows that go, those found through another row before that row."""
    known = keys.tables()
    found = [known[name] for name in tables]
    found.sort(key=lambda table: (not table.about, table.table))
    return [f'DELETE FROM "{table.table}" WHERE {going(table) or _own_row(table)}' for table in found]  # noqa: S608


def emptying(step: Step, person: UUID) -> tuple[str, dict[str, Any]]:
    """The statement that empties one field of the rows that stay, with its values."""
    table = keys.tables()[step.table]
    column = table.columns[step.field]
    value = "'en'" if column == "language" else table.emptied[column]
    where = f"({_mention(table, step.field)}) AND {_stays(going(table))}"
    return f'UPDATE "{table.table}" SET "{column}" = {value} WHERE {where}', _values(person)  # noqa: S608


def naming(person: UUID) -> dict[str, int]:
    """table -> rows that hold the person's id anywhere, in any table; read whole, so it takes a while."""
    found = {}
    with connection.cursor() as cursor:
        for name in sorted(rows.tables()):
            cursor.execute(f'SELECT count(*) FROM "{name}" t WHERE t::text LIKE %s', [f"%{person}%"])  # noqa: S608
            (count,) = cursor.fetchone()
            if count:
                found[name] = count
    return found


def laws_by_table() -> dict[str, str]:
    """table -> the law under which its rows are kept whoever they name, e.g. those of orders."""
    found = {}
    for table in keys.tables().values():
        if not going(table) and not _emptied(table):
            found[table.table] = _law(purposes.line(table.table, _key_fields(table)[0]).purpose)
    return found


def months_before(now: dt.datetime, months: int) -> dt.datetime:
    """The same time so many calendar months earlier, on the last day of the month where that day does not exist."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, calendar.monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)


def _step(
    table: PersonTable, field: str, does: Literal["delete", "empty", "keep"], where: str, person: UUID
) -> Step:
    first = field if field != ROW else _key_fields(table)[0]
    purpose = purposes.line(table.table, first).purpose
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table.table}" WHERE {where}', _values(person))  # noqa: S608
        (count,) = cursor.fetchone()
    return Step(table.table, field, does, count, purpose, _law(purpose) if does == "keep" else "")


def _key_fields(table: PersonTable) -> list[str]:
    return [key.field for key in table.keys] + ([purposes.ROWS_ABOUT] if table.about else [])


def _emptied(table: PersonTable) -> list[str]:
    return [name for name in table.columns if purposes.line(table.table, name).at_erasure == "empty"]


def _naming(table: PersonTable, field: str) -> str:
    if field == purposes.ROWS_ABOUT:
        return table.about
    (column,) = (key.column for key in table.keys if key.field == field)
    return f'"{column}" = %(person)s'


def _mention(table: PersonTable, field: str) -> str:
    """A field is emptied where it names the person, and where the row is the person's own and stays."""
    own = _own_row(table)
    mentions = f'"{table.columns[field]}"::text LIKE %(mention)s'
    return f"({own}) OR {mentions}" if table.table == "institutions_person" else mentions


def _own_row(table: PersonTable) -> str:
    return " OR ".join(f'"{key.column}" = %(person)s' for key in table.keys)


def _stays(goes: str) -> str:
    return f"({goes}) IS NOT TRUE" if goes else "true"


def _law(purpose: str) -> str:
    return purposes.purposes()[purpose].blocked_by


def _values(person: UUID) -> dict[str, Any]:
    return {"person": person, "mention": f"%{person}%"}
