"""The information that answers give about parameters, with abilities integrated out (Louis 1982).

That of answers and abilities together, less the variance that people's scores have over their own posteriors.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from karmayogi.science.irt.curves import Block, log_chances_of, slopes_of
from karmayogi.science.irt.design import Design
from karmayogi.science.irt.expectation import Dense, Sparse
from karmayogi.science.irt.grid import Floats, Ints
from karmayogi.science.irt.maximisation import tables_of
from karmayogi.science.irt.population import Population, log_weights_of

if TYPE_CHECKING:
    from karmayogi.science.irt.search import Problem

NUDGE = 1e-4
NEGLIGIBLE = 1e-13
"""Posterior weight that adds nothing to a sum of variances."""


@dataclass(frozen=True)
class Slopes:
    """Derivatives of the log chance of each category and of each group's density: `value` [C + G, p, Q] by the
    estimated parameters `place` [C + G, p], -1 for none."""

    place: Ints
    value: Floats
    count: int

    def at(self, node: int) -> Floats:
        """As a matrix [C + G, F] at one node."""
        out = np.zeros((len(self.place), self.count + 1))
        np.add.at(out, (np.arange(len(self.place))[:, None], self.place), self.value[:, :, node])
        return out[:, :-1]


def slopes_table(design: Design, population: Population, x: Floats, nodes: Floats) -> Slopes:
    """Derivatives of every category's log chance and every group's log density, at x [F]."""
    full, (means, sds) = design.full(x), population.of(x[design.count :])
    _, parts = tables_of(design, full, nodes)
    cells, groups = int(design.offsets[-1]), len(means)
    widest = max(2, *(b.categories + 2 * b.bounded for b in design.blocks))
    place = np.full((cells + groups, widest), -1)
    value = np.zeros((cells + groups, widest, len(nodes)))
    for block, log_chances in zip(design.blocks, parts, strict=True):
        columns = design.columns_of(block)
        rows = design.offsets[block.columns][:, None] + np.arange(block.categories)
        place[rows, : columns.shape[1]] = design.free[columns][:, None, :]
        value[rows, : columns.shape[1]] = slopes_of(block, full[columns], nodes, log_chances).transpose(
            0, 2, 1, 3
        )
    off = (nodes - means[:, None]) / sds[:, None]
    by_mean, by_spread = off / sds[:, None], np.square(off) - 1.0
    weights = np.exp(log_weights_of(means, sds, nodes))
    for slot, found, free in ((0, by_mean, population.free_means), (1, by_spread, population.free_sds)):
        first = design.count + (0 if slot == 0 else int(population.free_means.sum()))
        place[cells:, slot] = np.where(free, first + np.cumsum(free) - 1, -1)
        value[cells:, slot] = found - (weights * found).sum(axis=1, keepdims=True)
    return Slopes(place, value, len(x))


def complete_information(problem: "Problem", x: Floats, nodes: Floats) -> Floats:
    """Minus the second derivative [F, F] of the expected log-likelihood of answers and abilities together."""
    design, population = problem.design, problem.population
    full, means, sds = problem.split(x)
    table, _ = tables_of(design, full, nodes)
    problem.expectation.widen()
    expected = problem.expectation.expect(table, log_weights_of(means, sds, nodes), nodes)
    out = np.zeros((len(x) + 1, len(x) + 1))
    for block in design.blocks:
        places = design.columns_of(block)
        counts = expected.counts[design.offsets[block.columns][:, None] + np.arange(block.categories)]
        second = -_second(block, full[places], counts, nodes)
        free = design.free[places]
        np.add.at(out, (free[:, :, None], free[:, None, :]), second)
    out = out[:-1, :-1]
    total = expected.mass.sum(axis=1)
    first = (expected.mass @ nodes - total * means) / sds
    second_moment = (expected.mass * np.square((nodes - means[:, None]) / sds[:, None])).sum(axis=1)
    mean_at = design.count + np.cumsum(population.free_means) - 1
    spread_at = design.count + population.free_means.sum() + np.cumsum(population.free_sds) - 1
    for g in range(len(means)):
        if population.free_means[g]:
            out[mean_at[g], mean_at[g]] += total[g] / sds[g] ** 2
        if population.free_sds[g]:
            out[spread_at[g], spread_at[g]] += 2 * second_moment[g]
        if population.free_means[g] and population.free_sds[g]:
            out[mean_at[g], spread_at[g]] += 2 * first[g] / sds[g]
            out[spread_at[g], mean_at[g]] += 2 * first[g] / sds[g]
    return out


def _second(block: Block, parameters: Floats, counts: Floats, nodes: Floats) -> Floats:
    """Second derivatives [n, p, p] of a block's expected log-likelihood, from differences of the first."""

    def first(moved: Floats) -> Floats:
        slopes = slopes_of(block, moved, nodes, log_chances_of(block, moved, nodes))
        return np.asarray(np.einsum("npkq,nkq->np", slopes, counts))

    width = parameters.shape[1]
    out = np.empty((len(parameters), width, width))
    for at in range(width):
        up, down = parameters.copy(), parameters.copy()
        up[:, at] += NUDGE
        down[:, at] -= NUDGE
        out[:, at] = (first(up) - first(down)) / (2 * NUDGE)
    return (out + out.transpose(0, 2, 1)) / 2


