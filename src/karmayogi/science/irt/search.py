"""The climb to the maximum of the marginal likelihood, on nodes that are refined as the posteriors narrow."""

from dataclasses import dataclass

import numpy as np

from karmayogi.science.irt.acceleration import Anderson
from karmayogi.science.irt.design import Design, Kind
from karmayogi.science.irt.expectation import Expectation
from karmayogi.science.irt.grid import Floats
from karmayogi.science.irt.maximisation import log_prior_of, orderly, orderly_step, pull_of, tables_of
from karmayogi.science.irt.population import Population, log_weights_of
from karmayogi.science.irt.priors import Priors
from karmayogi.science.irt.sigmoids import asymptote

COARSE = 0.3
"""Spacing of the nodes at first. No result is taken from it."""
WIDEST = 0.2
"""In the end, nodes are never further apart than this."""
REACH = 6.0
"""Nodes reach this many sds to both sides of every group's mean."""
STEEP = 1.5
"""Nodes are closer than this divided by the steepest slope, else they would step over its rise."""
MOST_NODES = 2001
FINEST = 0.01
"""Slopes that need closer nodes, above 150, are on their way to infinity: the climb ends and has not converged."""
FURTHEST = 2.0
ROUGH = 0.003
"""How far the climb goes on nodes that may still be too coarse."""


@dataclass(frozen=True)
class Point:
    """One evaluation: where, how likely (with and without priors), and the step that climbs from there."""

    x: Floats
    log_likelihood: float
    objective: float
    step: Floats


@dataclass(frozen=True)
class Summit:
    """Where the climb ended."""

    point: Point
    nodes: Floats
    median_sd: float
    iterations: int
    last_move: float
    converged: bool


@dataclass(frozen=True)
class Problem:
    """What is fitted to what: the design of the items, the groups, the answers, the priors."""

    design: Design
    population: Population
    expectation: Expectation
    priors: Priors

    def split(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Working item parameters [P], means and sds [G]."""
        return self.design.full(x), *self.population.of(x[self.design.count :])

    def evaluate(self, x: Floats, nodes: Floats) -> Point:
        """One expectation step at x, and the maximisation step from there."""
        full, means, sds = self.split(x)
        table, parts = tables_of(self.design, full, nodes)
        expected = self.expectation.expect(table, log_weights_of(means, sds, nodes), nodes)
        pull = pull_of(self.design, x, parts, expected.counts, nodes, self.priors)
        moved = self.population.moved(expected.mass, nodes, means, sds)
        tail = self.population.tail(*moved) - x[self.design.count :]
        step = np.concatenate([orderly_step(self.design, x[: self.design.count], pull.step), tail])
        objective = expected.log_likelihood + log_prior_of(self.design, x, self.priors)
        return Point(x, expected.log_likelihood, objective, step)

    def median_sd(self, x: Floats, nodes: Floats) -> float:
        """The median posterior sd of the people at x, where the last expectation step was."""
        full, means, spreads = self.split(x)
        table, _ = tables_of(self.design, full, nodes)
        sds = self.expectation.sds(table, log_weights_of(means, spreads, nodes), nodes)
        order = np.argsort(sds, kind="stable")
        passed = np.cumsum(self.expectation.weights[order])
        return float(sds[order][np.searchsorted(passed, passed[-1] / 2)])

    def widest(self, x: Floats) -> float:
        """How far apart nodes may be for the slopes at x, whatever the posteriors."""
        slopes = self.design.full(x)[self.design.starts[:-1]]
        return float(min(WIDEST, STEEP / max(np.abs(slopes).max(), 1e-9)))

    def nodes(self, x: Floats, spacing: float) -> Floats:
        """Equally spaced nodes that reach far enough to both sides of every group."""
        _, means, sds = self.split(x)
        low, high = min((means - REACH * sds).min(), -REACH), max((means + REACH * sds).max(), REACH)
        count = min(int(np.ceil((high - low) / spacing - 1e-9)) + 1, MOST_NODES)
        return np.linspace(low, high, count)

    def held(self, x: Floats, target: Floats) -> Floats:
        """The target with logits of asymptotes no further than `FURTHEST` from x: flat there, they know no measure."""
        tails = np.flatnonzero(np.isin(self.design.kinds_of_free(), (Kind.LOWER, Kind.UPPER)))
        out = target.copy()
        out[tails] = np.clip(target[tails], x[tails] - FURTHEST, x[tails] + FURTHEST)
        return out

    def allowed(self, x: Floats) -> bool:
        """Whether x describes items, and the priors allow them."""
        full = self.design.full(x)
        fine = np.isfinite(x).all() and orderly(self.design, full).all()
        return bool(fine) and np.isfinite(log_prior_of(self.design, x, self.priors))

    def scale(self, x: Floats) -> Floats:
        """What one unit of each estimated parameter is worth on the scale it is reported on, [F]."""
        kinds = self.design.kinds_of_free()
        out = np.ones(len(x))
        tails = np.flatnonzero(np.isin(kinds, (Kind.LOWER, Kind.UPPER)))
        values = asymptote(x[tails])
        out[tails] = values * (1.0 - values)
        return out


def climb(problem: Problem, x: Floats, *, tolerance: float, most_iterations: int) -> Summit:
    """Climbs from x until no parameter moves by `tolerance`, refining the nodes on the way.

    Nodes end up closer than half of the median posterior sd; a climb that runs out of iterations or of nodes says so.
    """
    spacing, used, goal, median = COARSE, 0, ROUGH, np.inf
    while True:
        nodes = problem.nodes(x, spacing)
        point, spent, move = _climb(problem, x, nodes, goal, most_iterations - used)
        x, used = point.x, used + spent
        median = problem.median_sd(x, nodes)
        between, widest = float(nodes[1] - nodes[0]), problem.widest(x)
        enough = between <= widest * (1 + 1e-9) and between < median / 2
        finished = (enough and goal == tolerance) or used >= most_iterations
        if finished or len(nodes) >= MOST_NODES or problem.widest(x) < FINEST:
            problem.expectation.widen()
            return Summit(problem.evaluate(x, nodes), nodes, median, used, move, enough and move < tolerance)
        goal = tolerance if between < median * 2 else ROUGH
        if not enough:
            spacing = min(WIDEST if widest == WIDEST else 0.8 * widest, max(0.49 * median, between / 3))


def _climb(problem: Problem, x: Floats, nodes: Floats, goal: float, most: int) -> tuple[Point, int, float]:
    """Climbs on given nodes: the last point, evaluations used, the largest move left."""
    anderson, used = Anderson(), 1
    point = problem.evaluate(x, nodes)
    while True:
        scale = problem.scale(point.x)
        move = float(np.abs(point.step * scale).max(initial=0.0))
        if move < goal or used >= most or problem.widest(point.x) < FINEST:
            return point, used, move
        target = problem.held(point.x, anderson.next(point.x, point.step, scale))
        trial = problem.evaluate(target, nodes) if problem.allowed(target) else None
        used += trial is not None
        length = 1.0
        while trial is None or trial.objective < point.objective - 1e-10 * abs(point.objective):
            anderson.forget()
            if length < 1e-6:
                return point, used, move
            target = point.x + length * point.step
            length /= 2.0
            if problem.allowed(target):
                trial = problem.evaluate(target, nodes)
                used += 1
        point = trial
