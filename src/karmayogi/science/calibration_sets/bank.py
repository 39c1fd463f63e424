"""The items of a calibration set: names, models, parameters with standard errors, and how many answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.calibration_sets.refusals import CalibrationSetMalformed, require, require_names
from karmayogi.science.irt import Bools, Family, Fit, Floats, Ints, Items, ItemsMalformed

ERRORS = ("slope", "intercepts", "b", "lower", "upper")
_FAMILIES = {Family.LOGISTIC: "logistic", Family.GRADED: "graded", Family.PARTIAL_CREDIT: "partial credit"}


@dataclass(frozen=True, eq=False)
class CalibratedItems:
    """I items by name. `parameters` in logits, slope-intercept form (see `irt.Items`, which gives `a` and `b` too).

    `models` [I] as calibrated ("2PL", ...). `errors`: standard errors by the names of `ERRORS`, shaped as the
    parameters, NaN for what was not estimated. `asked` [I]: answers each rests on. `lowest` [I]: the code that the
    lowest category has in files (0 or 1, mostly); `anchored` [I]: whether taken over from another set, unchanged.
    Raises `CalibrationSetMalformed` for a name that stands twice and for arrays of other lengths.
    """

    names: tuple[str, ...]
    models: tuple[str, ...]
    parameters: Items
    errors: Mapping[str, Floats]
    asked: Ints
    lowest: Ints
    anchored: Bools

    def __post_init__(self) -> None:
        """Named once each, arrays as long as the names."""
        count = len(self.parameters)
        require_names(self.names, "Items")
        require(
            len(self.names) == len(self.models) == count
            and all(len(row) == count for row in (self.asked, self.lowest, self.anchored)),
            "Give a name, a model, a count of answers and a lowest code for each item.",
        )
        require(
            set(self.errors) == set(ERRORS) and all(len(self.errors[name]) == count for name in ERRORS),
            f"Give standard errors for {', '.join(ERRORS)} of each item, NaN where there are none.",
        )
        require(bool((np.asarray(self.asked) >= 0).all()), "Counts of answers are 0 or more.")

    def __len__(self) -> int:
        """How many items."""
        return len(self.names)

    def places(self, names: Iterable[str]) -> list[int]:
        """The column of each of these names, -1 for those that are not here."""
        known = {name: place for place, name in enumerate(self.names)}
        return [known.get(name, -1) for name in names]

    def rows(self) -> list[dict[str, Any]]:
        """One plain record per item, as the file has them; NaN is None."""
        return [self._row(place) for place in range(len(self))]

    def _row(self, place: int) -> dict[str, Any]:
        items, width = self.parameters, int(self.parameters.categories[place]) - 1
        errors: dict[str, Any] = {
            name: _plain(values[place][:width] if values.ndim == 2 else values[place])
            for name, values in self.errors.items()
        }
        return {
            "name": self.names[place],
            "model": self.models[place],
            "family": _FAMILIES[Family(int(items.family[place]))],
            "slope": _plain(items.slope[place]),
            "intercepts": _plain(items.intercepts[place][:width]),
            "lower": _plain(items.lower[place]),
            "upper": _plain(items.upper[place]),
            "se": errors,
            "asked": int(self.asked[place]),
            "lowest": int(self.lowest[place]),
            "anchored": bool(self.anchored[place]),
        }

    @classmethod
    def of_rows(cls, rows: Sequence[Mapping[str, Any]]) -> "CalibratedItems":
        """From the records that `rows` gives. Raises `CalibrationSetMalformed`."""
        kinds = {name: int(family) for family, name in _FAMILIES.items()}
        width = max(len(row["intercepts"]) for row in rows)
        try:
            items = Items(
                np.array([kinds[row["family"]] for row in rows], dtype=np.int8),
                _row_of(row["slope"] for row in rows),
                np.stack([_padded(row["intercepts"], width) for row in rows]),
                _row_of(row["lower"] for row in rows),
                _row_of(row["upper"] for row in rows),
            )
        except ItemsMalformed as error:
            raise CalibrationSetMalformed(str(error)) from error
        return cls(
            tuple(row["name"] for row in rows),
            tuple(row["model"] for row in rows),
            items,
            {
                name: np.stack([_padded(row["se"][name], width) for row in rows])
                if name in ("intercepts", "b")
                else _row_of(row["se"][name] for row in rows)
                for name in ERRORS
            },
            np.array([row["asked"] for row in rows], dtype=np.int64),
            np.array([row["lowest"] for row in rows], dtype=np.int64),
            np.array([row["anchored"] for row in rows], dtype=np.bool_),
        )


def of_fit(
    fit: Fit,
    names: Sequence[str],
    models: Sequence[str],
    *,
    asked: ArrayLike,
    lowest: ArrayLike = 0,
    anchored: ArrayLike = False,
) -> CalibratedItems:
    """The items of a calibration under their names and models [I]; `asked`, `lowest`, `anchored` [I] or one for all."""
    count, shape = len(fit.items), fit.items.intercepts.shape
    empty = {name: np.full(shape if name in ("intercepts", "b") else count, np.nan) for name in ERRORS}
    errors = empty if fit.errors is None else {name: getattr(fit.errors, name) for name in ERRORS}
    return CalibratedItems(
        tuple(names),
        tuple(models),
        fit.items,
        errors,
        np.broadcast_to(np.asarray(asked, dtype=np.int64), count),
        np.broadcast_to(np.asarray(lowest, dtype=np.int64), count),
        np.broadcast_to(np.asarray(anchored, dtype=np.bool_), count),
    )


def _plain(values: ArrayLike) -> Any:
    """Numbers as JSON has them: NaN is None, minus zero is zero."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim:
        return [_plain(value) for value in array]
    return None if np.isnan(array) else float(array) + 0.0


def _row_of(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _padded(values: Sequence[float | None], width: int) -> Floats:
    return np.pad(_row_of(values), (0, width - len(values)), constant_values=np.nan)
