"""What a calibration set refuses to hold."""

from collections.abc import Iterable
from math import isfinite


class CalibrationSetMalformed(ValueError):
    """Contents that contradict each other: the message names the part, the entry and what to do."""


def require(holds: bool, message: str) -> None:
    """Raises `CalibrationSetMalformed` with the message unless it holds."""
    if not holds:
        raise CalibrationSetMalformed(message)


def require_finite(values: Iterable[float], what: str) -> None:
    """Raises `CalibrationSetMalformed` if one of these is NaN or infinite."""
    require(
        all(isfinite(value) for value in values),
        f"{what} must be finite numbers. Leave out what is not known.",
    )


def require_names(names: Iterable[str], what: str) -> None:
    """Raises `CalibrationSetMalformed` for a blank name, and for one that stands twice."""
    seen: set[str] = set()
    for name in names:
        require(
            isinstance(name, str) and name.strip() == name != "",
            f"{what} need names without blanks around them.",
        )
        require(name not in seen, f"{what}: {name} stands there twice. Keep one of the two.")
        seen.add(name)
