"""Abilities from answers to calibrated items: posterior means, posterior modes, weighted likelihood estimates.

EAP: Bock & Mislevy (1982). MAP: Samejima (1969). WLE: Warm (1989), for items of several categories Samejima (1993).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.irt.answers import (
    Answers,
    Responses,
    codes_of,
    frequencies_of,
    refuse_unknown_codes,
)
from karmayogi.science.irt.curves import log_table
from karmayogi.science.irt.expectation import Posteriors, expectation_of
from karmayogi.science.irt.grid import Bools, Floats, Ints
from karmayogi.science.irt.items import Items
from karmayogi.science.irt.population import log_weights_of
from karmayogi.science.irt.pulls import Pulls, pulls_at
from karmayogi.science.irt.refusals import AnswersMalformed

METHODS = ("EAP", "MAP", "WLE")
SPACING = 0.1
REACH = 7.0
"""Nodes of posterior means reach this many prior sds to both sides."""
MOST_NODES = 4001
AT_ONCE = 2_000_000
"""Answers worked on at one go when modes are sought; bounds the memory."""
FURTHEST = 1.0
PRECISE = 1e-9
MOST_STEPS = 200


@dataclass(frozen=True, eq=False)
class Scores:
    """Abilities and their standard errors, each [N]; `converged` [N] says where the search for a mode ended well,
    for EAP where the nodes are closer than half of the posterior sd.

    The standard error is the posterior sd for EAP, from the curvature at the mode for MAP, from the test's Fisher
    information for WLE. Somebody without answers has the prior (EAP, MAP) or NaN (WLE).
    """

    theta: Floats
    se: Floats
    converged: Bools
    method: str


def estimate(
    responses: Responses,
    items: Items,
    *,
    method: str = "EAP",
    means: ArrayLike = 0.0,
    sds: ArrayLike = 1.0,
    groups: ArrayLike | None = None,
) -> Scores:
    """Everybody's ability from codes [N, I] with -1 for not asked, or `Answers`; `method` of `METHODS`.

    The prior is normal with `means` and `sds`, one for all or [G] for the `groups` [N] from 0, as `Fit` has them; WLE
    has none. Raises `AnswersMalformed`, also for codes that an item has no category for.
    """
    if method not in METHODS:
        raise ValueError(f"Scores come by {', '.join(METHODS)}, not by {method}.")
    answers = responses if isinstance(responses, Answers) else codes_of(responses)
    refuse_unknown_codes(frequencies_of(answers), items.categories)
    people = answers.people if isinstance(answers, Answers) else len(answers)
    group, mean, sd = _priors(groups, means, sds, people)
    found, between = posteriors(answers, items, group, mean, sd)
    if method == "EAP":
        return Scores(found.means, found.sds, between < found.sds / 2, method)
    listed = answers if isinstance(answers, Answers) else Answers.of_matrix(answers)
    theta, se, converged = np.empty(people), np.empty(people), np.empty(people, bool)
    for rows, part in portions(listed):
        prior = (mean[group[rows]], sd[group[rows]]) if method == "MAP" else None
        theta[rows], se[rows], converged[rows] = _modes(part, items, found.means[rows], prior)
    return Scores(theta, se, converged, method)


def _priors(
    groups: ArrayLike | None, means: ArrayLike, sds: ArrayLike, people: int
) -> tuple[Ints, Floats, Floats]:
    mean, sd = np.broadcast_arrays(np.atleast_1d(np.asarray(means, float)), np.asarray(sds, float))
    group = np.zeros(people, np.int64) if groups is None else np.asarray(groups)
    if not (np.isfinite(mean) & np.isfinite(sd) & (sd > 0)).all():
        raise AnswersMalformed("Prior means have to be finite and prior sds above 0.")
    if (
        group.shape != (people,)
        or group.dtype.kind not in "iu"
        or group.min() < 0
        or group.max() >= len(mean)
    ):
        raise AnswersMalformed(f"Groups are whole numbers from 0 to {len(mean) - 1}, one for each person.")
    return group.astype(np.int64), mean.astype(np.float64), sd.astype(np.float64)


def posteriors(
    answers: Responses, items: Items, group: Ints, means: Floats, sds: Floats
) -> tuple[Posteriors, Floats]:
    """Posterior means, sds and marginal log-likelihoods, and how far apart the nodes were for each person, [N].

    Nodes are closer than half of the narrowest posterior. Where groups are too different for nodes in common, each
    has its own.
    """
    found, between = _on_common_nodes(answers, items, group, means, sds)
    present = np.unique(group)
    if between < found.sds.min() / 2 or len(present) == 1:
        return found, np.full(len(group), between)
    parts, spacing = np.empty((3, len(group))), np.empty(len(group))
    for one in present:
        rows = np.flatnonzero(group == one)
        own = answers.taken(rows) if isinstance(answers, Answers) else answers[rows]
        prior = means[one : one + 1], sds[one : one + 1]
        part, spacing[rows] = _on_common_nodes(own, items, np.zeros(len(rows), np.int64), *prior)
        parts[:, rows] = part.means, part.sds, part.log_likelihoods
    return Posteriors(*parts), spacing


def _on_common_nodes(
    answers: Responses, items: Items, group: Ints, means: Floats, sds: Floats
) -> tuple[Posteriors, float]:
    """Posteriors and the distance of their nodes, which is too large if `MOST_NODES` were not enough."""
    engine = expectation_of(answers, items.offsets, group, np.ones(len(group)))
    low, high = (means - REACH * sds).min(), (means + REACH * sds).max()
    spacing = min(SPACING * sds.min(), 1.5 / max(np.abs(items.slope).max(), 1e-9))
    while True:
        nodes = np.linspace(low, high, min(int(np.ceil((high - low) / spacing)) + 1, MOST_NODES))
        found = engine.summarise(log_table(items, nodes), log_weights_of(means, sds, nodes), nodes)
        between = float(nodes[1] - nodes[0])
        narrowest = float(found.sds.min())
        if between < narrowest / 2 or len(nodes) >= MOST_NODES:
            return found, between
        spacing = max(0.45 * narrowest, between / 3)


def portions(answers: Answers) -> Iterator[tuple[slice, Answers]]:
    """People in portions of about `AT_ONCE` answers."""
    marks = np.searchsorted(answers.starts, np.arange(0, answers.starts[-1], AT_ONCE), side="right") - 1
    edges = np.unique(np.concatenate([[0], marks, [answers.people]]))
    for first, last in pairwise(edges):
        begin, end = answers.starts[first], answers.starts[last]
        starts = answers.starts[first : last + 1] - begin
        yield (
            slice(int(first), int(last)),
            Answers(starts, answers.items[begin:end], answers.codes[begin:end], answers.columns),
        )


def _modes(
    answers: Answers, items: Items, start: Floats, prior: tuple[Floats, Floats] | None
) -> tuple[Floats, Floats, Bools]:
    """Where the pull of answers and prior (or of answers and Warm's correction) balances, from `start` [N]."""
    theta, furthest = start.copy(), np.full(len(start), FURTHEST)
    pull, se = np.empty(len(start)), np.empty(len(start))
    moving, part, last = np.arange(len(start)), answers, np.zeros(len(start))
    for _ in range(MOST_STEPS):
        own = None if prior is None else (prior[0][moving], prior[1][moving])
        found = pulls_at(part, items, theta[moving])
        pull[moving], curvature = _balance(found, theta[moving], own)
        se[moving] = _errors(found, own)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.nan_to_num(pull[moving] / np.maximum(curvature, 1e-12), nan=0.0)
        turned = step * last < 0
        furthest[moving] = np.where(turned, furthest[moving] / 2, furthest[moving])
        last = np.clip(step, -furthest[moving], furthest[moving])
        theta[moving] += last
        still = np.flatnonzero(np.abs(step) >= PRECISE)
        if not still.size:
            break
        if still.size < len(moving) / 2:
            moving, part, last = moving[still], part.taken(still), last[still]
    if prior is None:
        nothing = np.diff(answers.starts) == 0
        theta, se = np.where(nothing, np.nan, theta), np.where(nothing, np.nan, se)
    with np.errstate(invalid="ignore"):
        return theta, se, np.asarray(np.abs(pull) * se < 1e-5)


def _errors(found: Pulls, prior: tuple[Floats, Floats] | None) -> Floats:
    """From the curvature of the posterior, or without a prior from the information; NaN where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if prior is None:
            return np.asarray(1.0 / np.sqrt(found.information))
        return np.asarray(1.0 / np.sqrt(found.observed + prior[1] ** -2.0))


def _balance(found: Pulls, theta: Floats, prior: tuple[Floats, Floats] | None) -> tuple[Floats, Floats]:
    """The pull [N] whose zero is sought, and how fast it changes (by Fisher scoring or Newton where that is safe)."""
    if prior is None:
        with np.errstate(divide="ignore", invalid="ignore"):
            return found.pull + found.bias / (2.0 * found.information), found.information
    precision = prior[1] ** -2.0
    curvature = np.where(found.observed > 0, found.observed, found.information)
    return found.pull - (theta - prior[0]) * precision, curvature + precision
