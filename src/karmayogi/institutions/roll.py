"""The roll: who serves where, with names, as one view that a row condition or a list can ask at the price of a join.

A row condition that looks into another table is bound by that table's own conditions, and those by the next one's:
planning a page's query then takes longer than running it, and a list of a ministry asks three conditions for every
official. The view is read with the rights of the owner of the tables and says the condition once. What it shows the
web role is exactly what `Assignment.rows` lets it read: own rows, the team and the subtree as they are today.
"""

from karmayogi.registry import roles
from karmayogi.registry.rows import ACTOR, HELPED, KEPT, ON, OVERSEEN, SCOPES, View


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

IN_REACH = (
    f"({running('a.during')} and (a.supervisor_id = {LEADER} or b.lower <@ {SCOPES}"
    f" or b.lower <@ {HELPED} or b.lower <@ {OVERSEEN}))"
)
"""In the team, or on the day in a body of the scopes, of the help desk, or of who gives authority or audits."""

IN_KEEPING = f"(b.lower <@ {KEPT} or ((select current_setting('app.purpose', true) = 'order') and b.lower <@ {SCOPES}))"
"""Of any day: where the actor keeps the records, and where an order is being put in force."""

OWN_BEFORE = (
    "exists (select 1 from institutions_personalias joined_a where joined_a.other_id = a.person_id"
    f" and joined_a.until is null and joined_a.person_id = {ACTOR})"
)
"""Under an id that was joined with the actor's."""

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
        f" OR {OWN_BEFORE}"
    ),
)
"""The joins are outer ones, so that whoever asks for no name does not pay for it; every key has its row."""
