"""The answers a fit can be tested on: complete, of its items, with its groups and weights."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from karmayogi.science.irt.answers import (
    Answers,
    Responses,
    codes_of,
    frequencies_of,
    refuse_unknown_codes,
    weights_of_people,
)
from karmayogi.science.irt.calibration import Fit
from karmayogi.science.irt.grid import NOT_ASKED, Floats, Ints
from karmayogi.science.irt.refusals import AnswersMalformed, FitNotTestable


def tested(
    responses: Responses, fit: Fit, groups: ArrayLike | None, weights: ArrayLike | None
) -> tuple[NDArray[np.int8], Floats, Ints]:
    """Codes [N, I], weights and groups [N]. Raises `AnswersMalformed` and `FitNotTestable`."""
    codes = codes_of(responses.to_matrix() if isinstance(responses, Answers) else responses)
    refuse_unknown_codes(frequencies_of(codes), fit.items.categories)
    count, group = weights_of_people(weights, len(codes)), groups_of(groups, len(codes), len(fit.means))
    if (codes[count > 0] == NOT_ASKED).any():
        raise FitNotTestable("Fit is tested on people who answered every item. Give their answers alone.")
    empty = np.flatnonzero(np.bincount(group, count, minlength=len(fit.means)) == 0)
    if empty.size:
        raise FitNotTestable(f"Groups {empty.tolist()} of the fit have nobody among these answers.")
    counted = count > 0
    return codes[counted], count[counted], group[counted]


def groups_of(groups: ArrayLike | None, people: int, count: int) -> Ints:
    """The group of each person [N], out of the `count` groups of a fit; they may be left out if there is one."""
    if groups is None and count > 1:
        raise AnswersMalformed(f"The fit has {count} groups: give `groups`, as they were given to `fit`.")
    group = np.zeros(people, np.int64) if groups is None else np.asarray(groups)
    if group.shape != (people,) or group.dtype.kind not in "iu" or group.min() < 0 or group.max() >= count:
        raise AnswersMalformed(f"Groups are whole numbers from 0 to {count - 1}, one for each person.")
    return group.astype(np.int64)
