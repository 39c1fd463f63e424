"""Parallel forms to an information target, under limits, missing it by as little as can be."""

from dataclasses import dataclass

import numpy as np

from karmayogi.science.adaptive import Pool
from karmayogi.science.assembly.clashes import FormsCannotBeAssembled, clash_of
from karmayogi.science.assembly.limits import Limit, Shape, information_rows, limits_of, shape_of
from karmayogi.science.assembly.programs import Program
from karmayogi.science.assembly.specifications import Specification, Target
from karmayogi.science.irt import Floats, Ints

NODES = 20_000
"""Nodes of the search after which the best forms so far are handed over."""


@dataclass(frozen=True, eq=False)
class Assembly:
    """F assembled forms: items [F, length], ascending indices into the pool; information [F, T] at the abilities.

    `deviation` is the largest share by which a form misses the target. No forms can miss it by less than `bound`;
    `proven` says that the forms are within the tolerance asked for, or that none are closer by a thousandth of it.
    """

    items: Ints
    information: Floats
    deviation: float
    bound: float
    proven: bool


def assemble(
    pool: Pool, wanted: Specification, target: Target, *, tolerance: float = 0.01, nodes: int = NODES
) -> Assembly:
    """Forms that keep the specification and whose largest miss of the target is smallest (van der Linden 2005).

    The search ends when no form misses by more than `tolerance`, a share of the target, or when none can do better.
    The same arguments give the same forms. Raises FormsCannotBeAssembled with the limits that clash, NotDecided,
    SpecificationCannotBeUsed.
    """
    wanted.refuse_misfit(pool)
    shape = shape_of(pool, wanted)
    costs = np.zeros(shape.variables)
    costs[shape.miss] = 1.0
    program = Program(shape, wanted.excluded, nodes)
    limits = [*limits_of(pool, wanted, target), *_misses(pool, shape, target)]
    solved = program.best(limits, costs, least_miss=tolerance)
    if solved is None:
        clash = clash_of(pool, wanted, target, nodes=nodes)
        assert clash is not None, "the misses of a target never rule out forms"
        raise FormsCannotBeAssembled(clash)
    chosen = solved.values[: shape.miss].reshape(shape.forms, shape.items) > 0.5
    shares = (information_rows(pool, shape, target) @ solved.values).reshape(shape.forms, -1)
    deviation = float(np.abs(shares - 1.0).max())
    bound = 0.0 if solved.bound <= tolerance * (1.0 + 1e-6) else solved.bound
    proven = deviation <= max(tolerance, bound) * 1.001
    items = np.stack([np.flatnonzero(form) for form in chosen])
    return Assembly(items, shares * np.array(target.information), deviation, bound, proven)


def _misses(pool: Pool, shape: Shape, target: Target) -> list[Limit]:
    """y is at least the share by which any form misses the target anywhere, above or below."""
    rows = information_rows(pool, shape, target).tolil()
    over, under = rows.copy(), rows.copy()
    over[:, shape.miss], under[:, shape.miss] = -1.0, 1.0
    ones, free = np.ones(rows.shape[0]), np.full(rows.shape[0], np.inf)
    return [
        Limit("misses above", over.tocsr(), -free, ones),
        Limit("misses below", under.tocsr(), ones, free),
    ]
