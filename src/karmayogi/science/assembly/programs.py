"""0-1 programs over limits, solved by HiGHS: whether any form keeps them, the best forms, the least that must give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, csr_array, hstack, vstack

from karmayogi.science.assembly.limits import Limit, Shape
from karmayogi.science.irt import Floats

INFEASIBLE = 2
"""What scipy's `milp` calls a program without a solution."""
UNCLEAR = 4
"""What it calls one of which it cannot say."""


class NotDecided(RuntimeError):
    """The solver stopped at its limit of nodes before it found forms or proved that there are none."""

    def __init__(self, nodes: int) -> None:
        super().__init__(
            f"After {nodes} nodes no forms were found, and none were ruled out. Allow more nodes, or loosen a limit."
        )


@dataclass(frozen=True, eq=False)
class Solved:
    """A solution: the variables, the value of what was minimised and the bound no solution can be below."""

    values: Floats
    objective: float
    bound: float


@dataclass(frozen=True, eq=False)
class Program:
    """The variables with their ends; `nodes` bounds the search, so that the result never hangs on the clock."""

    shape: Shape
    excluded: tuple[int, ...]
    nodes: int
    anchors: tuple[int, ...] = ()

    def _ends(self, least_miss: float) -> tuple[Floats, Floats]:
        low, high = np.zeros(self.shape.variables), np.ones(self.shape.variables)
        low[self.shape.miss], high[self.shape.miss] = least_miss, np.inf
        for form in range(self.shape.forms):
            own = form * self.shape.items
            high[own + np.array(self.anchors, dtype=np.int64)] = self.shape.stands_for[form]
            high[own + np.array(self.excluded, dtype=np.int64)] = 0.0
        return low, high

    def possible(self, limits: Sequence[Limit]) -> bool:
        """Whether forms exist that keep these limits. Raises NotDecided."""
        return self.best(limits, np.zeros(self.shape.variables)) is not None

    def best(self, limits: Sequence[Limit], costs: Floats, *, least_miss: float = 0.0) -> Solved | None:
        """The solution of least cost that keeps the limits; None where there is none. Raises NotDecided."""
        low, high = self._ends(least_miss)
        return self._solve(costs, limits, low, high, csr_array((0, 0)))

    def elastic(self, limits: Sequence[Limit]) -> list[Floats] | None:
        """By how much each row of each limit with a price has to give, at the least price in all.

        Above 0: its sum falls short by that; below 0: it is over. None where limits without a price clash.
        """
        soft = [limit for limit in limits if limit.price > 0.0]
        starts = np.cumsum([0, *(len(limit.low) for limit in limits)])
        given = [
            row
            for limit, start in zip(limits, starts, strict=False)
            if limit.price > 0.0
            for row in range(start, start + len(limit.low))
        ]
        shape = (int(starts[-1]), len(given))
        slack = csr_array((np.ones(len(given)), (given, np.arange(len(given)))), shape=shape)
        prices = [limit.price for limit in soft for _ in limit.low]
        low, high = self._ends(0.0)
        solved = self._solve(
            np.concatenate([np.zeros(len(low)), prices, prices]),
            limits,
            np.append(low, np.zeros(2 * len(given))),
            np.append(high, np.full(2 * len(given), np.inf)),
            csr_array(hstack([slack, -slack])),
        )
        if solved is None:
            return None
        short, over = solved.values[self.shape.variables :].reshape(2, -1)
        return np.split(short - over, np.cumsum([len(limit.low) for limit in soft])[:-1])

    def _solve(
        self, costs: Floats, limits: Sequence[Limit], low: Floats, high: Floats, slack: csr_array
    ) -> Solved | None:
        whole = np.ones(len(low))
        whole[self.shape.miss :] = 0.0
        constraints = []
        if limits:
            matrix = vstack([limit.rows for limit in limits])
            matrix = hstack([matrix, slack]) if slack.shape[1] else matrix
            ends = [np.concatenate([getattr(limit, end) for limit in limits]) for end in ("low", "high")]
            constraints = [LinearConstraint(csc_array(matrix), *ends)]
        for presolve in (
            True,
            False,
        ):  # presolving may stop at "unbounded or infeasible"; without, it says which
            found = milp(
                costs,
                integrality=whole,
                bounds=Bounds(low, high),
                constraints=constraints,
                options={"node_limit": self.nodes, "presolve": presolve},
            )
            if found.status != UNCLEAR:
                break
        if found.x is None and found.status != INFEASIBLE:
            raise NotDecided(self.nodes)
        return (
            None if found.x is None else Solved(found.x, float(found.fun), float(found.mip_dual_bound or 0.0))
        )
