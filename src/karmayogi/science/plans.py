"""A personal plan: which learning first, within the hours there are, steered to 70-20-10."""

from dataclasses import dataclass

import numpy as np

from karmayogi.science.irt import Bools, Floats, Ints

SHARES = ("on the job", "with others", "training")
FULL = 1e-9
"""Hours by which an option may overshoot through rounding and still fit."""


@dataclass(frozen=True)
class Choice:
    """One option of the plan and why it was taken.

    `gain` is what it adds at its place in the plan, after options for the same need; `hours_used` are the
    hours per share (on the job, with others, training) including it. `beyond_share` says it takes
    more than its share leaves room for, and was taken only because nothing better placed was left.
    """

    option: int
    need: int
    gain: float
    gain_per_hour: float
    hours_used: tuple[float, float, float]
    beyond_share: bool


@dataclass(frozen=True)
class Plan:
    """Choices in the order taken, hours per share, and their shares of the hours planned (zeros if none)."""

    choices: tuple[Choice, ...]
    hours: tuple[float, float, float]
    shares: tuple[float, float, float]
    gain: float
    within_tolerance: bool

    @property
    def chosen(self) -> tuple[int, ...]:
        """Indices of the options in the order taken."""
        return tuple(choice.option for choice in self.choices)


def choose(
    gain: Floats,
    hours: Floats,
    share: Ints,
    need: Ints,
    *,
    hours_available: float,
    targets: tuple[float, float, float] = (0.7, 0.2, 0.1),
    tolerance: float = 0.1,
    fade: float = 0.5,
) -> Plan:
    """A greedy plan from options [O]: the most gain per hour first, the earlier option on a tie.

    `hours` > 0; `share` is 0 on the job, 1 with others, 2 training; `need` in [0, needs) is the gap an
    option closes. The second option taken for a need counts `fade` times its gain, the third `fade` squared.
    A share may fill up to (target + tolerance) * hours_available, and each keeps (target - tolerance) * hours
    free for itself until it has used them. While options that respect this would help, only they compete; the
    others may then use the hours left over. Options without gain are never taken.
    """
    if np.any(hours <= 0.0):
        raise ValueError("Every option needs hours above 0. Give its length, or leave it out.")
    most = (np.asarray(targets) + tolerance) * hours_available
    least = (np.asarray(targets) - tolerance) * hours_available
    used, closed = np.zeros(3), np.zeros(int(need.max(initial=-1)) + 1)
    waiting, choices = np.ones(len(gain), dtype=np.bool_), list[Choice]()
    while True:
        worth = gain * fade ** closed[need]
        fits = waiting & (worth > 0.0) & (used.sum() + hours <= hours_available + FULL)
        kept = np.maximum(least - used, 0.0)
        in_share = fits & (used[share] + hours <= most[share] + FULL)
        in_share &= used.sum() + hours + (kept.sum() - kept[share]) <= hours_available + FULL
        if not fits.any():
            break
        option = _most_per_hour(worth / hours, in_share if in_share.any() else fits)
        waiting[option] = False
        used[share[option]] += hours[option]
        closed[need[option]] += 1
        choices.append(_choice(option, need, worth, hours, used, beyond=not in_share.any()))
    return _plan(choices, used, targets, tolerance)


def _most_per_hour(gain_per_hour: Floats, among: Bools) -> int:
    return int(np.argmax(np.where(among, gain_per_hour, -np.inf)))


def _three(values: Floats) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


def _choice(option: int, need: Ints, worth: Floats, hours: Floats, used: Floats, *, beyond: bool) -> Choice:
    gain = float(worth[option])
    return Choice(option, int(need[option]), gain, gain / float(hours[option]), _three(used), beyond)


def _plan(choices: list[Choice], used: Floats, targets: tuple[float, float, float], tolerance: float) -> Plan:
    shares = used / used.sum() if choices else np.zeros(3)
    near = bool(choices) and bool(np.all(np.abs(shares - np.asarray(targets)) <= tolerance + FULL))
    return Plan(tuple(choices), _three(used), _three(shares), sum(choice.gain for choice in choices), near)
