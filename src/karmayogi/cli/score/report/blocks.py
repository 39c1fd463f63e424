"""What a report is made of. Text is plain: no markup, escaped where it is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Heading:
    """A section begins."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """A few sentences."""

    text: str


@dataclass(frozen=True)
class Points:
    """A list."""

    items: Sequence[str]


@dataclass(frozen=True)
class Note:
    """A sentence that stands out: `kind` says whether all is well, something wants a look, or it failed."""

    kind: Literal["fine", "look", "stop"]
    text: str


@dataclass(frozen=True)
class Table:
    """Rows under a header; cells are text. Columns whose every cell is a number are set as numbers."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    folded: bool = False


@dataclass(frozen=True)
class Figure:
    """A drawing (SVG text) with its title, a sentence on what it shows, and the same figures as a table."""

    name: str
    title: str
    says: str
    svg: str = field(repr=False)
    table: Table


Block = Heading | Paragraph | Points | Note | Table | Figure


@dataclass(frozen=True)
class Report:
    """A page: its title, one sentence on what came out, facts as pairs, and the blocks."""

    title: str
    summary: str
    facts: Sequence[tuple[str, str]]
    blocks: Sequence[Block]


def number(value: float | None, digits: int = 2) -> str:
    """A number as people read it; a dash where there is none. Minus is a minus sign."""
    if value is None or value != value:
        return "–"
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0.0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def count(value: int, one: str, many: str | None = None) -> str:
    """How many of what: "1 person", "2,000 people"."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def chance(value: float) -> str:
    """A p value: three decimals, or less than 0.001."""
    if value != value:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def share(value: float) -> str:
    """A share in percent."""
    return "–" if value != value else f"{100 * value:.1f} %"


def named(names: Sequence[str], most: int = 8) -> str:
    """Names in a sentence: the first few, and how many more."""
    shown = ", ".join(names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
