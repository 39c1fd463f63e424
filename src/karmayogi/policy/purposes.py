"""The register of purposes: why each personal field is kept, by which law, how long, and what erasure does to it.

Two files of the package say it: `starter/purposes.csv`, one line a purpose, and `starter/personal_fields.csv`, one
line a field that a model marks personal (`*` stands for rows that are about a person through another row). How long is
a rule, `privacy.retention`, so that an order can change it; from when the time runs stands in `starter/retention.csv`.
"""

import csv
import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from karmayogi.policy import rules
from karmayogi.policy.defaults import RECORD
from karmayogi.registry import keys

RETENTION = "privacy.retention"
LOG_LEAST = "privacy.log_least_months"
ROWS_ABOUT = "*"
AtErasure = Literal["delete", "empty", "keep", "row"]


class Unregistered(LookupError):
    """A personal field has no line in the register; add it to `personal_fields.csv` before it is used."""

    status = 500


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why something is kept. `ground`: the law that allows it; `blocked_by`: the law that forbids to erase it, or "".

    `counted`: from when the time runs; `status`: how the law is known, as with rules (read, partial, memory, ours).
    """

    key: str
    title: str
    why: str
    ground: str
    counted: str
    blocked_by: str
    status: str


@dataclass(frozen=True, slots=True)
class Line:
    """One personal field. `at_erasure`: the row goes (delete), the field is emptied, kept, or shares the row's fate."""

    table: str
    field: str
    purpose: str
    at_erasure: AtErasure


@dataclass(frozen=True, slots=True)
class Clock:
    """From when the time of a table's rows runs. `since`: SQL over a row `t`; "" for rows that are not swept.

    `unless`: SQL that keeps a row that another one needs. `stays`: why rows that are not swept stay.
    """

    table: str
    purpose: str
    since: str
    unless: str
    stays: str


@cache
def purposes() -> dict[str, Purpose]:
    """key -> purpose, in the order of the file."""
    return {row["purpose"]: _purpose(row) for row in _read("purposes.csv")}


@cache
def lines() -> dict[tuple[str, str], Line]:
    """(table, field) -> line, in the order of the file."""
    found = (Line(row["table"], row["field"], row["purpose"], row["at_erasure"]) for row in _read(_FIELDS))  # type: ignore[arg-type]
    return {(line.table, line.field): line for line in found}


def line(table: str, field: str) -> Line:
    """The line of a field; raises `Unregistered`."""
    found = lines().get((table, field))
    if found is None:
        raise Unregistered(f"{table}.{field} has no line in the register of purposes.")
    return found


def marked() -> set[tuple[str, str]]:
    """Every (table, field) that the models mark personal: what the register must have a line for."""
    found = set()
    for table in keys.tables().values():
        found |= {(table.table, name) for name in table.columns}
        found |= {(table.table, key.field) for key in table.keys}
        if table.about:
            found.add((table.table, ROWS_ABOUT))
    return found


def months(*, on: dt.date) -> dict[str, int | None]:
    """purpose -> months its rows are kept; None: until the person's record ends."""
    rule = rules.values([RETENTION], on=on).get(RETENTION)
    said = rule.value if rule else {}
    return {key: said[key] if isinstance(said.get(key), int) else None for key in purposes()}


def without_time(said: Mapping[str, Any]) -> list[str]:
    """The purposes for which a rule says neither months nor "record"."""
    return [key for key in purposes() if not (said.get(key) == RECORD or _is_time(said.get(key)))]


def clocks() -> dict[str, Clock]:
    """table -> from when its time runs, in the order in which they are swept."""
    return _clocks()


def digest() -> str:
    """SHA-256 of the register's files, in hexadecimal: which register something was deleted by."""
    text = "".join(_text(name) for name in ("purposes.csv", _FIELDS, _CLOCKS))
    return hashlib.sha256(text.encode()).hexdigest()


def least_months_of_log(*, on: dt.date) -> int:
    """Months for which an entry of the log cannot be erased; raises `rules.NoSuchRule`."""
    return int(rules.in_force(LOG_LEAST, on=on).value)


def of_purpose(key: str) -> dict[str, list[str]]:
    """table -> the fields that are kept for this purpose."""
    found: dict[str, list[str]] = {}
    for each in lines().values():
        if each.purpose == key and each.field != ROWS_ABOUT:
            found.setdefault(each.table, []).append(each.field)
    return found


def _purpose(row: dict[str, str]) -> Purpose:
    return Purpose(row["purpose"], *(row[name] for name in _COLUMNS))


def _is_time(months: object) -> bool:
    return isinstance(months, int) and not isinstance(months, bool) and months > 0


@cache
def _clocks() -> dict[str, Clock]:
    return {row["table"]: Clock(**row) for row in _read(_CLOCKS)}


def _read(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(name).splitlines()))


def _text(name: str) -> str:
    return (resources.files("karmayogi.policy.starter") / name).read_text(encoding="utf-8")


_FIELDS, _CLOCKS = "personal_fields.csv", "retention.csv"
_COLUMNS = ("title", "why", "ground", "counted", "blocked_by", "status")
