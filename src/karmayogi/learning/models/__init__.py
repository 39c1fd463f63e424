"""Private to learning: other rooms call its noun modules."""

from karmayogi.learning.models.activities import Activity, ActivityStep
from karmayogi.learning.models.courses import Course, CourseVersion, Module, Page, Placement
from karmayogi.learning.models.practice import PracticeAnswer, PracticeKey, PracticeQuestion
from karmayogi.learning.models.progress import Enrolment, PageState, ProgressEvent

__all__ = [
    "Activity",
    "ActivityStep",
    "Course",
    "CourseVersion",
    "Enrolment",
    "Module",
    "Page",
    "PageState",
    "Placement",
    "PracticeAnswer",
    "PracticeKey",
    "PracticeQuestion",
    "ProgressEvent",
]
