"""The expectation step: posterior weights of every person on the nodes, summed to expected counts.

Two ways with one result: matrix products where all were asked much the same, a compiled loop over the answers there
are where each saw a few items. Bock & Aitkin (1981).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from karmayogi.science.irt.answers import Answers, Responses
from karmayogi.science.irt.grid import NOT_ASKED, Floats, Ints

DENSE_FROM = 0.25
"""Matrix products from this share of answered cells on."""
ROWS = 4096
"""People done at one go in matrix products; bounds the memory."""
FULL_EVERY = 16
"""Every so many steps the loop over sparse answers looks at all nodes for everybody."""
HELD = 5e7
"""Cells of the indicator matrix that are kept between iterations; larger ones are made anew each time."""


@dataclass(frozen=True)
class Expected:
    """Expected counts [C, Q] of each category at each node, mass [G, Q] of each group, the log-likelihood."""

    counts: Floats
    mass: Floats
    log_likelihood: float


@dataclass(frozen=True)
class Posteriors:
    """Posterior means, sds and marginal log-likelihoods of people, each [N]."""

    means: Floats
    sds: Floats
    log_likelihoods: Floats


class Expectation(Protocol):
    """What both ways can do; `table` [C, Q] of log chances, `log_priors` [G, Q] of log weights."""

    weights: Floats

    def expect(self, table: Floats, log_priors: Floats, nodes: Floats) -> Expected:
        """Expected counts and the marginal log-likelihood."""

    def summarise(self, table: Floats, log_priors: Floats, nodes: Floats) -> Posteriors:
        """Each person's posterior on its own."""

    def sds(self, table: Floats, log_priors: Floats, nodes: Floats) -> Floats:
        """Posterior sds [N], for the sake of the nodes."""

    def widen(self) -> None:
        """Makes the next step look at all nodes for everybody."""


def expectation_of(responses: Responses, offsets: Ints, group: Ints, weights: Floats) -> Expectation:
    """The way that fits these answers; `offsets` [I + 1], `group` [N], `weights` [N] count each person."""
    if isinstance(responses, Answers):
        share = len(responses.codes) / (responses.people * responses.columns)
        if share < DENSE_FROM or responses.people * responses.columns > HELD:
            return Sparse(responses, offsets, group, weights)
        responses = responses.to_matrix()
    elif (responses != NOT_ASKED).mean() < DENSE_FROM:
        return Sparse(Answers.of_matrix(responses), offsets, group, weights)
    return Dense(np.asarray(responses, dtype=np.int8), offsets, group, weights)


