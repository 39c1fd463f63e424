"""Differing items: Mantel-Haenszel of all items at once against statsmodels item by item; power and false flags."""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from statsmodels.stats.contingency_tables import StratifiedTable

from karmayogi.science import fairness, irt
from karmayogi.science.simulation import examinees
from scientific import Figure, cpu

ITEMS, PEOPLE = 500, 20_000
SIZES = (0.2, 0.3, 0.4, 0.5, 0.64, 0.8)
CROWDS = (1_000, 2_000, 5_000, 20_000)
TEST, DIFFERING = 40, 4


def figures() -> list[Figure]:
    """Show 5: speed and agreement on 500 x 20,000; power and false flags by one and the same rule."""
    figures = [*_against_statsmodels(), *_power_curve(), *_own_curves()]
    _other_ways()
    return figures


def answers(
    people: int, items: int, differing: int, size: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers [N, I], groups [N] and differences [I] in logits: the first items differ, half of them either way.

    The focal group is half a logit below the reference, so matching has work to do.
    """
    random = np.random.default_rng(seed)
    a = np.clip(random.lognormal(0.1, 0.3, items), 0.4, 2.5)
    b = np.clip(random.normal(0.0, 1.0, items), -3.0, 3.0)
    group = np.arange(people) % 2
    theta = random.normal(0.0, 1.0, people) - 0.5 * group
    shift = np.zeros(items)
    shift[:differing] = np.where(np.arange(differing) % 2, size, -size)
    chance = 1.0 / (1.0 + np.exp(-(a * (theta[:, None] - b) - np.outer(group, shift))))
    return (random.random((people, items)) < chance).astype(np.int8), group, shift


def _crosstab(responses: np.ndarray, group: np.ndarray, score: np.ndarray, item: int) -> StratifiedTable:
    """The table of one item as a data frame gives it in one step: rows by score and group, columns by answer."""
    counts = pd.crosstab([score, group], responses[:, item]).to_numpy().reshape(-1, 2, 2)[:, :, ::-1]
    return StratifiedTable(list(counts))


def _from_data(responses: np.ndarray, group: np.ndarray, score: np.ndarray, item: int) -> StratifiedTable:
    """The table of one item as statsmodels builds it; it takes only strata with all four kinds of people."""
    frame = pd.DataFrame({"group": group, "answer": responses[:, item], "score": score})
    kinds = frame.groupby("score").apply(lambda part: len(part[["group", "answer"]].drop_duplicates()))
    full = frame[frame["score"].map(kinds) == 4]
    return StratifiedTable.from_data("group", "answer", "score", full)


def _bare(responses: np.ndarray, group: np.ndarray, score: np.ndarray, item: int) -> StratifiedTable:
    """The table of one item counted by hand, so that statsmodels has only its formulas left to do."""
    levels = int(score.max()) + 1
    cell = (group * 2 + 1 - responses[:, item]) * levels + score
    counts = np.bincount(cell, minlength=4 * levels).reshape(2, 2, levels).astype(float)
    return StratifiedTable(counts[:, :, counts.sum(axis=(0, 1)) > 0])


def _asked(table: StratifiedTable) -> tuple[float, float, float]:
    """What we give of an item: chi-square, odds ratio and its standard error."""
    return table.test_null_odds().statistic, table.oddsratio_pooled, table.logodds_pooled_se


def _against_statsmodels() -> list[Figure]:
    responses, group, _ = answers(PEOPLE, ITEMS, ITEMS // 10, 0.4, seed=3)
    kept = _everywhere(responses.sum(axis=1), group)
    responses, group = responses[kept], group[kept]
    score = responses.sum(axis=1, dtype=np.int64)

    def ours() -> fairness.MantelHaenszel:
        return fairness.mantel_haenszel(responses, group, purify=False)

    seconds, found = cpu(ours, times=5), ours()
    timed: dict[str, float] = {}
    worst = {"crosstab": 0.0, "counted by hand": 0.0}
    ways: dict[str, tuple[Callable[..., StratifiedTable], int]] = {
        "crosstab": (_crosstab, ITEMS),
        "counted by hand": (_bare, ITEMS),
        "from_data": (_from_data, 3),
    }
    for name, (table, count) in ways.items():
        before = time.process_time()
        told = [_asked(table(responses, group, score, item)) for item in range(count)]
        timed[name] = (time.process_time() - before) * ITEMS / count
        if name in worst:
            chi_square = np.array([one[0] for one in told])
            worst[name] = float(np.abs(chi_square - found.chi_square[0]).max())
            odds = np.array([one[1] for one in told])
            assert np.allclose(odds, found.odds_ratio[0], rtol=1e-10)
    print(f"  chi-square off statsmodels by at most {max(worst.values()):.2e} on {ITEMS} items")
    purified = cpu(lambda: fairness.mantel_haenszel(responses, group))
    print(
        f"{len(responses)} people x {ITEMS} items, {len(np.unique(score))} strata: ours {seconds * 1e3:.1f} ms of CPU"
    )
    print(
        f"  purified ({fairness.mantel_haenszel(responses, group).matching.rounds[0]} rounds): {purified * 1e3:.0f} ms"
    )
    for name, took in timed.items():
        note = ", three items extrapolated" if name == "from_data" else ", all items"
        print(f"  statsmodels StratifiedTable, {name}{note}: {took:.2f} s, {took / seconds:.0f} times ours")
    return [
        Figure("mh_times_faster_than_stratified_table", timed["crosstab"] / seconds, 100.0, at_least=True),
        Figure("mh_chi_square_off_statsmodels", worst["crosstab"], 1e-9),
        Figure("mh_chi_square_off_statsmodels_counted", worst["counted by hand"], 1e-9),
    ]


def _everywhere(score: np.ndarray, group: np.ndarray) -> np.ndarray:
    """People with a score that both groups reach: statsmodels divides by 0 where one person is alone."""
    both = np.intersect1d(score[group == 0], score[group == 1])
    return np.isin(score, both)


def _power_curve() -> list[Figure]:
    print(
        f"Flagged B or C (|D| >= 1 and p < 0.05, purified), {TEST} items of which {DIFFERING} differ; n in all"
    )
    print("  logit " + "".join(f"{f'n={n}':>22}" for n in CROWDS) + "   (power / false flags)")
    power, false = {}, {}
    for size in SIZES:
        line = f"  {size:5.2f} "
        for crowd in CROWDS:
            power[size, crowd], false[size, crowd] = _rates(crowd, size)
            line += f"{power[size, crowd]:14.3f} / {false[size, crowd]:.4f}"
        print(line, flush=True)
    worst = max(rate for (_, crowd), rate in false.items() if crowd >= 2_000)
    nothing = _rates(2_000, 0.0)[1]
    print(f"  without any difference, n=2000: false flags {nothing:.4f}")
    return [
        Figure("mh_power_0.64_logit_n_2000", power[0.64, 2_000], 0.9, at_least=True),
        Figure("mh_false_flags_from_n_2000", max(worst, nothing), 0.01),
    ]


def _rates(crowd: int, size: float) -> tuple[float, float]:
    """Power and rate of false flags over as many tests as make 200,000 to 400,000 people."""
    times = int(np.clip(400_000 // crowd, 20, 200))
    hit, false = np.empty(times), np.empty(times)
    for seed in range(times):
        responses, group, shift = answers(crowd, TEST, DIFFERING, size, seed=1_000 + seed)
        flagged = fairness.mantel_haenszel(responses, group).flagged[0]
        hit[seed], false[seed] = flagged[shift != 0.0].mean() if size else 0.0, flagged[shift == 0.0].mean()
    return float(hit.mean()), float(false.mean())


def _own_curves() -> list[Figure]:
    """Honest items by likelihood ratio, and graded items of which two differ, purified."""
    p = []
    for seed in range(10):
        responses, group, _ = answers(1_200, 12, 0, 0.0, seed=2_000 + seed)
        p.append(fairness.likelihood_ratio_difference(responses, group, purify=False).p[0])
    share = float((np.concatenate(p) < 0.05).mean())
    random = np.random.default_rng(3)
    slopes, cuts = np.clip(random.lognormal(0.1, 0.3, 10), 0.6, 2.0), random.normal(0.0, 1.0, (10, 2))
    cuts = np.sort(cuts, axis=1) + np.arange(2) * 0.5
    moved = cuts + 0.9 * (np.arange(10) < 2)[:, None]
    group = np.repeat([0, 1], 1_000)
    theta = random.normal(0.0, 1.0, 2_000) - 0.5 * group
    codes = np.concatenate(
        [
            examinees.answers(theta[group == one], irt.Items.graded(slopes, where), random)
            for one, where in enumerate((cuts, moved))
        ]
    )
    found = fairness.likelihood_ratio_difference(codes, group, models="GRM").flagged[0]
    print(
        f"likelihood ratio: {share:.3f} of 120 honest items below 0.05; graded items flagged {np.flatnonzero(found)}"
    )
    return [
        Figure("likelihood_ratio_honest_items_below_0.05", share, 0.12),
        Figure("likelihood_ratio_graded_items_found", float(found[:2].mean()), 1.0, at_least=True),
    ]


def _other_ways() -> None:
    """Prints what the other methods find at 0.64 logits and 2,000 people, each by its own rule."""

    def by_lord(responses: np.ndarray, group: np.ndarray) -> np.ndarray:
        return fairness.lord_difference(
            *(fairness.fitted(irt.fit(responses[group == one])) for one in (0, 1))
        ).flagged

    ways: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
        "logistic regression": lambda x, g: fairness.logistic_difference(x, g).flagged[0],
        "Lord": by_lord,
        "likelihood ratio": lambda x, g: fairness.likelihood_ratio_difference(x, g).flagged[0],
    }
    for name, flags in ways.items():
        hit, false, before = [], [], time.process_time()
        for seed in range(5):
            responses, group, shift = answers(2_000, TEST, DIFFERING, 0.64, seed=1_000 + seed)
            flagged = flags(responses, group)
            hit.append(flagged[shift != 0.0].mean())
            false.append(flagged[shift == 0.0].mean())
        took = (time.process_time() - before) / 5
        print(
            f"  {name:20} power {np.mean(hit):.2f}, false flags {np.mean(false):.4f}, {took:.2f} s of CPU a test"
        )
