"""Standard setting: cut scores from judges, with their uncertainty and what they would do."""

from karmayogi.science.standard_setting.angoff import AngoffCut, angoff, angoff_rounds
from karmayogi.science.standard_setting.bookmark import BookmarkCut, bookmark, locations, ordered_booklet
from karmayogi.science.standard_setting.consequences import Consequences, consequences
from karmayogi.science.standard_setting.judged import JudgementsCannotBeUsed, ability_of, raw_of

__all__ = [
    "AngoffCut",
    "BookmarkCut",
    "Consequences",
    "JudgementsCannotBeUsed",
    "ability_of",
    "angoff",
    "angoff_rounds",
    "bookmark",
    "consequences",
    "locations",
    "ordered_booklet",
    "raw_of",
]