class Dense:
    """By matrix products: an indicator of every category times the table of log chances."""

    def __init__(self, codes: NDArray[np.int8], offsets: Ints, group: Ints, weights: Floats) -> None:
        self.codes, self.group, self.weights = codes, group, weights
        categories = np.diff(offsets)
        self.item = np.repeat(np.arange(len(categories)), categories)
        self.code = np.arange(offsets[-1]) - offsets[self.item]
        self.first = offsets[:-1]
        self.complete = bool((codes != NOT_ASKED).all())
        self.rest = self.code > 0 if self.complete else np.ones(len(self.code), bool)
        self.held = self._indicator(slice(None)) if codes.shape[0] * self.rest.sum() <= HELD else None

    def _indicator(self, rows: slice) -> Floats:
        return np.asarray(
            self.codes[rows][:, self.item[self.rest]] == self.code[self.rest], dtype=np.float64, order="C"
        )

    def rows(self) -> list[slice]:
        """People in portions."""
        return [slice(start, start + ROWS) for start in range(0, len(self.codes), ROWS)]

    def _weights(
        self, rows: slice, tables: tuple[Floats, Floats], log_priors: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Indicator [n, C'], posterior weights [n, Q] and marginal log-likelihoods [n] of some people."""
        indicator = self.held[rows] if self.held is not None else self._indicator(rows)
        joint = indicator @ tables[0]
        joint += tables[1] + log_priors[self.group[rows]] if len(log_priors) > 1 else tables[1] + log_priors
        top = joint.max(axis=1, keepdims=True)
        joint -= top
        np.exp(joint, out=joint)
        total = joint.sum(axis=1, keepdims=True)
        joint /= total
        return indicator, joint, np.asarray(np.log(total) + top)[:, 0]

    def posterior(self, rows: slice, table: Floats, log_priors: Floats) -> Floats:
        """Posterior weights [n, Q] of some people, each summing to 1."""
        return self._weights(rows, self._tables(table), log_priors)[1]

    def features(self, rows: slice, groups: int) -> Floats:
        """Indicators [n, Z] of the categories and the group of some people; `by_feature` makes tables that meet it."""
        indicator = self.held[rows] if self.held is not None else self._indicator(rows)
        return np.concatenate([indicator, self.group[rows][:, None] == np.arange(groups)], axis=1)

    def by_feature(self, table: Floats) -> Floats:
        """Rows [Z, F] for `features` from rows [C + G, F] for categories and groups: same products, fewer rows."""
        cells = len(self.code)
        if not self.complete:
            return table
        base = table[self.first]
        own = (table[:cells] - base[self.item])[self.rest]
        return np.concatenate([own, table[cells:] + base.sum(axis=0)])

    def _tables(self, table: Floats) -> tuple[Floats, Floats]:
        """The table that meets the indicator, and what everybody has in common."""
        if not self.complete:
            return table, np.zeros((1, table.shape[1]))
        base = table[self.first]
        return (table - base[self.item])[self.rest], base.sum(axis=0, keepdims=True)

    def expect(self, table: Floats, log_priors: Floats, nodes: Floats) -> Expected:
        """Expected counts and the marginal log-likelihood."""
        counts, mass = np.zeros(table.shape), np.zeros(log_priors.shape)
        total, tables = 0.0, self._tables(table)
        for rows in self.rows():
            indicator, posterior, found = self._weights(rows, tables, log_priors)
            weights = self.weights[rows]
            posterior *= weights[:, None]
            counts[self.rest] += indicator.T @ posterior
            for group in range(len(mass)):
                mass[group] += (
                    posterior.sum(axis=0)
                    if len(mass) == 1
                    else posterior[self.group[rows] == group].sum(axis=0)
                )
            total += float(weights @ found)
        if self.complete:
            others = np.add.reduceat(counts, self.first, axis=0)
            counts[self.first] = np.maximum(mass.sum(axis=0) - others, 0.0)
        return Expected(counts, mass, total)

    def summarise(self, table: Floats, log_priors: Floats, nodes: Floats) -> Posteriors:
        """Each person's posterior on its own."""
        means, sds, found = (np.empty(len(self.codes)) for _ in range(3))
        tables = self._tables(table)
        for rows in self.rows():
            _, posterior, found[rows] = self._weights(rows, tables, log_priors)
            means[rows] = posterior @ nodes
            variances = posterior @ np.square(nodes) - np.square(means[rows])
            sds[rows] = np.sqrt(np.maximum(variances, 0.0))
        return Posteriors(means, sds, found)

    def sds(self, table: Floats, log_priors: Floats, nodes: Floats) -> Floats:
        """Posterior sds [N]."""
        return self.summarise(table, log_priors, nodes).sds

    def widen(self) -> None:
        """Every step looks at all nodes anyway."""


class Sparse:
    """By a compiled loop over the answers there are, each person on the nodes where their posterior lies."""

    def __init__(self, answers: Answers, offsets: Ints, group: Ints, weights: Floats) -> None:
        self.starts, self.group, self.weights = answers.starts, group, weights
        self.cells = (offsets[answers.items] + answers.codes).astype(np.int32)
        self.low = np.zeros(0, np.int32)
        self.high = np.zeros(0, np.int32)
        self.nodes = np.zeros(0)
        self.turn = 0
        self.last_sds = np.zeros(len(answers.starts) - 1)

    def expect(self, table: Floats, log_priors: Floats, nodes: Floats) -> Expected:
        """Expected counts and the marginal log-likelihood, on the nodes where each posterior was and a margin."""
        from karmayogi.science.irt import kernels

        counts, mass = np.zeros(table.shape), np.zeros(log_priors.shape)
        self._place_windows(nodes)
        self.turn = (self.turn + 1) % FULL_EVERY
        answers = (self.starts, self.cells, table, log_priors, self.group, self.weights, nodes)
        total = kernels.expect(*answers, self.low, self.high, counts, mass, self.last_sds)
        return Expected(counts, mass, float(total))

    def _place_windows(self, nodes: Floats) -> None:
        """Windows on these nodes: all of them at times, else where they were on the nodes of the last step."""
        people, last = len(self.starts) - 1, self.nodes
        if self.turn == 0 or len(last) < 2:
            self.low, self.high = np.zeros(people, np.int32), np.full(people, len(nodes), np.int32)
        elif len(last) != len(nodes) or last[0] != nodes[0] or last[-1] != nodes[-1]:
            spacing = nodes[1] - nodes[0]
            low = np.floor((last[self.low] - nodes[0]) / spacing)
            high = np.ceil((last[self.high - 1] - nodes[0]) / spacing) + 1
            self.low = np.clip(low, 0, len(nodes) - 1).astype(np.int32)
            self.high = np.clip(high, self.low + 1, len(nodes)).astype(np.int32)
        self.nodes = nodes

    def summarise(self, table: Floats, log_priors: Floats, nodes: Floats) -> Posteriors:
        """Each person's posterior on its own."""
        from karmayogi.science.irt import kernels

        means, sds, found = (np.empty(len(self.starts) - 1) for _ in range(3))
        kernels.summarise(self.starts, self.cells, table, log_priors, self.group, nodes, means, sds, found)
        return Posteriors(means, sds, found)

    def sds(self, table: Floats, log_priors: Floats, nodes: Floats) -> Floats:
        """Posterior sds [N] of the last expectation step."""
        return self.last_sds

    def widen(self) -> None:
        """Makes the next step look at all nodes for everybody."""
        self.turn = 0
