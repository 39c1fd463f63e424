"""The work of `karmayogi score calibrate`: answers in, a calibration set and what to say of it out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from karmayogi.cli.score.fitness import models_of, usable, without_unknown_codes
from karmayogi.cli.score.responses import Responses
from karmayogi.cli.score.tables import FileCannotBeUsed
from karmayogi.science import irt
from karmayogi.science.calibration_sets import (
    CalibratedItems,
    CalibrationSet,
    Cohort,
    Linking,
    Sample,
    of_fit,
)

WEAK = irt.Priors(lower=irt.Beta(5.0, 17.0), upper=irt.Beta(17.0, 5.0), slope=irt.LogNormal(0.0, 0.5))
"""For models with guessing or slipping, whose asymptotes few answers tell: mode of guessing 0.2, of slipping 0.8."""
MOST_FOR_FIT = 60
"""Items up to which the fit of the model is tested; the test's matrix grows with the fourth power."""
EVERYBODY = "everybody"


@dataclass(frozen=True)
class Wish:
    """What the calibration was told."""

    model: str
    reference: str | None
    anchors: CalibrationSet | None
    former: CalibrationSet | None
    label: str
    cuts: dict[str, tuple[float, ...]]
    priors: str
    program: str


@dataclass(frozen=True, eq=False)
class Calibrated:
    """The set, the fit behind it, the answers it rests on, abilities, and tests of fit (None with the reason)."""

    set: CalibrationSet
    fit: irt.Fit
    found: Responses
    items: CalibratedItems
    groups: tuple[str, ...]
    weights: irt.Floats
    scores: irt.Scores
    with_priors: bool
    item_fit: irt.ItemFit | None
    model_fit: irt.ModelFit | None
    untested: str


def calibrate(found: Responses, wish: Wish, *, begin: Callable[[], None]) -> Calibrated:
    """The calibration set of these answers; `begin` is called as fitting and testing begin."""
    bank = None if wish.anchors is None else wish.anchors.items
    if bank is not None:
        found = _in_categories_of(found, bank)
    found, models = usable(found, models_of(wish.model, found.items), bank)
    answered = np.zeros(len(found.persons), np.bool_)
    answered[found.person] = True
    found = found.of_people(answered)
    weights = np.ones(len(found.persons)) if found.weight is None else found.weight
    names, group, reference = _groups(found, wish)
    columns, anchors = _anchored(found, bank)
    own = [models[place] for place in range(len(models)) if place not in set(columns)]
    with_priors = wish.priors == "weak" and any(irt.MODELS[name].bounded for name in own)
    begin()
    fit = irt.fit(
        found.answers,
        models,
        groups=group,
        reference=reference,
        anchored=columns if anchors is not None else None,
        anchors=anchors,
        priors=WEAK if with_priors else irt.Priors(),
        weights=weights,
        errors="auto",
    )
    begin()
    scores = irt.estimate(found.answers, fit.items, means=fit.means, sds=fit.sds, groups=group)
    items = _bank(fit, found, models, columns, weights, bank)
    made = _set(fit, found, items, names, group, weights, wish, columns)
    tests = _tested(found, fit, group, weights)
    own_items = of_fit(
        fit, found.items, _models(models, columns, bank, found.items), asked=_asked(found, weights)
    )
    return Calibrated(made, fit, found, own_items, names, weights, scores, with_priors, *tests)


def _in_categories_of(found: Responses, bank: CalibratedItems) -> Responses:
    """Without answers that the anchors have no category for."""
    places = np.array(bank.places(found.items))
    here = np.where(places >= 0, bank.parameters.categories[places], 0)
    return without_unknown_codes(found, here, whose="the anchor")


def _anchored(found: Responses, bank: CalibratedItems | None) -> tuple[list[int], irt.Items | None]:
    """Columns whose items the bank holds, and their parameters."""
    if bank is None:
        return [], None
    places = bank.places(found.items)
    columns = [column for column, place in enumerate(places) if place >= 0]
    if not columns:
        raise FileCannotBeUsed("No item of the file is in the anchors' set. Check the names of the items.")
    return columns, bank.parameters.taken([places[column] for column in columns])


