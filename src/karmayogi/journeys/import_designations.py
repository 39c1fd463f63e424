"""Import of the master list of designations of the platform in use (JSON: positions with id and name).

Titles of one normal form become one designation with its spellings; titles that are merely alike go into the queue
of `institutions.designations` for a person to decide. An id that stands under another name is spelled anew; the
former spelling stays as history.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from karmayogi.institutions import designations
from karmayogi.institutions.designations import NotATitle, Title
from karmayogi.registry import imports
from karmayogi.registry.imports import Counts, Meter, Result
from karmayogi.standards import objects
from karmayogi.standards.tables import Problem, UnreadableFile

SOURCE = "position master list"
MOST_BYTES = 50_000_000
WHOLE = 1 << 31
"""All rows in one transaction: a title is compared with every other one."""


@dataclass(frozen=True, slots=True)
class Row:
    """A title and where it stands in the list, from 1."""

    row: int
    title: Title


def run(
    source: Path,
    *,
    now: dt.datetime,
    dry_run: bool = False,
    error_file: Path | None = None,
    progress: Meter | None = None,
) -> Result:
    """Imports the JSON file at `source`. Raises `UnreadableFile`."""
    return imports.run(
        "designations", source, reader=read, write=lambda rows: _write(rows, now=now), dry_run=dry_run, now=now,
        batch=WHOLE, error_file=error_file, progress=progress,
    )  # fmt: skip


def read(source: Path) -> Iterator[Row | Problem]:
    """Every entry of the list in order: a title, or what is wrong with it."""
    document = objects.read(source, most_bytes=MOST_BYTES, what="the list of designations")
    entries = document.get("positions")
    if not isinstance(entries, list):
        raise UnreadableFile("The file has no list 'positions'. Choose the list of designations.")
    seen: dict[str, int] = {}
    for number, entry in enumerate(entries, start=1):
        yield _judged(number, entry, seen)


def _judged(number: int, entry: object, seen: dict[str, int]) -> Row | Problem:
    name = entry.get("name") if isinstance(entry, dict) else None
    ref = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not isinstance(ref, str) or not ref or len(ref) > 60:
        what, mend = "The entry has no id or no name", "Write both as text, the id in at most 60 characters."
        return Problem(number, "name", str(name)[:60], what, mend)
    try:
        designations.normal(name)
    except NotATitle as error:
        what, _, mend = str(error).partition(". ")
        return Problem(number, "name", name[:60], what, mend)
    first = seen.setdefault(ref, number)
    if first != number:
        return Problem(
            number, "id", ref, f"Said twice: entry {first} has this id too", "Keep one of the two."
        )
    return Row(number, Title(ref, name))


def _write(rows: Sequence[Row], *, now: dt.datetime) -> Counts:
    recorded = designations.record((row.title for row in rows), source=SOURCE, now=now)
    new, changed = len(recorded.titles), len(recorded.respelled)
    return Counts(new=new, changed=changed, same=len(rows) - new - changed)
