"""Tables of observed and expected counts, joined until no cell expects too few.

Rows are total scores, columns categories. What the model makes impossible is NaN; a cell joined away expects 0. The
order of joining follows the practice of R's mirt, so that values can be compared.
"""

import numpy as np

from karmayogi.science.irt.grid import Floats

RARE_COLUMN = 0.05
RARE_SHARE = 0.1


def collapsed(observed: Floats, expected: Floats, *, least: float) -> tuple[Floats, Floats]:
    """Both tables after joining: ends with impossible cells, empty and single rows, categories, then scores."""
    observed, expected = _without_impossible(observed, expected)
    kept = observed.sum(axis=1) > 0
    tables = np.stack([observed[kept], expected[kept]])
    tables = _without_single_people(tables)
    if tables.shape[1] < 2:
        return tables[0], tables[1]
    if tables.shape[2] > 2:
        tables = _with_categories_joined(tables, least)
    tables = _without_rare_columns(tables, least)
    joined = _with_scores_joined(tables, least)
    return joined[0], joined[1]


def _without_impossible(observed: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Scores at which some category cannot be: the lower ones join the next score, the higher ones the one before."""
    impossible = np.isnan(expected).any(axis=1)
    if impossible.all() or not impossible.any():
        kept = ~impossible
        return observed[kept], expected[kept]
    possible = np.flatnonzero(~impossible)
    first, last = possible[0], possible[-1]
    groups = np.clip(np.arange(len(expected)), first, last) - first
    out = np.zeros((2, last - first + 1, expected.shape[1]))
    np.add.at(out[0], groups, observed)
    np.add.at(out[1], groups, np.nan_to_num(expected))
    return out[0], out[1]


def _without_single_people(tables: Floats) -> Floats:
    """Scores that one person has join the next higher; the highest joins the one before."""
    tables = tables.copy()
    kept = np.ones(tables.shape[1], bool)
    for row in range(tables.shape[1] - 1):
        if tables[0, row].sum() == 1:
            tables[:, row + 1] += tables[:, row]
            kept[row] = False
    tables = tables[:, kept]
    if tables.shape[1] > 1 and tables[0, -1].sum() == 1:
        tables[:, -2] += tables[:, -1]
        tables = tables[:, :-1]
    return tables


def _with_categories_joined(tables: Floats, least: float) -> Floats:
    """Within each score, the category that expects fewest joins its smaller neighbour, down to two categories."""
    out = np.zeros(tables.shape)
    for row in range(tables.shape[1]):
        cells = tables[:, row]
        while cells.shape[1] > 2 and (cells[1] < least).any():
            at = int(np.flatnonzero(cells[1] == cells[1].min())[-1])
            target = _neighbour(cells[1], at)
            cells = cells.copy()
            cells[:, target] += cells[:, at]
            cells = np.delete(cells, at, axis=1)
        out[:, row, : cells.shape[1]] = cells
    return out


def _neighbour(sizes: Floats, at: int) -> int:
    """The neighbour of a place that is smaller; the one before if they are alike."""
    if at == 0:
        return 1
    if at == len(sizes) - 1:
        return at - 1
    return at - 1 if sizes[at - 1] <= sizes[at + 1] else at + 1


def _without_rare_columns(tables: Floats, least: float) -> Floats:
    """Last columns that hardly expect anybody join the one before, and so do columns used at few scores."""
    rows = tables.shape[1]
    while tables.shape[2] > 2 and tables[1, :, -1].sum() < least * np.ceil(rows * RARE_SHARE):
        tables[:, :, -2] += tables[:, :, -1]
        tables = tables[:, :, :-1]
    kept = np.ones(tables.shape[2], bool)
    for column in range(tables.shape[2] - 1, 0, -1):
        if (tables[1, :, column] > 0).mean() < RARE_COLUMN:
            tables[:, :, column - 1] += tables[:, :, column]
            kept[column] = False
    return tables[:, :, kept]


def _with_scores_joined(tables: Floats, least: float) -> Floats:
    """The lowest score with a cell that expects too few joins the neighbour that fewer people have."""
    while tables.shape[1] > 1:
        small = np.flatnonzero(((tables[1] < least) & (tables[1] != 0)).any(axis=1))
        if not small.size:
            break
        at = int(small[0])
        target = _neighbour(tables[0].sum(axis=1), at)
        tables[:, target] += tables[:, at]
        tables = np.delete(tables, at, axis=1)
    return tables
