"""Private to competency: other rooms call its noun modules."""

from karmayogi.competency.models.calibrations import CalibrationSet, ItemParameter, RaterSeverity
from karmayogi.competency.models.evidence import Estimate, Evidence
from karmayogi.competency.models.frameworks import (
    Competency,
    CompetencyLevel,
    CutScore,
    Framework,
    FrameworkVersion,
    Level,
)
from karmayogi.competency.models.positions import Activity, Position, PositionVersion, Requirement, Role

__all__ = [
    "Activity",
    "CalibrationSet",
    "Competency",
    "CompetencyLevel",
    "CutScore",
    "Estimate",
    "Evidence",
    "Framework",
    "FrameworkVersion",
    "ItemParameter",
    "Level",
    "Position",
    "PositionVersion",
    "RaterSeverity",
    "Requirement",
    "Role",
]
