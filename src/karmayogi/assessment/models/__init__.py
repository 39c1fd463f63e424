"""Private to assessment: other rooms call its noun modules."""

from karmayogi.assessment.models.bank import AnswerKey, Item, ItemStep, ItemVersion, Wording
from karmayogi.assessment.models.pools import Blueprint, Exposure, Pool, PoolVersion
from karmayogi.assessment.models.sittings import Ending, Response, Sitting, Turn

__all__ = [
    "AnswerKey",
    "Blueprint",
    "Ending",
    "Exposure",
    "Item",
    "ItemStep",
    "ItemVersion",
    "Pool",
    "PoolVersion",
    "Response",
    "Sitting",
    "Turn",
    "Wording",
]
