"""Answers too quick to have been thought about, and questions answered as if known beforehand."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from karmayogi.science.integrity.items import AnswersCannotBeChecked, checked_rate
from karmayogi.science.integrity.pace import Pace, checked_times, speeds
from karmayogi.science.irt import Bools, Floats, Ints

CHUNK = 1000
NODES, NODE_WEIGHTS = (np.polynomial.hermite_e.hermegauss(41)[part] for part in (0, 1))


@dataclass(frozen=True)
class RapidAnswers:
    """`limit` [I] in seconds: an honest answer is quicker with the chance stated per answer. `rapid` [N, I] are those.

    Per person [N]: `effort` is the share of answers that are not rapid (response time effort, Wise & Kong 2005),
    NaN without times; `nth_quickest` is the standardised ln time that the `repeated` quickest answers do not exceed,
    `p` the chance that so many honest answers are as quick, `flagged` p below the rate of false positives asked for.
    """

    limit: Floats
    rapid: Bools
    effort: Floats
    nth_quickest: Floats
    p: Floats
    flagged: Bools


@dataclass(frozen=True)
class KnownBeforehand:
    """People [N]: `times_faster` on the items that got out than on the others, both counted from their usual times.

    `statistic` is the difference of speeds in its standard errors, standard normal for honest people; `p` its upper
    tail; `flagged` p below the rate of false positives asked for. NaN for people without times on both kinds.
    """

    times_faster: Floats
    statistic: Floats
    p: Floats
    flagged: Bools


def rapid_answers(
    seconds: Floats,
    pace: Pace,
    *,
    repeated: int = 3,
    per_answer: float = 0.001,
    false_positive_rate: float = 0.01,
) -> RapidAnswers:
    """Rapid answers [N, I] and people who gave at least `repeated` of them.

    Limits are for anybody, whatever their speed: a person who guesses throughout is quick throughout, and would not
    stand out from their own times. The chance that honest people's `repeated`-th quickest answer is so quick
    integrates the count of quick answers over speeds, so it is exact under the model. Raises AnswersCannotBeChecked.
    """
    logs, there = checked_times(seconds, len(pace.intensity))
    if not 1 <= repeated <= logs.shape[1] or not 0.0 < per_answer < 1.0:
        raise AnswersCannotBeChecked("`repeated` lies between 1 and the items, `per_answer` between 0 and 1.")
    sd = np.sqrt(np.square(1.0 / pace.discrimination) + pace.speed_sd**2)
    standard = np.where(there, (logs - pace.intensity) / sd, np.inf)
    limit = np.exp(pace.intensity + ndtri(per_answer) * sd)
    rapid = standard < ndtri(per_answer)
    quickest = np.partition(standard, repeated - 1, axis=1)[:, repeated - 1]
    p = np.ones(len(logs))
    for start in range(0, len(logs), CHUNK):
        part = slice(start, start + CHUNK)
        p[part] = _chance_of(quickest[part], there[part], pace, sd, repeated)
    enough = there.sum(axis=1) >= repeated
    quickest, p = np.where(enough, quickest, np.nan), np.where(enough, p, np.nan)
    answered = there.sum(axis=1)
    effort = np.where(answered > 0, 1.0 - rapid.sum(axis=1) / np.maximum(answered, 1), np.nan)
    return RapidAnswers(limit, rapid, effort, quickest, p, p < checked_rate(false_positive_rate))


def _chance_of(quickest: Floats, there: Bools, pace: Pace, sd: Floats, repeated: int) -> Floats:
    """P(at least `repeated` answers as quick as `quickest` [N]) for honest people, by quadrature over speeds."""
    level = np.where(np.isfinite(quickest), quickest, 0.0)
    speed = pace.speed_sd * NODES
    fewer = np.zeros((repeated, len(level), len(speed)))  # chance of 0, 1, ... quick answers so far
    fewer[0] = 1.0
    for item in range(there.shape[1]):
        reach = pace.discrimination[item] * (level[:, None] * sd[item] + speed)
        quick = ndtr(reach) * there[:, item, None]
        fewer[1:] = fewer[1:] * (1.0 - quick) + fewer[:-1] * quick
        fewer[0] *= 1.0 - quick
    weights = NODE_WEIGHTS / NODE_WEIGHTS.sum()
    return np.asarray(np.clip(1.0 - fewer.sum(axis=0) @ weights, 0.0, 1.0))


def known_by_pace(
    seconds: Floats, pace: Pace, compromised: Bools | Ints, *, false_positive_rate: float = 0.01
) -> KnownBeforehand:
    """People much quicker on the `compromised` items (a mask [I] or places) than on all others.

    Both speeds are maximum likelihood; their difference does not depend on how quick the person is, so the statistic
    is exactly normal (van der Linden & van Krimpen-Stoop 2003 compare times so). Raises AnswersCannotBeChecked.
    """
    out = np.zeros(len(pace.intensity), dtype=np.bool_)
    out[compromised] = True
    if not out.any() or out.all():
        raise AnswersCannotBeChecked(
            "Name some of the items as compromised, and leave others to compare with."
        )
    times = np.asarray(seconds, dtype=np.float64)
    checked_times(times, len(out))
    here, elsewhere = speeds(times[:, out], pace.take(out)), speeds(times[:, ~out], pace.take(~out))
    apart = here.speed - elsewhere.speed
    statistic = apart / np.hypot(here.se, elsewhere.se)
    p = ndtr(-statistic)
    return KnownBeforehand(np.exp(apart), statistic, p, p < checked_rate(false_positive_rate))
