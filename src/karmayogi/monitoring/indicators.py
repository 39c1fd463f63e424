"""Published figures: computed for all bodies at once, shown all together or not at all."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.monitoring import catalogue as entries
from karmayogi.monitoring import course_counts, needs, seats, suppression
from karmayogi.monitoring.catalogue import IndicatorCard
from karmayogi.monitoring.intervals import Shares, shares
from karmayogi.monitoring.measures import Measured, measure
from karmayogi.monitoring.models import Current, Publication, Published
from karmayogi.policy import rules
from karmayogi.registry import bulk, ids, roles, translations
from karmayogi.registry.acting import acting

__all__ = [
    "IncompletePublication", "IndicatorCard", "NothingPublished", "PublishedFigure", "Stamp",
    "all_together", "catalogue", "counts", "publish", "published", "stamp",
]  # fmt: skip

_ONE_AT_A_TIME = 0x6D6F6E69746F72
"""Advisory lock: two publications take turns."""


class NothingPublished(LookupError):
    """No figures have been published yet; ask the operator to run `karmayogi publish`."""


class IncompletePublication(Exception):
    """Fewer figures were written than computed; the former publication stays. Run it again."""


@dataclass(frozen=True)
class PublishedFigure:
    """The figure of one body. `value`, `low`, `high` are shares in [0, 1]; `n` counts officials.

    All four are None where `suppressed` says why: "small" (fewer officials than may be shown) or "complement"
    (it would give a small one away). `parent` is the code of the body above, "" for the whole service, None for
    the whole service itself. `children`: published bodies directly beneath.
    """

    body: UUID | None
    code: str
    name: str
    kind: str
    parent: str | None
    children: int
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    suppressed: str


@dataclass(frozen=True)
class Stamp:
    """Which publication readers see, and the state of the service it describes."""

    publication: UUID
    as_of: dt.datetime
    published_at: dt.datetime
    least: int


def publish(*, now: dt.datetime) -> UUID:
    """Computes all indicators for all bodies as of `now` and points readers to them; the publication's id.

    Works under the database role of monitoring, which reads every room and writes only here. One transaction: if
    anything fails, readers keep the former publication. Raises `policy.rules.NoSuchRule` without the rules.
    """
    on = timezone.localdate(now)
    with acting(roles.MONITOR):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        least = int(rules.in_force("privacy.small_cell", on=on).value)
        made = Publication(published_at=now, as_of=now, least=least)
        made.save(force_insert=True)
        keys = entries.enter()
        measured = measure(now=now, on=on)
        figures = list(_figures(measured, made.id, keys, least))
        groups = measured.groups
        meant, written = needs.write(
            made.id, measured.needs, bodies=[g.body for g in groups], parents=[g.parent for g in groups]
        )
        seats_meant, seats_written = seats.write(made.id, on=on)
        courses_meant, courses_written = course_counts.write(made.id, least=least)
        written += seats_written + courses_written + bulk.load(Published, COLUMNS, figures)
        if written < meant + seats_meant + courses_meant + len(figures):
            raise IncompletePublication(
                "Not all figures could be written; the former ones stay. Run it again."
            )
        Publication.objects.filter(id=made.id).update(state="whole")
        Current.objects.update_or_create(only=True, defaults={"publication": made})
    return made.id


def published(
    indicator: str,
    *,
    parent: str | None = None,
    kind: str | None = None,
    publication: UUID | None = None,
    language: str = "en",
) -> list[PublishedFigure]:
    """The figures of the bodies directly under `parent` (a code), or of a kind, in the order of the tree.

    With neither, those at the top of the tree. `publication`: another than the current one, e.g. the one whose
    `stamp` a page has shown already. One statement, so always of one whole publication.
    """
    query = _of(indicator, publication, language)
    if kind is not None:
        query = query.filter(kind=kind)
    if parent is not None or kind is None:
        query = query.filter(parent=parent or "")
    return [_figure(row) for row in query.order_by("place")]


def all_together(indicator: str, *, publication: UUID | None = None) -> PublishedFigure:
    """The figure of the whole service. Raises `NothingPublished`."""
    row = _of(indicator, publication).filter(parent__isnull=True).first()
    if row is None:
        raise NothingPublished(
            _("No figures have been published yet. They appear after the next publication.")
        )
    return _figure(row)


def catalogue() -> list[IndicatorCard]:
    """The indicators in force, in order."""
    return entries.cards()


def stamp() -> Stamp:
    """The current publication; raises `NothingPublished`."""
    current = Current.objects.select_related("publication").first()
    if current is None:
        raise NothingPublished(
            _("No figures have been published yet. They appear after the next publication.")
        )
    p = current.publication
    return Stamp(p.id, p.as_of, p.published_at, p.least)


def counts(publication: UUID) -> dict[str, int | None]:
    """indicators, bodies, hidden (bodies whose figures are) and officials (None if hidden) of a publication."""
    rows = Published.objects.filter(publication=publication)
    bodies = rows.filter(body__isnull=False).values("body").distinct()
    together = rows.filter(parent__isnull=True).first()
    return {
        "indicators": rows.values("indicator").distinct().count(),
        "bodies": bodies.count(),
        "hidden": bodies.exclude(suppressed="").count(),
        "officials": together.n if together else 0,
    }


COLUMNS = (
    "id", "publication_id", "indicator_id", "body", "code", "name", "kind", "parent", "place", "children", "value",
    "low", "high", "n", "suppressed",
)  # fmt: skip


def _figures(
    measured: Measured, publication: UUID, keys: dict[str, UUID], least: int
) -> Iterator[tuple[Any, ...]]:
    groups = measured.groups
    sizes = measured.officials.astype(int).tolist()
    above = [group.parent for group in groups]
    # All indicators count the same officials, so that one pattern of hidden groups serves them all.
    marks = suppression.hide(sizes, above, least=least)
    children = np.bincount([p for p in above if p >= 0], minlength=len(groups)).tolist()
    for key, sums in measured.sums.items():
        found = shares(sums, measured.officials)
        for i, group in enumerate(groups):
            parent = groups[group.parent].code if group.parent >= 0 else None
            place = (publication, keys[key], group.body, group.code, group.name, group.kind, parent)
            numbers = _numbers(found, i, sizes[i]) if marks[i] == suppression.SHOWN else (None,) * 4
            yield (ids.new(), *place, group.place, children[i], *numbers, marks[i])


def _numbers(found: Shares, i: int, n: int) -> tuple[float, float, float, int]:
    return float(found.value[i]), float(found.low[i]), float(found.high[i]), n


def _of(indicator: str, publication: UUID | None, language: str = "en") -> QuerySet[Any]:
    chosen = publication or Subquery(Current.objects.values("publication_id")[:1])
    query = Published.objects.filter(publication=chosen, indicator__key=indicator)
    return query.annotate(called=translations.said("body", "name", "name", language=language))


def _figure(row: Any) -> PublishedFigure:
    return PublishedFigure(
        row.body, row.code, row.called, row.kind, row.parent, row.children, row.value, row.low, row.high, row.n,
        row.suppressed,
    )  # fmt: skip
