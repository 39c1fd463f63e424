"""Which groups of a tree must stay hidden so that no small group can be worked out from those shown.

Everything that adding and subtracting shown figures can yield is a sum of *rests*: a shown group less the highest
shown groups beneath it. So it is enough that every rest is empty or large, and that no rest pins a small group down
through what its marks say ("small" means fewer than `least`, "complement" means at least `least`).
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

SHOWN, SMALL, COMPLEMENT = "", "small", "complement"


@dataclass
class _Rest:
    """What is not shown of a group: its size, and the least and most it could be by the marks on its parts."""

    size: int
    least: int
    most: float
    small: bool
    shown: list[tuple[int, int]] = field(default_factory=list)

    def take(self, other: "_Rest", least: int) -> None:
        self.size += other.size
        self.least += least
        self.most += other.most
        self.small = self.small or other.small
        for entry in other.shown:
            heapq.heappush(self.shown, entry)

    def safe(self, least: int) -> bool:
        if self.size == 0:
            return True
        return self.size >= least and (not self.small or self.least < self.size < self.most)


def hide(sizes: Sequence[int], parents: Sequence[int], *, least: int) -> list[str]:
    """ "" (shown), "small" or "complement" for each group of a tree.

    `sizes`: officials in the group with everything beneath it, >= 1; `parents`: index of the group above,
    -1 for none, always less than the own index. Groups with officials of their own count them as a part that
    is never shown. Where one part alone is hidden, the next smallest is hidden as well.
    """
    marks = [SMALL if size < least else SHOWN for size in sizes]
    children: list[list[int]] = [[] for _ in sizes]
    for index, parent in enumerate(parents):
        if parent >= 0:
            children[parent].append(index)
    rests: dict[int, _Rest] = {}
    for index in reversed(range(len(sizes))):
        rests[index] = _settle(index, sizes, children[index], marks, rests, least)
    return marks


def _settle(
    index: int,
    sizes: Sequence[int],
    children: list[int],
    marks: list[str],
    rests: dict[int, _Rest],
    least: int,
) -> _Rest:
    """Hides beneath one group until its rest is safe, and the group itself where that is not enough."""
    if marks[index] == SMALL:
        return _Rest(sizes[index], 1, least - 1, True)
    own = sizes[index] - sum(sizes[c] for c in children)
    rest = _Rest(own, 0, math.inf if own else 0, False)
    if not children:
        return rest
    for child in children:
        if marks[child] == SHOWN:
            heapq.heappush(rest.shown, (sizes[child], child))
        else:
            rest.take(rests[child], _least(rests[child], sizes[child], marks[child], least))
    alone = sum(marks[c] != SHOWN for c in children) == 1
    while rest.shown and (alone or not rest.safe(least)):
        size, smallest = heapq.heappop(rest.shown)
        marks[smallest] = COMPLEMENT
        rest.take(rests[smallest], _least(rests[smallest], size, COMPLEMENT, least))
        alone = False
    if not rest.safe(least):
        marks[index] = COMPLEMENT
    return rest


def _least(rest: _Rest, size: int, mark: str, least: int) -> int:
    """The least that the rest of a hidden group can be, by its own mark and those beneath it."""
    return rest.least if mark == SMALL else max(rest.least, least - (size - rest.size))
