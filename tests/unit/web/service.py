"""A small service for tests of pages: bodies, people who serve in them, and the authority some of them hold."""

import datetime as dt
from collections.abc import Iterable, Mapping
from uuid import UUID

from karmayogi.institutions import assignments, bodies, grants, people
from karmayogi.institutions.assignments import AssignmentFact
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.grants import NewGrant
from karmayogi.institutions.people import NewPerson
from karmayogi.institutions.roles import Role
from karmayogi.policy import rules
from karmayogi.registry.acting import as_worker

SINCE = dt.date(2020, 1, 1)


def set_up(
    new: Iterable[NewBody], serving: Mapping[str, str], given: Iterable[tuple[str, Role, str]]
) -> dict[str, UUID]:
    """login -> id. `serving`: login -> code of the body; `given`: (login, role, code of the body), by the first.

    Everybody's employee code is E- and the login. The rules of the house are in force.
    """
    first = next(iter(serving))
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        people.enrol(NewPerson(n, n.title(), employee_code=f"E-{n}", joined=SINCE) for n in serving)
        found = {login: card.id for login, card in people.by_logins(list(serving)).items()}
        known = bodies.establish(list(new), since=SINCE, order_no="1")
        assignments.write(
            AssignmentFact(found[n], known[b], "Officer", SINCE, "1") for n, b in serving.items()
        )
        grants.give(
            NewGrant(
                person=found[n], role=role, body=known[b], since=SINCE, order_no="1", granted_by=found[first]
            )
            for n, role, b in given
        )
    return found
