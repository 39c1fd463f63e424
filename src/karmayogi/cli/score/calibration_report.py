"""What a calibration's report says: what was done, how much the test tells, whether the model fits."""

import numpy as np

from karmayogi.cli.score.calibrating import Calibrated
from karmayogi.cli.score.calibration_items import POOR_FIT, concerns, items_of, look, middles
from karmayogi.cli.score.report import Block, Figure, Heading, Note, Paragraph, Points, Report, Table, plots
from karmayogi.cli.score.report.blocks import chance, count, named, number
from karmayogi.cli.score.report.reading import reading
from karmayogi.science import irt


def report(made: Calibrated) -> Report:
    """The whole report of a calibration."""
    people, items = round(made.fit.people), len(made.items)
    models = sorted(set(made.items.models))
    blocks: list[Block] = [
        Heading("What was done"),
        Paragraph(_done(made, models)),
        *_outcome(made),
        *reading(made.found),
        Heading("Items to look at"),
        *look(made),
        Heading("Items"),
        *items_of(made),
        Heading("How much the test tells"),
        *_test(made),
        Heading("People and items on one scale"),
        *_map(made),
        *_groups(made),
        Heading("Does the model fit?"),
        *_fits(made),
        Heading("What this does not mean"),
        Points(
            [
                "A difficulty is not a mark for whoever wrote the item: hard and easy items are both needed.",
                "Logits are a scale of this set. Numbers of two sets compare only if the sets are linked (--anchors).",
                "A good fit says that the answers hang together as the model expects, not that the items measure "
                "what they were meant to: that takes people who know the work.",
            ]
        ),
        Heading("What to do next"),
        Points(_next(made)),
    ]
    return Report(
        "Calibration report",
        f"{count(items, 'item')} calibrated from the answers of {count(people, 'person', 'people')}, with "
        f"{' and '.join(models)}.",
        _facts(made),
        blocks,
    )


def _facts(made: Calibrated) -> list[tuple[str, str]]:
    held = made.set
    return [
        ("Calibration set", f"number {held.number}: {held.label}"),
        ("Its hash (SHA-256)", held.hash),
        ("File", made.found.path.name),
        ("People", f"{round(made.fit.people):,}"),
        ("Answers used", f"{held.sample.answers:,}"),
        ("Log-likelihood", number(made.fit.log_likelihood, 3)),
        ("Program", held.sample.program),
    ]


def _done(made: Calibrated, models: list[str]) -> str:
    words = (
        f"Item parameters were estimated by marginal maximum likelihood under {' and '.join(models)}: the parameters "
        "under which these answers are the most likely, with abilities spread as a normal distribution."
    )
    if made.with_priors:
        words += " Guessing, slipping and slopes were given weak priors, because answers alone tell little of them."
    if made.set.linking is not None:
        words += (
            f" {count(len(made.set.linking.anchors), 'item')} kept the parameters of set "
            f"{made.set.linking.base[:12]}, so that this scale is the scale of that set."
        )
    return words


def _outcome(made: Calibrated) -> list[Block]:
    if made.fit.converged:
        return [Note("fine", f"The search settled after {count(made.fit.iterations, 'step')}.")]
    return [
        Note(
            "stop",
            "The search did not settle, so these parameters are not to be used. Leave out the items named below, or "
            "take a model with fewer parameters.",
        )
    ]


def _test(made: Calibrated) -> list[Block]:
    at = np.linspace(-3.0, 3.0, 7)
    told = irt.informations(at, made.items.parameters).sum(axis=1)
    best = plots.CURVES[int(np.argmax(irt.informations(plots.CURVES, made.items.parameters).sum(axis=1)))]
    rows = [
        [number(theta, 1), number(value), number(1.0 / np.sqrt(value) if value > 0 else float("inf"))]
        for theta, value in zip(at, told, strict=True)
    ]
    says = f"The test tells most about people near {number(float(best), 1)} logits. "
    says += "The lower curve is the error of the ability of somebody who is asked every item."
    table = Table("The same as a table", ("Ability", "Information", "Standard error"), rows)
    theta, se, w = made.scores.theta, made.scores.se, made.weights
    spread = float(np.average(np.square(theta - np.average(theta, weights=w)), weights=w))
    reliability = spread / (spread + float(np.average(np.square(se), weights=w)))
    return [
        Figure(
            "information",
            "Information and standard error",
            says,
            plots.information(made.items.parameters),
            table,
        ),
        Paragraph(
            f"Reliability of the abilities of these people: {number(reliability)} (1: no error; 0: nothing but error)."
        ),
    ]


