"""The many-facet graded model: how severe raters are, where thresholds lie, how wide the halo is.

With F(x) = 1 / (1 + exp(-x)), ability t of the ratee, severity s of the rater (above 0: severe), halo h of that
rater on that ratee, threshold b of category k on criterion c:

    P(category >= k) = F(t + h - s - b[c, k])      t ~ N(mean, sd^2),  h ~ N(0, halo^2), one per rater on a ratee

Samejima (1969) for the categories, Linacre (1989) for the facets, Patz et al. (2002) for a rater's ratings of one
work not being independent. Abilities and halos are integrated out (Bock & Aitkin 1981).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from karmayogi.science.irt import Bools, Floats
from karmayogi.science.raters.design import Design, Links, Ratings, anchors, linked
from karmayogi.science.raters.fitting import fitted
from karmayogi.science.raters.information import Found, found, freed
from karmayogi.science.raters.model import Parameters, Problem, moved
from karmayogi.science.raters.refusals import RatingsMalformed

LARGEST_ERROR = 10.0
"""Logits. Without a prior, a severity or threshold less sure than this is on its way to infinity: nothing holds it."""


@dataclass(frozen=True)
class Calibration:
    """Raters [J], criteria [C, K - 1] and ratees [N] on one scale of logits, NaN where the data cannot tell.

    `severity` with `se_severity`: above 0 for a severe rater, mean 0 over those identified unless some were known;
    `links` says who is identified and who shares ratees with others. `thresholds` and their errors: NaN beyond a
    criterion's last category. `ability` and `ability_sd` [N]: expected a posteriori, the sd with the uncertainty of
    the severities in it. `spread`: the sd of abilities. `log_likelihood` is marginal, without the priors.
    `converged`: no parameter was still moving by a thousandth of its standard error, and the likelihood falls off on
    all sides of where it was found.
    """

    severity: Floats
    se_severity: Floats
    links: Links
    thresholds: Floats
    se_thresholds: Floats
    mean: float
    spread: float
    se_spread: float
    halo_sd: float
    se_halo_sd: float
    ability: Floats
    ability_sd: Floats
    log_likelihood: float
    iterations: int
    converged: bool

    @property
    def identified(self) -> Bools:
        """Raters [J] whose severity the data or an anchor can tell."""
        return self.links.rater_identified

    @property
    def leniency(self) -> Floats:
        """What each rater's habit adds to a value [J], the sign that `pooling.rating_log_likelihoods` takes."""
        return -self.severity

    @property
    def parameters(self) -> Parameters:
        """What the loops read; severities that nobody can tell are NaN."""
        return Parameters(self.severity, self.thresholds, self.mean, self.spread, self.halo_sd)


def calibrate(
    ratings: Ratings,
    *,
    known_severity: ArrayLike | None = None,
    known_ability: ArrayLike | None = None,
    severity_prior_sd: float | None = 3.0,
    most_iterations: int = 500,
) -> Calibration:
    """The model fitted to all ratings by marginal maximum likelihood, its spreads freed of the bias of fitted raters.

    `known_severity` [J] and `known_ability` [N] are anchors in logits, NaN where nothing is known. A severity has
    the weak prior N(0, severity_prior_sd^2), which keeps that of a rater who gave everybody the best mark finite;
    the logs of the two spreads have priors with sd 1 around 1 logit (abilities) and 0.5 (halo), which decide only where
    the ratings are too few to. None switches all priors off. They identify nobody: severities are stated only where
    `linked` says so. Where no ratee has two raters and nothing is known, or the maximum runs away (without priors, and
    with few ratings), nothing is estimated: all NaN, `converged` False.
    Raises RatingsMalformed and CategoriesUnused. Compiled: for jobs, not for pages.
    """
    if severity_prior_sd is not None and not severity_prior_sd > 0.0:
        raise RatingsMalformed("The sd of severities is above 0; give None for no prior at all.")
    links = linked(ratings, known_severity=known_severity, known_ability=known_ability)
    sure = anchors(known_ability, ratings.ratees, "known_ability")
    problem = Problem(
        Design.of(ratings),
        ratings.used() - 1,
        anchors(known_severity, ratings.raters, "known_severity"),
        sure,
        0.0 if severity_prior_sd is None else severity_prior_sd**-2.0,
        bool(np.any(~np.isnan(sure))),
    )
    if not links.rater_identified.any():
        return _nothing(links, problem)
    best = fitted(problem, most_iterations)
    if best is None:
        return _nothing(links, problem)
    vector, quadrature, steps, converged = best
    vector = freed(problem, vector, quadrature)
    at = problem.unpacked(vector)
    centre = links.rater_identified & problem.free & (not np.any(~problem.free))
    known = found(problem, vector, quadrature, centre)
    if problem.prior_precision == 0.0 and _ran_away(known, links):
        return _nothing(links, problem)
    at = moved(at, problem.free, float(at.severity[centre].mean()) if centre.any() else 0.0)
    return _stated(problem, at, links, known, steps, converged)


def _ran_away(known: Found, links: Links) -> bool:
    """True where an error says that the likelihood hardly falls off, however far one goes."""
    errors = np.append(
        known.se_severity[links.rater_identified], known.se_thresholds[np.isfinite(known.se_thresholds)]
    )
    return bool(np.any(errors > LARGEST_ERROR))


def _stated(
    problem: Problem, at: Parameters, links: Links, known: Found, steps: int, converged: bool
) -> Calibration:
    told, rated = links.rater_identified, links.ratee_identified
    return Calibration(
        severity=np.where(told, at.severity, np.nan),
        se_severity=np.where(told, known.se_severity, np.nan),
        links=links,
        thresholds=at.thresholds,
        se_thresholds=known.se_thresholds,
        mean=at.ability_mean,
        spread=at.ability_sd,
        se_spread=known.se_spread,
        halo_sd=at.halo_sd,
        se_halo_sd=known.se_halo_sd,
        ability=np.where(rated, known.ability, np.nan),
        ability_sd=np.where(rated, known.ability_sd, np.nan),
        log_likelihood=known.log_likelihood,
        iterations=steps,
        converged=converged and known.curved,
    )


def _nothing(links: Links, problem: Problem) -> Calibration:
    """What is stated where nobody can be compared with anybody."""
    raters, ratees = (
        np.full((2, len(problem.known_severity)), np.nan),
        np.full((2, len(problem.known_ability)), np.nan),
    )
    cells = np.full((2, *problem.cells.shape), np.nan)
    nan = float("nan")
    return Calibration(
        raters[0],
        raters[1],
        links,
        cells[0],
        cells[1],
        nan,
        nan,
        nan,
        nan,
        nan,
        ratees[0],
        ratees[1],
        nan,
        0,
        False,
    )
