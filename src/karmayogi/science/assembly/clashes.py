"""Why forms cannot be assembled: limits that clash, each of them needed for the clash, and what would have to give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from karmayogi.science.adaptive import Pool
from karmayogi.science.assembly.limits import Limit, limits_of, shape_of
from karmayogi.science.assembly.programs import Program
from karmayogi.science.assembly.specifications import Specification, Target


@dataclass(frozen=True)
class Concession:
    """A limit that would have to give: in which forms (or pairs of forms), counted from 1, and by how much.

    `by` is in items, or with `share` in shares of the target; above 0 the form falls short, below 0 it has more.
    """

    limit: str
    rows: tuple[int, ...]
    by: tuple[float, ...]
    share: bool


@dataclass(frozen=True)
class Clash:
    """`limits` cannot all hold, and any one of them left out the others can. `concessions` make forms possible
    at the least price for all limits together; empty where a clash is between limits that never give."""

    limits: tuple[str, ...]
    concessions: tuple[Concession, ...]

    @property
    def words(self) -> str:
        """The clash in plain words, one limit a line."""
        lines = ["These limits cannot hold together:", *(f"- {limit}" for limit in self.limits)]
        if self.concessions:
            lines.append("Forms become possible where these give:")
            lines += [f"- {given.limit}: {_amounts(given)}" for given in self.concessions]
        return "\n".join(lines)


class FormsCannotBeAssembled(ValueError):
    """No forms keep the specification; `clash` says which limits are in each other's way."""

    def __init__(self, clash: Clash) -> None:
        self.clash = clash
        super().__init__(clash.words)


def clash_of(pool: Pool, wanted: Specification, target: Target, *, nodes: int) -> Clash | None:
    """The clash in a specification, or None where forms exist. Raises NotDecided.

    The limits are an irreducible set, found by halving (Junker 2004); the concessions solve the elastic program, in
    which a place in a form costs 1 and a tenth of a target's information costs 1 (Chinneck 2008).
    """
    wanted.refuse_misfit(pool)
    shape = shape_of(pool, wanted)
    program = Program(shape, wanted.excluded, nodes)
    limits = limits_of(pool, wanted, target, shape)
    if program.possible(limits):
        return None
    plain = [limit for limit in limits if not limit.name.startswith("of the enemies")]
    suspects = plain if not program.possible(plain) else limits
    return Clash(
        tuple(limit.name for limit in _irreducible(program, [], [], suspects)), _concessions(program, limits)
    )


def _irreducible(
    program: Program, kept: list[Limit], added: Sequence[Limit], suspects: list[Limit]
) -> list[Limit]:
    """Of the suspects, a smallest set by inclusion that clashes together with the `kept` limits."""
    if added and not program.possible(kept):
        return []
    if len(suspects) == 1:
        return suspects
    first, second = suspects[: len(suspects) // 2], suspects[len(suspects) // 2 :]
    of_second = _irreducible(program, kept + first, first, second)
    of_first = _irreducible(program, kept + of_second, of_second, first)
    return of_first + of_second


def _concessions(program: Program, limits: list[Limit]) -> tuple[Concession, ...]:
    broken = program.elastic(limits)
    if broken is None:
        return ()
    found = []
    for limit, amounts in zip([x for x in limits if x.price > 0.0], broken, strict=True):
        rows = np.flatnonzero(np.abs(amounts) > 1e-6)
        if rows.size:
            by = tuple(np.round(amounts[rows], 6).tolist())
            found.append(Concession(limit.name, tuple((rows + 1).tolist()), by, limit.share))
    return tuple(found)


def _amounts(given: Concession) -> str:
    each = [
        f"{'short' if by > 0.0 else 'over'} by {f'{abs(by):.1%}' if given.share else f'{abs(by):.4g}'} in number {row}"
        for row, by in zip(given.rows, given.by, strict=True)
    ]
    return ", ".join(each)
