"""The zone of consideration: who may be considered for a post, and the hard rules with their values."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from karmayogi.ehrms.posts import PostCard
from karmayogi.institutions.bodies import BodyCard
from karmayogi.policy import rules

LEAST_TENURE = "tenure.cadre_min"
WIDEST_ZONE = 200


@dataclass(frozen=True)
class RuleValue:
    """A hard rule, the order it comes from, this official's value, and whether it is met or stops."""

    name: str
    source: str
    value: str
    state: str


@dataclass(frozen=True)
class Considered:
    """An official in the zone, with the values of the hard rules on the day."""

    person: UUID
    name: str
    designation: str
    body_name: str
    years_in_post: float
    years_of_service: float
    rules: tuple[RuleValue, ...]

    @property
    def eligible(self) -> bool:
        """True if no hard rule stops this official."""
        return all(r.state != "stop" for r in self.rules)


def of(post: PostCard, *, within: BodyCard, on: dt.date) -> list[Considered]:
    """Officials of the feeder grade or the post's own grade in the reached subtree, longest in service first.

    Feeder: the same or the nearest lower pay level. At most `WIDEST_ZONE`. One statement and the rules in force.
    """
    in_force = rules.values([LEAST_TENURE], body=post.body, on=on)
    with connection.cursor() as cursor:
        cursor.execute(
            _ZONE,
            {
                "on": on,
                "lower": within.lower,
                "upper": within.upper,
                "level": post.level,
                "most": WIDEST_ZONE,
            },
        )
        rows = cursor.fetchall()
    return [_considered(row, in_force, on=on) for row in rows]


_ZONE = """
WITH feeder AS (
    SELECT max(level) AS level FROM ehrms_post WHERE level < %(level)s AND level > 0
)
SELECT a.person_id, n.name, p.designation, b.name, lower(h.during), coalesce(n.joined, first.since)
FROM ehrms_posting h
JOIN ehrms_post p ON p.id = h.post_id
JOIN institutions_assignment a ON a.person_id = h.person_id AND a.post = p.id AND a.during @> %(on)s::date
     AND a.kind = 'substantive'
JOIN institutions_body b ON b.id = p.body_id
JOIN institutions_person n ON n.id = h.person_id
CROSS JOIN feeder f
LEFT JOIN LATERAL (
    SELECT min(lower(e.during)) AS since FROM ehrms_posting e
    WHERE e.person_id = h.person_id AND upper_inf(e.recorded)) first ON true
WHERE h.kind = 'substantive' AND upper_inf(h.recorded) AND h.during @> %(on)s::date
  AND b.lower >= %(lower)s AND b.lower < %(upper)s AND p.level IN (%(level)s, f.level)
ORDER BY 6, n.name, a.person_id
LIMIT %(most)s
"""


def _considered(
    row: tuple[UUID, str, str, str, dt.date, dt.date], in_force: dict[str, rules.Rule], *, on: dt.date
) -> Considered:
    person, name, designation, body_name, since, joined = row
    in_post, in_service = _years(since, on), _years(joined, on)
    values = []
    rule = in_force.get(LEAST_TENURE)
    if rule is not None:
        least = _least_years(rule.value)
        values.append(
            RuleValue(
                f"In the present post at least {least:g} years",
                rule.order_no,
                f"{in_post:.1f} years",
                "met" if in_post >= least else "stop",
            )
        )
    return Considered(person, name, designation, body_name, in_post, in_service, tuple(values))


def _years(since: dt.date, on: dt.date) -> float:
    return round((on - since).days / 365.25, 2)


def _least_years(value: object) -> float:
    """Years in an ISO 8601 duration such as P2Y or P30M, or a plain number of years."""
    text = str(value)
    if text.startswith("P") and text.endswith("Y"):
        return float(text[1:-1])
    if text.startswith("P") and text.endswith("M"):
        return float(text[1:-1]) / 12
    return float(text)
