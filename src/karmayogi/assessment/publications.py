"""Pool versions: which items a check may draw on, published by number, and how often each was asked."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from karmayogi.assessment.blueprints import NoCheckYet
from karmayogi.assessment.models import Exposure, ItemVersion, Pool, PoolVersion
from karmayogi.registry import bulk, ids


class ItemsNotReady(ValueError):
    """A pool may hold only items that are live or in pilot."""

    status = 409


@dataclass(frozen=True)
class PoolCard:
    """A pool version: its items in order, each with the area it covers."""

    id: UUID
    pool: UUID
    competency: UUID
    name: str
    kind: str
    number: int
    items: tuple[UUID, ...]
    areas: tuple[str, ...]
    content_hash: str


def publish(
    name: str,
    *,
    competency: UUID,
    versions: Sequence[UUID],
    order_no: str,
    now: dt.datetime,
    kind: str = "check",
) -> PoolCard:
    """The pool version with exactly these items; a new number only where they differ from the latest.

    Raises `ItemsNotReady`.
    """
    rows = {
        key: (area, state)
        for key, area, state in ItemVersion.objects.filter(id__in=list(versions)).values_list(
            "id", "item__area", "state"
        )
    }
    if len(rows) < len(versions) or any(state not in ("live", "pilot") for _, state in rows.values()):
        raise ItemsNotReady(f"Pool {name}: let every item be reviewed and made live before publishing it.")
    areas = [rows[v][0] for v in versions]
    digest = sha256("\n".join(f"{v} {a}" for v, a in zip(versions, areas, strict=True)).encode()).hexdigest()
    with transaction.atomic():
        pool, _ = Pool.objects.get_or_create(
            competency_id=competency, name=name, defaults={"kind": kind, "state": "live"}
        )
        latest = pool.versions.order_by("-number").first()
        if latest is None or latest.content_hash != digest:
            latest = PoolVersion.objects.create(
                pool=pool,
                number=latest.number + 1 if latest else 1,
                items=list(versions),
                areas=areas,
                content_hash=digest,
                order_no=order_no,
                published_at=now,
            )
            bulk.load(
                Exposure,
                ["id", "pool_version_id", "item_version_id", "times", "firsts"],
                ((ids.new(), latest.id, version, 0, 0) for version in versions),
            )
        return _card(latest, pool)


def current(competencies: Iterable[UUID]) -> dict[UUID, PoolCard]:
    """competency -> the latest version of the live pool its check draws on."""
    query = PoolVersion.objects.filter(
        pool__competency_id__in=list(competencies), pool__kind="check", pool__state="live"
    )
    rows = query.select_related("pool").order_by("published_at", "number")
    return {row.pool.competency_id: _card(row, row.pool) for row in rows}


def current_of(competency: UUID) -> PoolCard:
    """The pool version a check of this competency draws on now; raises `NoCheckYet`."""
    found = current([competency]).get(competency)
    if found is None:
        raise NoCheckYet(_("There is no check for this competency yet."))
    return found


@lru_cache(maxsize=256)
def by_id(version: UUID) -> PoolCard:
    """The pool version with this id."""
    row = PoolVersion.objects.select_related("pool").get(id=version)
    return _card(row, row.pool)


def count_exposures(asked: Mapping[tuple[UUID, UUID], tuple[int, int]]) -> None:
    """Adds to the counts: (pool version, item version) -> (times asked, of these first)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE assessment_exposure e SET times = e.times + n.times, firsts = e.firsts + n.firsts"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::int[]) AS n (pool, item, times, firsts)"
            " WHERE e.pool_version_id = n.pool AND e.item_version_id = n.item",
            [
                [pool for pool, _ in asked],
                [item for _, item in asked],
                [times for times, _ in asked.values()],
                [firsts for _, firsts in asked.values()],
            ],
        )


def exposures(version: UUID) -> tuple[dict[UUID, int], int]:
    """How often each item version was asked in the sittings of a pool version, and the number of these sittings."""
    rows = list(
        Exposure.objects.filter(pool_version_id=version).values_list("item_version_id", "times", "firsts")
    )
    return {item: times for item, times, _ in rows}, sum(firsts for _, _, firsts in rows)


def _card(row: PoolVersion, pool: Pool) -> PoolCard:
    return PoolCard(
        id=row.id,
        pool=pool.id,
        competency=pool.competency_id,
        name=pool.name,
        kind=pool.kind,
        number=row.number,
        items=tuple(row.items),
        areas=tuple(row.areas),
        content_hash=row.content_hash,
    )
