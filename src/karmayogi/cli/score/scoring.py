"""The work of `karmayogi score people`: answers and a calibration set in, abilities and levels out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from karmayogi.cli.score import outputs
from karmayogi.cli.score.fitness import without_unknown_codes
from karmayogi.cli.score.responses import Columns, Responses, read
from karmayogi.cli.score.tables import FileCannotBeUsed
from karmayogi.science import irt, levels
from karmayogi.science.calibration_sets import CalibratedItems, CalibrationSet
from karmayogi.standards.tables import Problem

LEAST_INFORMATION = 1.0
"""What the answers must add before a level is called met or below: 1 / se^2 beyond the prior's."""


@dataclass(frozen=True, eq=False)
class Scored:
    """Abilities of everybody in the file, by which set, with which prior, and what the levels say."""

    set: CalibrationSet
    found: Responses
    scores: irt.Scores
    asked: NDArray[np.int64]
    prior: str
    cuts: tuple[float, ...]
    sure: float
    chances: irt.Floats
    statements: NDArray[np.str_]
    unknown: tuple[str, ...]


def score(
    path: Path, columns: Columns, held: CalibrationSet, *, method: str, cuts: Sequence[float], sure: float
) -> Scored:
    """Everybody's ability; items that the set does not hold are named and left out. Raises FileCannotBeUsed."""
    bank = held.items
    if bank is None:
        raise FileCannotBeUsed("The set holds no items. Take a set that karmayogi score calibrate wrote.")
    found = read(path, replace(columns, lowest=_lowest(columns, bank)))
    places = np.array(bank.places(found.items))
    unknown = tuple(name for name, place in zip(found.items, places, strict=True) if place < 0)
    if (places < 0).all():
        raise FileCannotBeUsed(f"No item of {path.name} is in the set. Check the names of the items.")
    why = [Problem(1, name, "", "The set does not hold this item", "Calibrate it first.") for name in unknown]
    found = found.only(places >= 0, why=why)
    items = bank.parameters.taken(places[places >= 0])
    found = without_unknown_codes(found, items.categories, whose="the item")
    means, sds, group, prior = _prior(held, found)
    if method == "WLE":
        prior = "none: weighted likelihood estimates take no prior"
    scores = irt.estimate(found.answers, items, method=method, means=means, sds=sds, groups=group)
    information = scores.se**-2.0 - (0.0 if method == "WLE" else sds[group] ** -2.0)
    ladder = np.asarray(cuts, dtype=np.float64)
    chances = levels.chances(scores.theta[:, None], scores.se[:, None], ladder)
    said = levels.statements(
        scores.theta[:, None], scores.se[:, None], np.nan_to_num(information)[:, None], ladder,
        sure=sure, least_information=LEAST_INFORMATION,
    )  # fmt: skip
    asked = np.bincount(found.person, minlength=len(found.persons)).astype(np.int64)
    return Scored(held, found, scores, asked, prior, tuple(cuts), sure, chances, said, unknown)


def _lowest(columns: Columns, bank: CalibratedItems) -> int:
    """The code of the lowest category in files, as the set says unless an option does."""
    if columns.lowest is not None:
        return columns.lowest
    every = sorted({int(value) for value in bank.lowest})
    if len(every) > 1:
        raise FileCannotBeUsed(
            f"Items of the set begin at different codes ({every}). Say which with --lowest."
        )
    return every[0]


def _prior(held: CalibrationSet, found: Responses) -> tuple[irt.Floats, irt.Floats, irt.Ints, str]:
    """Prior means and sds, whose each person is, and the same in words."""
    everybody = np.zeros(len(found.persons), np.int64)
    if found.group is not None:
        names = sorted(set(found.group))
        missing = [name for name in names if name not in held.cohorts]
        if missing:
            raise FileCannotBeUsed(f"The set has no cohort {', '.join(missing[:5])}. Score without --groups.")
        number = {name: place for place, name in enumerate(names)}
        cohorts = [held.cohorts[name] for name in names]
        group = np.array([number[name] for name in found.group], dtype=np.int64)
        words = "normal, with the mean and sd of each person's cohort in the set"
        return np.array([c.mean for c in cohorts]), np.array([c.sd for c in cohorts]), group, words
    if len(held.cohorts) == 1:
        name, cohort = next(iter(held.cohorts.items()))
        words = f"normal, mean {cohort.mean:.2f} and sd {cohort.sd:.2f}: cohort {name} of the set"
        return np.array([cohort.mean]), np.array([cohort.sd]), everybody, words
    words = "normal, mean 0 and sd 1: the set has several cohorts or none, and no column says whose each person is"
    return np.zeros(1), np.ones(1), everybody, words


def columns_of(made: Scored) -> dict[str, NDArray[np.generic]]:
    """The result as columns: ability, error, 95 % range, answers, chances and statements by level, the set's hash."""
    theta, se = made.scores.theta, made.scores.se
    low, high = levels.likely_range(theta, se, share=0.95)
    told: dict[str, NDArray[np.generic]] = {
        "person": outputs.texts(made.found.persons), "ability": theta, "se": se, "low_95": low, "high_95": high,
        "answers": made.asked, "converged": made.scores.converged,
    }  # fmt: skip
    for level in range(len(made.cuts)):
        told[f"chance_level_{level + 1}"] = made.chances[:, level]
        told[f"level_{level + 1}"] = outputs.texts(made.statements[:, level])
    told["method"] = outputs.texts([made.scores.method] * len(theta))
    told["set"] = outputs.texts([made.set.hash] * len(theta))
    return told
