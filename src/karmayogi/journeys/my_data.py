"""My data: everything that is kept with a person's key, for machines and to read.

The tables are found by `registry.keys`, so none is forgotten. Of a row about somebody else, in which the person only
acted for the office, the file holds that act and nothing personal of the other; ids of other people are left out
everywhere, and so is what would let a finder of the file sign in.
"""

import datetime as dt
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from django.db import connection

from karmayogi.institutions import aliases, audit, people
from karmayogi.journeys import my_data_page
from karmayogi.policy import purposes
from karmayogi.registry import files, keys
from karmayogi.registry.keys import PersonTable

JOB = "journeys.my_data"
TITLE = "My data"
OFFICE = "office"
Table = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed out: rows by table (every table that can hold a row about a person, empty ones too)."""

    rows: Mapping[str, int]
    files: int


def collect(person: UUID) -> dict[str, Table]:
    """table -> its rows with a key of this person, as the worker role; tables without any are there, empty.

    Of joined records (`aliases`) the rows of all.
    """
    ids = aliases.whole(person)
    with connection.cursor() as cursor:
        return {name: _rows(cursor, table, ids) for name, table in keys.tables().items()}


def write(stream: BinaryIO, person: UUID, *, language: str, now: dt.datetime) -> Handed:
    """Writes the zip: index.json, tables/*.jsonl, files/*, and my-data.html in the language. As the worker role."""
    found = collect(person)
    card = people.by_id(person)
    own = [row for row in found["registry_file"] if row["media_type"] != MEDIA or row["name"] not in _MADE]
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.json", _json(_index(found, person, now), indent=1))
        for name, rows in found.items():
            if rows:
                archive.writestr(f"tables/{name}.jsonl", "".join(_json(row) + "\n" for row in rows))
        for row in own:
            with files.open(UUID(row["id"])) as kept, archive.open(f"files/{row['id']}", "w") as copy:
                while piece := kept.read(1 << 16):
                    copy.write(piece)
        archive.writestr("my-data.html", my_data_page.page(found, card, language=language, now=now))
    return Handed({name: len(rows) for name, rows in found.items()}, len(own))


def keep(person: UUID, *, language: str, now: dt.datetime) -> tuple[files.FileCard, Handed]:
    """Writes the zip into a file that only this person can open, and an audit row about it. As the worker role."""
    with tempfile.TemporaryFile() as spool:
        handed = write(spool, person, language=language, now=now)
        spool.seek(0)
        card = files.keep(spool, name=NAME, media_type=MEDIA, owner=person, now=now)
    audit.record(
        "person.export", actor=person, object_kind="person", object_id=person,
        details={"rows": sum(handed.rows.values()), "files": handed.files},
    )  # fmt: skip
    return card, handed


NAME = "my-data.zip"
MEDIA = "application/zip"
_MADE = frozenset({NAME})


def _index(found: Mapping[str, Table], person: UUID, now: dt.datetime) -> dict[str, Any]:
    tables = keys.tables()
    return {
        "person": str(person),
        "made_at": now.isoformat(),
        "tables": [
            {
                "table": name,
                "rows": len(rows),
                "file": f"tables/{name}.jsonl" if rows else None,
                "purposes": sorted({purposes.line(name, field).purpose for field in tables[name].columns}),
                "left_out": sorted(tables[name].hidden),
            }
            for name, rows in found.items()
        ],
    }


def _rows(cursor: Any, table: PersonTable, ids: Sequence[UUID]) -> Table:
    found: dict[Any, dict[str, Any]] = {}
    for number, id in enumerate(ids):
        cursor.execute(selection(table), {"person": id})
        for row in (json.loads(text) for (text,) in cursor.fetchall()):
            # A row that names two of the records is theirs once; each leaves out the id of the other.
            found.setdefault(row.get(table.pk) or (number, len(found)), row)
    return list(found.values())


def selection(table: PersonTable) -> str:
    """The query for the rows of a table with the key of `%(person)s`, one JSON text a row."""
    own = [f'"{key.column}" = %(person)s' for key in table.keys if not _in_office(table, key.field)]
    about = " OR ".join([*own, *([f"({table.about})"] if table.about else [])]) or "false"
    names = {column: field for field, column in table.columns.items()}
    people_columns = {key.column for key in table.keys}
    shown = []
    for column in table.all_columns:
        if column in table.hidden:
            continue
        if column in people_columns:
            shown.append(f'CASE WHEN "{column}" = %(person)s THEN "{column}" END AS "{column}"')
        elif column in names and not _in_office(table, names[column]):
            shown.append(f'CASE WHEN {about} THEN "{column}" END AS "{column}"')
        else:
            shown.append(f'"{column}"')
    inner = f'SELECT {", ".join(shown)} FROM "{table.table}" WHERE {table.condition} ORDER BY "{table.pk}"'  # noqa: S608
    return f"SELECT row_to_json(found)::text FROM ({inner}) found"  # noqa: S608


def _in_office(table: PersonTable, field: str) -> bool:
    return purposes.line(table.table, field).purpose == OFFICE


def _json(value: Any, **options: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **options)
