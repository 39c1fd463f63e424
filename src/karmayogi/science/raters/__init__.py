"""Raters: how severe, how alike, how steady. Severities are stated only where raters can be compared.

| you ask | call |
|---|---|
| who can be compared with whom | `linked` |
| how severe is each rater, how good each ratee | `calibrate`, `score` |
| what did they say, for pooling | `log_likelihoods` |
| how far do they agree | `agreement`, `kappa`, `fleiss_kappa`, `intraclass`, `components` |
| did one change, has one habits | `drift`, `habits` |
"""

from karmayogi.science.raters.abilities import Said, log_likelihoods, score
from karmayogi.science.raters.agreement import Kappa, agreement, fleiss_kappa, kappa
from karmayogi.science.raters.calibration import Calibration, calibrate
from karmayogi.science.raters.design import Links, Ratings, linked
from karmayogi.science.raters.drift import RaterDrift, drift
from karmayogi.science.raters.habits import Habits, habits
from karmayogi.science.raters.intraclass import Components, Intraclass, components, intraclass
from karmayogi.science.raters.refusals import (
    NothingToCompare,
    RatersNotIdentified,
    RatingsMalformed,
)

__all__ = [
    "Calibration",
    "Components",
    "Habits",
    "Intraclass",
    "Kappa",
    "Links",
    "NothingToCompare",
    "RaterDrift",
    "RatersNotIdentified",
    "Ratings",
    "RatingsMalformed",
    "Said",
    "agreement",
    "calibrate",
    "components",
    "drift",
    "fleiss_kappa",
    "habits",
    "intraclass",
    "kappa",
    "linked",
    "log_likelihoods",
    "score",
]
