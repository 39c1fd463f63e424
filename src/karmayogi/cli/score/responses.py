"""Answers out of a file: wide (a row a person, a column an item) or long (a row an answer), cell by cell checked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from karmayogi.cli.score.tables import FileCannotBeUsed, Table, opened, quoted
from karmayogi.science import irt
from karmayogi.standards.tables import Problem

NAMES = {
    "person": (
        "person",
        "person_id",
        "personid",
        "id",
        "candidate",
        "student",
        "examinee",
        "respondent",
        "user",
    ),
    "item": ("item", "item_id", "itemid", "question", "question_id"),
    "response": ("response", "answer", "score", "code", "correct", "value"),
}
BLANKS = ("", "na", "n/a", "null", "none", ".", "-1")
MOST_CODE = irt.answers.MOST_CATEGORIES - 1
MATRIX_CELLS = 200_000_000
DENSE = 0.25
_CODE = "is not a whole number from {low} to {high}"
_MEND = "Write the category's number, or leave the cell blank where the item was not asked."


@dataclass(frozen=True)
class Columns:
    """Which columns are what; None: recognised by their names. `layout`: "wide", "long" or None."""

    layout: str | None = None
    person: str | None = None
    item: str | None = None
    response: str | None = None
    group: str | None = None
    count: str | None = None
    items: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    lowest: int | None = None


@dataclass(frozen=True)
class Tally:
    """What became of a file: rows read are used or set aside, and so are answers; blanks are no answers."""

    rows: int = 0
    rows_aside: int = 0
    answers: int = 0
    answers_aside: int = 0
    blanks: int = 0

    @property
    def rows_used(self) -> int:
        """Rows that were used."""
        return self.rows - self.rows_aside

    @property
    def answers_used(self) -> int:
        """Answers that were used."""
        return self.answers - self.answers_aside


@dataclass(frozen=True, eq=False)
class Responses:
    """Answers [M] as triples `person`, `item`, `code` (from 0), who and what they are of, and what was set aside.

    `group` and `weight` are one per person, if the file has them.
    """

    path: Path
    sha256: str
    layout: str
    persons: tuple[str, ...]
    items: tuple[str, ...]
    person: NDArray[np.int32]
    item: NDArray[np.int32]
    code: NDArray[np.int8]
    group: tuple[str, ...] | None
    weight: NDArray[np.float64] | None
    tally: Tally
    lowest: int = 0
    problems: tuple[Problem, ...] = field(repr=False, default=())

    @property
    def matrix(self) -> NDArray[np.int8]:
        """As a matrix [N, I] with -1 for not asked."""
        out = np.full((len(self.persons), len(self.items)), irt.NOT_ASKED, dtype=np.int8)
        out[self.person, self.item] = self.code
        return out

    @property
    def answers(self) -> irt.Responses:
        """As the science bench reads it with the least memory: a matrix where most cells are filled."""
        cells = len(self.persons) * len(self.items)
        if cells <= MATRIX_CELLS and len(self.code) >= DENSE * cells:
            return self.matrix
        return irt.Answers.of_triples(
            self.person, self.item, self.code, people=len(self.persons), items=len(self.items)
        )

    def only(self, items: NDArray[np.bool_], *, why: Sequence[Problem] = ()) -> "Responses":
        """The same people with the items of the mask [I]; the answers to others count as set aside."""
        if items.all():
            return self
        number = np.cumsum(items) - 1
        kept = items[self.item]
        return replace(
            self,
            items=tuple(name for name, stays in zip(self.items, items, strict=True) if stays),
            person=self.person[kept],
            item=number[self.item[kept]].astype(np.int32),
            code=self.code[kept],
            tally=replace(self.tally, answers_aside=self.tally.answers_aside + int((~kept).sum())),
            problems=(*self.problems, *why),
        )

    def without(self, answers: NDArray[np.bool_], *, why: Sequence[Problem]) -> "Responses":
        """The same without the answers of the mask [M]."""
        if not answers.any():
            return self
        return replace(
            self,
            person=self.person[~answers],
            item=self.item[~answers],
            code=self.code[~answers],
            tally=replace(self.tally, answers_aside=self.tally.answers_aside + int(answers.sum())),
            problems=(*self.problems, *why),
        )

    def of_people(self, people: NDArray[np.bool_]) -> "Responses":
        """The people of the mask [N] alone."""
        if people.all():
            return self
        number, kept = np.cumsum(people) - 1, people[self.person]
        chosen = np.flatnonzero(people)
        return replace(
            self,
            persons=tuple(self.persons[n] for n in chosen),
            person=number[self.person[kept]].astype(np.int32),
            item=self.item[kept],
            code=self.code[kept],
            group=None if self.group is None else tuple(self.group[n] for n in chosen),
            weight=None if self.weight is None else self.weight[people],
        )


def read(path: Path, columns: Columns) -> Responses:
    """The answers of a file. Raises FileCannotBeUsed where nothing of it can be used."""
    table = opened(path)
    layout = columns.layout or _layout(table, columns)
    if layout == "long":
        from karmayogi.cli.score.long_files import read_long

        found = read_long(table, columns)
    else:
        from karmayogi.cli.score.wide_files import read_wide

        found = read_wide(table, columns)
    if not len(found.code):
        raise FileCannotBeUsed(
            f"{path.name} holds no answer that can be used. Answers are whole numbers from {columns.lowest or 0}; "
            "check which columns are items (--items, --ignore) and where the codes begin (--lowest)."
        )
    return found


def _layout(table: Table, columns: Columns) -> str:
    named = columns.item or columns.response
    both = all(named_column(table, part, None) for part in ("item", "response"))
    return "long" if named or (both and not columns.items) else "wide"


def named_column(table: Table, part: str, given: str | None) -> str | None:
    """The column that holds this part: the one named, or the first that is called so, or None."""
    if given is not None:
        return table.need(given, what=part)
    known = {name.lower(): name for name in reversed(table.columns)}
    return next((known[name] for name in NAMES[part] if name in known), None)


def cell(column: str) -> str:
    """SQL: the trimmed text of a cell, null where it says that nothing was asked."""
    blanks = ", ".join(f"'{word}'" for word in BLANKS)
    text = f"trim({quoted(column)})"
    return f"CASE WHEN {text} IS NULL OR lower({text}) IN ({blanks}) THEN NULL ELSE {text} END"


def code_of(text: str, lowest: int) -> str:
    """SQL: the category from 0 of such a text, null where it is none."""
    number = f"try_cast({text} AS DOUBLE)"
    inside = f"{number} = floor({number}) AND {number} BETWEEN {lowest} AND {lowest + MOST_CODE}"
    return f"CASE WHEN {inside} THEN CAST({number} AS INTEGER) - {lowest} END"


def no_code(row: int, column: str, value: str, lowest: int) -> Problem:
    """The problem of a cell that holds no category."""
    says = (
        "NaN is no answer"
        if value.lower() == "nan"
        else f"{value[:30]} " + _CODE.format(low=lowest, high=lowest + MOST_CODE)
    )
    return Problem(row, column, value[:60], says, _MEND)


def weights(table: Table, column: str | None) -> tuple[NDArray[np.float64] | None, NDArray[np.bool_]]:
    """How many people each row stands for, and which rows say so badly [rows]."""
    if column is None:
        return None, np.zeros(table.rows, np.bool_)
    name = quoted(table.need(column, what="how many people a row stands for"))
    found = table.fetch(f'SELECT coalesce(try_cast(trim({name}) AS DOUBLE), -1) AS v FROM raw ORDER BY "#"')  # noqa: S608
    value = np.asarray(found["v"], dtype=np.float64)
    bad = ~(np.isfinite(value) & (value >= 0.0))
    return np.where(bad, 0.0, value), bad
