"""What the report on scored people says: how abilities spread, what the levels say, what is not yet known."""

import numpy as np

from karmayogi.cli.score.report import Block, Figure, Heading, Note, Paragraph, Points, Report, Table, plots
from karmayogi.cli.score.report.blocks import count, named, number, share
from karmayogi.cli.score.report.reading import reading
from karmayogi.cli.score.scoring import LEAST_INFORMATION, Scored

METHODS = {
    "EAP": "the mean of what the answers and the prior leave likely (EAP)",
    "MAP": "the most likely ability given the answers and the prior (MAP)",
    "WLE": "the ability that makes the answers most likely, corrected for bias (WLE)",
}


def report(made: Scored) -> Report:
    """The whole report on scored people."""
    people = len(made.found.persons)
    blocks: list[Block] = [
        Heading("What was done"),
        Paragraph(
            f"Each ability is {METHODS[made.scores.method]}, from the items of the set that the person was asked. "
            f"Prior: {made.prior}."
        ),
        *_unknown(made),
        *reading(made.found),
        Heading("Abilities"),
        *_abilities(made),
        *_levels(made),
        Heading("What this does not mean"),
        Points(
            [
                "An ability is an estimate with an error. Two people whose ranges overlap may well be equal.",
                "Unsure is no low result: the answers do not decide yet.",
                "Answers to a test are one kind of evidence. A decision about a person rests on several kinds.",
            ]
        ),
        Heading("What to do next"),
        Points(
            [
                "Use the errors beside the abilities, never the abilities alone.",
                "Where many are unsure near a cut, ask more items of that difficulty.",
                f"Keep the set with the results: both name the hash {made.set.hash[:12]}.",
            ]
        ),
    ]
    return Report(
        "Report on scored people",
        f"{count(people, 'person was', 'people were')} scored with calibration set {made.set.number}.",
        [
            ("Calibration set", f"number {made.set.number}: {made.set.label}"),
            ("Its hash (SHA-256)", made.set.hash),
            ("File", made.found.path.name),
            ("People", f"{people:,}"),
            ("Answers used", f"{made.found.tally.answers_used:,}"),
            ("Method", made.scores.method),
        ],
        blocks,
    )


def _unknown(made: Scored) -> list[Block]:
    blocks: list[Block] = []
    if made.unknown:
        said = f"{count(len(made.unknown), 'item')} of the file is not in the set and counts for nobody: "
        said = said.replace(" is not", " are not") if len(made.unknown) > 1 else said
        blocks.append(Note("look", said.replace("counts", "count") + named(made.unknown) + "."))
    silent = int((made.asked == 0).sum())
    if silent:
        has = "has no ability" if made.scores.method == "WLE" else "has the prior as ability"
        blocks.append(Note("look", f"{count(silent, 'person', 'people')} without an answer: each {has}."))
    failed = int((~made.scores.converged & (made.asked > 0)).sum())
    if failed:
        blocks.append(Note("stop", f"For {count(failed, 'person', 'people')} the search did not settle."))
    return blocks


def _abilities(made: Scored) -> list[Block]:
    known = np.isfinite(made.scores.theta)
    theta, se = made.scores.theta[known], made.scores.se[known]
    if not len(theta):
        return [Note("stop", "Nobody has an ability.")]
    reach = max(4.0, float(np.ceil(np.abs(np.concatenate([theta, np.array(made.cuts)])).max())))
    edges = np.arange(-min(reach, 8.0), min(reach, 8.0) + 0.01, 0.5)
    counts, _ = np.histogram(np.clip(theta, edges[0], edges[-1]), edges)
    rows = [
        [
            f"{number(low, 1)} to {number(low + 0.5, 1)}",
            f"{n:,}",
            number(float(se[_within(theta, low)].mean())),
        ]
        for low, n in zip(edges[:-1], counts, strict=True)
        if n and _within(theta, low).any()
    ]
    says = (
        f"Abilities have mean {number(float(theta.mean()))} and sd {number(float(theta.std()))} logits; "
        f"half of the errors are below {number(float(np.median(se)))}."
    )
    drawn = plots.abilities(theta, np.minimum(se, 3.0), made.cuts, edges)
    table = Table("The same as a table", ("Ability", "People", "Mean error"), rows)
    return [Figure("abilities", "Abilities and their errors", says, drawn, table)]


def _within(theta: plots.Floats, low: float) -> plots.Floats:
    return np.asarray((theta >= low) & (theta < low + 0.5))


def _levels(made: Scored) -> list[Block]:
    if not made.cuts:
        return [Paragraph("No cut scores were named, so nothing is said of levels.")]
    rows = []
    for level, cut in enumerate(made.cuts):
        said = made.statements[:, level]
        parts = [int((said == word).sum()) for word in ("met", "below", "unsure")]
        rows.append([f"Level {level + 1}", number(cut), *(f"{n:,} ({share(n / len(said))})" for n in parts)])
    rule = (
        f"A level is met where the chance of an ability at or above its cut is {number(100 * made.sure, 0)} % or more, "
        f"below where it is {number(100 - 100 * made.sure, 0)} % or less, else unsure; also unsure while the answers "
        f"tell too little (information below {number(LEAST_INFORMATION, 0)})."
    )
    return [
        Heading("Levels"),
        Paragraph(rule),
        Table("People by level", ("Level", "Cut", "Met", "Below", "Unsure"), rows),
    ]
