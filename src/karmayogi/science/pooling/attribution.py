"""What moved an estimate: how much of it each row of evidence carries, adding up to the whole.

A state is moved by every later event and by time. Multiplying N(m, v) by a likelihood gives N(m', v'); seen from
the cohort's mean c and with the ratio r = v' / v,

    m' - c = r (m - c) + [(m' - c) - r (m - c)]

so an event leaves the share r of what stood before and brings the bracket; time leaves the share k of what stood.
A row's part is its bracket times the shares of everything after it. For normal messages without drift that is
precision of the row / precision of the state x (its mean - c), whatever the order. The variance taken off the
cohort's goes the same way, with v (cohort) (1 - r) for the bracket and k squared for time.
"""

from dataclasses import dataclass

import numpy as np

from karmayogi.science.irt import Floats, Ints
from karmayogi.science.pooling.refusals import EvidenceMalformed, refuse_rows
from karmayogi.science.pooling.states import Drift, gains, walked


@dataclass(frozen=True)
class Attribution:
    """Per row of evidence [E], in the order given; a row after the day asked for has 0 everywhere.

    `shift`: logits; per group they sum to estimate - cohort mean. `weight`: the row's share in the estimate, where
    the cohort has the rest of 1. `variance`: squared logits; per group they sum to cohort sd^2 - estimate sd^2.
    `information`: per group they sum to the state's information; 0 for a row that has expired.
    """

    shift: Floats
    weight: Floats
    variance: Floats
    information: Floats


def attribute(
    group: Ints,
    day: Floats,
    log_likelihood: Floats,
    *,
    groups: int,
    as_of: float,
    drift: Drift,
    expires: Floats | None = None,
) -> Attribution:
    """What each row did to the state that `pool` finds from the same arguments. Raises EvidenceMalformed."""
    refuse_rows(group, day, groups=groups, as_of=as_of, expires=expires)
    walk = walked(group, day, log_likelihood, groups=groups, as_of=as_of, drift=drift)
    shift, weight, variance = np.zeros((3, len(day)))
    left = np.exp(-walk.rate * np.maximum(as_of - walk.seen, 0.0))
    left_of_variance = left**2
    for events in reversed(walk.rounds):
        who = group[events]
        ratio = walk.new_variances[events] / walk.aged_variances[events]
        brought = (walk.new_means[events] - walk.target[who]) - ratio * (
            walk.aged_means[events] - walk.target[who]
        )
        shift[events] = left[who] * brought
        weight[events] = left[who] * (1.0 - ratio)
        variance[events] = left_of_variance[who] * walk.spread[who] * (1.0 - ratio)
        left[who] *= ratio * walk.kept[events]
        left_of_variance[who] *= ratio * walk.kept[events] ** 2
    return Attribution(shift, weight, variance, gains(walk, day, as_of=as_of, expires=expires))


def shared_out(messages: Attribution, message: Ints, value: Floats) -> Attribution:
    """The parts of messages handed on to the ratings [R] each was merged from; every sum stays what it was.

    `message` [R]: the place of the message a rating went into, -1 if it was left out (`RaterMessages.message`).
    `value` [R]: what the rating said, in logits, freed of its rater's habit. A rating's shift is its message's by
    equal parts, plus the message's weight times its own distance from the message's mean. Raises EvidenceMalformed.
    """
    if np.shape(value) != np.shape(message):
        raise EvidenceMalformed("Give one value for each rating.")
    size = len(messages.shift)
    if message.size and (message.min() < -1 or message.max() >= size):
        raise EvidenceMalformed(f"Messages must lie in 0 to {size - 1}, or be -1 for a rating left out.")
    inside = np.flatnonzero(message >= 0)
    place = message[inside]
    ratings = np.bincount(place, minlength=size)
    with np.errstate(invalid="ignore"):
        middle = np.bincount(place, weights=value[inside], minlength=size) / ratings
    parts = np.zeros((4, len(message)))
    for part, of_message in zip(
        parts, (messages.shift, messages.weight, messages.variance, messages.information), strict=True
    ):
        part[inside] = of_message[place] / ratings[place]
    parts[0, inside] += parts[1, inside] * (value[inside] - middle[place])
    return Attribution(*parts)
