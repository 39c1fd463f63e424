"""Fairness: items that differ between groups, selections that fall on one group, differences freed of error."""

from karmayogi.science.fairness.differences import (
    GroupsCannotBeCompared,
    LatentDifference,
    TrueScoreDifference,
    latent_difference,
    true_score_difference,
)
from karmayogi.science.fairness.impact import (
    AdverseImpact,
    SelectionCannotBeCompared,
    adverse_impact,
    wilson,
)
from karmayogi.science.fairness.likelihood_ratio import LikelihoodRatioDifference, likelihood_ratio_difference
from karmayogi.science.fairness.logistic import LogisticDifference, logistic_difference
from karmayogi.science.fairness.lord import Estimates, LordDifference, estimates, fitted, lord_difference
from karmayogi.science.fairness.mantel_haenszel import MantelHaenszel, effect_classes, mantel_haenszel
from karmayogi.science.fairness.purification import Matching
from karmayogi.science.fairness.tables import AnswersCannotBeCompared, pooled_abilities

__all__ = [
    "AdverseImpact",
    "AnswersCannotBeCompared",
    "Estimates",
    "GroupsCannotBeCompared",
    "LatentDifference",
    "LikelihoodRatioDifference",
    "LogisticDifference",
    "LordDifference",
    "MantelHaenszel",
    "Matching",
    "SelectionCannotBeCompared",
    "TrueScoreDifference",
    "adverse_impact",
    "effect_classes",
    "estimates",
    "fitted",
    "latent_difference",
    "likelihood_ratio_difference",
    "logistic_difference",
    "lord_difference",
    "mantel_haenszel",
    "pooled_abilities",
    "true_score_difference",
    "wilson",
]
