"""Ratings out of a file: a row a rating, with ratee, rater, value and perhaps a criterion."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from karmayogi.cli.score.responses import Tally, cell
from karmayogi.cli.score.tables import FileCannotBeUsed, Table, opened, quoted
from karmayogi.science.raters import Ratings
from karmayogi.standards.tables import Problem

NAMES = {
    "ratee": ("ratee", "person", "candidate", "essay", "work", "subject"),
    "rater": ("rater", "judge", "assessor", "marker"),
    "criterion": ("criterion", "item", "aspect", "trait", "competency"),
    "value": ("value", "rating", "score", "mark", "grade"),
}
OVERALL = "overall"
MOST_VALUES = 50


@dataclass(frozen=True, eq=False)
class RatingFile:
    """Ratings [E] as codes, the names behind them, and the value of each category of each criterion."""

    path: Path
    sha256: str
    ratees: tuple[str, ...]
    raters: tuple[str, ...]
    criteria: tuple[str, ...]
    values: dict[str, tuple[float, ...]]
    ratings: Ratings
    value: NDArray[np.float64]
    tally: Tally
    problems: tuple[Problem, ...] = field(repr=False)


def read(path: Path, named: dict[str, str | None]) -> RatingFile:
    """The ratings of a file. `named`: columns by the keys of NAMES. Raises FileCannotBeUsed."""
    table = opened(path)
    columns = {part: _column(table, part, named.get(part)) for part in NAMES}
    criterion = "NULL" if columns["criterion"] is None else f"trim({quoted(columns['criterion'])})"
    table.connection.execute(
        f"CREATE TABLE cells AS SELECT \"#\" AS row, coalesce(trim({quoted(str(columns['ratee']))}), '') AS ratee, "  # noqa: S608
        f"coalesce(trim({quoted(str(columns['rater']))}), '') AS rater, "
        f"coalesce({criterion}, '{OVERALL}') AS criterion, {cell(str(columns['value']))} AS t, "
        f"try_cast({cell(str(columns['value']))} AS DOUBLE) AS value FROM raw"
    )
    table.connection.execute(
        "CREATE TABLE good AS SELECT * FROM cells WHERE isfinite(value) AND ratee <> '' AND rater <> '' "
        "AND criterion <> '' QUALIFY row_number() OVER (PARTITION BY ratee, rater, criterion ORDER BY row) = 1"
    )
    found = table.fetch("SELECT ratee, rater, criterion, value FROM good ORDER BY row")
    if not len(found["value"]):
        raise FileCannotBeUsed(f"{path.name} holds no rating that can be used. Values are numbers.")
    names, codes = zip(*(_coded(found[part]) for part in ("ratee", "rater", "criterion")), strict=True)
    value = np.asarray(found["value"], dtype=np.float64)
    levels, category, flat = _categories(names[2], codes[2], value)
    kept = ~flat[codes[2]]
    problems = [*table.refused, *_problems(table, columns), *_flat(names[2], flat)]
    if not kept.any():
        raise FileCannotBeUsed("Every rating has one and the same value. There is nothing to tell apart.")
    (ratee_names, ratee), (rater_names, rater), (criterion_names, aspect) = (
        _again(names[n], codes[n][kept]) for n in range(3)
    )
    rows, good = table.rows + len(table.refused), int(kept.sum())
    blank = table.connection.execute("SELECT count(*) FROM cells WHERE t IS NULL").fetchone()
    blanks = int(blank[0]) if blank else 0
    return RatingFile(
        path,
        table.sha256,
        ratee_names,
        rater_names,
        criterion_names,
        {name: levels[name] for name in criterion_names},
        Ratings(ratee, rater, aspect, category[kept]),
        value[kept],
        Tally(rows, rows - good - blanks, rows - blanks, rows - blanks - good, blanks),
        tuple(sorted(problems, key=lambda p: (p.row, p.column))),
    )


def _column(table: Table, part: str, given: str | None) -> str | None:
    if given is not None:
        return table.need(given, what=part)
    known = {name.lower(): name for name in reversed(table.columns)}
    found = next((known[name] for name in NAMES[part] if name in known), None)
    if found is None and part != "criterion":
        raise FileCannotBeUsed(f"{table.path.name} has no column for the {part}. Name it with --{part}.")
    return found


def _coded(texts: NDArray[np.generic]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Names in alphabetical order, and the code of each text."""
    names, codes = np.unique(np.array([str(text) for text in texts]), return_inverse=True)
    return tuple(str(name) for name in names), codes.ravel().astype(np.int64)


def _again(names: tuple[str, ...], codes: NDArray[np.int64]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The names still used, and codes without gaps."""
    used, fresh = np.unique(codes, return_inverse=True)
    return tuple(names[n] for n in used), fresh.ravel().astype(np.int64)


def _categories(
    names: tuple[str, ...], criterion: NDArray[np.int64], value: NDArray[np.float64]
) -> tuple[dict[str, tuple[float, ...]], NDArray[np.int64], NDArray[np.bool_]]:
    """Values used by criterion, the category of each rating, and criteria with one value only.

    Values that nobody gave make no category: no threshold could be found between them.
    """
    levels: dict[str, tuple[float, ...]] = {}
    category, flat = np.zeros(len(value), np.int64), np.zeros(len(names), np.bool_)
    for code, name in enumerate(names):
        here = criterion == code
        used, place = np.unique(value[here], return_inverse=True)
        if len(used) > MOST_VALUES:
            raise FileCannotBeUsed(
                f"Criterion {name} has {len(used)} values. Join them into {MOST_VALUES} or fewer."
            )
        levels[name], category[here], flat[code] = tuple(map(float, used)), place.ravel(), len(used) < 2
    return levels, category, flat


def _flat(names: tuple[str, ...], flat: NDArray[np.bool_]) -> list[Problem]:
    said, mend = "All ratings on this criterion are the same", "Leave it out, or collect more ratings."
    return [Problem(1, names[n], "", said, mend) for n in np.flatnonzero(flat).tolist()]


def _problems(table: Table, columns: dict[str, str | None]) -> list[Problem]:
    """Every row that was not used, with its reason."""
    found = table.fetch(
        "SELECT row, ratee, rater, coalesce(t, '') AS t, value IS NULL OR NOT isfinite(value) AS wrong FROM cells "
        "WHERE t IS NOT NULL AND row NOT IN (SELECT row FROM good) ORDER BY row"
    )
    problems = []
    for place, line in enumerate(table.lines(found["row"])):
        text = str(found["t"][place])[:60]
        if found["wrong"][place]:
            why = (str(columns["value"]), text, f"{text[:30]} is no number", "Write the mark as a number.")
        elif not str(found["ratee"][place]) or not str(found["rater"][place]):
            why = ("", "", "The row names no ratee or no rater", "Name both.")
        else:
            said = "The rater has rated this ratee on this criterion already"
            why = (str(columns["value"]), text, said, "Keep one of the two rows.")
        problems.append(Problem(line, *why))
    return problems
