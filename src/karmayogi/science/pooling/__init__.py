"""All evidence on one ability as a Gaussian state that ages: assumed-density filtering with drift.

Between events the state follows an Ornstein-Uhlenbeck process towards its cohort; at an event it is
multiplied by the likelihood and matched to a Gaussian by its first two moments (Minka 2001).

| you have | call |
|---|---|
| log-likelihoods of any shape on `irt.GRID` | `pool`, or `pool_by_chunk` for crowds |
| normal messages, of a million people | `pool_normals` |
| marks of raters, of blind markers, of anything less | `rating_log_likelihoods`, `rubric_messages`, `weighed` |
| the question "what moved it?" | `attribute`, `attribute_normals`, `shared_out` |
"""

from karmayogi.science.pooling.attribution import Attribution, attribute, shared_out
from karmayogi.science.pooling.crowds import attribute_normals, pool_by_chunk, pool_normals
from karmayogi.science.pooling.messages import (
    Kind,
    RaterMessages,
    normal_log_likelihoods,
    rating_log_likelihoods,
    weighed,
)
from karmayogi.science.pooling.refusals import EvidenceMalformed
from karmayogi.science.pooling.rubrics import Marking, MarksNotBlind, RubricMessages, rubric_messages
from karmayogi.science.pooling.states import Drift, Pooled, pool, stored

__all__ = [
    "Attribution",
    "Drift",
    "EvidenceMalformed",
    "Kind",
    "Marking",
    "MarksNotBlind",
    "Pooled",
    "RaterMessages",
    "RubricMessages",
    "attribute",
    "attribute_normals",
    "normal_log_likelihoods",
    "pool",
    "pool_by_chunk",
    "pool_normals",
    "rating_log_likelihoods",
    "rubric_messages",
    "shared_out",
    "stored",
    "weighed",
]
