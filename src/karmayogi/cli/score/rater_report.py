"""What the report on raters says: who can be compared, how severe each is, how far they agree."""

import numpy as np

from karmayogi.cli.score.rating_work import Rated
from karmayogi.cli.score.report import Block, Figure, Heading, Note, Paragraph, Points, Report, Table, plots
from karmayogi.cli.score.report.blocks import count, named, number, share

MOST_DRAWN = 50
INTERVAL = 1.959964


def report(made: Rated) -> Report:
    """The whole report on raters."""
    found, fit = made.found, made.fit
    blocks: list[Block] = [
        Heading("What was done"),
        Paragraph(
            "One model was fitted to all ratings: how able each ratee is, how severe each rater is, and where the "
            "thresholds of the marks lie. What one rater says of one ratee hangs together (halo); the model allows for "
            "it, so that many marks of one rater do not count as many opinions."
        ),
        *_read(made),
        Heading("Who can be compared"),
        *_links(made),
        Heading("Severity"),
        *_severities(made),
        Heading("Agreement"),
        *_agreement(made),
        Heading("What this does not mean"),
        Points(
            [
                "Severe is no fault and lenient no virtue: it is a habit that the estimates allow for.",
                "Raters who cannot be compared did nothing wrong; they were given no ratee in common with the others.",
                "Agreement says that raters say the same, not that they are right.",
            ]
        ),
        Heading("What to do next"),
        Points(_next(made)),
    ]
    known = int(fit.identified.sum())
    return Report(
        "Report on raters",
        f"{known} of {count(len(found.raters), 'rater')} can be compared, over {count(len(found.ratees), 'ratee')}.",
        [
            ("File", found.path.name), ("Ratings used", f"{len(found.value):,}"), ("Raters", f"{len(found.raters):,}"),
            ("Ratees", f"{len(found.ratees):,}"), ("Criteria", f"{len(found.criteria):,}"),
            ("Hash of the set (SHA-256)", made.set.hash),
        ],
        blocks,
    )  # fmt: skip


def _read(made: Rated) -> list[Block]:
    found, tally = made.found, made.found.tally
    used = "; ".join(
        f"{name}: {', '.join(f'{v:g}' for v in found.values[name])}" for name in found.criteria[:12]
    )
    blocks: list[Block] = [
        Heading("What was read"),
        Paragraph(f"{found.path.name}. SHA-256 of the file: {found.sha256}. Marks used, by criterion: {used}."),
        Table(
            "Rows", ("Of what", "Read", "Used", "Set aside", "Blank"),
            [["Ratings", f"{tally.rows:,}", f"{tally.answers_used:,}", f"{tally.rows_aside:,}", f"{tally.blanks:,}"]],
        ),
    ]  # fmt: skip
    if found.problems:
        rows = [[str(p.row), p.column or "–", p.value or "–", p.what] for p in found.problems[:12]]
        blocks.append(
            Table("What was set aside (the first)", ("Row", "Column", "Value", "What is wrong"), rows)
        )
    return blocks


def _links(made: Rated) -> list[Block]:
    apart = [name for name, known in zip(made.found.raters, made.fit.identified, strict=True) if not known]
    if not apart:
        return [Note("fine", "Every rater is tied to the others by ratees they share.")]
    if len(apart) == len(made.found.raters):
        said = "No two raters share a ratee, so no severity can be stated. "
        return [Note("stop", said + "A low mark may mean a severe rater or a weak work.")]
    return [
        Note(
            "look",
            f"{count(len(apart), 'rater')} without ties to the others; no severity is stated: {named(apart)}.",
        )
    ]


def _severities(made: Rated) -> list[Block]:
    fit, names = made.fit, made.found.raters
    known = np.flatnonzero(np.isfinite(fit.severity) & np.isfinite(fit.se_severity))
    if not len(known):
        return [Paragraph("No severity can be stated.")]
    order = known[np.argsort(fit.severity[known], kind="stable")]
    rows = [
        [names[n], number(fit.severity[n]), number(fit.se_severity[n]), str(int(fit.links.shared[n]))]
        for n in order
    ]
    if len(order) > MOST_DRAWN:
        order = np.concatenate([order[: MOST_DRAWN // 2], order[-MOST_DRAWN // 2 :]])
    says = (
        "Each rater with a 95 % interval; 0 is the mean of the raters compared. "
        "Where intervals overlap, raters may be alike."
    )
    drawn = plots.severities(
        [names[n] for n in order], fit.severity[order], INTERVAL * fit.se_severity[order]
    )
    table = Table("The same as a table", ("Rater", "Severity", "its error", "Shared ratees"), rows)
    spread = (
        f"Abilities of ratees have an sd of {number(fit.spread)} logits, halo one of {number(fit.halo_sd)}. "
        f"Severities range over {number(float(np.ptp(fit.severity[known])))} logits."
    )
    blocks: list[Block] = [
        Figure("severities", "Severities of the raters", says, drawn, table),
        Paragraph(spread),
    ]
    if not fit.converged:
        blocks.append(Note("stop", "The search did not settle; these severities are not to be used."))
    return blocks


def _agreement(made: Rated) -> list[Block]:
    found = made.agreement
    if found is None:
        return [Paragraph("No ratee has two raters, so there is no agreement to measure.")]
    rows = [
        ["Same mark", share(found.exact)],
        ["Same or neighbouring mark", share(found.within_one)],
        ["Weighted kappa (1 complete, 0 as by chance)", number(found.kappa)],
    ]
    if made.components is not None:
        rows += [
            ["Reliability of one mark by any rater", number(made.components.absolute)],
            ["Reliability among marks of one rater", number(made.components.consistency)],
        ]
    return [
        Table(
            f"Over {count(found.pairs, 'pair')} of marks on one ratee and criterion",
            ("Measure", "Value"),
            rows,
        )
    ]


def _next(made: Rated) -> list[str]:
    todo = []
    if not made.fit.identified.all():
        todo.append(
            "Give each rater a few ratees whom others rate too; a handful of shared works ties all together."
        )
    todo.append("Talk over works on which marks lay far apart, with the wording of the criteria at hand.")
    todo.append("Let estimates allow for severity (--ratees) instead of asking raters to change their habit.")
    return todo
