"""`karmayogi score` in a process of its own, and files for it.

In that process Django and pyplot cannot be imported: a command that loads one of them fails, whichever test calls it.
"""

import csv
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from karmayogi.science import irt

LSAT = Path(__file__).parents[1] / "science" / "data" / "lsat.csv"
SCIENCE = LSAT.with_name("science.csv")
WIDE = ("--count", "section_6", "--ignore", "section_7")


WITHOUT = ("django", "matplotlib.pyplot")
START = f"""
import runpy, sys
sys.modules.update(dict.fromkeys({WITHOUT}))
runpy.run_module("karmayogi", run_name="__main__", alter_sys=True)
"""


def score(*arguments: object, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What the command said, and its exit code; modules in the folder `path` come before all others."""
    return subprocess.run(
        [sys.executable, "-c", START, "score", *map(str, arguments)],
        env={**os.environ, "PYTHONWARNINGS": "error::ResourceWarning", "PYTHONPATH": str(path or "")},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def write(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    """Rows as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def rows(path: Path) -> list[dict[str, str]]:
    """CSV as rows."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def answers(path: Path, *, people: int = 600, seed: int = 7) -> Path:
    """A wide file with a person, a group, and 12 items; q4 has a wrong key, q1 is harder for group m."""
    rng = np.random.default_rng(seed)
    group, theta = rng.integers(0, 2, people), rng.normal(size=people)
    a, b = rng.lognormal(0.2, 0.2, 12), np.linspace(-1.5, 1.5, 12)
    a[3] = -0.7
    chance = irt.chances(theta, irt.Items.logistic(a, b))[:, :, 1]
    chance[group == 1, 0] = 1.0 / (1.0 + np.exp(-a[0] * (theta[group == 1] - b[0] - 1.3)))
    code = (rng.random(chance.shape) < chance).astype(int)
    head = ["person", "sex", *(f"q{n + 1}" for n in range(12))]
    return write(path, [head, *([f"p{n}", "fm"[group[n]], *code[n]] for n in range(people))])


def ratings(path: Path, *, seed: int = 3) -> Path:
    """40 works, 3 of 5 raters each, two criteria; rater E is the most severe; F rates works of his own."""
    rng = np.random.default_rng(seed)
    rows: list[list[object]] = [["ratee", "rater", "criterion", "value"]]
    ability, severity = rng.normal(size=40), np.linspace(-1.2, 1.2, 5)
    for work in range(40):
        for rater in rng.choice(5, 3, replace=False):
            for criterion, cuts in (("clarity", (-1.5, 0.0, 1.2)), ("depth", (-1.0, 0.3, 1.5))):
                seen = ability[work] - severity[rater] + rng.logistic()
                rows.append([f"w{work}", "ABCDE"[rater], criterion, 1 + sum(seen > cut for cut in cuts)])
    rows += [[f"x{n}", "F", "clarity", 1 + n % 3] for n in range(4)]
    return write(path, rows)
