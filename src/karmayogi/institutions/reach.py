"""Row conditions for rows about a person: the person, the team of a supervisor, the subtree of a grant."""

from karmayogi.institutions.roll import FOR_OTHERS, IN_SIGHT, JOINED, OWN_BEFORE, ROLL, running
from karmayogi.registry.rows import (
    ACTOR,
    HELPED,
    KEPT,
    ON,
    OVERSEEN,
    PURPOSE,
    REACHED,
    Question,
    any_of,
    own,
)


def joined(table: str, column: str) -> str:
    """SQL: the id under which the person of a row is known today: after a merge that of the record that stays."""
    return (
        f"coalesce((select joined_a.person_id from {JOINED.name} joined_a"
        f' where joined_a.other_id = "{table}"."{column}"), "{table}"."{column}")'
    )


def in_reach(table: str, column: str) -> str:
    """True for rows whose person serves, on the day, under the actor (team) or in a body of the actor's scopes.

    Asks for the person's few rows of a view: cheap for every query that also filters by person, and never a licence
    to scan (the gate filters, this is the net under it).
    """
    return f"({FOR_OTHERS} and {_known(table, column, _SEEN)})"


def _known(table: str, column: str, condition: str) -> str:
    """Whether the id under which the person of a row is known today, `reach_w.id`, fulfils the condition."""
    return f"(select {condition} from (select {joined(table, column)} as id offset 0) reach_w)"


def _found(view: str, condition: str = "true") -> str:
    """True if a row of the view about `reach_w.id` fulfils the condition.

    Into a view that is a barrier only a plain comparison with a column from outside is carried, which finds the rows by
    their index; hence the computed id is a column first. EXISTS would be planned twice.
    """
    return f"(select true from {view} reach_a where reach_a.person_id = reach_w.id and {condition} limit 1)"


_SEEN = _found(IN_SIGHT.name)


def overseen(table: str, column: str) -> str:
    """True for rows whose person serves, on the day, in a body where the actor gives authority, audits or helps."""
    return (
        f"({OVERSEEN} is not null and exists (select 1 from institutions_assignment seen_a"
        " join institutions_body seen_b on seen_b.id = seen_a.body_id"
        f' where seen_a.person_id = "{table}"."{column}" and seen_a.during @> {ON} and seen_b.lower <@ {OVERSEEN}))'
    )


SUPPORTING = Question(
    name="institutions_lets_actor_look",
    body=f"""RETURN EXISTS (
  SELECT 1 FROM public.institutions_supportvisit look WHERE look.person_id = asked AND look.supporter_id = {ACTOR}
  AND look.ended_at IS NULL AND look.begins_at <= statement_timestamp() AND statement_timestamp() < look.until
);""",
)


def supported(table: str, column: str) -> str:
    """True for rows of a person who lets the actor look at their pages now: the consent runs and was not ended."""
    return f'({PURPOSE} = \'support\' and {SUPPORTING.name}("{table}"."{column}"))'


def about(table: str, column: str = "person_id") -> str:
    """The usual condition for a personal table: own rows, under any id of one's own, rows of a person in reach, or of
    one who lets one look.
    """
    others = f"reach_w.id = {ACTOR} or ({FOR_OTHERS} and {_SEEN})"
    return any_of(own(column), _known(table, column, others), supported(table, column))


def in_care(person: str) -> str:
    """For a client that provisions people: true for those who serve in its subtree on the day, and for those it had in
    its care who serve nowhere. Whoever is posted elsewhere is out of its sight. `person`: the column with their id.
    """
    served = (
        "exists (select 1 from institutions_assignment care_a join institutions_body care_b on care_b.id ="
        f" care_a.body_id where care_a.person_id = {person} and care_a.during @> {ON} and care_b.lower <@ {REACHED})"
    )
    kept = (
        "(exists (select 1 from institutions_provisionedperson care_p where care_p.client_id ="
        f" {ACTOR} and care_p.person_id = {person}) and not exists (select 1 from institutions_assignment care_s"
        f" where care_s.person_id = {person} and care_s.during @> {ON}))"
    )
    return any_of(served, kept)


def mine(table: str, column: str) -> str:
    """The actor's own rows, under any id of theirs; for reading only."""
    return any_of(own(column), f'"{table}"."{column}" = any({OWN_BEFORE})')


def helped(table: str, column: str) -> str:
    """True for rows of a person who serves, on the day, where the actor is at the help desk."""
    return _serving(HELPED, table, column, running("reach_a.during"))


def kept(table: str, column: str) -> str:
    """True for rows of a person who serves, or served on any day, where the actor keeps the records."""
    return _serving(KEPT, table, column, "true")


def recovering(column: str) -> str:
    """True for the account of the person in `column` while the actor carries out a recovery that they approved.

    The right lasts as long as the transaction that wrote the recovery.
    """
    return (
        "exists (select 1 from institutions_recovery doing"
        f" where doing.person_id = {column} and doing.touched_by_id = {ACTOR}"
        " and doing.touched_at = transaction_timestamp())"
    )


def _serving(scopes: str, table: str, column: str, when: str) -> str:
    """Under the id of the row or that of the record that stays."""
    who = (
        f'(select "{table}"."{column}" as id union all select joined_a.person_id from {JOINED.name} joined_a'
        f' where joined_a.other_id = "{table}"."{column}")'
    )
    reached = _found(ROLL.name, f"{when} and reach_a.lower <@ {scopes}")
    return f"({scopes} is not null and (select true from {who} reach_w where {reached} limit 1))"


def approved(column: str, act: str) -> str:
    """SQL: `column` names a proposal of this act that the actor has approved in this or an earlier transaction."""
    return (
        "exists (select 1 from institutions_proposal asked"
        f" where asked.id = {column} and asked.act = '{act}' and asked.state = 'approved'"
        f" and asked.checker_id = {ACTOR})"
    )
