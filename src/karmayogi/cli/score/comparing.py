"""The work of `karmayogi score dif`: which items differ between groups of equal ability."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karmayogi.cli.score import outputs
from karmayogi.cli.score.responses import Responses
from karmayogi.cli.score.tables import FileCannotBeUsed
from karmayogi.science import fairness
from karmayogi.standards.tables import Problem


@dataclass(frozen=True, eq=False)
class Compared:
    """Both analyses of every item, for each compared (focal) group against the reference."""

    found: Responses
    groups: tuple[str, ...]
    reference: str
    uniform: fairness.MantelHaenszel
    logistic: fairness.LogisticDifference

    @property
    def focal(self) -> tuple[str, ...]:
        """Names of the compared groups, in the order of the rows of both analyses."""
        return tuple(self.groups[int(code)] for code in self.uniform.matching.focal)


def compare(found: Responses, reference: str | None, *, significance: float, purify: bool) -> Compared:
    """All items of two categories, every other group against the reference. Raises FileCannotBeUsed."""
    if found.group is None:
        raise FileCannotBeUsed("Name the column that holds the group with --group.")
    found = _dichotomous(found)
    names = tuple(sorted(set(found.group or ())))
    chosen = (
        reference if reference is not None else max(names, key=lambda name: (found.group or ()).count(name))
    )
    if chosen not in names:
        raise FileCannotBeUsed(f"There is no group {chosen}. There are: {', '.join(names[:12])}.")
    if len(names) < 2:
        raise FileCannotBeUsed(f"There is one group only: {chosen}. Give answers of two groups or more.")
    number = {name: place for place, name in enumerate(names)}
    group = np.array([number[name] for name in found.group or ()], dtype=np.int64)
    how = {"reference": number[chosen], "purify": purify, "significance": significance}
    matrix = found.matrix
    return Compared(
        found,
        names,
        chosen,
        fairness.mantel_haenszel(matrix, group, **how),  # type: ignore[arg-type]
        fairness.logistic_difference(matrix, group, **how),  # type: ignore[arg-type]
    )


def _dichotomous(found: Responses) -> Responses:
    """Without items of more than two categories, which these analyses do not take."""
    most = np.zeros(len(found.items), np.int64)
    np.maximum.at(most, found.item, found.code.astype(np.int64))
    said, mend = "The item has more than two categories", "Recode it as right or wrong to have it compared."
    why = [Problem(1, name, "", said, mend) for name, top in zip(found.items, most, strict=True) if top > 1]
    if len(why) == len(found.items):
        raise FileCannotBeUsed("No item has two categories, coded 0 and 1. Recode answers as right or wrong.")
    return found.only(most <= 1, why=why)


def columns_of(made: Compared) -> dict[str, NDArray[np.generic]]:
    """One row per compared group and item."""
    one, two = made.uniform, made.logistic
    shape = one.d_dif.shape
    items = np.broadcast_to(np.array(made.found.items, dtype=np.object_), shape)
    focal = np.broadcast_to(np.array(made.focal, dtype=np.object_)[:, None], shape)
    told = {
        "item": items, "group": focal, "reference": np.full(shape, made.reference, dtype=np.object_),
        "class": one.effect.astype(np.object_), "d_dif": one.d_dif, "se": one.se, "chi_square": one.chi_square,
        "p": one.p, "odds_ratio": one.odds_ratio, "people_reference": one.people[:, 0],
        "people_group": one.people[:, 1],
        "thin": one.thin, "logistic_class": two.effect.astype(np.object_), "r2_change": two.r2_change,
        "p_uniform": two.uniform_p, "p_non_uniform": two.non_uniform_p,
    }  # fmt: skip
    flat: dict[str, NDArray[np.generic]] = {}
    for name, values in told.items():
        row = np.asarray(values).ravel()
        flat[name] = outputs.texts(row) if row.dtype == np.object_ else row
    for name in ("odds_ratio", "d_dif"):
        flat[name] = np.where(np.isinf(flat[name].astype(float)), np.nan, flat[name].astype(float))
    return flat
