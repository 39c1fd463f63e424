"""What the report on a simulated adaptive test says: how long, how exact, how evenly items are used."""

from collections import Counter

import numpy as np

from karmayogi.cli.score.report import Block, Figure, Heading, Note, Paragraph, Points, Report, Table, plots
from karmayogi.cli.score.report.blocks import count, named, number, share
from karmayogi.cli.score.simulating import Simulated

EDGES = np.array([-4.0, -3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0])
ENDS = {
    "precise": "the error was small enough", "classified": "every cut was decided", "longest": "it had its full length",
    "no-item-left": "no item was left that the limits allow",
}  # fmt: skip


def report(made: Simulated) -> Report:
    """The whole report on a simulated adaptive test."""
    found, policy = made.found, made.policy
    blocks: list[Block] = [
        Heading("What was done"),
        Paragraph(
            f"{count(len(found.thetas), 'person', 'people')} with abilities drawn from a normal distribution (mean "
            f"{number(made.mean)}, sd {number(made.sd)}) sat the adaptive test on the computer, one after the other. "
            "Their answers were drawn from the item parameters of the set, as if these were exactly true."
        ),
        Table("The policy", ("Rule", "Value"), _rules(made)),
        *(
            [Note("look", f"Not taken, because an adaptive test cannot use them: {named(made.left_out)}.")]
            if made.left_out
            else []
        ),
        Heading("Lengths and exposure"),
        *_lengths(made),
        Heading("Exactness"),
        *_bands(made),
        Heading("What this does not mean"),
        Points(
            [
                "Simulated people answer exactly as the model says and never tire. Real sittings will be a little less "
                "exact.",
                "The parameters carry errors of their own, which this simulation takes as nothing.",
                "A long sitting is no fault of the person: some abilities have few items near them.",
            ]
        ),
        Heading("What to do next"),
        Points(_next(made)),
    ]
    return Report(
        "Report on a simulated adaptive test",
        f"{number(float(found.lengths.mean()), 1)} items on average, with an error of {number(found.rmse)} logits.",
        [
            ("Calibration set", f"number {made.set.number}: {made.set.label}"),
            ("Its hash (SHA-256)", made.set.hash),
            ("Policy (SHA-256)", policy.hash),
            ("Items", f"{len(made.pool):,}"),
            ("Sittings", f"{len(found.thetas):,}"),
            ("Seed", str(made.seed)),
        ],
        blocks,
    )


def _rules(made: Simulated) -> list[list[str]]:
    policy = made.policy
    rows = [
        ["Items", f"{policy.shortest} to {policy.longest}"],
        ["Stops at an error of", number(policy.precision)],
        ["Stops once decided at the cuts", ", ".join(number(cut) for cut in policy.cuts) or "–"],
        ["Next item by", f"{policy.rule.value}, drawn among the best {policy.top}"],
        ["Largest share of sittings for an item", number(policy.cap)],
    ]
    for quota in policy.quotas:
        most = "" if quota.most is None else f", at most {quota.most}"
        rows.append([f"{quota.attribute} {quota.value}", f"at least {quota.least}{most}"])
    return rows


def _lengths(made: Simulated) -> list[Block]:
    found = made.found
    ends = Counter(why.value for why in found.ends)
    rows = [[ENDS.get(end, end), f"{n:,}", share(n / len(found.ends))] for end, n in ends.most_common()]
    unused = int((found.shares == 0).sum())
    says = (
        f"Half of the sittings took {number(float(np.median(found.lengths)), 0)} items or fewer. The most shown item "
        f"came up in {share(float(found.shares.max()))} of the sittings; {count(unused, 'item')} of {len(made.pool)} "
        "never came up. "
        f"Two sittings share {share(found.overlap)} of their items on average."
    )
    order = np.argsort(-found.shares, kind="stable")[:20]
    table = Table(
        "The items shown most", ("Item", "Share of sittings"),
        [[made.pool.names[n], share(float(found.shares[n]))] for n in order],
    )  # fmt: skip
    drawn = plots.lengths_and_exposure(found.lengths, found.shares, made.policy.cap)
    return [
        Figure(
            "lengths-exposure", "How long sittings were, and how often items were shown", says, drawn, table
        ),
        Table("Why sittings ended", ("Because", "Sittings", "Share"), rows),
    ]


def _bands(made: Simulated) -> list[Block]:
    bands = made.found.bands(EDGES)
    rows = [
        [
            f"{number(b.low, 1)} to {number(b.high, 1)}", f"{b.sittings:,}", number(b.bias), number(b.rmse),
            number(b.sd), number(b.length, 1),
        ]
        for b in bands
    ]  # fmt: skip
    table = Table(
        "By true ability", ("Ability", "Sittings", "Bias", "RMSE", "Mean error stated", "Mean length"), rows
    )
    middles = np.array([(b.low + b.high) / 2 for b in bands])
    drawn = plots.accuracy(
        EDGES, middles, np.array([b.bias for b in bands]), np.array([b.rmse for b in bands])
    )
    says = "How far estimates lie from the truth, by true ability. Bias: on average too high (above 0) or too low."
    return [Figure("exactness", "Bias and error along ability", says, drawn, table)]


def _next(made: Simulated) -> list[str]:
    found, policy = made.found, made.policy
    todo = []
    full = float(np.mean([why.value == "longest" for why in found.ends]))
    if policy.precision is not None and full > 0.2:
        todo.append(
            f"{share(full)} of the sittings ran to full length: write items where errors are large, or allow more."
        )
    if float(found.shares.max()) > policy.cap + 0.02:
        todo.append(
            "The cap could not be held: sittings need more items than the pool has for it. Add items."
        )
    elif float(found.shares.max()) > 0.3:
        todo.append("Some items are shown to many: set --cap, or add items of that difficulty.")
    if int(found.relaxed.sum()):
        todo.append(
            f"Limits were lifted in {count(int((found.relaxed > 0).sum()), 'sitting')}: the pool is short for them."
        )
    todo.append("Try another policy with the same seed and compare the two reports.")
    return todo
