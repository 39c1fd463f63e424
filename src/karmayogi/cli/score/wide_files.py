"""Wide files: a row a person, a column an item."""

import numpy as np
from numpy.typing import NDArray

from karmayogi.cli.score.responses import (
    Columns,
    Responses,
    Tally,
    cell,
    code_of,
    named_column,
    no_code,
    weights,
)
from karmayogi.cli.score.tables import FileCannotBeUsed, Table, quoted
from karmayogi.standards.tables import Problem

MISSING = -9
BAD = -8
AT_ONCE = 64
"""Columns fetched with one query."""


def read_wide(table: Table, columns: Columns) -> Responses:
    """The answers of a wide file."""
    person = named_column(table, "person", columns.person)
    items = _items(table, columns, person)
    weight, bad_weight = weights(table, columns.count)
    persons, aside, problems = _people(table, person, columns.group, bad_weight, columns.count)
    kept = ~aside
    codes, columns_aside, cells = _codes(table, items, columns.lowest or 0, kept)
    problems += cells + columns_aside
    names = tuple(name for name in items if name not in {problem.column for problem in columns_aside})
    block = codes[:, [items.index(name) for name in names]]
    rows, item = np.nonzero(block >= 0)
    number = np.cumsum(kept) - 1
    given = codes[kept] != MISSING
    used = int((block >= 0).sum())
    tally = Tally(
        table.rows + len(table.refused),
        int(aside.sum()) + len(table.refused),
        int(given.sum()),
        int(given.sum()) - used,
        int((~given).sum()),
    )
    return Responses(
        table.path,
        table.sha256,
        "wide",
        tuple(persons[place] for place in np.flatnonzero(kept)),
        names,
        number[rows].astype(np.int32),
        item.astype(np.int32),
        block[rows, item].astype(np.int8),
        _groups(table, columns.group, kept),
        None if weight is None else weight[kept],
        tally,
        columns.lowest or 0,
        tuple(sorted((*table.refused, *problems), key=lambda p: (p.row, p.column))),
    )


def _items(table: Table, columns: Columns, person: str | None) -> list[str]:
    if columns.items:
        return [table.need(name, what="an item") for name in columns.items]
    for name in columns.ignored:
        table.need(name, what="to be ignored")
    taken = {person, columns.group, columns.count, *columns.ignored}
    found = [name for name in table.columns if name not in taken]
    if not found:
        raise FileCannotBeUsed(f"{table.path.name} has no column left for items. Name them with --items.")
    return found


def _people(
    table: Table, person: str | None, group: str | None, bad_weight: NDArray[np.bool_], count: str | None
) -> tuple[list[str], NDArray[np.bool_], list[Problem]]:
    """Name of each row, which rows are set aside, and why."""
    if person is None:
        names = [str(line) for line in table.lines(np.arange(table.rows))]
    else:
        text = table.fetch(f"SELECT coalesce(trim({quoted(person)}), '') AS v FROM raw ORDER BY \"#\"")  # noqa: S608
        names = [str(value) for value in text["v"]]
    aside, problems, first = bad_weight.copy(), [], dict[str, int]()
    lines = table.lines(np.arange(table.rows))
    for place in np.flatnonzero(bad_weight).tolist():
        problems.append(
            Problem(lines[place], count or "", "", "The count is no number from 0", "Correct the count.")
        )
    for place, name in enumerate(names):
        if not name:
            problems.append(
                Problem(lines[place], person or "", "", "The row names nobody", "Name the person.")
            )
        elif name in first:
            said = f"{name[:30]} stands in row {first[name]} already"
            problems.append(Problem(lines[place], person or "", name[:60], said, "Keep one of the two rows."))
        else:
            first[name] = lines[place]
            continue
        aside[place] = True
    if group is not None:
        for place in np.flatnonzero([not value for value in _texts(table, group)]).tolist():
            aside[place] = True
            problems.append(Problem(lines[place], group, "", "The row names no group", "Name the group."))
    return names, aside, problems


def _texts(table: Table, column: str) -> list[str]:
    name = quoted(table.need(column, what="the group"))
    found = table.fetch(f"SELECT coalesce(trim({name}), '') AS v FROM raw ORDER BY \"#\"")  # noqa: S608
    return [str(value) for value in found["v"]]


def _groups(table: Table, column: str | None, kept: NDArray[np.bool_]) -> tuple[str, ...] | None:
    if column is None:
        return None
    return tuple(value for value, stays in zip(_texts(table, column), kept, strict=True) if stays)


def _codes(
    table: Table, items: list[str], lowest: int, kept: NDArray[np.bool_]
) -> tuple[NDArray[np.int16], list[Problem], list[Problem]]:
    """Codes [rows, I] with MISSING and BAD, columns that are no items, and bad cells of the others."""
    codes = np.full((table.rows, len(items)), MISSING, dtype=np.int16)
    for start in range(0, len(items), AT_ONCE):
        part = items[start : start + AT_ONCE]
        chosen = ", ".join(
            f"CASE WHEN ({cell(name)}) IS NULL THEN {MISSING} "
            f"ELSE coalesce({code_of(f'({cell(name)})', lowest)}, {BAD}) END AS c{place}"
            for place, name in enumerate(part)
        )
        found = table.fetch(f'SELECT {chosen} FROM raw ORDER BY "#"')  # noqa: S608
        for place in range(len(part)):
            codes[:, start + place] = found[f"c{place}"]
    codes[~kept] = MISSING
    no_items, cells = [], []
    for place, name in enumerate(items):
        bad = np.flatnonzero(codes[:, place] == BAD)
        if len(bad) and 2 * len(bad) > int((codes[:, place] != MISSING).sum()):
            said = f"The column is no item: {len(bad)} cells hold no category"
            no_items.append(
                Problem(1, name, "", said, "Name the items with --items, or this column with --ignore.")
            )
        elif len(bad):
            text = _texts_at(table, name, bad)
            lines = table.lines(bad)
            cells += [no_code(line, name, value, lowest) for line, value in zip(lines, text, strict=True)]
    return codes, no_items, cells


def _texts_at(table: Table, name: str, places: NDArray[np.int64]) -> list[str]:
    every = table.fetch(f"SELECT coalesce(trim({quoted(name)}), '') AS v FROM raw ORDER BY \"#\"")["v"]  # noqa: S608
    return [str(every[place]) for place in places]
