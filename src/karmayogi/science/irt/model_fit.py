"""Whether a fitted model describes how answers go together: M2 from first- and second-order margins.

Maydeu-Olivares & Joe (2006); for several categories Cai & Hansen's (2013) M2* from mean scores and their products, or
Cai & Monroe's (2014) C2 from the shares of all categories and the products of scores. For dichotomous items all are M2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from karmayogi.science.irt.answers import Responses
from karmayogi.science.irt.calibration import Fit
from karmayogi.science.irt.grid import Floats, Ints
from karmayogi.science.irt.margins import Margins, covariance_of, margins_of
from karmayogi.science.irt.maximisation import tables_of
from karmayogi.science.irt.observed import slopes_table
from karmayogi.science.irt.population import log_weights_of
from karmayogi.science.irt.refusals import FitNotTestable
from karmayogi.science.irt.testable import tested

STATISTICS = ("M2*", "C2")
MOST_MARGINS = 12_000


@dataclass(frozen=True)
class ModelFit:
    """The statistic with its degrees of freedom and p; RMSEA, 0 where the statistic is below them."""

    statistic: str
    value: float
    df: int
    p: float
    rmsea: float


def model_fit(
    responses: Responses,
    fit: Fit,
    *,
    groups: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    statistic: str = "M2*",
) -> ModelFit:
    """M2 of a fit on the answers it was made from, with the same `groups` and `weights`.

    `statistic`: "M2*" or "C2", the same for dichotomous items. Everybody has to have answered every item. Raises
    `AnswersMalformed` for answers that are not the fit's, `FitNotTestable` also where fewer margins than parameters
    are left (take C2 then) or there are too many.
    """
    if statistic not in STATISTICS:
        raise ValueError(f"Model fit comes by {' or '.join(STATISTICS)}, not by {statistic}.")
    codes, count, group = tested(responses, fit, groups, weights)
    margins = margins_of(fit.items, all_categories=statistic == "C2")
    if margins.count > MOST_MARGINS:
        raise FitNotTestable(f"{margins.count} margins are too many. Test a part of at most 150 items.")
    df = margins.count * len(fit.means) - fit.parameters
    if df <= 0:
        raise FitNotTestable(
            f"{margins.count} margins leave {df} degrees of freedom. Take C2, or a longer test."
        )
    value = _value(codes, count, group, fit, margins)
    people = count.sum()
    rmsea = float(np.sqrt(max(value / df - 1.0, 0.0) / (people - 1.0)))
    return ModelFit(statistic, float(value), df, float(chdtrc(df, value)), rmsea)


def _value(codes: NDArray[np.int8], count: Floats, group: Ints, fit: Fit, margins: Margins) -> float:
    """Residuals of all groups, weighed by their covariance, less what the estimated parameters could take up."""
    explained = np.zeros(fit.parameters)
    information = np.zeros((fit.parameters, fit.parameters))
    total = 0.0
    table, _ = tables_of(fit.design, fit.design.full(fit.estimates), fit.nodes)
    slopes = slopes_table(fit.design, fit.population, fit.estimates, fit.nodes)
    for g in range(len(fit.means)):
        here = group == g
        weights = np.exp(log_weights_of(fit.means[g : g + 1], fit.sds[g : g + 1], fit.nodes))[0]
        expected, jacobian, covariance = covariance_of(margins, np.exp(table), slopes, weights, g)
        residual = margins.observed(codes[here], count[here]) - expected
        root = np.linalg.cholesky(covariance)
        whitened = np.linalg.solve(root, np.column_stack([residual, jacobian]))
        size = count[here].sum()
        total += size * float(whitened[:, 0] @ whitened[:, 0])
        explained += size * whitened[:, 1:].T @ whitened[:, 0]
        information += size * whitened[:, 1:].T @ whitened[:, 1:]
    return total - float(explained @ np.linalg.lstsq(information, explained, rcond=1e-12)[0])
