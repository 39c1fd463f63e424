"""Whether answers can determine what is to be estimated at all: said before the climb, not after."""

import numpy as np

from karmayogi.science.irt.answers import Answers, Responses
from karmayogi.science.irt.grid import Bools, Ints
from karmayogi.science.irt.refusals import ScaleNotIdentified

AT_ONCE = 4096


def refuse_islands(
    answers: Responses, group: Ints, fixed: Bools, reference: int | None, anchored: bool
) -> None:
    """Raises `ScaleNotIdentified` for groups that no chain of common items ties to the reference or the anchors."""
    count = int(group.max()) + 1
    if count == 1 and not anchored:
        return
    seen = np.zeros((count, len(fixed)), bool)
    if isinstance(answers, Answers):
        seen[group[answers.persons()], answers.items] = True
    else:
        for one in range(count):
            seen[one] = (answers[group == one] >= 0).any(axis=0)
    tied: Bools = np.asarray((seen & fixed).any(axis=1))
    if reference is not None or not anchored:
        tied[reference or 0] = True
    while True:
        more = np.asarray(tied | (seen & seen[tied].any(axis=0)).any(axis=1))
        if (more == tied).all():
            break
        tied = more
    if not tied.all():
        raise ScaleNotIdentified(
            f"Groups {np.flatnonzero(~tied).tolist()} share no items with the reference group or the anchors, not even "
            "through others. Give them common items, or calibrate them apart."
        )


def refuse_too_few_cells(answers: Responses, group: Ints, categories: Ints, parameters: int) -> None:
    """Raises `ScaleNotIdentified` where more is to be estimated than there are shares of answer patterns to fit.

    People of one group who were asked the same items make one table; its cells less one are free.
    """
    needed, free = np.log2(parameters + 1.0) - 1e-9, 0
    tables: set[tuple[int, bytes]] = set()
    for first in range(0, len(group), AT_ONCE):
        part = _portion(answers, np.arange(first, min(first + AT_ONCE, len(group))))
        passed = np.concatenate([[0.0], np.cumsum(np.log2(categories[part.items]))])
        room = passed[part.starts[1:]] - passed[part.starts[:-1]]
        if room.max() >= needed:
            return
        for row, size in enumerate(room.tolist()):
            asked = np.sort(part.items[part.starts[row] : part.starts[row + 1]])
            table = (int(group[first + row]), asked.tobytes())
            if table not in tables:
                tables.add(table)
                free += round(2.0**size) - 1
        if free >= parameters:
            return
    raise ScaleNotIdentified(
        f"{parameters} parameters cannot be estimated from {free} shares of answer patterns. Ask more items of the "
        "same people, take a model with fewer parameters, or give anchors or priors."
    )


def _portion(answers: Responses, people: Ints) -> Answers:
    return answers.taken(people) if isinstance(answers, Answers) else Answers.of_matrix(answers[people])
