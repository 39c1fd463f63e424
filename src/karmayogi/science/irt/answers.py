"""Answers of people to items: a matrix where all were asked much the same, or only the answers there are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from karmayogi.science.irt.grid import NOT_ASKED, Bools, Floats, Ints
from karmayogi.science.irt.refusals import AnswersMalformed, CategoriesUnused, ItemCannotBeCalibrated, listed

MOST_CATEGORIES = 100


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers there are, person after person; what was not asked takes no room.

    Person p gave the answers `starts[p]` to `starts[p + 1]`: `codes` int8 [M], each 0 .. K - 1, to the items
    `items` int32 [M] out of `columns`. `starts` is int64 [N + 1]. Build it with `of_matrix` or `of_triples`.
    """

    starts: Ints
    items: NDArray[np.int32]
    codes: NDArray[np.int8]
    columns: int

    def __post_init__(self) -> None:
        """Rows that fit each other; raises `AnswersMalformed`."""
        ends = self.starts.ndim == 1 and len(self.starts) > 1 and self.starts[0] == 0
        fits = (
            ends
            and self.starts[-1] == len(self.items) == len(self.codes)
            and (np.diff(self.starts) >= 0).all()
        )
        if not fits:
            raise AnswersMalformed(
                "Starts rise from 0 to the number of answers; items and codes are as many."
            )
        least, most = self.items.min(initial=0), self.items.max(initial=0)
        if least < 0 or most >= self.columns or self.codes.min(initial=0) < 0:
            raise AnswersMalformed(f"Items of answers run from 0 to {self.columns - 1} and codes from 0.")

    @property
    def people(self) -> int:
        """How many people, those without answers included."""
        return len(self.starts) - 1

    @classmethod
    def of_matrix(cls, responses: ArrayLike) -> "Answers":
        """From a matrix [N, I] of codes with `NOT_ASKED` where there is no answer. Raises `AnswersMalformed`."""
        matrix = codes_of(responses)
        person, item = np.nonzero(matrix != NOT_ASKED)
        starts = np.concatenate([[0], np.cumsum(np.bincount(person, minlength=len(matrix)))])
        return cls(starts, item.astype(np.int32), matrix[person, item], matrix.shape[1])

    @classmethod
    def of_triples(
        cls, person: ArrayLike, item: ArrayLike, code: ArrayLike, *, people: int, items: int
    ) -> "Answers":
        """From triples [M] in any order: `person` in [0, people), `item` in [0, items), `code` from 0.

        The order of one person's answers is kept. Raises `AnswersMalformed`, also for an answer given twice.
        """
        who, what = _whole(person, "persons", people), _whole(item, "items", items)
        codes = _whole(code, "codes", MOST_CATEGORIES).astype(np.int8)
        if not who.shape == what.shape == codes.shape or who.ndim != 1:
            raise AnswersMalformed(
                "Give one person, one item and one code for each answer: three equal rows."
            )
        if (np.diff(who) < 0).any():
            order = np.argsort(who, kind="stable")
            who, what, codes = who[order], what[order], codes[order]
        pairs = who * items + what
        pairs.sort()
        if (pairs[1:] == pairs[:-1]).any():
            raise AnswersMalformed("Somebody has two answers to one item. Keep one of them.")
        starts = np.concatenate([[0], np.cumsum(np.bincount(who, minlength=people))])
        return cls(starts, what.astype(np.int32), codes, items)

    def taken(self, people: Ints) -> "Answers":
        """The answers of these people, in that order."""
        counts = np.diff(self.starts)[people]
        starts = np.concatenate([[0], np.cumsum(counts)])
        at = np.arange(starts[-1]) + np.repeat(self.starts[:-1][people] - starts[:-1], counts)
        return Answers(starts, self.items[at], self.codes[at], self.columns)

    def persons(self) -> Ints:
        """The person of each answer, [M]."""
        return np.repeat(np.arange(self.people), np.diff(self.starts))

    def to_matrix(self) -> NDArray[np.int8]:
        """As a matrix int8 [N, I] with `NOT_ASKED`."""
        matrix = np.full((self.people, self.columns), NOT_ASKED, dtype=np.int8)
        matrix[self.persons(), self.items] = self.codes
        return matrix


Responses = Answers | NDArray[np.int8] | NDArray[np.int64]
"""What the functions of this package take for answers: a matrix with `NOT_ASKED`, or `Answers`."""


