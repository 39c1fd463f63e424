"""What the report on differing items says: which items, how much, for whom, and what to do about it."""

import numpy as np

from karmayogi.cli.score.comparing import Compared
from karmayogi.cli.score.report import Block, Figure, Heading, Note, Paragraph, Points, Report, Table, plots
from karmayogi.cli.score.report.blocks import chance, count, named, number
from karmayogi.cli.score.report.reading import reading

MOST_DRAWN = 40
INTERVAL = 1.959964


def report(made: Compared) -> Report:
    """The whole report on differing items."""
    items = len(made.found.items)
    blocks: list[Block] = [
        Heading("What was done"),
        Paragraph(
            "People of two groups with the same score were compared on each item (Mantel and Haenszel). If an item is "
            "harder for one group at equal ability, it differs. Items that differ were left out of the score that "
            "matches people, and all were compared again until nothing changed. Logistic regression looks besides "
            "whether the difference changes along ability."
        ),
        *reading(made.found),
    ]
    for place, focal in enumerate(made.focal):
        blocks += _group(made, place, focal)
    blocks += [
        Heading("What this does not mean"),
        Points(
            [
                "A group with lower scores is no sign of differing items, and differing items do not explain a whole "
                "difference in scores: people are compared at equal ability.",
                "An item that differs is not unfair by itself. It may ask for something that belongs to the work and "
                "that the groups meet at different times.",
                "With few people large differences stay unseen; with very many, small ones become significant. Read "
                "class and interval together.",
            ]
        ),
        Heading("What to do next"),
        Points(_next(made)),
    ]
    return Report(
        "Report on differing items",
        f"{count(items, 'item')} compared between {named(made.focal)} and {made.reference}.",
        [
            ("File", made.found.path.name), ("Reference group", made.reference), ("Compared", named(made.focal)),
            ("People", f"{len(made.found.persons):,}"), ("Items", f"{items:,}"),
            ("Class C", str(int((made.uniform.effect == "C").sum()))),
        ],
        blocks,
    )  # fmt: skip


def _group(made: Compared, place: int, focal: str) -> list[Block]:
    """The section on one compared group."""
    one, names = made.uniform, made.found.items
    classes = one.effect[place]
    blocks: list[Block] = [Heading(f"{focal} compared with {made.reference}")]
    large = [name for name, kind in zip(names, classes, strict=True) if kind == "C"]
    some = [name for name, kind in zip(names, classes, strict=True) if kind == "B"]
    if large:
        blocks.append(Note("look", f"{count(len(large), 'item')} of class C (large): {named(large)}."))
    else:
        blocks.append(Note("fine", "No item differs much (class C)."))
    if some:
        blocks.append(Paragraph(f"{count(len(some), 'item')} of class B (moderate): {named(some)}."))
    how = one.matching
    if not how.settled[place]:
        blocks.append(Note("look", "The choice of matching items did not settle; compare with --no-purify."))
    thin = [name for name, few in zip(names, one.thin[place], strict=True) if few]
    if thin:
        blocks.append(Paragraph(f"Too few people or too little spread to trust the test: {named(thin)}."))
    blocks += _drawn(made, place, focal)
    return blocks


def _drawn(made: Compared, place: int, focal: str) -> list[Block]:
    one, two, names = made.uniform, made.logistic, made.found.items
    known = np.flatnonzero(np.isfinite(one.d_dif[place]) & np.isfinite(one.se[place]))
    order = known[np.argsort(-np.abs(one.d_dif[place][known]), kind="stable")][:MOST_DRAWN]
    order = order[np.argsort(one.d_dif[place][order], kind="stable")]
    rows = [
        [
            names[n], str(one.effect[place, n]), number(one.d_dif[place, n]), number(one.se[place, n]),
            chance(float(one.p[place, n])), str(two.effect[place, n]), chance(float(two.non_uniform_p[place, n])),
        ]
        for n in np.argsort(-np.abs(np.nan_to_num(one.d_dif[place], posinf=99.0, neginf=-99.0)), kind="stable")
    ]  # fmt: skip
    header = ("Item", "Class", "D", "its error", "p", "Class (logistic)", "p (changes along ability)")
    table = Table("All items, the largest differences first", header, rows)
    if not len(order):
        return [table]
    what = "Each item" if len(order) == len(names) else f"The {len(order)} largest differences"
    says = (
        f"{what}, with a 95 % interval, in delta units. To the left of 0 an item is harder for {focal} at equal "
        f"ability, to the right for {made.reference}. Beyond 1 a difference may matter, beyond 1.5 it is large."
    )
    drawn = plots.forest(
        [names[n] for n in order], one.d_dif[place, order], INTERVAL * one.se[place, order],
        [str(kind) for kind in one.effect[place, order]],
    )  # fmt: skip
    return [Figure(f"forest-{place + 1}", f"Differences for {focal}", says, drawn, table)]


def _next(made: Compared) -> list[str]:
    large = sorted(
        {name for n, name in enumerate(made.found.items) if (made.uniform.effect[:, n] == "C").any()}
    )
    if not large:
        return ["Nothing urgent. Compare again when many more people have answered."]
    return [
        f"Let people of both groups who know the work read {named(large)}: wording, pictures, examples, translation.",
        "Mend or replace what they find, and calibrate again. Keep a note of what was decided and why.",
        "Leave items of class C out of the anchors of a linking.",
    ]