def _groups(found: Responses, wish: Wish) -> tuple[tuple[str, ...], irt.Ints | None, int | None]:
    """Names of the groups, whose each person is, and the number of the reference."""
    if found.group is None:
        return (EVERYBODY,), None, None
    names = tuple(sorted(set(found.group)))
    number = {name: place for place, name in enumerate(names)}
    if wish.reference is not None and wish.reference not in number:
        raise FileCannotBeUsed(f"There is no group {wish.reference}. There are: {', '.join(names[:12])}.")
    group = np.array([number[name] for name in found.group], dtype=np.int64)
    if wish.reference is not None:
        return names, group, number[wish.reference]
    return names, group, None if wish.anchors is not None else int(np.argmax(np.bincount(group)))


def _asked(found: Responses, weights: irt.Floats) -> irt.Ints:
    counts = np.bincount(found.item, weights=weights[found.person], minlength=len(found.items))
    return np.asarray(np.rint(counts), dtype=np.int64)


def _models(
    models: list[str], columns: list[int], bank: CalibratedItems | None, names: tuple[str, ...]
) -> list[str]:
    """The model of each item; anchors keep theirs."""
    if bank is None:
        return models
    places, fixed = bank.places(names), set(columns)
    return [bank.models[places[n]] if n in fixed else model for n, model in enumerate(models)]


def _bank(
    fit: irt.Fit,
    found: Responses,
    models: list[str],
    columns: list[int],
    weights: irt.Floats,
    bank: CalibratedItems | None,
) -> CalibratedItems:
    """All items of the new set: new ones as calibrated; those of the anchors' set as they stand there."""
    fresh = np.array([n for n in range(len(found.items)) if n not in set(columns)], dtype=np.int64)
    asked = _asked(found, weights)
    whole = of_fit(
        fit, found.items, _models(models, columns, bank, found.items), asked=asked, lowest=found.lowest
    )
    if bank is None:
        return whole
    rows = whole.rows()
    kept = [{**row, "anchored": True} for row in bank.rows()]
    return CalibratedItems.of_rows(kept + [rows[n] for n in fresh])


def _set(
    fit: irt.Fit,
    found: Responses,
    items: CalibratedItems,
    names: tuple[str, ...],
    group: irt.Ints | None,
    weights: irt.Floats,
    wish: Wish,
    columns: list[int],
) -> CalibrationSet:
    place = np.zeros(len(weights), np.int64) if group is None else group
    sizes = np.rint(np.bincount(place, weights=weights, minlength=len(names))).astype(int)
    cohorts = {
        name: Cohort(float(fit.means[n]), float(fit.sds[n]), int(sizes[n])) for n, name in enumerate(names)
    }
    sample = Sample(
        people=round(fit.people),
        answers=round(float(weights[found.person].sum())),
        files={found.path.name: found.sha256},
        log_likelihood=fit.log_likelihood,
        converged=fit.converged,
        program=wish.program,
    )
    linking = None
    if wish.anchors is not None:
        anchors = tuple(found.items[n] for n in columns)
        linking = Linking(wish.anchors.hash, "fixed anchors", anchors=anchors)
    parts: dict[str, Any] = {
        "label": wish.label,
        "items": items,
        "cohorts": cohorts,
        "sample": sample,
        "linking": linking,
    }
    former = wish.former or wish.anchors
    if former is None:
        return CalibrationSet(1, cuts=wish.cuts, **parts)
    parts["cohorts"] = {**former.cohorts, **cohorts}
    return former.followed(**parts, cuts={**former.cuts, **wish.cuts})


def _tested(
    found: Responses, fit: irt.Fit, group: irt.Ints | None, weights: irt.Floats
) -> tuple[irt.ItemFit | None, irt.ModelFit | None, str]:
    """Fit of items and of the model on those who answered everything, or why it was not tested."""
    if len(found.items) > MOST_FOR_FIT:
        return None, None, f"The fit is tested up to {MOST_FOR_FIT} items; these are {len(found.items)}."
    matrix = found.matrix
    whole = (matrix >= 0).all(axis=1)
    if weights[whole].sum() < 0.5 * weights.sum():
        return None, None, "Too few people answered every item for a test of fit."
    group = None if group is None else group[whole]
    items, model, why = None, None, ""
    try:
        model = irt.model_fit(matrix[whole], fit, groups=group, weights=weights[whole])
    except (irt.FitNotTestable, np.linalg.LinAlgError):
        why = "The fit of the model cannot be tested on these answers."
    try:
        items = irt.item_fit(matrix[whole], fit, weights=weights[whole])
    except irt.FitNotTestable as error:
        why = why or f"The fit of single items was not tested. {error}"
    return items, model, why
