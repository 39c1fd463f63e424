"""Which parameters a calibration estimates: free, shared between items, or fixed; and where each stands.

All items' working parameters stand in one row: slope, intercepts, then the logits of the asymptotes of items with
guessing or slipping. `free` [P] says which estimated parameter each is, -1 for a fixed one; two that are equal share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from karmayogi.science.irt.curves import Block, blocks_of
from karmayogi.science.irt.grid import Bools, Floats, Ints
from karmayogi.science.irt.items import Family, Items
from karmayogi.science.irt.refusals import ModelUnknown, listed
from karmayogi.science.irt.sigmoids import asymptote, asymptote_logits


class Kind(IntEnum):
    """What a working parameter is."""

    SLOPE = 0
    INTERCEPT = 1
    LOWER = 2
    UPPER = 3


@dataclass(frozen=True)
class Model:
    """A named response model: its formula, how its slope is treated, which asymptotes are estimated."""

    family: Family
    slope: str = "free"
    lower: bool = False
    upper: bool = False

    @property
    def bounded(self) -> bool:
        """Whether it has an asymptote to estimate."""
        return self.lower or self.upper


MODELS = {
    "Rasch": Model(Family.LOGISTIC, slope="one"),
    "1PL": Model(Family.LOGISTIC, slope="shared"),
    "2PL": Model(Family.LOGISTIC),
    "3PL": Model(Family.LOGISTIC, lower=True),
    "4PL": Model(Family.LOGISTIC, lower=True, upper=True),
    "GRM": Model(Family.GRADED),
    "GPCM": Model(Family.PARTIAL_CREDIT),
    "PCM": Model(Family.PARTIAL_CREDIT, slope="one"),
}
"""Rasch and PCM (partial credit): slope 1, the spread of ability estimated; 1PL: one slope for all, spread 1."""


@dataclass(frozen=True)
class Design:
    """Where the parameters of all items stand and which are estimated."""

    blocks: list[Block]
    offsets: Ints
    starts: Ints
    kinds: NDArray[np.int8]
    free: Ints
    base: Floats
    count: int

    @property
    def shared(self) -> bool:
        """Whether an estimated parameter belongs to several items."""
        used = self.free[self.free >= 0]
        return len(used) > self.count

    def full(self, x: Floats) -> Floats:
        """The working parameters [P] for estimated ones `x` [F]."""
        out = self.base.copy()
        here = self.free >= 0
        out[here] = x[self.free[here]]
        return out

    def estimated(self, full: Floats) -> Floats:
        """The estimated parameters [F] out of the working ones [P]; of shared ones the mean."""
        here = self.free >= 0
        sums = np.bincount(self.free[here], full[here], minlength=self.count)
        return np.asarray(sums / np.bincount(self.free[here], minlength=self.count))

    def kinds_of_free(self) -> NDArray[np.int8]:
        """The kind of each estimated parameter [F]."""
        out = np.zeros(self.count, np.int8)
        here = self.free >= 0
        out[self.free[here]] = self.kinds[here]
        return out

    def columns_of(self, block: Block) -> Ints:
        """Places [n, p] of a block's parameters in the row of all."""
        width = block.categories + 2 * block.bounded
        return np.asarray(self.starts[block.columns][:, None] + np.arange(width))

    def items_of(self, full: Floats) -> Items:
        """The items these working parameters describe."""
        count = len(self.starts) - 1
        most = max(block.categories for block in self.blocks)
        family, slope = np.zeros(count, np.int8), np.empty(count)
        intercepts = np.full((count, most - 1), np.nan)
        lower, upper = np.zeros(count), np.ones(count)
        for block in self.blocks:
            found, at = full[self.columns_of(block)], block.columns
            family[at], slope[at] = block.family, found[:, 0]
            intercepts[at, : block.categories - 1] = found[:, 1 : block.categories]
            if block.bounded:
                lower[at], upper[at] = asymptote(found[:, -2:]).T
        return Items(family, slope, intercepts, lower, upper)


def models_of(models: str | Sequence[str], categories: Ints) -> list[Model]:
    """The model of each item. Raises `ModelUnknown`, also where a dichotomous model meets more categories."""
    names = [models] * len(categories) if isinstance(models, str) else list(models)
    unknown = sorted({name for name in names if name not in MODELS})
    if unknown:
        raise ModelUnknown(f"There is no model {', '.join(unknown)}. There are: {', '.join(MODELS)}.")
    if len(names) != len(categories):
        raise ModelUnknown(
            f"Name one model for all items or one for each: {len(names)} for {len(categories)} items."
        )
    found = [MODELS[name] for name in names]
    wrong = [at for at, model in enumerate(found) if model.family == Family.LOGISTIC and categories[at] > 2]
    if wrong:
        raise ModelUnknown(
            f"Items in columns {listed(wrong)} have more than two categories. Take GRM, GPCM or PCM for them."
        )
    return found


def design_of(models: list[Model], categories: Ints, anchored: Bools, anchors: Items | None) -> Design:
    """The design for items of these models and categories; `anchors` has a row for each of `anchored` [I]."""
    family = np.array([model.family for model in models])
    bounded = np.array([model.bounded for model in models])
    if anchors is not None:
        family[anchored] = anchors.family
        bounded[anchored] = (anchors.lower > 0) | (anchors.upper < 1)
    parts = blocks_of(family, bounded, categories)
    widths = categories + 2 * bounded
    starts = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    kinds = np.empty(starts[-1], np.int8)
    is_free, base = np.zeros(starts[-1], bool), np.zeros(starts[-1])
    for at, model in enumerate(models):
        here = slice(starts[at], starts[at + 1])
        tail = [Kind.LOWER, Kind.UPPER] if bounded[at] else []
        kinds[here] = [Kind.SLOPE] + [Kind.INTERCEPT] * (int(categories[at]) - 1) + tail
        asymptotes = [model.lower, model.upper] if bounded[at] else []
        is_free[here] = [model.slope != "one"] + [True] * (int(categories[at]) - 1) + asymptotes
        base[here] = [1.0] + [0.0] * (int(categories[at]) - 1) + ([-np.inf, np.inf] if bounded[at] else [])
        is_free[here] &= not anchored[at]
    shared = np.array([model.slope == "shared" for model in models]) & ~anchored
    free = _numbered(is_free, starts[:-1][shared])
    offsets = np.concatenate([[0], np.cumsum(categories)]).astype(np.int64)
    design = Design(parts, offsets, starts, kinds, free, base, int(free.max(initial=-1)) + 1)
    if anchors is not None:
        _set_anchors(design, np.flatnonzero(anchored), anchors)
    return design


def _numbered(is_free: Bools, together: Ints) -> Ints:
    """Numbers from 0 for the free places, one number for all places in `together`."""
    leaders = is_free.copy()
    leaders[together[1:]] = False
    free = np.where(leaders, np.cumsum(leaders) - 1, -1)
    if together.size:
        free[together] = free[together[0]]
    return np.asarray(free, dtype=np.int64)


def _set_anchors(design: Design, columns: Ints, anchors: Items) -> None:
    for row, column in enumerate(columns):
        values = [anchors.slope[row], *anchors.intercepts[row][np.isfinite(anchors.intercepts[row])]]
        bounds = asymptote_logits([anchors.lower[row], anchors.upper[row]])
        here = slice(design.starts[column], design.starts[column + 1])
        width = design.starts[column + 1] - design.starts[column]
        design.base[here] = [*values, *bounds][:width]
