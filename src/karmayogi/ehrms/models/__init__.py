"""Private to ehrms: other rooms call its noun modules."""

from karmayogi.ehrms.models.orders import Order, OrderLine
from karmayogi.ehrms.models.postings import Posting
from karmayogi.ehrms.models.posts import FormerDescription, PooledStrength, Post, ReportingLine
from karmayogi.ehrms.models.rankings import Candidate, Ranking

__all__ = [
    "Candidate",
    "FormerDescription",
    "Order",
    "OrderLine",
    "PooledStrength",
    "Post",
    "Posting",
    "Ranking",
    "ReportingLine",
]
