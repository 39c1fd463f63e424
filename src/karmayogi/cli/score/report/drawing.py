"""Drawing with matplotlib's SVG backend: no window, no date, text as text, the colours of the house."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, INK2, LINE, CARD = "#1b2530", "#4a5664", "#d9d6cd", "#fffffe"
BRAND, BAND, BAND2, GRID = "#0b4a63", "#8fb7c6", "#c9dbe2", "#e4e1d8"
MET, GAP, UNSURE = "#1c6b45", "#9a4208", "#5b4a93"
INKS = {
    INK: "ink", INK2: "ink2", LINE: "line", CARD: "card", BRAND: "dot", BAND: "band", BAND2: "band2", GRID: "grid",
    MET: "met", GAP: "gap", UNSURE: "unsure",
}  # fmt: skip
"""Colours as the drawings have them, and the page's names for them, which follow light and dark."""
WIDTH = 5.8
SERIES = ((BRAND, "-"), (GAP, "--"), (UNSURE, "-."), (MET, ":"), (INK2, (0, (5, 1))))
"""Lines differ in colour and in dashes."""
_SETTINGS = {
    "svg.fonttype": "none", "svg.hashsalt": "karmayogi", "font.family": "DejaVu Sans", "font.size": 8.5,
    "axes.edgecolor": LINE, "axes.labelcolor": INK2, "axes.titlecolor": INK, "axes.titlesize": 8.5,
    "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.facecolor": CARD, "axes.spines.top": False,
    "axes.spines.right": False, "axes.grid": True, "axes.axisbelow": True, "axes.unicode_minus": True,
    "grid.color": GRID, "grid.linewidth": 0.7, "text.color": INK, "xtick.color": INK2, "ytick.color": INK2,
    "xtick.labelcolor": INK2, "ytick.labelcolor": INK, "figure.facecolor": CARD, "savefig.facecolor": CARD,
    "legend.frameon": False, "legend.labelcolor": INK, "lines.linewidth": 1.6, "path.simplify": False,
    "text.parse_math": False,
}  # fmt: skip


@contextmanager
def _house() -> Iterator[None]:
    import matplotlib

    # Naming a backend, if only the default one, would load the windows of matplotlib.
    plain = {
        name: value for name, value in matplotlib.rcParamsDefault.items() if not name.startswith("backend")
    }
    settings: Any = {**plain, **_SETTINGS}
    with matplotlib.rc_context(settings):
        yield


def drawn(draw: Callable[["Figure"], None], *, height: float) -> str:
    """The SVG text of what `draw` puts on a figure of the house's width and this height in inches."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with _house():
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        draw(figure)
        out = io.StringIO()
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(out, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", out.getvalue(), flags=re.DOTALL)
    text = text.replace("'DejaVu Sans'", "'Noto Sans', system-ui, 'Segoe UI', Roboto, sans-serif")
    return text[text.index("<svg") :]


def intervals(
    axes: "Axes",
    names: list[str],
    centre: list[float],
    half: list[float],
    marks: list[tuple[str, str, bool]],
) -> None:
    """A dot with its interval for each name, from the top down; `marks`: (colour, shape, filled) of each."""
    axes.grid(axis="y", visible=False)
    for place, (value, reach, (colour, shape, filled)) in enumerate(zip(centre, half, marks, strict=True)):
        axes.plot(
            [value - reach, value + reach], [place, place], color=colour, linewidth=1.4, solid_capstyle="butt"
        )
        axes.plot(
            [value], [place], marker=shape, markersize=5.5, color=colour,
            markerfacecolor=colour if filled else CARD, linestyle="none",
        )  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def legend(axes: "Axes", entries: list[tuple[str, str, str, bool]], **place: Any) -> None:
    """A legend of (label, colour, shape, filled)."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            color=colour,
            marker=shape,
            markerfacecolor=colour if filled else CARD,
            label=label,
            markersize=5.5,
        )
        for label, colour, shape, filled in entries
    ]
    axes.legend(handles=handles, **place)


def short(name: str, most: int = 18) -> str:
    """A name that fits beside an axis."""
    return name if len(name) <= most else name[: most - 1] + "…"