def _map(made: Calibrated) -> list[Block]:
    places = middles(made.items.parameters)
    edges = np.arange(-4.0, 4.01, 0.5)
    theta = np.clip(made.scores.theta, -4.0, 3.999)
    people, _ = np.histogram(theta, edges, weights=made.weights)
    items, _ = np.histogram(np.clip(places, -4.0, 3.999), edges)
    rows = [
        [f"{number(low, 1)} to {number(low + 0.5, 1)}", f"{round(p):,}", f"{i:,}"]
        for low, p, i in zip(edges[:-1], people, items, strict=True)
    ]
    says = "People on the left and items on the right stand on one scale: items tell most about the people beside them."
    if len(places) > 22:
        says += " Not every item is named."
    drawn = plots.wright_map(theta, made.weights, places, made.items.names, edges)
    table = Table("The same as a table", ("Logits", "People", "Items"), rows)
    return [Figure("wright-map", "Wright map", says, drawn, table)]


def _groups(made: Calibrated) -> list[Block]:
    if len(made.groups) == 1:
        return []
    errors = made.fit.errors
    rows = [
        [
            name, f"{made.set.cohorts[name].people:,}", number(made.fit.means[n]),
            number(None if errors is None else errors.means[n]), number(made.fit.sds[n]),
        ]
        for n, name in enumerate(made.groups)
    ]  # fmt: skip
    said = (
        "Groups have abilities of their own mean and spread, while an item means the same in all of them. Whether it "
        "does is a question for karmayogi score dif. A difference between groups has many causes and says nothing of "
        "any one person."
    )
    return [
        Heading("Groups"),
        Paragraph(said),
        Table("Abilities by group (logits)", ("Group", "People", "Mean", "its error", "Sd"), rows),
    ]


def _fits(made: Calibrated) -> list[Block]:
    blocks: list[Block] = []
    if made.model_fit is not None:
        fit = made.model_fit
        name = "M2" if (made.items.parameters.categories == 2).all() else fit.statistic
        said = f"{name} {number(fit.value, 3)} on {fit.df} degrees of freedom, p {chance(fit.p)}, "
        said += f"RMSEA {number(fit.rmsea, 3)}."
        good = fit.rmsea <= POOR_FIT
        words = "Taken together, answers go with each other as the model expects. " if good else (
            "Answers go with each other in another way than the model expects; look at single items. "
        )  # fmt: skip
        blocks.append(Note("fine" if good else "look", words + said))
    if made.untested:
        blocks.append(Paragraph(made.untested))
    if made.item_fit is not None:
        fits = made.item_fit
        rows = [
            [name, number(fits.value[n]), str(fits.df[n]), chance(float(fits.p[n])), number(fits.rmsea[n], 3)]
            for n, name in enumerate(made.items.names)
        ]
        caption = (
            "Fit of single items (S-X2: observed against expected answers among people with the same score)"
        )
        blocks.append(Table(caption, ("Item", "S-X2", "df", "p", "RMSEA"), rows, folded=len(rows) > 12))
    return blocks


def _next(made: Calibrated) -> list[str]:
    unsure = [name for name, _ in concerns(made)]
    todo = []
    if not made.fit.converged:
        todo.append("Calibrate again with fewer items or a simpler model: this set has not settled.")
    if unsure:
        todo.append(f"Read the items named above with somebody who knows the work: {named(unsure)}.")
    if made.found.problems:
        todo.append("Look at what was set aside (--errors writes every row, column and value).")
    todo.append("Ask whether items mean the same in all groups: karmayogi score dif.")
    todo.append("Score people with the set: karmayogi score people; their results name its hash.")
    return todo
