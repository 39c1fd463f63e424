"""Calibration sets: everything that turns evidence into estimates, as one immutable object that its hash names.

`CalibrationSet` holds item parameters, rater severities, cohorts, cuts and crosswalks; `of_fit` makes its items from a
calibration; `write` and `read` keep it as a file that a changed byte gives away.
"""

from karmayogi.science.calibration_sets.bank import CalibratedItems, of_fit
from karmayogi.science.calibration_sets.contents import (
    CalibrationSet,
    Cohort,
    Linking,
    RatingScale,
    Sample,
    Severity,
)
from karmayogi.science.calibration_sets.files import (
    VERSION,
    CalibrationSetChanged,
    CalibrationSetUnreadable,
    read,
    read_bytes,
    write,
    written,
)
from karmayogi.science.calibration_sets.refusals import CalibrationSetMalformed

__all__ = [
    "VERSION",
    "CalibratedItems",
    "CalibrationSet",
    "CalibrationSetChanged",
    "CalibrationSetMalformed",
    "CalibrationSetUnreadable",
    "Cohort",
    "Linking",
    "RatingScale",
    "Sample",
    "Severity",
    "of_fit",
    "read",
    "read_bytes",
    "write",
    "written",
]
