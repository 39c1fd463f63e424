"""What a calibration's report says: what was done, how hard and how telling items are, what to look at."""

import numpy as np

from karmayogi.cli.score.calibrating import Calibrated
from karmayogi.cli.score.report import Block, Figure, Heading, Note, Paragraph, Points, Report, Table, plots
from karmayogi.cli.score.report.blocks import chance, count, named, number
from karmayogi.cli.score.report.reading import reading
from karmayogi.science import irt

MOST_CURVES = 12
FEW_ANSWERS = 200
WEAK_SLOPE, FAR, POOR_FIT = 0.35, 4.0, 0.05
"""Below this slope an item tells little; beyond this difficulty few people are near; above this RMSEA it fits badly."""


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
        *_look(made),
        Heading("Items"),
        *_items(made),
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


def _concerns(made: Calibrated) -> list[tuple[str, str]]:
    """Items that want a look, each with every reason."""
    items, reasons = made.items.parameters, dict[str, list[str]]()
    with np.errstate(invalid="ignore"):
        far = np.abs(items.b) > FAR
    for place, name in enumerate(made.items.names):
        said = reasons.setdefault(name, [])
        slope = items.slope[place]
        if slope < 0:
            said.append("the slope is negative: able people get it wrong more often; check the key first")
        elif slope < WEAK_SLOPE:
            said.append(f"the slope is {number(slope)}: the item tells little about ability")
        if slope > 0 and far[place].any():
            said.append("its difficulty lies far from these people, so it is known badly")
        if made.items.asked[place] < FEW_ANSWERS:
            said.append(f"it rests on {count(int(made.items.asked[place]), 'answer')}")
        fit = made.item_fit
        if fit is not None and fit.p[place] < 0.01 / len(items) and fit.rmsea[place] > POOR_FIT:
            said.append(
                f"answers do not follow the curve (S-X2 {number(fit.value[place], 1)}, p {chance(fit.p[place])})"
            )
    return [(name, "; ".join(said)) for name, said in reasons.items() if said]


def _look(made: Calibrated) -> list[Block]:
    found = _concerns(made)
    if not found:
        return [Note("fine", "No item stands out by slope, difficulty, number of answers or fit.")]
    number_of = f"{count(len(found), 'item')} of {len(made.items)}"
    said = f"{number_of} to be looked at before the set is used. Each may have a good reason."
    return [Note("look", said), Table("Items to look at", ("Item", "What stands out"), found)]


def _items(made: Calibrated) -> list[Block]:
    names, items = made.items.names, made.items.parameters
    shown = _chosen(made)
    which = (
        "Every item"
        if len(shown) == len(names)
        else f"{len(shown)} of {len(names)} items: those to look at, then others from easy to hard"
    )
    several = bool((items.categories > 2).any())
    says = (
        f"{which}. A curve shows how the chance of {'each category' if several else 'a right answer'} changes with "
        "ability: the steeper, the more the item tells; the further right, the harder."
    )
    rows = _parameter_rows(made)
    curve = Figure(
        "item-curves", "Item curves", says, plots.item_curves(items.taken(shown), [names[n] for n in shown]),
        Table(
            "The same as a table: chances at five abilities", ("Item", "Code", "−2", "−1", "0", "1", "2"),
            _chance_rows(made, shown),
        ),
    )  # fmt: skip
    head = ["Item", "Model", "Slope a", "its error", "Difficulty b", "its error"]
    head += ["Guessing", "Slipping"] if _bounded(made) else []
    caption = (
        "Parameters of all items (logits; several difficulties are the cuts or steps between categories)"
    )
    return [curve, Table(caption, [*head, "Answers"], rows, folded=len(rows) > 25)]


def _bounded(made: Calibrated) -> bool:
    items = made.items.parameters
    return bool(((items.lower > 0) | (items.upper < 1)).any())


def _chosen(made: Calibrated) -> list[int]:
    """Columns of the items that are drawn: those to look at first, then a choice from easy to hard."""
    names = list(made.items.names)
    first = [names.index(name) for name, _ in _concerns(made)][:MOST_CURVES]
    rest = [n for n in np.argsort(_middles(made.items.parameters), kind="stable").tolist() if n not in first]
    room = MOST_CURVES - len(first)
    if len(rest) > room:
        rest = (
            [rest[n] for n in np.unique(np.linspace(0, len(rest) - 1, room).round().astype(int))]
            if room
            else []
        )
    return sorted(first + rest)


def _middles(items: irt.Items) -> irt.Floats:
    """One difficulty per item [I]: the mean of its cuts or steps; 0 where the slope is 0."""
    cuts = np.where(np.isfinite(items.b), items.b, np.nan)
    known = np.isfinite(cuts).any(axis=1)
    out = np.zeros(len(items))
    out[known] = np.nanmean(cuts[known], axis=1)
    return out


def _parameter_rows(made: Calibrated) -> list[list[str]]:
    items, errors, rows = made.items.parameters, made.items.errors, []
    bounded = _bounded(made)
    for place, name in enumerate(made.items.names):
        width = int(items.categories[place]) - 1
        row = [name, made.items.models[place], number(items.slope[place]), number(errors["slope"][place])]
        row += ["; ".join(number(v) for v in items.b[place][:width])]
        row += ["; ".join(number(v) for v in errors["b"][place][:width])]
        row += [number(items.lower[place]), number(1.0 - items.upper[place])] if bounded else []
        rows.append([*row, f"{made.items.asked[place]:,}"])
    return rows


def _chance_rows(made: Calibrated, shown: list[int]) -> list[list[str]]:
    items = made.items.parameters.taken(shown)
    found = irt.chances(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), items)
    return [
        [made.items.names[column], str(code), *(number(v) for v in found[:, place, code])]
        for place, column in enumerate(shown)
        for code in ([1] if items.categories[place] == 2 else range(int(items.categories[place])))
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
    places = _middles(made.items.parameters)
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
    concerns = [name for name, _ in _concerns(made)]
    todo = []
    if not made.fit.converged:
        todo.append("Calibrate again with fewer items or a simpler model: this set has not settled.")
    if concerns:
        todo.append(f"Read the items named above with somebody who knows the work: {named(concerns)}.")
    if made.found.problems:
        todo.append("Look at what was set aside (--errors writes every row, column and value).")
    todo.append("Ask whether items mean the same in all groups: karmayogi score dif.")
    todo.append("Score people with the set: karmayogi score people; their results name its hash.")
    return todo
