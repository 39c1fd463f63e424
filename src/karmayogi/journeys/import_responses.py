"""Import of scored responses with their Q-matrix: one calibrated pool per skill, and every person scored.

A row is one person. Respondents are enrolled under logins such as ecpe-0001, without an employee code: they are
examinees, not officials. A row with a cell that is not 0, 1 or blank is set aside whole, and so is one that says
otherwise than the answers kept of its person, which are never overwritten. The files carry no dates, so that the
responses are dated at the import.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
import numpy.typing as npt

from karmayogi.assessment import kept, pools
from karmayogi.competency import frameworks, profile
from karmayogi.institutions import people
from karmayogi.institutions.people import NewPerson, PersonCard
from karmayogi.journeys import real_loop
from karmayogi.registry import imports
from karmayogi.registry.imports import Counts, Meter, Result
from karmayogi.standards import responses, tables
from karmayogi.standards.responses import NOT_ANSWERED, MatricesDiffer, Responses
from karmayogi.standards.tables import Problem, UnreadableFile

MOST_BYTES = 1 << 26
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
    if source.stat().st_size > MOST_BYTES:
        what = f"The file is larger than {MOST_BYTES:,} bytes, and responses are calibrated all at once."
        raise UnreadableFile(f"{what} Choose a sample of the persons.")
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
    skills = _skills(read_back, [card.id for card in cards])
    _check(name, skills, items=read_back.items)
    logins = {row.number: login(name, row.number) for row in rows}
    standing = {number: card.id for number, card in _known(logins).items()}
    held = kept.answers(name, standing.values())
    before = {number: held[person] for number, person in standing.items() if person in held}
    problems = [p for r in rows if (p := _differing(r, skills, read_back.items, before.get(r.number, {})))]
    aside = {p.row for p in problems}
    rows = [row for row in rows if row.number + 1 not in aside]
    if not rows:
        return Counts(problems=tuple(problems))
    people.enrol(NewPerson(logins[r.number], f"{name.upper()} respondent {r.number:04d}") for r in rows)
    known = _known(logins)
    sat = [row for row in rows if row.number not in unscored]
    # All are calibrated on; then those who sat are scored.
    for given, who in ((rows, None), (sat, [known[row.number].id for row in sat])):
        pools.import_matrix(
            name, np.array([row.scores for row in given], dtype=np.int8).reshape(-1, len(read_back.items)),
            read_back.needs, competencies=list(skills), item_names=read_back.items, order_no=f"responses/{name}",
            now=now, people=who,
        )  # fmt: skip
    profile.refresh([known[row.number].id for row in sat], now=now)
    new = sum(row.number not in standing for row in rows)
    late = [
        r for r in sat if r.number in standing and standing[r.number] not in held and (r.scores >= 0).any()
    ]
    return Counts(new=new, changed=len(late), same=len(rows) - new - len(late), problems=tuple(problems))


def _known(logins: Mapping[int, str]) -> dict[int, PersonCard]:
    """number -> person, for those who are enrolled."""
    found = people.by_logins(list(logins.values()))
    return {number: found[key] for number, key in logins.items() if key in found}


def _skills(said: Responses, competencies: Sequence[UUID]) -> dict[UUID, list[int]]:
    """competency -> columns of the items that need it."""
    return {c: np.flatnonzero(said.needs[:, k]).tolist() for k, c in enumerate(competencies)}


def _check(name: str, skills: Mapping[UUID, Sequence[int]], *, items: Sequence[str]) -> None:
    """Raises `MatricesDiffer` where responses of this name were taken over with other items or needs."""
    held = kept.items(name)
    for competency, columns in skills.items():
        before, said = held.get(competency), {items[i] for i in columns}
        if before is not None and before != said:
            item = min(before ^ said)
            raise MatricesDiffer(
                f"The item {item} was {'' if item in before else 'not '}among those of a skill when responses named"
                f" {name} were calibrated. Answers that are kept stay: give the file another name."
            )


def _differing(
    row: Answers,
    skills: Mapping[UUID, Sequence[int]],
    items: Sequence[str],
    held: Mapping[UUID, kept.Answers],
) -> Problem | None:
    """Where the row says otherwise than what is kept of its person; None where nothing is kept."""
    if not held:
        return None
    for competency, columns in skills.items():
        before = held.get(competency, {})
        for i in columns:
            was, said = before.get(items[i], NOT_ANSWERED), int(row.scores[i])
            if was != said:
                what = f"The answer kept of person {row.number} is {_cell(was)}; kept answers are never overwritten"
                mend = "Correct the row, or give the file another name if these are other persons."
                return Problem(row.number + 1, items[i], _cell(said), what, mend)
    return None


def _cell(score: int) -> str:
    return "blank" if score == NOT_ANSWERED else str(score)
