"""Private to the registry: other rooms call its noun modules."""

from karmayogi.registry.models.cases import Case, CaseEvent
from karmayogi.registry.models.codes import VerifyCode
from karmayogi.registry.models.custody import SigningKey, SigningSeed
from karmayogi.registry.models.files import File
from karmayogi.registry.models.imports import ImportProblem, ImportRun
from karmayogi.registry.models.jobs import JobRun
from karmayogi.registry.models.limits import Tally
from karmayogi.registry.models.news import Letter, Notice
from karmayogi.registry.models.replays import Replay
from karmayogi.registry.models.translations import Translation

__all__ = [
    "Case",
    "CaseEvent",
    "File",
    "ImportProblem",
    "ImportRun",
    "JobRun",
    "Letter",
    "Notice",
    "Replay",
    "SigningKey",
    "SigningSeed",
    "Tally",
    "Translation",
    "VerifyCode",
]
