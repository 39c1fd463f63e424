"""The groups a sample comes from: normal abilities, which means and sds are known and which estimated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.irt.grid import Bools, Floats, Ints
from karmayogi.science.irt.refusals import AnswersMalformed, ScaleNotIdentified


@dataclass(frozen=True)
class Population:
    """G groups; `group` [N] says whose each person is. Means and sds [G] hold for groups not estimated."""

    group: Ints
    means: Floats
    sds: Floats
    free_means: Bools
    free_sds: Bools

    @property
    def count(self) -> int:
        """How many parameters of groups are estimated."""
        return int(self.free_means.sum() + self.free_sds.sum())

    def of(self, x: Floats) -> tuple[Floats, Floats]:
        """Means and sds [G] for the estimated tail `x`: free means, then logs of free sds."""
        means, sds = self.means.copy(), self.sds.copy()
        split = int(self.free_means.sum())
        means[self.free_means], sds[self.free_sds] = x[:split], np.exp(x[split:])
        return means, sds

    def tail(self, means: Floats, sds: Floats) -> Floats:
        """The estimated tail for these means and sds [G]."""
        return np.concatenate([means[self.free_means], np.log(sds[self.free_sds])])

    def moved(self, mass: Floats, nodes: Floats, means: Floats, sds: Floats) -> tuple[Floats, Floats]:
        """Means and sds [G] most likely for posterior mass [G, Q]; those not estimated as they are."""
        totals = mass.sum(axis=1)
        means = np.where(self.free_means, mass @ nodes / totals, means)
        spread = (mass * np.square(nodes - means[:, None])).sum(axis=1) / totals
        return means, np.where(self.free_sds, np.sqrt(spread), sds)


def log_weights_of(means: Floats, sds: Floats, nodes: Floats) -> Floats:
    """Log weights [G, Q] of normal densities on the nodes; the weights of a group sum to 1."""
    logs = -0.5 * np.square((nodes - means[:, None]) / sds[:, None])
    top = logs.max(axis=1, keepdims=True)
    return np.asarray(logs - top - np.log(np.exp(logs - top).sum(axis=1, keepdims=True)))


def population_of(
    groups: Ints | None, people: int, *, reference: int | None, spread_is_free: bool, mean_is_free: bool
) -> Population:
    """Groups 0 .. G - 1 from `groups` [N]; of the reference only what the item models leave open is estimated."""
    group = np.zeros(people, np.int64) if groups is None else groups_of_people(groups, people)
    sizes = np.bincount(group)
    refuse_empty_groups(sizes)
    if reference is not None and not 0 <= reference < len(sizes):
        raise ScaleNotIdentified(f"The reference has to be one of the {len(sizes)} groups.")
    free_means, free_sds = np.ones(len(sizes), bool), np.ones(len(sizes), bool)
    if reference is not None:
        free_means[reference], free_sds[reference] = mean_is_free, spread_is_free
    return Population(group, np.zeros(len(sizes)), np.ones(len(sizes)), free_means, free_sds)


def groups_of_people(groups: ArrayLike, people: int) -> Ints:
    """The group of each person [N], from 0. Raises `AnswersMalformed`."""
    group = np.asarray(groups)
    if group.shape != (people,) or group.dtype.kind not in "iu" or group.min() < 0:
        raise AnswersMalformed("Groups are whole numbers from 0, one for each person.")
    return group.astype(np.int64)


def refuse_empty_groups(sizes: Ints) -> None:
    """Raises `AnswersMalformed` if one of the groups with these sizes [G] is empty."""
    if not sizes.all():
        raise AnswersMalformed(
            f"Groups {np.flatnonzero(sizes == 0).tolist()} have nobody with answers. Number them without gaps."
        )
