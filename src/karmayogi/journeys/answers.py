"""The answer to a questioned result: decided by whoever's turn it is, told to the person, by letter too."""

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from karmayogi.competency import frameworks
from karmayogi.institutions import letters
from karmayogi.registry import cases, jobs, notices
from karmayogi.registry.cases import Outcome
from karmayogi.registry.notices import NewNotice

TELL = "journeys.answered"


def decide(
    case: UUID,
    *,
    by: UUID,
    roles: Collection[str],
    outcome: Outcome,
    reason: str,
    link: str,
    now: dt.datetime,
) -> None:
    """Decides the case and tells who opened it, in one transaction; no result changes by it.

    `link`: the path of the page where the answer stands. Raises what `cases.decide` raises.
    """
    cases.decide(case, by=by, roles=roles, outcome=outcome, reason=reason, now=now)
    notices.tell_all([_notice(case, link=link)], now=now)
    jobs.start(
        TELL,
        owner=by,
        title="Write to the person whose question was answered",
        now=now,
        arguments={"case": str(case), "link": link},
    )


def write(case: UUID, *, link: str, now: dt.datetime) -> int:
    """Writes the letter about a decided case; 1, or 0 where the person has no e-mail address."""
    return letters.write_all([_notice(case, link=link)], now=now)


def _notice(case: UUID, *, link: str) -> NewNotice:
    card = cases.card(case)
    (competency,) = frameworks.competencies(ids=[card.subject_id])
    told = {"competency": str(competency.id), "name": competency.name, "outcome": card.outcome}
    return NewNotice(card.opened_by, "case_decided", f"case:{case}:decided", told, link)
