"""The items an adaptive or assembled test may draw on, as one immutable object that its hash names."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

import numpy as np

from karmayogi.science.irt import Family, Ints, Items


class PoolCannotBeUsed(ValueError):
    """A pool's items, areas or enemies do not hang together; the message says which and what to do."""


@dataclass(frozen=True, eq=False)
class Pool:
    """I items of the 2PL to 4PL with areas and enemies.

    `areas` maps an attribute (such as "topic") to the value of each item; an item has one value per attribute.
    `enemies` are sets of item indices of which a test shows one at most; an item may be in several sets.
    `names` default to "0", "1", ... Raises PoolCannotBeUsed for items of several categories or with a slope of 0 or
    less, repeated names, and enemies that no item has.
    """

    items: Items
    names: tuple[str, ...] = ()
    areas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    enemies: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        names = tuple(map(str, self.names)) or tuple(map(str, range(len(self.items))))
        areas = {str(key): tuple(map(str, values)) for key, values in sorted(self.areas.items())}
        enemies = tuple(sorted({tuple(sorted({int(i) for i in group})) for group in self.enemies}))
        _refuse_odd_items(self.items)
        _refuse_odd_names(names, areas, enemies, len(self.items))
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "areas", areas)
        object.__setattr__(self, "enemies", tuple(group for group in enemies if len(group) > 1))

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def hash(self) -> str:
        """SHA-256, hexadecimal, of names, parameters, areas and enemies: equal content, equal hash."""
        words = json.dumps([1, self.names, list(self.areas.items()), self.enemies], ensure_ascii=True)
        items = self.items
        figures = np.stack([items.a, items.difficulty, items.lower, items.upper]) + 0.0  # -0.0 is 0.0
        return sha256(words.encode() + figures.astype("<f8").tobytes()).hexdigest()

    @cached_property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Every (attribute, value) that occurs, in the order of the codes."""
        return tuple((key, value) for key, values in self.areas.items() for value in sorted(set(values)))

    @cached_property
    def codes(self) -> Ints:
        """Index into `places` of each item's value, [attributes, I]."""
        index = {place: code for code, place in enumerate(self.places)}
        rows = [[index[key, value] for value in values] for key, values in self.areas.items()]
        return np.array(rows, dtype=np.int64).reshape(len(rows), len(self))

    @cached_property
    def rivals(self) -> tuple[Ints, ...]:
        """For each item the items that may not stand beside it, ascending, without itself."""
        found: list[set[int]] = [set() for _ in range(len(self))]
        for group in self.enemies:
            for item in group:
                found[item].update(group)
        return tuple(np.array(sorted(others - {item}), dtype=np.int64) for item, others in enumerate(found))


def _refuse_odd_items(items: Items) -> None:
    if bad := np.flatnonzero(items.family != Family.LOGISTIC)[:10].tolist():
        raise PoolCannotBeUsed(f"Items {bad} are not of right and wrong answers. Leave them out.")
    if bad := np.flatnonzero(items.slope <= 0.0)[:10].tolist():
        raise PoolCannotBeUsed(f"Items {bad} have a slope of 0 or less. Check their keys, or leave them out.")


def _refuse_odd_names(
    names: tuple[str, ...],
    areas: Mapping[str, tuple[str, ...]],
    enemies: Iterable[tuple[int, ...]],
    items: int,
) -> None:
    if len(names) != items or len(set(names)) != items:
        raise PoolCannotBeUsed(
            f"There are {items} items and {len(set(names))} different names. Name each item once."
        )
    for key, values in areas.items():
        if len(values) != items:
            raise PoolCannotBeUsed(
                f"'{key}' names {len(values)} areas for {items} items. Give one for each item."
            )
    if bad := sorted({i for group in enemies for i in group if not 0 <= i < items})[:10]:
        raise PoolCannotBeUsed(
            f"Enemies {bad} are no items: indices run from 0 to {items - 1}. Correct the sets."
        )
