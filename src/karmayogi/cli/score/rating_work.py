"""The work of `karmayogi score raters`: severities where raters can be compared, and how far they agree."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karmayogi.cli.score import outputs
from karmayogi.cli.score.ratings import RatingFile
from karmayogi.science import raters
from karmayogi.science.calibration_sets import CalibrationSet, RatingScale, Sample, Severity


@dataclass(frozen=True)
class Agreement:
    """How far two raters of one ratee agree, over all such pairs: shares, and weighted kappa (None: has no value)."""

    pairs: int
    exact: float
    within_one: float
    kappa: float | None


@dataclass(frozen=True, eq=False)
class Rated:
    """Severities and abilities, agreement, and what the variance of ratings is made of (None: cannot be told)."""

    set: CalibrationSet
    found: RatingFile
    fit: raters.Calibration
    agreement: Agreement | None
    components: raters.Components | None


def rate(found: RatingFile, *, label: str, program: str) -> Rated:
    """The many-facet model fitted to all ratings, and agreement between raters of the same ratee."""
    fit = raters.calibrate(found.ratings)
    try:
        components = raters.components(found.ratings.ratee, found.ratings.rater, found.value)
    except raters.NothingToCompare:
        components = None
    return Rated(_set(found, fit, label, program), found, fit, _agreement(found), components)


def _set(found: RatingFile, fit: raters.Calibration, label: str, program: str) -> CalibrationSet:
    severities = {
        name: Severity(float(fit.severity[n]), float(fit.se_severity[n]), True)
        if fit.identified[n] and np.isfinite(fit.severity[n])
        else Severity(None, None, False)
        for n, name in enumerate(found.raters)
    }
    scale = None
    if np.isfinite(fit.spread):
        thresholds = {
            name: tuple(float(v) for v in fit.thresholds[n, : len(found.values[name]) - 1])
            for n, name in enumerate(found.criteria)
        }
        scale = RatingScale(thresholds, found.values, fit.spread, fit.halo_sd)
    known = float(fit.log_likelihood)
    sample = Sample(
        people=len(found.ratees), answers=len(found.value), files={found.path.name: found.sha256},
        log_likelihood=known if np.isfinite(known) else None, converged=fit.converged, program=program,
    )  # fmt: skip
    return CalibrationSet(1, label, severities=severities, scale=scale, sample=sample)


def _agreement(found: RatingFile) -> Agreement | None:
    """Over all pairs of raters on one ratee and criterion; each pair once, the first by name first."""
    ratings = found.ratings
    cell = ratings.ratee * len(found.criteria) + ratings.criterion
    order = np.lexsort((ratings.rater, cell))
    cell, category = cell[order], ratings.category[order]
    first, second = [], []
    apart = 1
    while apart < len(cell) and (same := cell[apart:] == cell[:-apart]).any():
        first.append(category[:-apart][same])
        second.append(category[apart:][same])
        apart += 1
    if not first:
        return None
    one, two = np.concatenate(first), np.concatenate(second)
    try:
        kappa = raters.kappa(
            np.concatenate([one, two]), np.concatenate([two, one]), weights="quadratic"
        ).value
    except raters.NothingToCompare:
        kappa = None
    exact, near = (raters.agreement(one, two, within=within) for within in (0, 1))
    return Agreement(len(one), exact, near, kappa)


def columns_of(made: Rated) -> dict[str, NDArray[np.generic]]:
    """One row per rater."""
    fit, count = made.fit, len(made.found.raters)
    return {
        "rater": outputs.texts(made.found.raters), "severity": fit.severity, "se": fit.se_severity,
        "identified": np.asarray(fit.identified), "shared_ratees": np.asarray(fit.links.shared),
        "ratings": np.bincount(made.found.ratings.rater, minlength=count),
        "set": outputs.texts([made.set.hash] * count),
    }  # fmt: skip


def ratees_of(made: Rated) -> dict[str, NDArray[np.generic]]:
    """One row per ratee: ability with its error, with severities allowed for."""
    return {
        "ratee": outputs.texts(made.found.ratees), "ability": made.fit.ability, "se": made.fit.ability_sd,
        "set": outputs.texts([made.set.hash] * len(made.found.ratees)),
    }  # fmt: skip
