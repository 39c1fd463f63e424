"""Shadow tests: before each item, the best whole test that keeps every limit and contains what was asked so far.

van der Linden & Reese (1998); solved as a 0-1 program by HiGHS. The limits never change during a sitting, so their
matrix is built once per design; a step changes only the objective, the bounds of items and the length.
"""

import numpy as np
from scipy.sparse import csc_array, csr_array

from karmayogi.science.adaptive.policies import Policy
from karmayogi.science.adaptive.pools import Pool
from karmayogi.science.irt import Bools, Floats, Ints

GAP = 1e-4
"""Relative gap at which a shadow test counts as best: one ten-thousandth of its information."""


class ShadowTests:
    """The limits of a pool under a policy as rows of `matrix` [1 + A + S, I]: length, areas, enemy sets."""

    def __init__(self, pool: Pool, policy: Policy, least: Ints, most: Ints) -> None:
        rows = [np.arange(len(pool))]
        rows += [np.flatnonzero((pool.codes == place).any(axis=0)) for place in range(len(pool.places))]
        rows += [np.array(group) for group in pool.enemies]
        ends = np.cumsum([0, *map(len, rows)])
        shape = (len(rows), len(pool))
        self.matrix = csc_array(csr_array((np.ones(ends[-1]), np.concatenate(rows), ends), shape=shape))
        self._least, self._most, self._shortest = least, most, policy.shortest

    def limits(self, asked: int) -> tuple[Floats, Floats]:
        """Lower and upper ends of the rows for a test that contains `asked` items already.

        It has the shortest length, or one item more than were asked: the least numbers are kept by then.
        """
        length, enemies = max(self._shortest, asked + 1), self.matrix.shape[0] - 1 - len(self._least)
        low = np.concatenate([[length], self._least, np.zeros(enemies)])
        return low, np.concatenate([[length], self._most, np.ones(enemies)])

    def best(self, worths: Floats, asked: Ints, possible: Bools) -> Bools | None:
        """Mask [I] of the items still to ask of the test worth most, out of `possible`; None where there is none."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        taken = np.zeros(len(worths), dtype=np.bool_)
        taken[asked] = True
        solved = milp(
            -worths,
            integrality=np.ones(len(worths)),
            bounds=Bounds(taken, taken | possible),
            constraints=LinearConstraint(self.matrix, *self.limits(len(asked))),
            options={"mip_rel_gap": GAP},
        )
        return None if solved.x is None else np.asarray((solved.x > 0.5) & ~taken)
