"""Parallel forms to an information target, under limits, missing it by as little as can be."""

from dataclasses import dataclass, replace

import numpy as np

from karmayogi.science.adaptive import Pool, curves
from karmayogi.science.assembly.clashes import FormsCannotBeAssembled, clash_of
from karmayogi.science.assembly.limits import Limit, Shape, information_rows, limits_of, shape_of
from karmayogi.science.assembly.programs import Program
from karmayogi.science.assembly.specifications import Specification, Target
from karmayogi.science.irt import Bools, Floats, Ints

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
    Three forms or more without reuse are found one by one, else all at once. The same arguments give the same forms.
    Raises FormsCannotBeAssembled with the limits that clash, NotDecided,
    SpecificationCannotBeUsed.
    """
    wanted.refuse_misfit(pool)
    found = (
        _in_turn(pool, wanted, target, tolerance, nodes) if wanted.forms > 2 and wanted.uses == 1 else None
    )
    found = found or _at_once(pool, wanted, target, tolerance, nodes)
    if found is None:
        clash = clash_of(pool, wanted, target, nodes=nodes)
        assert clash is not None, "the misses of a target never rule out forms"
        raise FormsCannotBeAssembled(clash)
    items, bound = found
    told = curves.information(np.array(target.thetas), pool.items)
    information = np.stack([told[:, form].sum(axis=1) for form in items])
    deviation = float(np.abs(information / np.array(target.information) - 1.0).max())
    proven = deviation <= max(tolerance, bound) * 1.001
    return Assembly(items, information, deviation, 0.0 if bound <= tolerance * 1.001 else bound, proven)


def _at_once(
    pool: Pool, wanted: Specification, target: Target, tolerance: float, nodes: int
) -> tuple[Ints, float] | None:
    """Items [F, length] of all forms from one program, and its bound; None where there are none."""
    solved = _solved(pool, wanted, target, shape_of(pool, wanted), tolerance, nodes)
    if solved is None:
        return None
    chosen, bound = solved
    return np.stack([np.flatnonzero(form) for form in chosen]), bound


def _in_turn(
    pool: Pool, wanted: Specification, target: Target, tolerance: float, nodes: int
) -> tuple[Ints, float] | None:
    """The same, a form at a time, beside one that stands for all forms still to come (van der Linden & Adema 1998).

    What suits all forms suits a form and the rest together, so that the first bound holds for all. None where the
    rest cannot be divided: then all forms have to be found at once.
    """
    forms: list[Ints] = []
    bounds: list[float] = []
    for left in range(wanted.forms - 1, -1, -1):
        used = {int(item) for form in forms for item in form} - set(wanted.anchors)
        now = replace(wanted, forms=min(left + 1, 2), excluded=(*wanted.excluded, *sorted(used)))
        shape = Shape(now.forms, len(pool), 0, (1, left)[: now.forms])
        solved = _solved(pool, replace(now, overlap=None), target, shape, tolerance, nodes)
        if solved is None:
            return None
        forms.append(np.flatnonzero(solved[0][0]))
        bounds.append(solved[1])
    return np.stack(forms), bounds[0]


def _solved(
    pool: Pool, wanted: Specification, target: Target, shape: Shape, tolerance: float, nodes: int
) -> tuple[Bools, float] | None:
    """Which items each form of the shape has, [forms, I], and the least miss there can be."""
    costs = np.zeros(shape.variables)
    costs[shape.miss] = 1.0
    program = Program(shape, wanted.excluded, nodes, wanted.anchors)
    limits = [*limits_of(pool, wanted, target, shape), *_misses(pool, shape, target)]
    solved = program.best(limits, costs, least_miss=tolerance)
    if solved is None:
        return None
    return solved.values[: shape.miss].reshape(shape.forms, shape.items) > 0.5, solved.bound


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
