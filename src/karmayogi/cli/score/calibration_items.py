"""What a calibration's report says of items: which to look at, their curves and parameters."""

import numpy as np

from karmayogi.cli.score.calibrating import Calibrated
from karmayogi.cli.score.report import Block, Figure, Note, Table, plots
from karmayogi.cli.score.report.blocks import chance, count, number
from karmayogi.science import irt

MOST_CURVES = 12
FEW_ANSWERS = 200
WEAK_SLOPE, FAR, POOR_FIT = 0.35, 4.0, 0.05
"""Below this slope an item tells little; beyond this difficulty few people are near; above this RMSEA it fits badly."""


def concerns(made: Calibrated) -> list[tuple[str, str]]:
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


def look(made: Calibrated) -> list[Block]:
    """The items to look at before the set is used, or that there are none."""
    found = concerns(made)
    if not found:
        return [Note("fine", "No item stands out by slope, difficulty, number of answers or fit.")]
    number_of = f"{count(len(found), 'item')} of {len(made.items)}"
    said = f"{number_of} to be looked at before the set is used. Each may have a good reason."
    return [Note("look", said), Table("Items to look at", ("Item", "What stands out"), found)]


def items_of(made: Calibrated) -> list[Block]:
    """Curves of items, and parameters of all of them."""
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
    first = [names.index(name) for name, _ in concerns(made)][:MOST_CURVES]
    rest = [n for n in np.argsort(middles(made.items.parameters), kind="stable").tolist() if n not in first]
    room = MOST_CURVES - len(first)
    if len(rest) > room:
        rest = (
            [rest[n] for n in np.unique(np.linspace(0, len(rest) - 1, room).round().astype(int))]
            if room
            else []
        )
    return sorted(first + rest)


def middles(items: irt.Items) -> irt.Floats:
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
