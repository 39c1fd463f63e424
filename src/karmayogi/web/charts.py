"""Pictures drawn on the server, one function each.

Every function returns one ``<svg>`` as a SafeString. The pictures are ``aria-hidden``: their numbers stand
beside them as text or in a table. Shapes carry the state (disc met, ring not sure yet, triangle below),
colour only repeats it. There are classes and presentation attributes only, because an inline style would
break the content security policy. A picture whose axis has a direction has the class ``flip`` and mirrors in
right-to-left pages; a part inside it with the class ``keep`` is mirrored back.
"""

from collections.abc import Sequence
from functools import cache
from math import isfinite

from django.utils.safestring import SafeString, mark_safe

Share = float
"""A number from 0 to 1."""

LIKELY_MET = 0.8
LIKELY_BELOW = 0.2


def draw_svg(body: str, *, box: str, classes: str, stretch: bool = False) -> SafeString:
    """Return the picture ``body`` in a view box; ``stretch`` lets it fill any width."""
    aspect = ' preserveAspectRatio="none"' if stretch else ""
    svg = f'<svg class="{classes}" viewBox="{box}"{aspect} aria-hidden="true">{body}</svg>'
    return mark_safe(svg)  # noqa: S308 - callers write numbers and their own class names, never text of people


def place(value: float, *, low: float, high: float, start: float, end: float) -> float:
    """Return where ``value`` on the axis ``low`` to ``high`` falls between ``start`` and ``end``.

    One decimal; values outside the axis stand at its end. Raises ValueError for a number that is not finite
    or an axis without length.
    """
    if not isfinite(value) or high <= low:
        raise ValueError("a picture needs finite numbers and an axis longer than zero")
    part = (min(max(value, low), high) - low) / (high - low)
    return round(start + part * (end - start), 1)


def draw_scale(
    est: float | None,
    lo: float | None = None,
    hi: float | None = None,
    need: float | None = None,
    *,
    was: tuple[float, float] | None = None,
    levels: int = 5,
) -> SafeString:
    """Return the level scale: dot = estimate, band = likely range, bar = what the post needs.

    Numbers are levels from 1 to ``levels``. ``est`` None means no evidence yet: only the need is drawn.
    ``was`` is the likely range before, drawn pale. A dashed line joins dot and bar where the range is below.
    """

    def x(level: float) -> float:
        return place(level, low=1, high=levels, start=0, end=400)

    parts = [_grid(levels)]
    if was is not None:
        parts.append(f'<path class="was" d="M{x(was[0])} 14H{x(was[1])}"/>')
    parts.append('<path class="tr" d="M0 14H400"/>')
    if lo is not None and hi is not None:
        parts.append(f'<path class="bd" d="M{x(lo)} 14H{x(hi)}"/>')
    if est is not None and need is not None and (hi if hi is not None else est) < need:
        parts.append(f'<path class="short" d="M{x(est)} 14H{x(need)}"/>')
    if need is not None:
        parts.append(f'<path class="rq" d="M{x(need)} 1V27"/>')
    if est is not None:
        parts.append(_dot(x(est)))
    return draw_svg("".join(parts), box="-8 0 416 28", classes="chart stretch scale flip", stretch=True)


@cache
def _grid(levels: int) -> str:
    places = [place(level, low=1, high=levels, start=0, end=400) for level in range(1, levels + 1)]
    return f'<path class="gr" d="{"".join(f"M{x} 4V24" for x in places)}"/>'


def _dot(x: float) -> str:
    # A line of no length with round caps stays a circle when the picture is stretched.
    return f'<path class="ha" d="M{x} 14h.01"/><path class="dt" d="M{x} 14h.01"/>'


def draw_mark(part: str) -> SafeString:
    """Return the small sample of one part of the level scale for its key: dt, bd, was, rq or nat."""
    shapes = {"dt": "M13 8h.01", "bd": "M0 8h26", "was": "M0 8h26", "rq": "M13 0V16", "nat": "M13 0V16"}
    return draw_svg(f'<path class="{part}" d="{shapes[part]}"/>', box="0 0 26 16", classes="stretch scale")


