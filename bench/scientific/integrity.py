"""Integrity signals: false positives among honest people and pairs, with abilities and items known and estimated."""

from collections.abc import Iterator

import numpy as np

from karmayogi.science import fairness, integrity, irt
from karmayogi.science.integrity.items import right_chances
from karmayogi.science.irt import Items
from karmayogi.science.simulation import misconduct
from scientific import Figure, within

PEOPLE, PAIRS, ITEMS = 10_000, 10_000, 40
RATE = 0.01
SEEDS = range(5)
COPIERS = 1_000
CALIBRATED_ON, WATCHED, BANKS = 1_000, 1_000, 20


def figures() -> list[Figure]:
    """Show 7: each signal at 0.01 over 10,000 honest persons or pairs, by seed; power for 20 of 40 items copied."""
    rates: dict[str, list[float]] = {}
    powers: dict[str, list[float]] = {}
    for seed in SEEDS:
        for name, rate in _false_positives(seed):
            rates.setdefault(name, []).append(rate)
        for name, power in _powers(seed):
            powers.setdefault(name, []).append(power)
    print(
        f"False positives at {RATE} over {PEOPLE} honest people or pairs: first seed, mean of {len(SEEDS)}, range"
    )
    found = []
    for name, by_seed in rates.items():
        print(f"  {name:44} {by_seed[0]:.4f}  {np.mean(by_seed):.4f}  {min(by_seed):.4f}-{max(by_seed):.4f}")
        found += within(f"{name}, first 10,000", by_seed[0], 0.007, 0.013)
        found += within(f"{name}, mean of {len(SEEDS)} x 10,000", float(np.mean(by_seed)), 0.007, 0.013)
    drifted = _drift_estimated()
    print(f"  {'drift (CUSUM), items estimated':44} {drifted:.4f} of {BANKS * len(SEEDS) * ITEMS} items")
    found += within("drift (CUSUM), items estimated", drifted, 0.0, 0.013)
    print("Power, everything estimated from the spoilt data: mean, range over seeds")
    for name, by_seed in powers.items():
        print(f"  {name:44} {np.mean(by_seed):.3f}  {min(by_seed):.3f}-{max(by_seed):.3f}")
        if name.endswith(f"{ITEMS // 2} of {ITEMS} copied"):
            found.append(Figure(f"{name}: power", float(np.mean(by_seed)), 0.8, at_least=True))
    return found


def _false_positives(seed: int) -> Iterator[tuple[str, float]]:
    random = np.random.default_rng(seed)
    choosing, pace = misconduct.bank(ITEMS, random)
    theta = random.normal(0.0, 1.0, PEOPLE)
    sitting = misconduct.honest(theta, choosing, pace, random)
    answers = integrity.scored(sitting.choices, choosing.key)
    calibrated = irt.calibrate(answers)
    estimated = Items.logistic(calibrated.a, calibrated.b)
    yield from _of_answers(answers, choosing.items, estimated, theta, random, seed)
    yield from _of_pairs(sitting, choosing, estimated, theta, random)
    yield from _of_times(sitting, pace)


def _of_answers(
    answers: np.ndarray,
    items: Items,
    estimated: Items,
    theta: np.ndarray,
    random: np.random.Generator,
    seed: int,
) -> Iterator[tuple[str, float]]:
    yield "l_z, ability and items known", integrity.person_fit(answers, items, theta=theta).flagged.mean()
    yield "l_z*, WLE, items known", integrity.person_fit(answers, items).flagged.mean()
    yield "l_z*, WLE, items estimated", integrity.person_fit(answers, estimated).flagged.mean()
    yield (
        "l_z*, MAP, items estimated",
        integrity.person_fit(answers, estimated, estimator="map").flagged.mean(),
    )
    guessed = Items.logistic(items.a, items.difficulty, lower=0.2)
    with_guesses = (random.random(answers.shape) < right_chances(theta, guessed)).astype(np.int8)
    yield "l_z*, WLE, 3PL, items known", integrity.person_fit(with_guesses, guessed).flagged.mean()
    grown = theta + random.normal(0.2, 0.3, PEOPLE)
    later = (random.random(answers.shape) < right_chances(grown, items)).astype(np.int8)
    growth = {"growth_mean": 0.2, "growth_sd": 0.3}
    yield (
        "gains, items known",
        integrity.unexpected_gains(answers, items, later, items, **growth).flagged.mean(),
    )
    told = integrity.unexpected_gains(answers, estimated, later, estimated, **growth)
    yield "gains, items estimated", told.flagged.mean()
    watched = integrity.batches(
        np.repeat(np.arange(ITEMS), PEOPLE),
        answers.T.ravel(),
        integrity.expected_without_self(answers, items).T.ravel(),
        items=ITEMS,
        size=50,
    )
    runs = np.concatenate([watched[:, start : start + 20] for start in range(0, 200, 20)])
    share = integrity.item_drift(runs, 0.0).flagged.mean()
    print(f"  seed {seed}: {len(runs)} honest runs of 20 batches of 50 answers flagged at {share:.4f}")
    pure = integrity.item_drift(random.standard_normal((PEOPLE, 20)), 0.0)
    yield "drift (CUSUM), normal batches", pure.flagged.mean()


