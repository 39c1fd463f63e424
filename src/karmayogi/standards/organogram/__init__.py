"""UK government organograms: senior posts, junior strengths, and who held which post from when to when.

Source of the form: data.gov.uk organogram datasets (Open Government Licence v3.0), names replaced by keyed
hashes. `seniors` and `juniors` judge rows by written rules; `postings` turns snapshots into dated facts.
"""

from .junior_strengths import JUNIOR_COLUMNS, JuniorStrength, juniors
from .senior_posts import SENIOR_COLUMNS, SeniorPost, seniors
from .timelines import Posting, postings
from .verdicts import Reading, Warned

__all__ = [
    "JUNIOR_COLUMNS",
    "SENIOR_COLUMNS",
    "JuniorStrength",
    "Posting",
    "Reading",
    "SeniorPost",
    "Warned",
    "juniors",
    "postings",
    "seniors",
]
