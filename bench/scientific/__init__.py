"""The parts of bench/science.py: each module measures one noun of the bench and returns its figures."""

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")  # before anybody loads numpy: threads that wait would count as work


@dataclass(frozen=True)
class Figure:
    """One measured value against its target; `at_least` says on which side of the target it has to lie."""

    name: str
    value: float
    target: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return self.value >= self.target if self.at_least else self.value <= self.target

    def line(self) -> dict[str, object]:
        """As it stands in the last line of the bench."""
        return {**asdict(self), "value": round(float(self.value), 6), "holds": bool(self.holds)}


def within(name: str, value: float, low: float, high: float) -> list[Figure]:
    """Two figures: the value is not below `low` and not above `high`."""
    return [Figure(f"{name}, least", value, low, at_least=True), Figure(f"{name}, most", value, high)]


def cpu(work: Callable[[], object], *, times: int = 1) -> float:
    """Seconds of processor time of the quickest of `times` runs, threads of this process included."""
    quickest = float("inf")
    for _ in range(times):
        before = time.process_time()
        work()
        quickest = min(quickest, time.process_time() - before)
    return quickest
