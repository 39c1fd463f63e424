"""Calibration of items by marginal maximum likelihood (Bock & Aitkin 1981), for several groups at once.

Groups have normal abilities of their own mean and sd (Bock & Zimowski 1997); items mean the same in all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.irt.answers import (
    Answers,
    Responses,
    categories_of,
    codes_of,
    frequencies_of,
    refuse_unknown_codes,
    weights_of_people,
)
from karmayogi.science.irt.design import Design, design_of, models_of
from karmayogi.science.irt.expectation import expectation_of
from karmayogi.science.irt.grid import NOT_ASKED, Bools, Floats, Ints
from karmayogi.science.irt.identification import refuse_islands, refuse_too_few_cells
from karmayogi.science.irt.items import Items
from karmayogi.science.irt.population import (
    Population,
    groups_of_people,
    population_of,
    refuse_empty_groups,
)
from karmayogi.science.irt.priors import NO_PRIORS, Priors
from karmayogi.science.irt.refusals import ScaleNotIdentified
from karmayogi.science.irt.search import Problem, Summit, climb
from karmayogi.science.irt.standard_errors import Errors, errors_of, refuse_unknown_errors
from karmayogi.science.irt.starts import start_of

FEW_ITEMS = 24
"""People with the same answers are counted once up to this many items; beyond, hardly two agree."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Calibrated items, and how well they are known.

    `means`, `sds` [G] of the groups' abilities; `log_likelihood` is marginal, without priors; `parameters` were
    estimated from `people` (the sum of the weights of those with an answer). `converged` is true only if no parameter
    would still move by the tolerance AND the nodes are closer than half of the median posterior sd (`median_sd`) AND
    the observed information, if it was computed, determines the parameters.
    `errors` are None if not asked for.
    """

    items: Items
    means: Floats
    sds: Floats
    errors: Errors | None
    log_likelihood: float
    people: float
    parameters: int
    iterations: int
    converged: bool
    last_move: float
    median_sd: float
    nodes: Floats = field(repr=False)
    design: Design = field(repr=False)
    population: Population = field(repr=False)
    estimates: Floats = field(repr=False)

    @property
    def spacing(self) -> float:
        """Distance between the nodes of the last climb."""
        return float(self.nodes[1] - self.nodes[0])

    @property
    def aic(self) -> float:
        """Akaike's criterion; less is better."""
        return 2.0 * self.parameters - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion; less is better."""
        return float(np.log(self.people) * self.parameters - 2.0 * self.log_likelihood)


def fit(
    responses: Responses,
    models: str | Sequence[str] = "2PL",
    *,
    groups: ArrayLike | None = None,
    reference: int | None = None,
    anchored: ArrayLike | None = None,
    anchors: Items | None = None,
    priors: Priors = NO_PRIORS,
    weights: ArrayLike | None = None,
    errors: str = "auto",
    tolerance: float = 1e-6,
    most_iterations: int = 2000,
) -> Fit:
    """Item parameters and groups' means and sds by marginal maximum likelihood, with EM.

    `responses`: codes 0 .. K - 1 as a matrix [N, I] with -1 for not asked, or `Answers`. `models`: one name for all
    items or one for each, of `MODELS`. `groups` [N] from 0; the `reference` group (0, unless there are anchors) has
    mean 0 and sd 1, or an estimated sd where all slopes are 1 (Rasch, PCM). `anchored`: columns (or a mask) whose
    parameters stay those of `anchors`, in the same order; then every group is estimated, unless a reference is
    named. `weights` [N] count each row so many times, 0 leaves it out. `errors`: "louis" (observed information),
    "cross-product" (of people's scores: cheaper, for many people), "auto" (the first unless it is too much
    work) or "none".

    No parameter is held within bounds: a slope below 0 says that the key is wrong. Nothing random.
    Raises `AnswersMalformed`, `ItemCannotBeCalibrated`, `CategoriesUnused`, `ModelUnknown`, `ScaleNotIdentified`,
    ValueError for unknown `errors`.
    """
    refuse_unknown_errors(errors)
    answers: Responses = responses if isinstance(responses, Answers) else codes_of(responses)
    columns = answers.columns if isinstance(answers, Answers) else answers.shape[1]
    answers, groups, counted = _those_who_count(answers, groups, weights)
    fixed = _mask(anchored, columns, anchors)
    counts = frequencies_of(answers)
    categories = _categories(counts, fixed, anchors)
    design = design_of(models_of(models, np.where(fixed, 2, categories)), categories, fixed, anchors)
    population = _population(groups, len(counted), reference, design, fixed)
    refuse_islands(answers, population.group, fixed, reference, anchors is not None)
    if priors == NO_PRIORS:
        refuse_too_few_cells(answers, population.group, categories, design.count + population.count)
    rows, population, counted = _collapsed(answers, population, counted)
    problem = Problem(
        design, population, expectation_of(rows, design.offsets, population.group, counted), priors
    )
    tail = population.tail(population.means, population.sds)
    start = np.concatenate([start_of(design, counts), tail])
    summit = climb(problem, start, tolerance=tolerance, most_iterations=most_iterations)
    return _fit_of(problem, summit, errors, float(counted.sum()))


def _those_who_count(
    answers: Responses, groups: ArrayLike | None, weights: ArrayLike | None
) -> tuple[Responses, Ints | None, Floats]:
    """Answers, groups and weights of the people with an answer and a weight: others say nothing."""
    people = answers.people if isinstance(answers, Answers) else len(answers)
    counted = weights_of_people(weights, people)
    group = None if groups is None else groups_of_people(groups, people)
    asked = (
        np.diff(answers.starts) > 0 if isinstance(answers, Answers) else (answers != NOT_ASKED).any(axis=1)
    )
    used = np.flatnonzero(asked & (counted > 0))
    if len(used) == people or not len(used):
        return answers, group, counted
    if group is not None:
        refuse_empty_groups(np.bincount(group[used], minlength=int(group.max()) + 1))
    taken = answers.taken(used) if isinstance(answers, Answers) else answers[used]
    return taken, None if group is None else group[used], counted[used]


def _mask(anchored: ArrayLike | None, columns: int, anchors: Items | None) -> Bools:
    if (anchored is None) != (anchors is None):
        raise ScaleNotIdentified("Give both: which columns are anchored, and the parameters of their items.")
    mask = np.zeros(columns, bool)
    if anchored is not None and anchors is not None:
        at = np.asarray(anchored)
        at = np.flatnonzero(at) if at.dtype == np.bool_ else at
        if (
            len(at) != len(anchors)
            or not len(at)
            or at.min() < 0
            or at.max() >= columns
            or (np.diff(at) <= 0).any()
        ):
            raise ScaleNotIdentified("Anchored columns have to rise and have one anchor item each.")
        mask[at] = True
    return mask


def _categories(counts: Ints, fixed: Bools, anchors: Items | None) -> Ints:
    """Number of categories of each item: of anchors as they say, of others as they were used."""
    categories = categories_of(counts, but=fixed)
    if anchors is not None:
        categories[fixed] = anchors.categories
    refuse_unknown_codes(counts, categories)
    return categories


def _population(
    groups: Ints | None, people: int, reference: int | None, design: Design, fixed: Bools
) -> Population:
    chosen = reference if reference is not None else (None if fixed.any() else 0)
    slopes = design.free[design.starts[:-1]]
    return population_of(
        groups,
        people,
        reference=chosen,
        spread_is_free=bool((slopes < 0).all()) and not fixed.any(),
        mean_is_free=False,
    )


def _collapsed(
    answers: Responses, population: Population, weights: Floats
) -> tuple[Responses, Population, Floats]:
    """Short tests: equal rows of one group once, with the sum of their weights."""
    if isinstance(answers, Answers) or answers.shape[1] > FEW_ITEMS:
        return answers, population, weights
    keyed = np.concatenate([population.group[:, None], answers], axis=1)
    rows, which = np.unique(keyed, axis=0, return_inverse=True)
    if len(rows) > 0.7 * len(keyed):
        return answers, population, weights
    alike = Population(
        rows[:, 0], population.means, population.sds, population.free_means, population.free_sds
    )
    return (
        rows[:, 1:].astype(np.int8),
        alike,
        np.asarray(np.bincount(which.ravel(), weights), dtype=np.float64),
    )


def _fit_of(problem: Problem, summit: Summit, errors: str, people: float) -> Fit:
    full, means, sds = problem.split(summit.point.x)
    known = None if errors == "none" else errors_of(problem, summit.point.x, summit.nodes, errors)
    return Fit(
        items=problem.design.items_of(full),
        means=means,
        sds=sds,
        errors=known,
        log_likelihood=summit.point.log_likelihood,
        people=people,
        parameters=len(summit.point.x),
        iterations=summit.iterations,
        converged=summit.converged and (known is None or known.determined),
        last_move=summit.last_move,
        median_sd=summit.median_sd,
        nodes=summit.nodes,
        design=problem.design,
        population=problem.population,
        estimates=summit.point.x,
    )
