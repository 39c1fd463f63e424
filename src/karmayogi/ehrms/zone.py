"""The zone of consideration: who may be considered for a post, and the hard rules with their values."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation.trans_null import gettext_noop

from karmayogi.ehrms import durations
from karmayogi.ehrms.durations import Duration
from karmayogi.ehrms.posts import PostCard
from karmayogi.institutions.bodies import BodyCard
from karmayogi.policy import rules

LEAST_TENURE = "tenure.cadre_min"
IN_POST = gettext_noop("In the present post at least {duration}")
WIDEST_ZONE = 200
"""So many eligible officials are considered, and as many of those a rule stops are named."""


@dataclass(frozen=True)
class RuleValue:
    """A hard rule, the order it comes from, this official's value, and whether it is met or stops.

    `name` and `value` are the record, in English. `rule` is the rule's key; `least` and `held` are what it asks and
    what this official has, in years, months and days.
    """

    name: str
    source: str
    value: str
    state: str
    rule: str = ""
    least: tuple[int, int, int] = (0, 0, 0)
    held: tuple[int, int, int] = (0, 0, 0)

    @property
    def sentence(self) -> str:
        """The rule in the language of the reader; as it was recorded where it is of no kind known here."""
        if self.rule != LEAST_TENURE:
            return self.name
        return _(IN_POST).format(duration=durations.said(Duration(*self.least)))

    @property
    def figure(self) -> str:
        """This official's value in the language of the reader."""
        return durations.said(Duration(*self.held)) if self.rule == LEAST_TENURE else self.value


@dataclass(frozen=True)
class Considered:
    """An official in the zone, with the values of the hard rules on the day."""

    person: UUID
    name: str
    designation: str
    body_name: str
    in_post: Duration
    in_service: Duration
    rules: tuple[RuleValue, ...]

    @property
    def eligible(self) -> bool:
        """True if no hard rule stops this official."""
        return all(r.state != "stop" for r in self.rules)


def of(post: PostCard, *, within: BodyCard, on: dt.date) -> list[Considered]:
    """Officials of the feeder grade or the post's own grade in the reached subtree: eligible ones first.

    Feeder: the same or the nearest lower pay level. Longest in service first; of the eligible and of those stopped
    at most `WIDEST_ZONE` each, so that nobody stopped takes another's place. One statement and the rules in force.
    Raises `durations.UnreadableDuration`.
    """
    rule = rules.values([LEAST_TENURE], body=post.body, on=on).get(LEAST_TENURE)
    least = durations.read(rule.value, rule=LEAST_TENURE) if rule else Duration()
    with connection.cursor() as cursor:
        cursor.execute(
            _ZONE,
            {
                "on": on,
                "lower": within.lower,
                "upper": within.upper,
                "level": post.level,
                "most": WIDEST_ZONE,
                "years": least.years,
                "months": least.months,
                "days": least.days,
            },
        )
        rows = cursor.fetchall()
    return [_considered(row, rule, least, on=on) for row in rows]


_ZONE = """
WITH feeder AS (
    SELECT max(level) AS level FROM ehrms_post WHERE level < %(level)s AND level > 0
)
SELECT person, name, designation, body, since, joined FROM (
    SELECT z.*, row_number() OVER (PARTITION BY enough ORDER BY joined, name, person) AS place FROM (
        SELECT a.person_id AS person, n.name, p.designation, b.name AS body, lower(h.during) AS since,
               coalesce(n.joined, first.since) AS joined,
               lower(h.during) + make_interval(%(years)s, %(months)s, 0, %(days)s) <= %(on)s AS enough
        FROM ehrms_posting h
        JOIN ehrms_post p ON p.id = h.post_id
        JOIN institutions_assignment a ON a.person_id = h.person_id AND a.post = p.id AND a.kind = 'substantive'
             AND lower(a.during) <= %(on)s AND coalesce(upper(a.during) > %(on)s, true)
        JOIN institutions_body b ON b.id = p.body_id
        JOIN institutions_person n ON n.id = h.person_id
        CROSS JOIN feeder f
        LEFT JOIN LATERAL (
            SELECT min(lower(e.during)) AS since FROM ehrms_posting e
            WHERE e.person_id = h.person_id AND upper_inf(e.recorded)) first ON true
        WHERE h.kind = 'substantive' AND upper_inf(h.recorded)
          AND lower(h.during) <= %(on)s AND coalesce(upper(h.during) > %(on)s, true)
          AND b.lower >= %(lower)s AND b.lower < %(upper)s AND p.level IN (%(level)s, f.level)
    ) z
) placed
WHERE place <= %(most)s
ORDER BY enough DESC, place
"""
"""PostgreSQL adds an interval to a date as `Duration.after` does: months first, then days.

The day is asked by both ends, not with `@>`: a planner without statistics would search by the day alone, once for
each official.
"""


def _considered(
    row: tuple[UUID, str, str, str, dt.date, dt.date],
    rule: rules.Rule | None,
    least: Duration,
    *,
    on: dt.date,
) -> Considered:
    person, name, designation, body_name, since, joined = row
    in_post = durations.between(since, on)
    values = []
    if rule is not None:
        held = durations.brief(in_post)
        values.append(
            RuleValue(
                IN_POST.format(duration=least),
                rule.order_no,
                str(held),
                "met" if least.after(since) <= on else "stop",
                LEAST_TENURE,
                (least.years, least.months, least.days),
                (held.years, held.months, held.days),
            )
        )
    return Considered(
        person, name, designation, body_name, in_post, durations.between(joined, on), tuple(values)
    )
