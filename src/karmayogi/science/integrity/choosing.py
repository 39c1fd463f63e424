"""Which option a person of some ability chooses: the key by the item's curve, a wrong one by the shares of those."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from karmayogi.science.integrity.items import AnswersCannotBeChecked, checked_items, right_chances
from karmayogi.science.irt import NOT_ASKED, Floats, Ints, Items

BINS = 40
RIDGE_SD = 3.0
"""Prior sd of a wrong option's intercept and slope, so that one never chosen keeps a small chance."""
MOST_STEPS = 50


@dataclass(frozen=True)
class Choosing:
    """Chances of every option: `key` [I] by `items`, the others by softmax(intercept + slope theta), both [I, O].

    A wrong option's chance is (1 - P) times its share among the wrong ones (nested logit, Suh & Bolt 2010). Options an
    item does not have carry an intercept of -inf, as does the key.
    """

    items: Items
    key: Ints
    intercept: Floats
    slope: Floats

    def __post_init__(self) -> None:
        items = len(self.key)
        checked_items(self.items)
        same = self.intercept.shape == self.slope.shape and self.intercept.ndim == 2
        if not same or len(self.intercept) != items or len(self.items) != items:
            raise AnswersCannotBeChecked(
                "Items, keys, intercepts and slopes of options need one row per item."
            )

    def chances(self, theta: Floats) -> Floats:
        """Chances [N, I, O] of each option for abilities [N]; 0 for options an item does not have."""
        shares = softmax(self.intercept + self.slope * np.asarray(theta)[:, None, None], axis=2)
        right = right_chances(theta, self.items)
        of_options = shares * (1.0 - right)[:, :, None]
        of_options[:, np.arange(len(self.key)), self.key] = right
        return np.asarray(of_options)


def checked_choices(choices: NDArray[np.generic], key: NDArray[np.generic]) -> tuple[Ints, Ints]:
    """Options [N, I] counted from 0, -1 for none chosen, and keys [I]. Raises AnswersCannotBeChecked."""
    chosen, right = np.asarray(choices), np.asarray(key)
    if chosen.ndim != 2 or chosen.dtype.kind not in "iu" or right.shape != chosen.shape[1:]:
        raise AnswersCannotBeChecked(
            "Hand over one chosen option (a whole number) per person and item, and the keys."
        )
    if chosen.min(initial=0) < NOT_ASKED or right.min(initial=0) < 0:
        raise AnswersCannotBeChecked(
            "Options are counted from 0; -1 means none was chosen. Recode the others."
        )
    return chosen.astype(np.int64), right.astype(np.int64)


def scored(choices: NDArray[np.generic], key: NDArray[np.generic]) -> NDArray[np.int8]:
    """Answers [N, I] of 1 right, 0 wrong, -1 none chosen, from options and keys."""
    chosen, right = checked_choices(choices, key)
    return np.where(chosen == NOT_ASKED, NOT_ASKED, chosen == right).astype(np.int8)


def fit_choosing(
    choices: NDArray[np.generic],
    key: NDArray[np.generic],
    items: Items,
    theta: Floats,
    *,
    options: NDArray[np.generic] | None = None,
) -> Choosing:
    """The shares of wrong options by ability, from options [N, I] of people of abilities [N].

    `options` [I] says how many options each item has; without it, as many as the highest chosen or keyed one of all
    items. People are taken in BINS of like ability; penalised maximum likelihood, by Newton's method.
    """
    chosen, right = checked_choices(choices, key)
    most = int(max(chosen.max(), right.max())) + 1
    has = np.full(len(right), most) if options is None else np.asarray(options).astype(np.int64)
    if has.shape != right.shape or np.any(has < 2) or np.any(has <= np.maximum(chosen.max(axis=0), right)):
        raise AnswersCannotBeChecked("Each item needs two options or more, and no choice or key beyond them.")
    ability_of = np.asarray(theta, dtype=np.float64)
    if ability_of.shape != chosen.shape[:1] or not np.isfinite(ability_of).all():
        raise AnswersCannotBeChecked("Hand over one finite ability per person. Leave people without one out.")
    place = np.arange(int(has.max()))
    wrong = (place < has[:, None]) & (place != right[:, None])
    counts, ability = _counts(chosen, wrong, ability_of)
    intercept, slope = _newton(counts, ability, wrong)
    return Choosing(items, right, np.where(wrong, intercept, -np.inf), np.where(wrong, slope, 0.0))


def _counts(chosen: Ints, wrong: NDArray[np.bool_], theta: Floats) -> tuple[Floats, Floats]:
    """Counts [B, I, O] of wrong options in each bin of ability, and the bins' mean abilities [B]."""
    bins = min(BINS, len(theta))
    place = np.empty(len(theta), dtype=np.int64)
    place[np.argsort(theta, kind="stable")] = np.arange(len(theta)) * bins // len(theta)
    items, options = wrong.shape
    cell = (place[:, None] * items + np.arange(items)) * options + chosen
    taken = np.bincount(cell[chosen >= 0], minlength=bins * items * options).reshape(bins, items, options)
    return (taken * wrong).astype(np.float64), np.bincount(place, weights=theta) / np.bincount(place)


def _newton(counts: Floats, ability: Floats, wrong: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Intercepts and slopes [I, O], with a normal prior that also fixes where they stand."""
    items, options = wrong.shape
    beta = np.zeros((items, 2 * options))
    total = counts.sum(axis=2, keepdims=True)
    powers = np.stack([np.ones_like(ability), ability])
    precision = RIDGE_SD**-2
    outside = np.where(wrong, 0.0, -np.inf)
    for _ in range(MOST_STEPS):
        logits = outside + beta[:, :options] + ability[:, None, None] * beta[:, options:]
        share = softmax(logits, axis=2)
        gradient = (
            np.einsum("kb,bio->iko", powers, counts - total * share).reshape(items, -1) - precision * beta
        )
        weight = total * share
        spread = np.einsum("kb,lb,bio->iklo", powers, powers, weight)
        cross = np.einsum("kb,lb,bio,bip->ikolp", powers, powers, weight, share, optimize=True)
        information = -cross.reshape(items, 2 * options, 2 * options)
        for k in range(2):
            for m in range(2):
                place = np.arange(options)
                information[:, k * options + place, m * options + place] += spread[:, k, m]
        information += precision * np.eye(2 * options)
        step = np.clip(np.linalg.solve(information, gradient[:, :, None])[:, :, 0], -2.0, 2.0)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    return beta[:, :options], beta[:, options:]
