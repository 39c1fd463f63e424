"""Row conditions for rows about a person: the person, the team of a supervisor, the subtree of a grant."""

from karmayogi.registry.rows import ACTOR, ON, SCOPES, TEAM, any_of, own


def in_reach(table: str, column: str) -> str:
    """True for rows whose person serves, on the day, under the actor (team) or in a body of the actor's scopes.

    Written as one EXISTS over the person's few assignments: cheap for every query that also filters by person,
    and never a licence to scan (the gate filters, this is the net under it).
    """
    return (
        f"(({SCOPES} is not null or {TEAM}) and exists (select 1 from institutions_assignment reach_a"
        " join institutions_body reach_b on reach_b.id = reach_a.body_id"
        f' where reach_a.person_id = "{table}"."{column}" and reach_a.during @> {ON}'
        f" and ((reach_a.supervisor_id = {ACTOR} and {TEAM}) or reach_b.lower <@ {SCOPES})))"
    )


def about(table: str, column: str = "person_id") -> str:
    """The usual condition for a personal table: own rows, or rows of a person in reach."""
    return any_of(own(column), in_reach(table, column))
