import datetime as dt
from types import SimpleNamespace

import pytest

from karmayogi.competency import frameworks, positions
from karmayogi.competency.frameworks import NewCompetency, NewFramework, NewLevel
from karmayogi.competency.positions import NewActivity, NewPosition, NewRequirement, NewRole
from karmayogi.institutions import assignments, bodies, people
from karmayogi.institutions.assignments import AssignmentFact
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.people import NewPerson
from karmayogi.policy import rules
from karmayogi.registry.acting import as_worker

DAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
EARLIER = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def scale(size):
    return [NewLevel(n, {"en": f"Level {n}", "hi": f"स्तर {n}"}) for n in range(1, size + 1)]


def framework(**changes):
    new = {
        "key": "kmf",
        "title": "Ours",
        "version": "1",
        "levels": scale(5),
        "since": EARLIER.date(),
        "competencies": [
            NewCompetency(
                "tenders",
                "functional",
                {"en": "Tenders", "hi": "निविदा"},
                "Weighs bids",
                {n: {"en": f"Does {n}", "hi": f"काम {n}"} for n in range(1, 6)},
            ),
            NewCompetency("noting", "behavioural", "Noting", "Writes notes"),
        ],
    }
    return NewFramework(**{**new, **changes})


def position(**changes):
    new = {
        "key": "so-procurement",
        "title": {"en": "Section Officer", "hi": "अनुभाग अधिकारी"},
        "roles": [
            NewRole(
                "Buys",
                [
                    NewActivity("Compares bids", [NewRequirement("tenders", 3), NewRequirement("noting", 2)]),
                    NewActivity("Writes the report", [NewRequirement("tenders", 4, essential=False)]),
                ],
            ),
        ],
    }
    return NewPosition(**{**new, **changes})


@pytest.fixture
def service():
    """A department with a supervisor and two officials on a described position; rules and framework in force."""
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        known = bodies.establish(
            [
                NewBody("min", "Ministry", "ministry"),
                NewBody("dept", "Dept", "department", "min"),
                NewBody("other", "Other ministry", "ministry"),
            ],
            since=dt.date(2020, 1, 1),
            order_no="1/2020",
        )
        names = ["boss", "anna", "bela", "chand"]
        people.enrol(NewPerson(login=n, name=n.title(), employee_code=n.upper()) for n in names)
        ids = {n: people.by_codes([n.upper()])[n.upper()] for n in names}
        version = frameworks.publish(framework(), now=EARLIER)
        positions.define([position()], framework="kmf", order_no="2/2024", since=dt.date(2024, 1, 1))
        assignments.write(
            AssignmentFact(
                ids[n],
                known["other" if n == "chand" else "dept"],
                "Officer",
                dt.date(2024, 1, 1),
                "3/2024",
                position="" if n == "boss" else "so-procurement",
                supervisor=ids["boss"] if n in {"anna", "bela"} else None,
            )
            for n in names
        )
    return SimpleNamespace(
        **ids,
        bodies=known,
        version=version,
        tenders=frameworks.by_key("tenders").id,
        noting=frameworks.by_key("noting").id,
    )
