"""What a calibration set holds, and when it hangs together."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from karmayogi.science.calibration_sets.bank import CalibratedItems
from karmayogi.science.calibration_sets.refusals import require, require_finite, require_names

HASH_LENGTH = 64


@dataclass(frozen=True)
class Cohort:
    """A group's abilities: mean and sd in logits, how many people; `rate_per_day` of forgetting (0: none stated)."""

    mean: float
    sd: float
    people: int = 0
    rate_per_day: float = 0.0


@dataclass(frozen=True)
class Severity:
    """A rater's severity in logits, above 0 for a severe one, with its standard error.

    Both are None where the ratings cannot tell (`identified` False): such a rater is not compared with others.
    """

    severity: float | None
    se: float | None
    identified: bool


@dataclass(frozen=True)
class RatingScale:
    """What ratings mean: thresholds (logits) and values of categories by criterion; spreads of ability and halo."""

    thresholds: Mapping[str, tuple[float, ...]]
    values: Mapping[str, tuple[float, ...]]
    spread: float
    halo_sd: float


@dataclass(frozen=True)
class Sample:
    """What a calibration rests on: people, answers, file names with the SHA-256 of each, and how it ended."""

    people: int = 0
    answers: int = 0
    files: Mapping[str, str] = field(default_factory=dict)
    log_likelihood: float | None = None
    converged: bool = True
    program: str = ""


@dataclass(frozen=True)
class Linking:
    """How the scale came to be that of another set: its hash, the method, the line theta' = slope theta + intercept."""

    base: str
    method: str
    slope: float = 1.0
    intercept: float = 0.0
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class CalibrationSet:
    """One numbered, immutable set; equal content has equal `hash`. Raises `CalibrationSetMalformed`.

    `former`: the hash of the set before it (None for number 1). `cohorts`, `cuts` (from level 1 up, logits),
    `severities` and `crosswalks` ((from, to) points, both rising) by name.
    """

    number: int
    label: str
    former: str | None = None
    items: CalibratedItems | None = None
    cohorts: Mapping[str, Cohort] = field(default_factory=dict)
    cuts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)
    scale: RatingScale | None = None
    crosswalks: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    sample: Sample = field(default_factory=Sample)
    linking: Linking | None = None

    def __post_init__(self) -> None:
        """Hangs together."""
        require(self.number >= 1, "Sets are numbered from 1.")
        require(bool(self.label.strip()), "A set needs a label that says what it is for.")
        require(
            (self.former is None) == (self.number == 1),
            "Set 1 has no former set; every other set names its hash.",
        )
        for name in (self.former, None if self.linking is None else self.linking.base):
            require(name is None or is_hash(name), f"{name} is no SHA-256 in hexadecimal.")
        for part in ("cohorts", "cuts", "severities", "crosswalks"):
            require_names(getattr(self, part), part.capitalize())
        _check_people(self)
        _check_scales(self)

    @cached_property
    def hash(self) -> str:
        """SHA-256, hexadecimal, of the canonical bytes of everything in it."""
        from karmayogi.science.calibration_sets.files import digest

        return digest(self)

    def __eq__(self, other: object) -> bool:
        """Equal content."""
        return isinstance(other, CalibrationSet) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)

    def followed(self, **changes: Any) -> "CalibrationSet":
        """The next set: what is not restated stays; the number rises by one and `former` names this one."""
        return replace(self, **changes, number=self.number + 1, former=self.hash)


def is_hash(text: str) -> bool:
    """Whether this is a SHA-256 in lower-case hexadecimal."""
    return len(text) == HASH_LENGTH and set(text) <= set("0123456789abcdef")


def _check_people(held: CalibrationSet) -> None:
    for name, cohort in held.cohorts.items():
        require_finite((cohort.mean, cohort.sd, cohort.rate_per_day), f"Mean, sd and rate of cohort {name}")
        require(cohort.sd > 0.0, f"The sd of cohort {name} must be above 0.")
        require(
            cohort.rate_per_day >= 0.0 and cohort.people >= 0,
            f"Cohort {name}: rate and people are 0 or more.",
        )
    for name, rater in held.severities.items():
        known = (rater.severity is not None, rater.identified)
        require(
            known[0] == known[1],
            f"Rater {name}: a severity is stated for identified raters, and for them only.",
        )
        require_finite(
            (v for v in (rater.severity, rater.se) if v is not None), f"Severity and error of rater {name}"
        )


def _check_scales(held: CalibrationSet) -> None:
    for name, cuts in held.cuts.items():
        require_finite(cuts, f"Cuts of {name}")
        require(
            bool(cuts) and all(a < b for a, b in pairwise(cuts)),
            f"Cuts of {name} must rise from level to level.",
        )
    for name, points in held.crosswalks.items():
        require(len(points) > 1, f"Crosswalk {name} needs two points or more.")
        require_finite((value for point in points for value in point), f"Points of crosswalk {name}")
        rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(points))
        require(rising, f"Points of crosswalk {name} must rise on both scales.")
    if held.scale is not None:
        require(
            set(held.scale.thresholds) == set(held.scale.values),
            "Give thresholds and values for the same criteria.",
        )
        for name, thresholds in held.scale.thresholds.items():
            require_finite(thresholds, f"Thresholds of criterion {name}")
            require(
                len(held.scale.values[name]) == len(thresholds) + 1,
                f"Criterion {name} needs one value more than thresholds.",
            )
        require_finite((held.scale.spread, held.scale.halo_sd), "Spread of ability and halo")
    if held.linking is not None:
        require_finite((held.linking.slope, held.linking.intercept), "Linking constants")
        require(held.linking.slope > 0.0, "The slope of a linking must be above 0.")
    if held.sample.log_likelihood is not None:
        require_finite((held.sample.log_likelihood,), "The log-likelihood")