def _whole(values: ArrayLike, what: str, end: int, *, first: int = 0) -> Ints:
    """As int64, from whole numbers of any type; checked before they are narrowed, so that none wraps around."""
    array = np.asarray(values)
    if array.dtype.kind == "O":
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError) as wrong:
            raise AnswersMalformed(f"The {what} have to be whole numbers; some are no numbers.") from wrong
    if array.dtype.kind not in "iubf":
        raise AnswersMalformed(f"The {what} have to be whole numbers, not of type {array.dtype}.")
    if array.dtype.kind == "f" and not (np.isfinite(array).all() and (array == np.round(array)).all()):
        raise AnswersMalformed(f"The {what} have to be whole numbers; there are others, or NaN.")
    if array.size and (array.min() < first or array.max() >= end):
        raise AnswersMalformed(
            f"The {what} have to run from {first} to {end - 1}; found {array.min()} to {array.max()}."
        )
    return array.astype(np.int64)


def codes_of(responses: ArrayLike) -> NDArray[np.int8]:
    """The matrix [N, I] as int8, checked. Raises `AnswersMalformed`; NaN is not a code, use `NOT_ASKED`."""
    matrix = np.asarray(responses)
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise AnswersMalformed("Answers are a matrix with a row for each person and a column for each item.")
    if matrix.dtype == np.int8:
        if matrix.min() < NOT_ASKED:
            raise AnswersMalformed(f"Codes run from 0; {NOT_ASKED} says not asked. Found {matrix.min()}.")
        return np.ascontiguousarray(matrix)
    whole = _whole(matrix, f"codes ({NOT_ASKED} for not asked)", MOST_CATEGORIES, first=NOT_ASKED)
    return np.ascontiguousarray(whole.astype(np.int8))


def frequencies_of(responses: Responses) -> Ints:
    """How often each code was given to each item, [I, K] up to the highest code given."""
    if isinstance(responses, Answers):
        most = int(responses.codes.max(initial=0)) + 1
        cells = responses.items * most + responses.codes
        return np.bincount(cells, minlength=responses.columns * most).reshape(responses.columns, most)
    most = max(int(responses.max()) + 1, 1)
    return np.stack([(responses == code).sum(axis=0) for code in range(most)], axis=1)


def categories_of(counts: Ints, *, but: Bools | None = None) -> Ints:
    """Number of categories of each item, [I], from `frequencies_of`: the highest code given, at least 2.

    Raises `ItemCannotBeCalibrated` for items nobody answered or all answered alike, `CategoriesUnused`; not for those
    of the mask `but` [I].
    """
    used = counts > 0
    asked = np.ones(len(used), bool) if but is None else ~but
    flat = np.flatnonzero(asked & (used.sum(axis=1) < 2))
    if flat.size:
        raise ItemCannotBeCalibrated([int(item) for item in flat])
    highest = counts.shape[1] - np.argmax(used[:, ::-1], axis=1)
    gaps = np.argwhere(asked[:, None] & ~used & (np.arange(used.shape[1]) < highest[:, None]))
    if gaps.size:
        raise CategoriesUnused([(int(item), int(category)) for item, category in gaps])
    return np.maximum(np.asarray(highest, dtype=np.int64), 2)


def refuse_unknown_codes(counts: Ints, categories: Ints) -> None:
    """Raises `AnswersMalformed` where `frequencies_of` answers has codes an item has no category for."""
    if len(counts) != len(categories):
        raise AnswersMalformed(
            f"There are answers to {len(counts)} items and parameters of {len(categories)}."
        )
    unknown = (counts > 0) & (np.arange(counts.shape[1]) >= categories[:, None])
    if unknown.any():
        columns = listed(np.flatnonzero(unknown.any(axis=1)))
        raise AnswersMalformed(f"Items in columns {columns} were given codes that they have no category for.")


def weights_of_people(weights: ArrayLike | None, people: int) -> Floats:
    """How often each row of answers counts, [N]; once each without `weights`. Raises `AnswersMalformed`."""
    counted = np.ones(people) if weights is None else np.asarray(weights, dtype=np.float64)
    if counted.shape != (people,) or not (np.isfinite(counted) & (counted >= 0)).all() or not counted.any():
        raise AnswersMalformed("Weights are numbers from 0, one for each row of answers, and not all 0.")
    return counted
