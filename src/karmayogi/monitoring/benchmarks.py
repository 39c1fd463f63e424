"""Bodies beside all of them together: a difference is stated only where the likely ranges do not meet."""

from dataclasses import dataclass
from uuid import UUID

from karmayogi.monitoring import indicators
from karmayogi.monitoring.indicators import PublishedFigure


@dataclass(frozen=True)
class Comparison:
    """Bodies in groups, each by name: within a group no order is meant.

    `above` and `below`: the 95 % interval lies wholly on one side of that of `together`; `cannot_tell`: the
    intervals meet; `hidden`: not shown, with the reason on each.
    """

    together: PublishedFigure
    above: tuple[PublishedFigure, ...]
    cannot_tell: tuple[PublishedFigure, ...]
    below: tuple[PublishedFigure, ...]
    hidden: tuple[PublishedFigure, ...]


def compare(
    indicator: str,
    *,
    parent: str = "",
    kind: str = "ministry",
    publication: UUID | None = None,
    language: str = "en",
) -> Comparison:
    """The bodies directly under `parent` (a code), or all of a kind, against the whole service.

    `language`: in which the bodies are named. Raises `NothingPublished`.
    """
    together = indicators.all_together(indicator, publication=publication)
    where = {"parent": parent} if parent else {"kind": kind}
    found = indicators.published(indicator, **where, publication=publication, language=language)
    groups: dict[str, list[PublishedFigure]] = {"above": [], "cannot_tell": [], "below": [], "hidden": []}
    for figure in sorted(found, key=lambda f: (f.name, f.code)):
        groups[standing(figure, together)].append(figure)
    return Comparison(together, **{name: tuple(members) for name, members in groups.items()})


def standing(figure: PublishedFigure, together: PublishedFigure) -> str:
    """ "above", "below" or "cannot_tell" beside `together`; "hidden" where either is not shown."""
    if figure.low is None or figure.high is None or together.low is None or together.high is None:
        return "hidden"
    if figure.low > together.high:
        return "above"
    return "below" if figure.high < together.low else "cannot_tell"
