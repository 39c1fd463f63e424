"""Where a calibration starts: intercepts from the share of each category, slopes alike for all."""

import numpy as np

from karmayogi.science.irt.design import Design
from karmayogi.science.irt.grid import Floats, Ints
from karmayogi.science.irt.items import Family

SLOPE = 1.0
STEPPED_SLOPE = 0.6
GUESSING = 0.15
SLIPPING = 0.9


def start_of(design: Design, counts: Ints) -> Floats:
    """Starting values [F] from how often each code was given to each item, [I, K]."""
    full = design.base.copy()
    for block in design.blocks:
        places = design.columns_of(block)
        missing = max(block.categories - counts.shape[1], 0)
        found = np.pad(counts[block.columns], ((0, 0), (0, missing)))[:, : block.categories]
        at = np.maximum(found.astype(np.float64), 0.5)
        shares = at / at.sum(axis=1, keepdims=True)
        full[places] = _block_start(block.family, block.bounded, full[places], shares)
    fixed = design.free < 0
    full[fixed] = design.base[fixed]
    return design.estimated(full)


def _block_start(family: Family, bounded: bool, base: Floats, shares: Floats) -> Floats:
    found, K = base.copy(), shares.shape[1]
    if family == Family.PARTIAL_CREDIT:
        found[:, 0] = SLOPE if K == 2 else STEPPED_SLOPE
        found[:, 1:K] = np.log(shares[:, 1:] / shares[:, :1])
        return found
    above = 1.0 - np.cumsum(shares, axis=1)[:, :-1]
    if bounded:
        above = np.clip((above - GUESSING) / (1.0 - GUESSING), 0.05, 0.97)
        found[:, -2] = np.log(GUESSING / (1 - GUESSING))
        found[:, -1] = np.log(SLIPPING / (1 - SLIPPING))
    found[:, 0] = SLOPE
    found[:, 1:K] = np.log(above / (1.0 - above)) * np.sqrt(1.0 + 0.35 * SLOPE**2)
    return found