def draw_meter(value: float, total: float = 1, *, done: bool = False) -> SafeString:
    """Return a bar filled to ``value`` of ``total``; ``done`` paints it in the colour of Met."""
    width = place(value, low=0, high=total, start=0, end=100) if total else 0.0
    fill = "done" if done else "fg"
    body = f'<rect class="bg" width="100" height="8"/><rect class="{fill}" width="{width}" height="8"/>'
    return draw_svg(body, box="0 0 100 8", classes="chart meter flip", stretch=True)


def draw_tally(met: int, gap: int, unsure: int) -> SafeString:
    """Return one bar of three counts, Met, Below and Not sure yet, with a gap between neighbours."""
    counts = [("met", met), ("gap", gap), ("unsure", unsure)]
    shown = [(name, count) for name, count in counts if count > 0]
    total = sum(count for _, count in shown)
    room = 100 - max(len(shown) - 1, 0)
    x, parts = 0.0, []
    for name, count in shown:
        width = round(count / total * room, 1)
        parts.append(f'<rect class="{name}" x="{round(x, 1)}" width="{width}" height="8"/>')
        x += width + 1
    return draw_svg("".join(parts), box="0 0 100 8", classes="chart tally flip", stretch=True)


def draw_pips(done: int, need: int, total: int) -> SafeString:
    """Return ``total`` boxes: ``done`` ticked, open ones up to ``need`` marked, the rest free (dashed)."""
    parts = []
    for i in range(total):
        x = i * 44
        state = "done" if i < done else "need" if i < need else "free"
        parts.append(f'<rect class="{state}" x="{x + 1}" y="1" width="38" height="26" rx="5"/>')
        if state == "done":
            parts.append(f'<path class="tick keep" d="M{x + 13} 14.5l5 5 9.5-11"/>')
        elif state == "need":
            parts.append(f'<circle class="mark" cx="{x + 20}" cy="14" r="4"/>')
    return draw_svg("".join(parts), box=f"0 0 {max(total * 44 - 4, 40)} 28", classes="chart pips flip")


@cache
def draw_weight(level: int) -> SafeString:
    """Return four bars of which ``level`` (0 to 4) are filled: how much a piece of evidence counts."""
    parts = [
        f'<rect class="{state}" x="{i * 11 + 0.5}" y="1" width="9" height="10" rx="1.5"/>'
        for i, state in enumerate(["on"] * level + ["off"] * (4 - level))
    ]
    return draw_svg("".join(parts), box="0 0 44 12", classes="flip")


def state_of(chance: Share) -> str:
    """Return met from 0.8, gap to 0.2, else unsure."""
    if chance >= LIKELY_MET:
        return "met"
    return "gap" if chance <= LIKELY_BELOW else "unsure"


def _state_mark(chance: Share, x: float, y: float) -> str:
    state = state_of(chance)
    if state == "met":
        return f'<circle class="m-met" cx="{x}" cy="{y}" r="5.5"/>'
    if state == "gap":
        return f'<path class="m-gap" d="M{round(x - 6, 1)} {y - 4}h12l-6 10z"/>'
    return f'<circle class="m-unsure" cx="{x}" cy="{y}" r="4.5"/>'


def draw_chance(p: Share, lo: Share, hi: Share) -> SafeString:
    """Return the strip of one likelihood, 0 to 1, with its range and the decision lines at 0.2 and 0.8."""

    def x(share: Share) -> float:
        return place(share, low=0, high=1, start=6, end=114)

    body = (
        f'<path class="c-line" d="M6 11H114M{x(LIKELY_BELOW)} 3v16M{x(LIKELY_MET)} 3v16"/>'
        f'<path class="c-band" d="M{x(lo)} 11H{x(hi)}"/>{_state_mark(p, x(p), 11)}'
    )
    return draw_svg(body, box="0 0 120 22", classes="chart chance flip")


