"""Item response models: what items measure and what answers say.

`Items` are parameters as data; `fit` calibrates them from answers (a matrix, or sparse `Answers`); `estimate` scores
people; `item_fit` and `model_fit` say whether to believe it. `chance` to `calibrate` are the two-parameter logistic
model on plain arrays, with nothing to compile, as pages use it.
"""

from karmayogi.science.irt.answers import Answers, Responses
from karmayogi.science.irt.calibration import Fit, fit
from karmayogi.science.irt.curves import chances, expected_scores, informations
from karmayogi.science.irt.design import MODELS
from karmayogi.science.irt.grid import GRID, NOT_ASKED, WEIGHTS, Bools, Floats, Ints, moments, weights_of
from karmayogi.science.irt.item_fit import ItemFit, item_fit
from karmayogi.science.irt.items import Family, Items
from karmayogi.science.irt.model_fit import ModelFit, model_fit
from karmayogi.science.irt.priors import Beta, LogNormal, Normal, Priors
from karmayogi.science.irt.refusals import (
    AnswersMalformed,
    CategoriesUnused,
    FitNotTestable,
    ItemCannotBeCalibrated,
    ItemsMalformed,
    ModelUnknown,
    PriorMalformed,
    ScaleNotIdentified,
)
from karmayogi.science.irt.scoring import Scores, estimate
from karmayogi.science.irt.standard_errors import Errors
from karmayogi.science.irt.two_parameter import (
    Calibration,
    calibrate,
    chance,
    information,
    log_likelihoods,
    score,
    sparse_log_likelihoods,
)

__all__ = [
    "GRID",
    "MODELS",
    "NOT_ASKED",
    "WEIGHTS",
    "Answers",
    "AnswersMalformed",
    "Beta",
    "Bools",
    "Calibration",
    "CategoriesUnused",
    "Errors",
    "Family",
    "Fit",
    "FitNotTestable",
    "Floats",
    "Ints",
    "ItemCannotBeCalibrated",
    "ItemFit",
    "Items",
    "ItemsMalformed",
    "LogNormal",
    "ModelFit",
    "ModelUnknown",
    "Normal",
    "PriorMalformed",
    "Priors",
    "Responses",
    "ScaleNotIdentified",
    "Scores",
    "calibrate",
    "chance",
    "chances",
    "estimate",
    "expected_scores",
    "fit",
    "information",
    "informations",
    "item_fit",
    "log_likelihoods",
    "model_fit",
    "moments",
    "score",
    "sparse_log_likelihoods",
    "weights_of",
]
