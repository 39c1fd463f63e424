"""Row conditions for rows about a person: the person, the team of a supervisor, the subtree of a grant."""

from karmayogi.registry.rows import any_of, own

HAS_REACH = (
    "(select coalesce(current_setting('app.scopes', true), '') <> ''"
    " or current_setting('app.team', true) = 'on')"
)
"""The request came in with scopes or as a supervisor; an official's own pages look into no roll at all."""


def in_reach(table: str, column: str) -> str:
    """True for rows about whom the roll shows the actor: besides the actor, whoever is in reach on the day.

    One EXISTS over the person's few rows of the roll: cheap for every query that also filters by person, and never a
    licence to scan (the gate filters, this is the net under it).
    """
    return (
        f"({HAS_REACH} and exists (select 1 from institutions_roll reach_a"
        f' where reach_a.person_id = "{table}"."{column}"))'
    )


def about(table: str, column: str = "person_id") -> str:
    """The usual condition for a personal table: own rows, or rows of a person in reach."""
    return any_of(own(column), in_reach(table, column))
