"""One pass over all officials: what each body adds to each indicator, summed in the database and up the tree."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray
from scipy.special import ndtri

from karmayogi.competency import grounds, positions
from karmayogi.monitoring.catalogue import LEARNED, MET, RECENT_DAYS, UNSURE
from karmayogi.monitoring.intervals import Sums
from karmayogi.monitoring.needs import Counted
from karmayogi.policy import rules
from karmayogi.science.levels import ON_THE_LINE

Floats = NDArray[np.float64]
WHOLE_SERVICE = "service"
"""Kind of the group at the top, which is everyone counted and no body."""


@dataclass(frozen=True)
class Group:
    """A body, or the whole service (`body` None), with the index of the group above (-1 at the top)."""

    body: UUID | None
    code: str
    name: str
    kind: str
    parent: int
    place: int


@dataclass(frozen=True)
class Measured:
    """Groups with at least one official counted, the top first, each before what lies beneath it.

    `officials` [G] counts everyone in the group's subtree; `sums`: indicator key -> sums over them. `needs`: what
    each group counts of its own.
    """

    groups: tuple[Group, ...]
    officials: Floats
    sums: Mapping[str, Sums]
    needs: Counted


def measure(*, now: dt.datetime, on: dt.date) -> Measured:
    """Everything the indicators need, from one statement and so from one state of the database."""
    known = rules.values(["evidence.sure", "evidence.least_information"], on=on)
    sure = float(known["evidence.sure"].value)
    needs = [n for of in positions.requirements_of(_positions(on), on=on).values() for n in of]
    ground = grounds.standing([], on=on, competencies={n.competency for n in needs})
    cohorts = [ground.cohort(n.competency) for n in needs]
    arguments: dict[str, Any] = {
        "on": on,
        "at": timezone.make_aware(dt.datetime.combine(on, dt.time())),
        "now": now,
        "since": now - dt.timedelta(days=RECENT_DAYS),
        "positions": [n.position for n in needs],
        "competencies": [n.competency for n in needs],
        "cuts": [n.cut for n in needs],
        "means": [mean for mean, _, _ in cohorts],
        "sds": [sd for _, sd, _ in cohorts],
        "rates": [rate for _, _, rate in cohorts],
        "information": float(known["evidence.least_information"].value),
        # as science.levels: a chance this close to the threshold is on it
        "z_met": float(ndtri(sure - ON_THE_LINE)),
        "z_below": float(ndtri(1.0 - sure + ON_THE_LINE)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BODIES, arguments)
        return _measured(cursor.fetchall())


def _positions(on: dt.date) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS, {"on": on})
        return [key for (key,) in cursor.fetchall()]


def _measured(rows: list[tuple[object, ...]]) -> Measured:
    """Sums up the tree by its numbering: the subtree of a body is the rows from `lower` up to `upper`."""
    lower = np.array([row[4] for row in rows], dtype=np.int64)
    upper = np.array([row[5] for row in rows], dtype=np.int64)
    own = np.array([row[6:-4] for row in rows], dtype=np.float64).reshape(len(rows), len(COLUMNS))
    running = np.vstack([np.zeros(len(COLUMNS)), np.cumsum(own, axis=0)])
    last = np.searchsorted(lower, np.maximum(upper, lower + 1))
    totals = running[last] - running[np.arange(len(rows))]
    kept = np.flatnonzero(totals[:, 0] > 0)
    groups = (Group(None, "", "", WHOLE_SERVICE, -1, 0), *_groups([rows[i] for i in kept]))
    figures = np.vstack([running[-1], totals[kept]])
    return Measured(groups, figures[:, 0], _sums(figures), _needs([rows[i][-4:] for i in kept]))


def _needs(columns: list[tuple[Any, ...]]) -> Counted:
    """The counts by competency of the bodies kept, which are the groups from 1 on."""
    rows = [(g, *row) for g, lists in enumerate(columns, start=1) for row in zip(*lists, strict=True)]
    counts = np.array([row[2:] for row in rows], dtype=np.int64).reshape(-1, 3)
    return Counted(np.array([row[0] for row in rows], dtype=np.int64), tuple(row[1] for row in rows), counts)


def _groups(rows: list[tuple[object, ...]]) -> list[Group]:
    found: list[Group] = []
    open_above: list[tuple[int, int]] = [(0, 2**62)]
    for index, (body, code, name, kind, lower, upper, *_) in enumerate(rows, start=1):
        assert isinstance(lower, int) and isinstance(upper, int)  # noqa: PT018
        assert isinstance(body, UUID)
        while lower >= open_above[-1][1]:
            open_above.pop()
        found.append(Group(body, str(code), str(name), str(kind), open_above[-1][0], index))
        open_above.append((index, upper))
    return found


def _sums(figures: Floats) -> dict[str, Sums]:
    at = {name: figures[:, place] for place, name in enumerate(COLUMNS)}
    people = at["officials"]
    return {
        MET: Sums(at["met"], at["cases"], at["met_met"], at["met_cases"], at["cases_cases"]),
        UNSURE: Sums(at["unsure"], at["cases"], at["unsure_unsure"], at["unsure_cases"], at["cases_cases"]),
        LEARNED: Sums(at["learned"], people, at["learned"], at["learned"], people),
    }


COLUMNS = (
    "officials", "cases", "cases_cases", "met", "met_met", "met_cases", "unsure", "unsure_unsure", "unsure_cases",
    "learned",
)  # fmt: skip

_POSITIONS = """
SELECT DISTINCT position FROM institutions_assignment
WHERE kind = 'substantive' AND during @> %(on)s::date AND position <> ''
"""

_BODIES = """
WITH need AS (
    SELECT * FROM unnest(%(positions)s::text[], %(competencies)s::uuid[], %(cuts)s::float8[],
            %(means)s::float8[], %(sds)s::float8[], %(rates)s::float8[])
        AS n(position, competency, cut, cohort_mean, cohort_sd, rate)
), serving AS (
    SELECT DISTINCT ON (person_id) person_id, body_id, position FROM institutions_assignment
    WHERE kind = 'substantive' AND during @> %(on)s::date
    ORDER BY person_id, lower(during) DESC
), aged AS (
    SELECT s.person_id, s.body_id, n.competency, n.cut, e.information,
        n.cohort_mean + (e.mean - n.cohort_mean) * d.kept AS mean,
        sqrt(n.cohort_sd ^ 2 + (e.sd ^ 2 - n.cohort_sd ^ 2) * d.kept ^ 2) AS sd
    FROM serving s JOIN need n USING (position)
    LEFT JOIN competency_estimate e ON e.person_id = s.person_id AND e.competency_id = n.competency
        AND e.superseded_at IS NULL
    CROSS JOIN LATERAL (
        SELECT exp(-n.rate * greatest(extract(epoch FROM %(at)s - e.as_of) / 86400, 0)::float8) AS kept
    ) d
), stated AS (
    SELECT person_id, body_id, competency,
        CASE WHEN information >= %(information)s AND mean - cut >= %(z_met)s * sd THEN 'met'
             WHEN information >= %(information)s AND mean - cut <= %(z_below)s * sd THEN 'below'
             ELSE 'unsure' END AS statement
    FROM aged
), official AS (
    SELECT person_id, body_id, count(*) AS cases, count(*) FILTER (WHERE statement = 'met') AS met,
        count(*) FILTER (WHERE statement = 'unsure') AS unsure
    FROM stated GROUP BY person_id, body_id
), required AS (
    SELECT body_id, competency, count(*) FILTER (WHERE statement = 'met') AS met,
        count(*) FILTER (WHERE statement = 'below') AS below, count(*) FILTER (WHERE statement = 'unsure') AS unsure
    FROM stated GROUP BY body_id, competency
), needed AS (
    SELECT body_id, array_agg(competency) AS competencies, array_agg(met) AS met, array_agg(below) AS below,
        array_agg(unsure) AS unsure
    FROM required GROUP BY body_id
), learned AS (
    SELECT person_id FROM competency_evidence
    WHERE source = 'completed' AND happened_at > %(since)s AND happened_at <= %(now)s
    UNION
    SELECT person_id FROM planning_planitem
    WHERE state = 'done' AND done_at > %(since)s AND done_at <= %(now)s
), added AS (
    SELECT body_id, count(*) AS officials, sum(cases) AS cases, sum(cases * cases) AS cases_cases,
        sum(met) AS met, sum(met * met) AS met_met, sum(met * cases) AS met_cases,
        sum(unsure) AS unsure, sum(unsure * unsure) AS unsure_unsure, sum(unsure * cases) AS unsure_cases,
        count(l.person_id) AS learned
    FROM official LEFT JOIN learned l USING (person_id) GROUP BY body_id
)
SELECT b.id, b.code, b.name, b.kind, b.lower, b.upper, coalesce(officials, 0), coalesce(cases, 0),
    coalesce(cases_cases, 0), coalesce(a.met, 0), coalesce(met_met, 0), coalesce(met_cases, 0), coalesce(a.unsure, 0),
    coalesce(unsure_unsure, 0), coalesce(unsure_cases, 0), coalesce(learned, 0), coalesce(n.competencies, '{}'),
    coalesce(n.met, '{}'), coalesce(n.below, '{}'), coalesce(n.unsure, '{}')
FROM institutions_body b LEFT JOIN added a ON a.body_id = b.id LEFT JOIN needed n ON n.body_id = b.id
ORDER BY b.lower, b.code
"""
"""Drift and statements are those of `competency.profile.aged` and `competency.gaps`; a test holds them equal."""
