"""For the Commission and the Council: published comparisons, and never a name of a person."""

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any

from django.utils.translation import get_language, gettext_lazy
from pydantic import Field

from karmayogi.institutions.roles import Audience
from karmayogi.monitoring import benchmarks, indicators
from karmayogi.monitoring.indicators import PublishedFigure
from karmayogi.web.api.operations import operation
from karmayogi.web.api.shapes import Code, Shape, Share
from karmayogi.web.pages.commission import NoSuchIndicator, compared_body
from karmayogi.web.routes import Data, Scope

Indicator = Annotated[
    str, Field(pattern=r"^[a-z0-9-]{0,80}$", description="Key of an indicator; without it the first one")
]


class Named(Shape):
    """An indicator. `unit` says what is counted."""

    key: str
    title: str
    unit: str


class Figure(Shape):
    """The figure of one body with its 95 % interval; null where `hidden_because` says why (small, complement)."""

    body_code: str
    body_name: str
    value_share: Share | None
    low_share: Share | None
    high_share: Share | None
    officials: int | None
    hidden_because: str


class Comparison(Shape):
    """Bodies against all together; within a group no order is meant. No figure has fewer than `officials_least`."""

    indicator: Named
    indicators: list[Named]
    as_of: dt.datetime
    published_at: dt.datetime
    officials_least: int
    body_code: str | None
    together: Figure
    above: list[Figure]
    cannot_tell: list[Figure]
    below: list[Figure]
    hidden: list[Figure]


@operation(
    "GET", "comparisons", Audience.COMMISSION, name="api-comparisons", answers=Comparison,
    scope=Scope.PUBLISHED, data=Data.AGGREGATE, subject=compared_body,
)  # fmt: skip
def ministries(request: Any, indicator: Indicator = "") -> Comparison:
    """The ministries against the whole service, as published."""
    return _compared(indicator, "")


@operation(
    "GET", "comparisons/{str:code}", Audience.COMMISSION, name="api-comparisons-body", answers=Comparison,
    scope=Scope.PUBLISHED, data=Data.AGGREGATE, subject=compared_body,
)  # fmt: skip
def bodies_under(request: Any, code: Code, indicator: Indicator = "") -> Comparison:
    """The bodies directly under one, against all together, as published."""
    return _compared(indicator, code)


def _compared(key: str, code: str) -> Comparison:
    language = get_language() or "en"
    stamp, known = indicators.stamp(), indicators.catalogue()
    chosen = next((c for c in known if c.key == (key or known[0].key)), None)
    if chosen is None:
        raise NoSuchIndicator(gettext_lazy("There is no such indicator."))
    found = benchmarks.compare(chosen.key, parent=code, publication=stamp.publication, language=language)
    named = {c.key: Named(key=c.key, title=c.title_in(language), unit=c.unit) for c in known}
    return Comparison(
        indicator=named[chosen.key],
        indicators=list(named.values()),
        as_of=stamp.as_of,
        published_at=stamp.published_at,
        officials_least=stamp.least,
        body_code=code or None,
        together=_figure(found.together),
        above=_figures(found.above),
        cannot_tell=_figures(found.cannot_tell),
        below=_figures(found.below),
        hidden=_figures(found.hidden),
    )


def _figures(found: Iterable[PublishedFigure]) -> list[Figure]:
    return [_figure(figure) for figure in found]


def _figure(figure: PublishedFigure) -> Figure:
    return Figure(
        body_code=figure.code,
        body_name=figure.name,
        value_share=figure.value,
        low_share=figure.low,
        high_share=figure.high,
        officials=figure.n,
        hidden_because=figure.suppressed,
    )
