"""The roll: who serves where, with names, as one view that a row condition or a list can ask at the price of a join.

A row condition that looks into another table is bound by that table's own conditions, and those by the next one's:
planning a page's query then takes longer than running it, and a list of a ministry asks three conditions for every
official. The view is read with the rights of the owner of the tables and says the condition once. What it shows the
web role is exactly what `Assignment.rows` lets it read: own rows, the team and the subtree as they are today.
"""

from karmayogi.registry import joined, roles
from karmayogi.registry.rows import ACTOR, ON, PURPOSE, SCOPES, View


def running(during: str) -> str:
    """True where a range of dates covers the day of the request.

    The day is unknown when the plan is made, and PostgreSQL would guess that one row in two hundred covers it, and
    join in loops; behind coalesce it guesses one in two, which is nearer.
    """
    return f"coalesce({during} @> {ON}, false)"


LEADER = (
    "(select case when current_setting('app.team', true) = 'on'"
    " then nullif(current_setting('app.actor', true), '')::uuid end)"
)
"""The actor, where the request came in as a supervisor. Each parenthesis is planned by itself: one is enough."""

_SCOPES = "nullif(current_setting('app.scopes', true), '')::int4multirange"
TODAY_IN = f"(select case when {PURPOSE} = 'reviewer' then null else {_SCOPES} end)"
"""`SCOPES`, `HELPED` and `OVERSEEN` of the row conditions in one: whoever reviews a case sees nobody else of a body."""

IN_REACH = f"({running('a.during')} and (a.supervisor_id = {LEADER} or b.lower <@ {TODAY_IN}))"
"""In the team, or on the day in a body of the scopes, of the help desk, or of who gives authority or audits."""

IN_KEEPING = f"b.lower <@ (select case when {PURPOSE} in ('establishment', 'order') then {_SCOPES} end)"
"""Of any day: where the actor keeps the records, and where an order is being put in force."""

JOINED_WITH_ME = (
    "a.person_id = any(array(select joined_a.other_id from institutions_personalias joined_a"
    f" where joined_a.person_id = {ACTOR} and joined_a.until is null))"
)
"""Under an id that was joined with the actor's."""

FOR_OTHERS = (
    "(select nullif(current_setting('app.scopes', true), '') is not null"
    " or coalesce(current_setting('app.team', true) = 'on', false))"
)
"""The request came in for an office or a team."""

JOINED = View(
    name=joined.VIEW,
    through=("institutions_personalias",),
    query=(
        "SELECT j.person_id, j.other_id FROM institutions_personalias j WHERE j.until IS NULL"
        " AND j.other_id IS NOT NULL"
        f" AND (j.person_id = {ACTOR} OR {FOR_OTHERS} OR current_user <> '{roles.APP}')"
    ),
)
"""Which record (`other_id`) is one of `person_id` today: pairs of ids that `PersonAlias.rows` lets the actor read."""

IN_SIGHT = View(
    name="institutions_in_sight",
    through=("institutions_assignment", "institutions_body"),
    query=(
        f"SELECT a.person_id FROM institutions_assignment a WHERE {running('a.during')} AND (a.supervisor_id = {LEADER}"
        f" OR (SELECT b.lower FROM institutions_body b WHERE b.id = a.body_id) <@ {SCOPES})"
    ),
)
"""Who serves, on the day, under the actor or in a body of the scopes: what most conditions about a person ask, and no
more, because it is planned with every query of every personal table. A body looked up is planned in half the time of a
body joined."""

OWN_BEFORE = joined.OF_ACTOR
"""The ids that were joined with the actor's; found once for a statement, and not before a row asks for it."""

ROLL = View(
    name="institutions_roll",
    through=(
        "institutions_assignment",
        "institutions_body",
        "institutions_person",
        "institutions_personalias",
    ),
    query=(
        "SELECT a.person_id, p.name, a.body_id, b.code AS body_code, b.name AS body_name, b.lower, a.designation,"
        " a.post, a.position, a.supervisor_id, a.kind, a.during FROM institutions_assignment a"
        " LEFT JOIN institutions_body b ON b.id = a.body_id LEFT JOIN institutions_person p ON p.id = a.person_id"
        f" WHERE a.person_id = {ACTOR} OR {IN_REACH} OR current_user <> '{roles.APP}' OR {IN_KEEPING}"
        f" OR {JOINED_WITH_ME}"
    ),
)
"""The joins are outer ones, so that whoever asks for no name does not pay for it; every key has its row."""