def _drift_estimated() -> float:
    """Honest items flagged, calibrated on 1,000 people and watched over 20 batches of 50 others."""
    flagged = []
    which = np.repeat(np.arange(ITEMS), WATCHED)
    for seed in range(BANKS * len(SEEDS)):
        random = np.random.default_rng(1_000 + seed)
        true = misconduct.bank(ITEMS, random)[0].items
        first, later = (
            (random.random((people, ITEMS)) < right_chances(random.normal(0.0, 1.0, people), true)).astype(
                np.int8
            )
            for people in (CALIBRATED_ON, WATCHED)
        )
        found = irt.calibrate(first)
        items, errors = (
            Items.logistic(found.a, found.b),
            fairness.estimates(first, found.a, found.b).covariance,
        )
        chance = integrity.expected_without_self(later, items).T.ravel()
        residuals = integrity.batches(which, later.T.ravel(), chance, items=ITEMS)
        shifts = integrity.calibration_shifts(which, chance, items, errors)
        flagged.append(integrity.item_drift(residuals, shifts).flagged.mean())
    return float(np.mean(flagged))


def _of_pairs(
    sitting: misconduct.Sitting,
    choosing: integrity.Choosing,
    estimated: Items,
    theta: np.ndarray,
    random: np.random.Generator,
) -> Iterator[tuple[str, float]]:
    pairs = random.permuted(np.tile(np.arange(PEOPLE), (2, 1)), axis=1).T
    pairs = pairs[pairs[:, 0] != pairs[:, 1]][:PAIRS]
    fitted = _fitted(sitting.choices, choosing.key, estimated)
    for name, index in (("omega", integrity.omega), ("gbt", integrity.generalized_binomial)):
        known = index(sitting.choices, choosing, pairs, theta=theta)
        yield f"{name}, ability and options known", known.flagged.mean()
        yield f"{name}, ability estimated", index(sitting.choices, choosing, pairs).flagged.mean()
        yield f"{name}, all estimated", index(sitting.choices, fitted, pairs).flagged.mean()


def _of_times(sitting: misconduct.Sitting, pace: integrity.Pace) -> Iterator[tuple[str, float]]:
    half = np.arange(ITEMS // 2)
    for name, model in (("known", pace), ("estimated", integrity.fit_pace(sitting.seconds))):
        yield f"erratic pace, items {name}", integrity.erratic_pace(sitting.seconds, model).flagged.mean()
        yield f"rapid answers, items {name}", integrity.rapid_answers(sitting.seconds, model).flagged.mean()
        told = integrity.known_by_pace(sitting.seconds, model, half)
        yield f"known beforehand by pace, items {name}", told.flagged.mean()


def _fitted(choices: np.ndarray, key: np.ndarray, items: Items) -> integrity.Choosing:
    found = integrity.abilities(integrity.scored(choices, key), items, estimator="map")
    return integrity.fit_choosing(choices, key, items, found.theta)


def _powers(seed: int) -> Iterator[tuple[str, float]]:
    random = np.random.default_rng(100 + seed)
    choosing, pace = misconduct.bank(ITEMS, random)
    clean = misconduct.honest(random.normal(0.0, 1.0, PEOPLE), choosing, pace, random)
    people = random.permutation(PEOPLE)
    pairs = people[: 2 * COPIERS].reshape(-1, 2)
    for share in (0.25, 0.5):
        spoilt = misconduct.copied(clean, pairs, share, random)
        calibrated = irt.calibrate(integrity.scored(spoilt.choices, choosing.key))
        fitted = _fitted(spoilt.choices, choosing.key, Items.logistic(calibrated.a, calibrated.b))
        name = f"{round(share * ITEMS)} of {ITEMS} copied"
        yield f"omega, {name}", integrity.omega(spoilt.choices, fitted, pairs).flagged.mean()
        yield f"gbt, {name}", integrity.generalized_binomial(spoilt.choices, fitted, pairs).flagged.mean()
    who, out = people[:300], np.arange(10)
    spoilt = misconduct.known_beforehand(clean, choosing.key, who, out, random)
    model = integrity.fit_pace(spoilt.seconds)
    yield (
        "known beforehand by pace, 10 of 40 out",
        integrity.known_by_pace(spoilt.seconds, model, out).flagged[who].mean(),
    )
    answers = integrity.scored(spoilt.choices, choosing.key)
    told = integrity.known_by_answers(answers, choosing.items, out)
    yield "known beforehand by answers, 10 of 40 out", told.flagged[who].mean()
    spoilt = misconduct.guessed_rapidly(clean, who, 0.25, random)
    model = integrity.fit_pace(spoilt.seconds)
    yield (
        "rapid answers, 10 of 40 guessed",
        integrity.rapid_answers(spoilt.seconds, model).flagged[who].mean(),
    )
    yield "erratic pace, 10 of 40 guessed", integrity.erratic_pace(spoilt.seconds, model).flagged[who].mean()
