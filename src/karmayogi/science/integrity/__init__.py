"""Integrity: signals, each with a stated rate of false positives and its reasons, for people to review.

Nothing here says that somebody cheated. A flag at a rate of 0.01 is raised for one honest person in a hundred; whoever
acts on one looks at the reasons first and hears the person.
"""

from karmayogi.science.integrity.choosing import Choosing, fit_choosing, scored
from karmayogi.science.integrity.cusum import ItemDrift, batches, calibration_shifts, item_drift, limit_for
from karmayogi.science.integrity.fit import PersonFit, person_fit
from karmayogi.science.integrity.gains import (
    Surprise,
    expected_without_self,
    known_by_answers,
    unexpected_gains,
)
from karmayogi.science.integrity.hurry import KnownBeforehand, RapidAnswers, known_by_pace, rapid_answers
from karmayogi.science.integrity.items import Abilities, AnswersCannotBeChecked, abilities
from karmayogi.science.integrity.pace import (
    ErraticPace,
    ItemsCannotBeTimed,
    Pace,
    Speeds,
    erratic_pace,
    fit_pace,
    residuals,
    speeds,
)
from karmayogi.science.integrity.similarity import Similarity, generalized_binomial, omega
from karmayogi.science.integrity.tails import count_chances, count_tails, upper_tail

__all__ = [
    "Abilities",
    "AnswersCannotBeChecked",
    "Choosing",
    "ErraticPace",
    "ItemDrift",
    "ItemsCannotBeTimed",
    "KnownBeforehand",
    "Pace",
    "PersonFit",
    "RapidAnswers",
    "Similarity",
    "Speeds",
    "Surprise",
    "abilities",
    "batches",
    "calibration_shifts",
    "count_chances",
    "count_tails",
    "erratic_pace",
    "expected_without_self",
    "fit_choosing",
    "fit_pace",
    "generalized_binomial",
    "item_drift",
    "known_by_answers",
    "known_by_pace",
    "limit_for",
    "omega",
    "person_fit",
    "rapid_answers",
    "residuals",
    "scored",
    "speeds",
    "unexpected_gains",
    "upper_tail",
]