def missing_information(problem: "Problem", x: Floats, nodes: Floats) -> Floats:
    """Sum over people of the variance [F, F] of their score over their own posterior."""
    engine, slopes, table, log_priors = _laid_out(problem, x, nodes)
    if isinstance(engine, Sparse):
        return _sparse_sums(engine, slopes, table, log_priors, variance=True)
    out = np.zeros((len(x), len(x)))
    for rows in engine.rows():
        posterior = engine.posterior(rows, table, log_priors) * engine.weights[rows][:, None]
        features = engine.features(rows, len(log_priors))
        for node in range(len(nodes)):
            kept = posterior[:, node] > NEGLIGIBLE
            products = (features[kept] * posterior[kept, node : node + 1]).T @ features[kept]
            by_feature = engine.by_feature(slopes.at(node))
            out += by_feature.T @ products @ by_feature
    return out - crossed(problem, mean_scores(problem, x, nodes))


def mean_scores(problem: "Problem", x: Floats, nodes: Floats) -> Floats:
    """Each person's score, the gradient of their marginal log-likelihood, [N, F]; sparse: its cross-product [F, F]."""
    engine, slopes, table, log_priors = _laid_out(problem, x, nodes)
    if isinstance(engine, Sparse):
        return _sparse_sums(engine, slopes, table, log_priors, variance=False)
    out = np.zeros((len(engine.codes), len(x) + 1))
    cells = len(table)
    for rows in engine.rows():
        posterior = engine.posterior(rows, table, log_priors)
        for slot in range(slopes.place.shape[1]):
            found = posterior @ slopes.value[:, slot].T
            given = engine.codes[rows][:, engine.item] == engine.code
            part = found[:, :cells] * given
            for target in _layers(slopes.place[:cells, slot]):
                out[rows, slopes.place[target, slot]] += part[:, target]
            own = cells + engine.group[rows]
            at = np.arange(len(own))
            out[np.arange(len(out))[rows], slopes.place[own, slot]] += found[at, own]
    return out[:, :-1]


def _laid_out(problem: "Problem", x: Floats, nodes: Floats) -> tuple[Dense | Sparse, Slopes, Floats, Floats]:
    """What sums over people are made of: the engine, derivatives, log chances [C, Q], log weights of groups [G, Q]."""
    engine = problem.expectation
    assert isinstance(engine, Dense | Sparse)
    full, means, sds = problem.split(x)
    table, _ = tables_of(problem.design, full, nodes)
    slopes = slopes_table(problem.design, problem.population, x, nodes)
    return engine, slopes, table, log_weights_of(means, sds, nodes)


def _layers(places: Ints) -> list[Ints]:
    """Rows of `places` in layers in which no place comes twice, so that adding to them loses nothing."""
    order = np.argsort(places, kind="stable")
    ranked = places[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    rank = np.arange(len(places)) - np.repeat(starts, np.diff(np.r_[starts, len(places)]))
    used = ranked >= 0
    return [order[used & (rank == layer)] for layer in range(int(rank[used].max(initial=-1)) + 1)]


def crossed(problem: "Problem", scores: Floats) -> Floats:
    """The cross-product [F, F] of scores [N, F], people counted by their weights."""
    weights: Floats = problem.expectation.weights
    return np.asarray((scores * weights[:, None]).T @ scores)


def _sparse_sums(
    engine: Sparse, slopes: Slopes, table: Floats, log_priors: Floats, *, variance: bool
) -> Floats:
    from karmayogi.science.irt import kernels

    out = np.zeros((slopes.count, slopes.count))
    value = np.ascontiguousarray(slopes.value.transpose(0, 2, 1))
    kernels.score_sums(
        engine.starts,
        engine.cells,
        table,
        log_priors,
        engine.group,
        engine.weights,
        slopes.place,
        value,
        variance,
        out,
    )
    return np.tril(out) + np.tril(out, -1).T
