"""Import of scored responses with their Q-matrix: one calibrated pool per skill, and every person scored.

A row is one person. Respondents are enrolled under logins such as ecpe-0001, without an employee code: they are
examinees, not officials. A row with a cell that is not 0, 1 or blank is set aside whole. The files carry no dates, so
that the responses are dated at the import.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from karmayogi.assessment import pools
from karmayogi.competency import frameworks, profile
from karmayogi.institutions import people
from karmayogi.institutions.people import NewPerson
from karmayogi.journeys import real_loop
from karmayogi.registry import imports
from karmayogi.registry.imports import Counts, Meter, Result
from karmayogi.standards import responses, tables
from karmayogi.standards.tables import Problem, UnreadableFile

MOST_BYTES = 1 << 30
MOST_ROWS = 5_000_000
WHOLE = 1 << 31
"""All persons in one transaction: the pool is calibrated on all of them at once."""


@dataclass(frozen=True, slots=True)
class Answers:
    """One person: `number` from 1 in the order of the file; `scores` int8 [items]: 1, 0, or -1 for not answered."""

    number: int
    scores: npt.NDArray[np.int8]


def run(
    source: Path,
    *,
    now: dt.datetime,
    needs: Path | None = None,
    dry_run: bool = False,
    unscored: Collection[int] = (),
    error_file: Path | None = None,
    progress: Meter | None = None,
) -> Result:
    """Imports the CSV at `source` with the Q-matrix `needs` (None: the file beside it with qmatrix in its name).

    `unscored`: numbers of persons who are enrolled and calibrated on but get no sitting, because they will sit.
    Raises `UnreadableFile` and `standards.responses.MatricesDiffer`.
    """
    matrix = needs or beside(source)
    return imports.run(
        "responses", source, reader=lambda path: read(path, needs=matrix),
        write=lambda rows: _write(rows, source, matrix, frozenset(unscored), now=now), dry_run=dry_run, now=now,
        batch=WHOLE, error_file=error_file, progress=progress,
    )  # fmt: skip


def beside(source: Path) -> Path:
    """The Q-matrix that belongs to a file of responses by its name."""
    found = source.with_name(source.name.replace("items", "qmatrix"))
    if found == source or not found.exists():
        raise UnreadableFile(f"There is no Q-matrix beside {source.name}. Name it with --needs.")
    return found


def dataset(source: Path) -> str:
    """Short name of a data set, from the file name: edm_items_ecpe.csv is "ecpe"."""
    said = source.stem.lower().replace("edm", "").replace("items", "")
    return re.sub(r"[^a-z0-9]+", "-", said).strip("-")[:24]


def login(name: str, number: int) -> str:
    """The login of a respondent."""
    return f"{name}-{number:04d}"


def read(source: Path, *, needs: Path) -> Iterator[Answers | Problem]:
    """Every person of the file in order, or what is wrong with the row."""
    responses.read(source, needs=needs)  # raises where the two files do not belong together
    matrix = responses.read_matrix(source)
    faults: dict[int, list[Problem]] = {}
    for problem in matrix.problems:
        faults.setdefault(problem.row, []).append(problem)
    at = 0
    for row in tables.read(source, required=(), most_bytes=MOST_BYTES, most_rows=MOST_ROWS):
        found = faults.get(row.row, [])
        yield from found
        if not isinstance(row, Problem):
            if not found:
                yield Answers(row.row - 1, matrix.values[at])
            at += 1


def _write(
    rows: Sequence[Answers], source: Path, needs: Path, unscored: frozenset[int], *, now: dt.datetime
) -> Counts:
    name, read_back = dataset(source), responses.read(source, needs=needs)
    framework = real_loop.framework_of(name, read_back.skills)
    frameworks.publish(framework, now=now)
    cards = frameworks.competencies(framework=framework.key)[: len(read_back.skills)]
    logins = [login(name, row.number) for row in rows]
    standing = people.by_logins(logins)
    people.enrol(NewPerson(key, f"{name.upper()} respondent {key.rpartition('-')[2]}") for key in logins)
    known = people.by_logins(logins)
    scores = np.array([row.scores for row in rows], dtype=np.int8)
    sat = np.array([row.number not in unscored for row in rows])
    persons = [known[key].id for key, has_sat in zip(logins, sat, strict=True) if has_sat]
    # All are calibrated on; then those who sat are scored.
    for given, who in ((scores, None), (scores[sat], persons)):
        pools.import_matrix(
            name, given, read_back.needs, competencies=[card.id for card in cards], item_names=read_back.items,
            order_no=f"responses/{name}", now=now, people=who,
        )  # fmt: skip
    profile.refresh(persons, now=now)
    same = sum(key in standing for key in logins)
    return Counts(new=len(rows) - same, same=same)
