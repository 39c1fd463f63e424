"""Raters: severities and abilities found again on simulated 360 rounds, errors that hold, signals as rare as stated."""

from dataclasses import replace

import numpy as np

from karmayogi.science import pooling, raters
from karmayogi.science.pooling import Drift
from karmayogi.science.simulation.raters import Round, simulate
from scientific import Figure, cpu, within

SEEDS = range(3)
RULE_NOISE, RULE_HALO = 0.6, 0.55
"""Of the rule `evidence.sources` on ratings, as delivered."""
RARE = 0.013
"""The highest share of false signals at a stated 0.01."""


def figures() -> list[Figure]:
    """Show 4 for ratings, and Show 6."""
    rounds = [simulate(np.random.default_rng(seed)) for seed in SEEDS]
    fits: list[raters.Calibration] = []
    seconds = cpu(lambda: fits.extend(raters.calibrate(made.ratings) for made in rounds)) / len(rounds)
    count = len(rounds[0].ratings.ratee)
    print(
        f"2,000 ratees x 6 of 400 raters x 5 criteria = {count:,} ratings: "
        f"{seconds:.1f} s a round, converged {all(f.converged for f in fits)}"
    )
    return [*_severities(rounds, fits), *_abilities(rounds, fits), *_friend(), *_signals(rounds, fits)]


def _severities(rounds: list[Round], fits: list[raters.Calibration]) -> list[Figure]:
    found = [
        float(np.corrcoef(fit.severity, made.severity)[0, 1]) for made, fit in zip(rounds, fits, strict=True)
    ]
    surprise = np.concatenate(
        [(fit.severity - made.severity) / fit.se_severity for made, fit in zip(rounds, fits, strict=True)]
    )
    halo = [(fit.halo_sd - made.halo_sd) / fit.se_halo_sd for made, fit in zip(rounds, fits, strict=True)]
    means = [_plain(made) for made in rounds]
    print(
        f"severity: r {min(found):.4f} to {max(found):.4f} "
        f"(a rater's mean mark alone: {min(means):.4f} to {max(means):.4f})"
    )
    print(
        f"  intervals cover {np.mean(np.abs(surprise) < 1.96):.4f}, "
        f"surprise sd {surprise.std():.3f}; halo off by {np.round(halo, 2)} errors"
    )
    return [
        Figure("severity recovered on 360 data, r, worst of 3 seeds", min(found), 0.95, at_least=True),
        *within(
            "coverage of 95 % intervals of severities", float(np.mean(np.abs(surprise) < 1.96)), 0.93, 0.97
        ),
        Figure("all fits converged", float(all(fit.converged for fit in fits)), 1.0, at_least=True),
    ]


def _plain(made: Round) -> float:
    """How well the mean mark of a rater, sign turned, does as a severity."""
    given = made.ratings
    mean = np.bincount(given.rater, weights=given.category) / np.bincount(given.rater)
    return float(np.corrcoef(-mean, made.severity)[0, 1])


def _abilities(rounds: list[Round], fits: list[raters.Calibration]) -> list[Figure]:
    shares, as_if = [], []
    for made, fit in zip(rounds, fits, strict=True):
        shares.append(float(np.mean(np.abs(fit.ability - made.ability) < 1.959964 * fit.ability_sd)))
        tiny = replace(fit, halo_sd=0.01)
        means, sds = raters.score(made.ratings, tiny)
        as_if.append(float(np.mean(np.abs(means - made.ability) < 1.959964 * sds)))
    said = raters.log_likelihoods(rounds[0].ratings, fits[0])
    state = pooling.pool(
        said.ratee, np.zeros(len(said.ratee)), said.log_likelihood, groups=2_000, as_of=0.0,
        drift=Drift(0.0, fits[0].spread, 0.0),
    )  # fmt: skip
    pooled = float(np.mean(np.abs(state.means - rounds[0].ability) < 1.959964 * state.sds))
    print(
        f"abilities of 2,000: cover {min(shares):.4f} to {max(shares):.4f}; "
        f"pooled from messages {pooled:.4f}; with the halo left out {max(as_if):.4f}"
    )
    return [
        *within("coverage of 95 % intervals, ratings, worst of 3 seeds", min(shares), 0.93, 0.97),
        Figure("coverage of 95 % intervals, ratings, highest of 3 seeds", max(shares), 0.97),
        *within("coverage of 95 % intervals, ratings as messages pooled", pooled, 0.93, 0.97),
        Figure("coverage when the halo is left out (has to fail)", max(as_if), 0.90),
    ]


def _friend() -> list[Figure]:
    """Ten answers of one rater against one answer each of two, all saying 2, by the house's rule for ratings."""

    def moved(who: list[int]) -> float:
        count = len(who)
        said = pooling.rating_log_likelihoods(
            np.zeros(count, dtype=np.int64), np.array(who), np.full(count, 2.0), np.zeros(count),
            day=np.ones(count), as_of=1.0, noise_sd=RULE_NOISE, halo_sd=RULE_HALO, merge_days=30.0,
        )  # fmt: skip
        return float(
            pooling.pool(
                said.group, said.day, said.log_likelihood, groups=1, as_of=1.0, drift=Drift(0.0, 1.0, 0.0)
            ).means[0]
        )

    one, two = moved([1] * 10), moved([1, 2])
    print(
        f"all say 2: ten answers of one rater move the estimate by {one:.4f}, two answers of two raters by {two:.4f}"
    )
    return [Figure("ten answers of one friendly rater over two of two raters, shift", one / two, 0.9999)]


def _signals(rounds: list[Round], fits: list[raters.Calibration]) -> list[Figure]:
    """How often steady raters without habits are signalled at a stated rate of 0.01."""
    drifting, habits = [], []
    for seed, (made, fit) in enumerate(zip(rounds, fits, strict=True)):
        pair = made.ratings.ratee * made.ratings.raters + made.ratings.rater
        day = np.random.default_rng(seed).uniform(0, 730, int(pair.max()) + 1)[pair]
        found = raters.drift(made.ratings, fit, day=day, edges=[183.0, 365.0, 548.0])
        drifting.append([np.mean(found.p_value < 0.01), np.mean(found.cusum_p_value < 0.01)])
        if seed == 0:
            usual = raters.habits(made.ratings, fit, np.random.default_rng(seed), rounds=100)
            habits = usual.signal[:, 1:].mean(axis=0).tolist()
    windows, running = np.mean(drifting, axis=0)
    print(
        f"false signals at 0.01: windows {windows:.4f}, running sum {running:.4f}, "
        f"central {habits[0]:.4f}, restricted {habits[1]:.4f}"
    )
    return [
        Figure("drift by windows: false signals at 0.01 of 1,200 steady raters", float(windows), RARE),
        Figure("drift by running sum: false signals at 0.01 of 1,200 steady raters", float(running), RARE),
        Figure("central tendency: false signals at 0.01 of 400 raters", habits[0], RARE),
        Figure("range restriction: false signals at 0.01 of 400 raters", habits[1], RARE),
    ]
