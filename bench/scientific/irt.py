"""Calibration and scoring: R's values on published tables, recovery, time and memory against other packages.

Data come from `karmayogi.science.simulation.examinees`; every figure of recovery is a mean over 30 seeds.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import girth
import mirt
import numpy as np

from karmayogi.science import irt
from karmayogi.science.simulation import examinees
from scientific import Figure, cpu, within

BENCH = Path(__file__).parents[1]
LSAT = BENCH.parent / "tests" / "unit" / "science" / "data" / "lsat.csv"
PUBLISHED = (
    (
        "LSAT6",
        5,
        [0.8257, 0.7227, 0.8909, 0.6884, 0.6569],
        [2.7732, 0.9902, 0.2492, 1.2848, 2.0533],
        (-2466.653, -2466.938, 0.5702, 4.738),
    ),
    (
        "LSAT7",
        6,
        [0.9876, 1.0808, 1.7075, 0.7650, 0.7357],
        [1.8559, 0.8080, 1.8052, 0.4860, 1.8545],
        (-2658.805, -2664.901, 1.0226, 11.938),
    ),
)
SEEDS = range(30)
FINE_NODES = 121
ENOUGH_NODES = 61


def figures() -> list[Figure]:
    """All figures of this part."""
    return [*published(), *recovery(), *sparse(), *complete(), *a_million(), *coverage()]


def published() -> list[Figure]:
    """The law school tests: distance from the values of R mirt 1.45.1."""
    out = []
    table = np.loadtxt(LSAT, delimiter=",", skiprows=1, dtype=np.int64)
    for name, column, a, d, (log_likelihood, rasch_log_likelihood, variance, m2) in PUBLISHED:
        patterns, counts = table[:, :5], table[:, column]
        two, rasch = (irt.fit(patterns, model, weights=counts) for model in ("2PL", "Rasch"))
        fitted = irt.model_fit(patterns, two, weights=counts)
        likelihoods = (two.log_likelihood - log_likelihood, rasch.log_likelihood - rasch_log_likelihood)
        off = [*(two.items.a - a), *(two.items.intercepts[:, 0] - d), rasch.sds[0] ** 2 - variance]
        print(f"{name}: LL {two.log_likelihood:.4f}, Rasch {rasch.log_likelihood:.4f}, M2 {fitted.value:.4f}")
        out.append(Figure(f"{name}: log-likelihoods off by", float(np.abs(likelihoods).max()), 1e-3))
        out.append(Figure(f"{name}: parameters off by", float(np.abs(off).max()), 2e-3))
        out.append(Figure(f"{name}: M2 off by", abs(fitted.value - m2), 1e-2))
    return out


def recovery() -> list[Figure]:
    """60 items x 2,000 people: error against PyPI mirt on fine nodes, time against PyPI mirt and girth.

    Each package is timed once for each seed.
    """
    errors, times = [], []
    irt.fit(examinees.examinees(2000, 60, 999).codes, errors="none")
    for seed in SEEDS:
        made = examinees.examinees(2000, 60, seed)
        answers = made.codes.astype(int)
        found: dict[str, object] = {}

        def ours(codes: np.ndarray = made.codes, found: dict[str, object] = found) -> None:
            found["ours"] = irt.fit(codes, errors="none")

        def theirs(nodes: int, codes: np.ndarray = answers, found: dict[str, object] = found) -> None:
            found["theirs"] = mirt.fit_mirt(
                codes, n_quadpts=nodes, compute_standard_errors=False, accelerate="squarem"
            )

        quick = cpu(lambda: theirs(ENOUGH_NODES))
        fine = cpu(lambda: theirs(FINE_NODES))
        slow = cpu(lambda codes=answers: girth.twopl_mml(codes.T))
        times.append((cpu(ours), quick, fine, slow))
        parameters = found["theirs"].model.parameters  # type: ignore[attr-defined]
        errors.append(
            [
                *_rmse(found["ours"].items.a, found["ours"].items.b[:, 0], made.items),  # type: ignore[attr-defined]
                *_rmse(
                    np.ravel(parameters["discrimination"]), np.ravel(parameters["difficulty"]), made.items
                ),
            ]
        )
    a, b, their_a, their_b = np.mean(errors, axis=0)
    own, quick, fine, slow = np.mean(times, axis=0)
    print(
        f"60 x 2,000, mean of {len(SEEDS)} seeds: RMSE a {a:.5f} b {b:.5f}; PyPI mirt {their_a:.5f} {their_b:.5f}"
    )
    print(
        f"  CPU {own:.3f} s; PyPI mirt {quick:.3f} ({ENOUGH_NODES} nodes) {fine:.3f} ({FINE_NODES}); girth {slow:.2f}"
    )
    return [
        Figure("RMSE of a, share of PyPI mirt's", a / their_a, 1.02),
        Figure("RMSE of b, share of PyPI mirt's", b / their_b, 1.02),
        Figure("time, share of PyPI girth's", own / slow, 0.2),
        Figure("time, share of PyPI mirt's", own / quick, 1.0),
    ]


def _rmse(a: np.ndarray, b: np.ndarray, items: irt.Items) -> tuple[float, float]:
    return (
        float(np.sqrt(np.mean(np.square(a - items.a)))),
        float(np.sqrt(np.mean(np.square(b - items.b[:, 0])))),
    )


def sparse() -> list[Figure]:
    """500 items x 20,000 people x 40 answers, against the dense 60 x 2,000 of the same run.

    The figure is for items from all parts of the pool; for runs of neighbouring items the ratio is only printed.
    """
    dense = examinees.examinees(2000, 60, 0).codes
    _, items, answers = examinees.sparse_examinees(20_000, 500, 40, 0)
    found = irt.fit(answers, errors="none")
    error = _rmse(found.items.a, found.items.b[:, 0], items)
    ratios = _times_the_dense(dense, answers, 9)
    print(
        f"500 x 20,000 x 40: RMSE a {error[0]:.4f} b {error[1]:.4f}; times the dense fit: {np.round(ratios, 1)}"
    )
    neighbours = _times_the_dense(dense, neighbouring(20_000, 500, 40, 0), 5)
    print(f"  runs of neighbouring items, no target: times the dense fit {np.round(neighbours, 1)}")
    return [
        Figure(
            "sparse 500 x 20,000 x 40, times the dense 60 x 2,000 (median of 9)",
            float(np.median(ratios)),
            8.0,
        )
    ]


def _times_the_dense(dense: np.ndarray, answers: irt.Answers, rounds: int) -> list[float]:
    ratios = []
    for _ in range(rounds):
        base = cpu(lambda: irt.fit(dense, errors="none"))
        ratios.append(cpu(lambda: irt.fit(answers, errors="none")) / base)
    return ratios


def neighbouring(people: int, items: int, each: int, seed: int) -> irt.Answers:
    """Answers of people who were asked `each` items in a row, from a random place of the pool on and round its end."""
    rng = np.random.default_rng(seed)
    made, theta = examinees.pool(items, rng), examinees.abilities(people, rng)
    item = ((rng.integers(0, items, (people, 1)) + np.arange(each)) % items).ravel()
    chance = 1.0 / (1.0 + np.exp(-made.slope[item] * np.repeat(theta, each) - made.intercepts[item, 0]))
    codes = rng.random(len(item)) < chance
    return irt.Answers.of_triples(np.repeat(np.arange(people), each), item, codes, people=people, items=items)


def complete() -> list[Figure]:
    """500 items x 20,000 people who answered all: bias of the slopes, which coarse nodes cause."""
    made = examinees.examinees(20_000, 500, 0)
    before = time.process_time()
    found = irt.fit(made.codes, errors="none")
    spent = time.process_time() - before
    bias = float(np.mean(found.items.a / made.items.a) - 1.0)
    print(
        f"500 x 20,000 complete: bias of a {bias:+.4%}, spacing {found.spacing:.3f}, median sd {found.median_sd:.3f}, "
        f"converged {found.converged}, {spent:.1f} s"
    )
    return [Figure("complete 500 x 20,000: mean bias of a", abs(bias), 0.005)]


def a_million() -> list[Figure]:
    """One million people x 40 answers, in a process of its own so that its memory can be read."""
    done = subprocess.run(
        [sys.executable, "-c", "from scientific import irt; irt.million()"],
        capture_output=True,
        text=True,
        check=True,
        cwd=BENCH,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    print(
        f"1,000,000 x 40: {found['seconds']:.1f} s, {found['gigabytes']:.2f} GB, RMSE a {found['error']:.4f}"
    )
    return [
        Figure("1,000,000 x 40: gigabytes", found["gigabytes"], 8.0),
        Figure("1,000,000 x 40: converged", float(found["converged"]), 1.0, at_least=True),
    ]


def million() -> None:
    """What the process of `a_million` does."""
    _, items, answers = examinees.sparse_examinees(1_000_000, 500, 40, 0)
    before = time.process_time()
    found = irt.fit(answers, errors="none")
    print(
        json.dumps(
            {
                "seconds": time.process_time() - before,
                "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
                "converged": found.converged,
                "error": _rmse(found.items.a, found.items.b[:, 0], items)[0],
            }
        )
    )


def coverage() -> list[Figure]:
    """2,000 people, 40 items of a calibrated pool: how many true abilities lie in the 95 % interval."""
    out = []
    calibrated = irt.fit(examinees.examinees(5000, 40, 7).codes, errors="none").items
    pool = examinees.examinees(5000, 40, 7).items
    theta = np.random.default_rng(8).normal(size=2000)
    codes = examinees.answers(theta, pool, 9)
    for method in ("EAP", "WLE"):
        found = irt.estimate(codes, calibrated, method=method)
        inside = float(np.mean(np.abs(found.theta - theta) < 1.959964 * found.se))
        print(f"coverage of 95 % intervals by {method}, 2,000 people x 40 items: {inside:.4f}")
        out += within(f"test scores by {method}: coverage of 95 % intervals", inside, 0.93, 0.97)
    return out
