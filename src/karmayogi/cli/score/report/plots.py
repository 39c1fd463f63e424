"""The drawings of the reports: item curves, information, the Wright map, forests, lengths, exposure, abilities."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from karmayogi.cli.score.report.drawing import (
    BAND,
    BRAND,
    GAP,
    INK,
    INK2,
    SERIES,
    UNSURE,
    drawn,
    intervals,
    legend,
    short,
)
from karmayogi.science import irt

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
LOGITS = "Ability (logits)"
CURVES: Floats = np.linspace(-4.0, 4.0, 161)
MARKS = {
    "A": (BRAND, "o", True), "B": (UNSURE, "D", False), "C": (GAP, "s", True), "-": (INK2, "x", True),
}  # fmt: skip
"""Class of a difference: colour, shape, filled."""


def item_curves(items: irt.Items, names: Sequence[str]) -> str:
    """Small drawings, one per item: the chance of a right answer, or of each category."""
    columns = min(3, len(names))
    rows = -(-len(names) // columns)

    def draw(figure: "Figure") -> None:
        grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        chances = irt.chances(CURVES, items)
        for place, axes in enumerate(grid):
            if place >= len(names):
                axes.set_visible(False)
                continue
            categories = int(items.categories[place])
            for category in [1] if categories == 2 else range(categories):
                colour, dash = SERIES[(category - (categories == 2)) % len(SERIES)]
                axes.plot(CURVES, chances[:, place, category], color=colour, linestyle=dash)
                if categories > 2:
                    top = int(np.argmax(chances[:, place, category]))
                    axes.annotate(
                        str(category), (CURVES[top], chances[top, place, category]), fontsize=7, color=INK2,
                        xytext=(0, 2), textcoords="offset points", ha="center", annotation_clip=False,
                    )  # fmt: skip
            axes.set(title=short(names[place], 22), ylim=(0, 1.02), xlim=(-4, 4))
            axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
            axes.set_xticks([-3, 0, 3])
            axes.tick_params(length=0)
        figure.supxlabel(LOGITS, fontsize=8.5, color=INK2)
        figure.supylabel("Chance", fontsize=8.5, color=INK2)

    return drawn(draw, height=0.55 + 1.25 * rows)


def information(items: irt.Items) -> str:
    """Two drawings above one another: the test's information, and the standard error it allows."""
    told = irt.informations(CURVES, items).sum(axis=1)

    def draw(figure: "Figure") -> None:
        above, below = figure.subplots(2, 1, sharex=True)
        above.fill_between(CURVES, told, color=BAND, alpha=0.55, linewidth=0)
        above.plot(CURVES, told, color=BRAND)
        above.set(title="Information of the whole test", ylim=(0, None), xlim=(-4, 4))
        with np.errstate(divide="ignore"):
            error = 1.0 / np.sqrt(told)
        below.plot(CURVES, np.where(error <= 2.0, error, np.nan), color=GAP)
        below.set(title="Standard error of an ability (logits)", ylim=(0, 2.0), xlabel=LOGITS)
        for axes in (above, below):
            axes.tick_params(length=0)

    return drawn(draw, height=3.9)


def wright_map(
    abilities: Floats, weights: Floats, places: Floats, names: Sequence[str], edges: Floats
) -> str:
    """People on the left, items on the right of one scale; `places` [I] are difficulties, or mean cuts."""

    def draw(figure: "Figure") -> None:
        people, items = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1.35))
        counts, _ = np.histogram(abilities, edges, weights=weights)
        people.barh(edges[:-1], counts, height=np.diff(edges) * 0.92, align="edge", color=BAND)
        people.set(title="People", ylabel="Logits", ylim=(edges[0], edges[-1]))
        people.invert_xaxis()
        shown = np.clip(places, edges[0], edges[-1])
        for level, (height, name) in zip(_spread(shown, names), zip(shown, names, strict=True), strict=True):
            items.plot([0.02], [height], marker="D", markersize=4.5, color=BRAND, linestyle="none")
            if level is not None:
                items.plot([0.03, 0.08], [height, level], color=INK2, linewidth=0.5)
                items.text(0.09, level, short(name, 24), va="center", fontsize=7.5, color=INK)
        items.set(title="Items", xlim=(0, 1))
        items.set_xticks([])
        items.spines["bottom"].set_visible(False)
        for axes in (people, items):
            axes.tick_params(length=0)

    return drawn(draw, height=4.3)


def _spread(
    heights: Floats, names: Sequence[str], *, least: float = 0.042, most: int = 22
) -> list[float | None]:
    """Where each label stands so that none covers another; None for those beyond `most`, which have none."""
    order = np.argsort(heights, kind="stable")
    if len(names) > most:
        order = order[np.unique(np.linspace(0, len(order) - 1, most).round().astype(int))]
    gap = least * 8.0
    wanted = heights[order].astype(float)
    for _ in range(200):
        steps = np.diff(wanted)
        close = np.flatnonzero(steps < gap - 1e-9)
        if not len(close):
            break
        for n in close:
            push = (gap - (wanted[n + 1] - wanted[n])) / 2.0
            wanted[n] -= push
            wanted[n + 1] += push
    at: list[float | None] = [None] * len(names)
    for place, height in zip(order.tolist(), wanted.tolist(), strict=True):
        at[place] = height
    return at