def draw_pair(a: tuple[Share, Share, Share], b: tuple[Share, Share, Share]) -> SafeString:
    """Return two likelihoods on one axis, each (value, low, high): a disc and a diamond."""

    def x(share: Share) -> float:
        return place(share, low=0, high=1, start=6, end=294)

    body = (
        f'<path class="c-line" d="M6 20H294M{x(LIKELY_BELOW)} 4v32M{x(LIKELY_MET)} 4v32"/>'
        f'<path class="c-band" d="M{x(a[1])} 13H{x(a[2])}"/>'
        f'<circle class="m-a" cx="{x(a[0])}" cy="13" r="5.5"/>'
        f'<path class="c-band b" d="M{x(b[1])} 27H{x(b[2])}"/>'
        f'<path class="m-b" d="M{x(b[0])} 20.5l6.5 6.5-6.5 6.5-6.5-6.5z"/>'
    )
    return draw_svg(body, box="0 0 300 40", classes="chart pair flip")


def draw_shares(job: float, people: float, course: float) -> SafeString:
    """Return the 70-20-10 bar: on the job, with others, in training, in any one unit; cuts part the three."""
    total = job + people + course
    if total <= 0:
        return draw_meter(0)
    first = round(100 * job / total, 1)
    second = round(100 * (job + people) / total, 1)
    body = (
        f'<rect class="job" width="{first}" height="10"/>'
        f'<rect class="people" x="{first}" width="{round(second - first, 1)}" height="10"/>'
        f'<rect class="course" x="{second}" width="{round(100 - second, 1)}" height="10"/>'
        f'<path class="cut" d="M{first} 0v10M{second} 0v10"/>'
    )
    return draw_svg(body, box="0 0 100 10", classes="chart stretch shares flip", stretch=True)


def draw_interval(
    est: float, lo: float, hi: float, base: float, *, low: float = 0, high: float = 100, step: float = 10
) -> SafeString:
    """Return an estimate with its range against a dashed base line, on the axis ``low`` to ``high``."""

    def x(value: float) -> float:
        return place(value, low=low, high=high, start=0, end=400)

    ticks = int((high - low) / step) + 1
    grid = "".join(f"M{x(low + i * step)} 0V28" for i in range(ticks))
    body = (
        f'<path class="gr" d="{grid}"/><path class="nat" d="M{x(base)} 0V28"/>'
        f'<path class="bd" d="M{x(lo)} 14H{x(hi)}"/>{_dot(x(est))}'
    )
    return draw_svg(body, box="-8 0 416 28", classes="chart stretch scale flip", stretch=True)


def draw_sparkline(
    values: Sequence[float], *, low: float | None = None, high: float | None = None
) -> SafeString:
    """Return a line of the values in their order, a dot on the last; the axis fits them unless given."""
    if not values:
        return draw_svg("", box="0 0 120 28", classes="chart spark flip")
    bottom = min(values) if low is None else low
    top = max(values) if high is None else high
    if top <= bottom:
        bottom, top = bottom - 1, top + 1
    last = max(len(values) - 1, 1)
    points = [
        (round(4 + i * 112 / last, 1), place(value, low=bottom, high=top, start=24, end=4))
        for i, value in enumerate(values)
    ]
    line = "L".join(f"{x} {y}" for x, y in points)
    x, y = points[-1]
    return draw_svg(
        f'<path class="line" d="M{line}"/><circle class="end" cx="{x}" cy="{y}" r="3.5"/>',
        box="0 0 120 28",
        classes="chart spark flip",
    )


def draw_months(start: float, end: float, kind: str = "course", *, today: float | None = None) -> SafeString:
    """Return one row of the year chart, April to March.

    Times are months from 1 April, parts of a month as decimals. ``kind`` is job, people, course or office
    (not training: outlined).
    """
    a = place(start, low=0, high=12, start=0, end=480)
    b = place(end, low=0, high=12, start=0, end=480)
    body = '<path class="gr" d="M120 0V28M240 0V28M360 0V28"/>'
    body += f'<rect class="{kind}" x="{a + 1}" y="7" width="{round(max(b - a - 2, 6), 1)}" height="14"/>'
    if today is not None:
        body += f'<path class="today" d="M{place(today, low=0, high=12, start=0, end=480)} 0V28"/>'
    return draw_svg(body, box="0 0 480 28", classes="chart stretch months flip", stretch=True)
