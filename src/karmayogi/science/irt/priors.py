"""Prior densities on item parameters; none is the default, which is exact maximum likelihood."""

from dataclasses import dataclass

import numpy as np

from karmayogi.science.irt.grid import Floats
from karmayogi.science.irt.refusals import PriorMalformed


@dataclass(frozen=True)
class Normal:
    """Normal on a slope, an intercept, or the logit of an asymptote."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        """Raises `PriorMalformed`."""
        _refuse_spread(self.mean, self.sd)

    def log_density(self, x: Floats) -> Floats:
        """Log density without constant."""
        return np.asarray(-0.5 * np.square((x - self.mean) / self.sd))

    def derivatives(self, x: Floats) -> tuple[Floats, Floats]:
        """First derivative and minus the second."""
        return (self.mean - x) / self.sd**2, np.full(x.shape, self.sd**-2)


@dataclass(frozen=True)
class LogNormal:
    """Log-normal on a slope, which then stays positive; `mean` and `sd` of its logarithm."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        """Raises `PriorMalformed`."""
        _refuse_spread(self.mean, self.sd)

    def log_density(self, x: Floats) -> Floats:
        """Log density without constant; minus infinity at 0 and below."""
        with np.errstate(divide="ignore", invalid="ignore"):
            log = np.log(x)
            found = -log - 0.5 * np.square((log - self.mean) / self.sd)
        return np.where(x > 0, found, -np.inf)

    def derivatives(self, x: Floats) -> tuple[Floats, Floats]:
        """First derivative and minus the second."""
        off = (np.log(x) - self.mean) / self.sd**2
        return -(1.0 + off) / x, (self.sd**-2 - 1.0 - off) / np.square(x)


@dataclass(frozen=True)
class Beta:
    """Beta on an asymptote itself; its mode is (alpha - 1) / (alpha + beta - 2)."""

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        """Raises `PriorMalformed`."""
        if not (0 < self.alpha < np.inf and 0 < self.beta < np.inf):
            raise PriorMalformed(f"Beta takes two numbers above 0, not {self.alpha} and {self.beta}.")

    def log_density(self, x: Floats) -> Floats:
        """Log density without constant, of the logit x."""
        return np.asarray(-(self.alpha - 1) * np.logaddexp(0, -x) - (self.beta - 1) * np.logaddexp(0, x))

    def derivatives(self, x: Floats) -> tuple[Floats, Floats]:
        """First derivative and minus the second, by the logit x."""
        value = np.exp(-np.logaddexp(0, -x))
        total = self.alpha + self.beta - 2
        return (self.alpha - 1) - total * value, total * value * (1 - value)


def _refuse_spread(mean: float, sd: float) -> None:
    if not (np.isfinite(mean) and 0 < sd < np.inf):
        raise PriorMalformed(f"A prior takes a finite mean and an sd above 0, not {mean} and {sd}.")


Prior = Normal | LogNormal | Beta
TAKEN: dict[str, tuple[type[Prior], ...]] = {
    "slope": (Normal, LogNormal),
    "intercept": (Normal,),
    "lower": (Beta, Normal),
    "upper": (Beta, Normal),
}


@dataclass(frozen=True)
class Priors:
    """What is believed of item parameters beforehand; None says nothing.

    `slope` and `intercept` (of the slope-intercept form) take `Normal`, `slope` also `LogNormal`; `lower` and
    `upper` take `Beta` on the asymptote or `Normal` on its logit. Raises `PriorMalformed` for others.
    """

    slope: Prior | None = None
    intercept: Prior | None = None
    lower: Prior | None = None
    upper: Prior | None = None

    def __post_init__(self) -> None:
        """Each kind of parameter with a density that is defined where it lives."""
        for name, taken in TAKEN.items():
            prior = getattr(self, name)
            if prior is not None and not isinstance(prior, taken):
                names = " or ".join(one.__name__ for one in taken)
                raise PriorMalformed(f"A prior on `{name}` is {names}, not {type(prior).__name__}.")

    def of_kind(self, kind: int) -> Prior | None:
        """The prior of one kind of working parameter, as `design.Kind` counts them."""
        return (self.slope, self.intercept, self.lower, self.upper)[kind]


NO_PRIORS = Priors()