def forest(names: Sequence[str], values: Floats, half: Floats, classes: Sequence[str]) -> str:
    """Differences of items with their intervals, marked by class; 0 means none."""

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        for edge in (-1.5, -1.0, 1.0, 1.5):
            axes.axvline(edge, color=INK2, linewidth=0.7, linestyle=(0, (2, 3)))
        axes.axvline(0.0, color=INK2, linewidth=0.9)
        marks = [MARKS[kind] for kind in classes]
        intervals(axes, [short(name) for name in names], values.tolist(), half.tolist(), marks)
        axes.set_xlabel("Difference (delta units): below 0 harder for the compared group")
        legend(
            axes, [(f"{kind}: {said}", *MARKS[kind]) for kind, said in
                   (("A", "negligible"), ("B", "moderate"), ("C", "large")) if kind in classes],
            loc="upper center", bbox_to_anchor=(0.5, -0.42 / (0.2 * len(names) + 0.3)), ncols=3,
        )  # fmt: skip

    return drawn(draw, height=1.35 + 0.21 * len(names))


def severities(names: Sequence[str], values: Floats, half: Floats) -> str:
    """Raters' severities with their intervals; 0 is the mean of those compared."""

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        axes.axvline(0.0, color=INK2, linewidth=0.9)
        marks = [(BRAND, "o", True)] * len(names)
        intervals(axes, [short(name) for name in names], values.tolist(), half.tolist(), marks)
        axes.set_xlabel("Severity (logits): to the right, the rater gives lower marks")

    return drawn(draw, height=0.9 + 0.21 * len(names))


def lengths_and_exposure(lengths: NDArray[np.int64], shares: Floats, cap: float) -> str:
    """How long the sittings were, and what share of them each item was shown in, from the most shown on."""

    def draw(figure: "Figure") -> None:
        left, right = figure.subplots(1, 2)
        counts = np.bincount(lengths)
        begin = int(np.flatnonzero(counts)[0])
        left.bar(np.arange(begin, len(counts)), counts[begin:], color=BAND, width=0.9)
        left.set(title="Items asked in a sitting", xlabel="Items", ylabel="Sittings")
        right.plot(np.arange(1, len(shares) + 1), np.sort(shares)[::-1], color=BRAND, drawstyle="steps-mid")
        if cap < 1.0:
            right.axhline(cap, color=GAP, linestyle="--", linewidth=1.0)
            right.annotate(
                f"cap {cap:g}", (len(shares), cap), xytext=(-2, 3), textcoords="offset points", ha="right"
            )
        right.set(title="Exposure of the items", xlabel="Items, most shown first", ylabel="Share of sittings")
        right.set_ylim(0, max(float(shares.max()) * 1.1, 0.05))
        for axes in (left, right):
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.tick_params(length=0)

    return drawn(draw, height=2.6)


def abilities(theta: Floats, error: Floats, cuts: Sequence[float], edges: Floats) -> str:
    """How abilities spread, with the cuts, and the standard error along them."""

    def draw(figure: "Figure") -> None:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1.3, 1))
        counts, _ = np.histogram(np.clip(theta, edges[0], edges[-1]), edges)
        above.bar(edges[:-1], counts, width=np.diff(edges) * 0.92, align="edge", color=BAND)
        above.set_ylim(0, max(float(counts.max()), 1.0) * 1.18)
        for level, cut in enumerate(cuts, start=1):
            for axes in (above, below):
                axes.axvline(cut, color=GAP, linestyle="--", linewidth=1.0)
            marks: dict[str, Any] = {
                "xytext": (3, -9),
                "textcoords": "offset points",
                "color": INK,
                "fontsize": 7.5,
            }
            above.annotate(f"level {level}", (cut, above.get_ylim()[1]), **marks)
        above.set(title="People", ylabel="People")
        below.plot(
            theta[:: max(1, len(theta) // 2000)],
            error[:: max(1, len(error) // 2000)],
            ".",
            color=BRAND,
            markersize=2.5,
        )
        below.set(title="Standard error (logits)", xlabel=LOGITS, ylim=(0, None))
        for axes in (above, below):
            axes.tick_params(length=0)

    return drawn(draw, height=3.8)


def accuracy(edges: Floats, middles: Floats, bias: Floats, rmse: Floats) -> str:
    """Bias and root mean square error of a simulated test along ability."""

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        axes.axhline(0.0, color=INK2, linewidth=0.9)
        axes.plot(middles, rmse, color=BRAND, marker="o", markersize=4)
        axes.plot(middles, bias, color=GAP, marker="s", markersize=4, linestyle="--")
        axes.set(xlabel="True ability (logits)", ylabel="Logits", xlim=(edges[0], edges[-1]))
        legend(axes, [("RMSE", BRAND, "o", True), ("Bias", GAP, "s", True)], loc="best", ncols=2)
        axes.tick_params(length=0)

    return drawn(draw, height=2.6)


__all__ = [
    "abilities", "accuracy", "forest", "information", "item_curves", "lengths_and_exposure", "severities",
    "wright_map",
]  # fmt: skip
