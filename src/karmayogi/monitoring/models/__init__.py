"""Private to monitoring: other rooms call its noun modules."""

from karmayogi.monitoring.models.courses import CourseCount
from karmayogi.monitoring.models.needs import NeedCount, SeatCount
from karmayogi.monitoring.models.publications import Current, Indicator, Publication, Published

__all__ = ["CourseCount", "Current", "Indicator", "NeedCount", "Publication", "Published", "SeatCount"]
