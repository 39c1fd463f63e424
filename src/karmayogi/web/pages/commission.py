"""For the Commission: bodies compared, from published aggregates only, drilled down to offices and never to names."""

import csv
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from karmayogi.institutions import bodies
from karmayogi.institutions.access import OutOfReach, Reach
from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.roles import Audience
from karmayogi.monitoring import benchmarks, indicators
from karmayogi.monitoring.benchmarks import Comparison
from karmayogi.monitoring.indicators import NothingPublished, PublishedFigure
from karmayogi.registry.errors import safe
from karmayogi.web.routes import Data, Scope, route


class NoSuchIndicator(LookupError):
    """The address names an indicator that is not published."""


@dataclass(frozen=True)
class Group:
    """Bodies on one side of the whole service, or not to be told from it; by name, no order is meant."""

    icon: str
    head: str
    rows: list["Line"]


@dataclass(frozen=True)
class Line:
    """One body's figure in per cent, as the picture and the table show it."""

    figure: PublishedFigure
    value: float
    low: float
    high: float


def compared_body(reach: Reach, code: str = "") -> BodyCard | None:
    """The body whose parts are compared, None for the whole service; `OutOfReach` where there is no such body."""
    if not code:
        return None
    found = bodies.by_codes([code], language=get_language() or "en").get(code)
    if found is None:
        raise OutOfReach(gettext_lazy("There is no such body in the published figures."))
    return found


@route(Audience.COMMISSION, scope=Scope.PUBLISHED, data=Data.AGGREGATE, subject=compared_body)
def compare(request: Any, code: str = "") -> HttpResponse:
    """One indicator: the ministries, or the bodies directly under one, against all together."""
    catalogue, language = indicators.catalogue(), get_language() or "en"
    context: dict[str, Any] = {"title": _("Benchmarks")}
    try:
        stamp = indicators.stamp()
    except NothingPublished:
        return render(request, "commission/benchmarks.html", context)
    chosen = next((c for c in catalogue if c.key == request.GET.get("indicator")), catalogue[0])
    comparison = benchmarks.compare(chosen.key, parent=code, publication=stamp.publication, language=language)
    body: BodyCard | None = request.subject
    context.update(
        stamp=stamp,
        indicators=[(c, c.title_in(language)) for c in catalogue],
        chosen=chosen,
        chosen_title=chosen.title_in(language),
        body=body,
        above=[b for b in bodies.above(body, language=language) if b.id != body.id] if body else [],
        together=_line(comparison.together),
        groups=_groups(comparison),
        hidden=comparison.hidden,
    )
    return render(request, "commission/benchmarks.html", context)


def _groups(comparison: Comparison) -> list[Group]:
    sides = (
        ("up", _("Above all together"), comparison.above),
        ("wave", _("Cannot be told from all together"), comparison.cannot_tell),
        ("down", _("Below all together"), comparison.below),
    )
    return [Group(icon, head, [_line(f) for f in rows]) for icon, head, rows in sides if rows]


def _line(figure: PublishedFigure) -> Line:
    value, low, high = (100 * (x or 0.0) for x in (figure.value, figure.low, figure.high))
    return Line(figure, value, low, high)


@route(Audience.COMMISSION, scope=Scope.PUBLISHED, data=Data.AGGREGATE, subject=compared_body)
def as_csv(request: Any, code: str = "") -> HttpResponse:
    """The same figures as a file: one row a body, shares from 0 to 1, hidden cells empty with their reason."""
    stamp = indicators.stamp()
    keys = [c.key for c in indicators.catalogue()]
    key = request.GET.get("indicator", keys[0])
    if key not in keys:
        raise NoSuchIndicator(gettext_lazy("There is no such indicator."))
    rows = indicators.published(
        key, parent=code or None, kind=None if code else "ministry", publication=stamp.publication
    )
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{key}.csv"'
    writer = csv.writer(response)
    writer.writerow(["indicator", "as_of", "code", "name", "value", "low", "high", "officials", "hidden"])
    for f in rows:
        writer.writerow(
            [
                key,
                stamp.as_of.isoformat(),
                safe(f.code),
                safe(f.name),
                f.value,
                f.low,
                f.high,
                f.n,
                f.suppressed,
            ]
        )
    return response
