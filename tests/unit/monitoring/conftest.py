"""Two ministries and a small third one, with departments and offices, and officials of whom something is known."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pytest

from karmayogi.competency import evidence, frameworks, positions, profile
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.competency.frameworks import NewCompetency, NewFramework, NewLevel
from karmayogi.competency.positions import NewActivity, NewPosition, NewRequirement, NewRole
from karmayogi.institutions import assignments, bodies, people
from karmayogi.institutions.assignments import AssignmentFact
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.people import NewPerson
from karmayogi.policy import rules
from karmayogi.registry.acting import as_worker

DAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
START = dt.date(2024, 1, 1)

PLACES = {
    "min-1": ("ministry", None, 2),
    "dept-a": ("department", "min-1", 0),
    "a-1": ("office", "dept-a", 4),
    "a-2": ("office", "dept-a", 15),
    "a-3": ("office", "dept-a", 25),
    "dept-b": ("department", "min-1", 40),
    "min-2": ("ministry", None, 0),
    "dept-c": ("department", "min-2", 30),
    "dept-d": ("department", "min-2", 12),
    "min-3": ("ministry", None, 5),
    "provider": ("provider", None, 0),
}
"""code -> kind, parent, officials of its own with a described position."""


@pytest.fixture
def service():
    """`people`: code of the body -> officials; `tenders` and `noting`: the competencies required of them all."""
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        known = bodies.establish(
            [NewBody(code, code.title(), kind, parent) for code, (kind, parent, _) in PLACES.items()],
            since=dt.date(2020, 1, 1),
            order_no="1/2020",
        )
        levels = [NewLevel(n, f"Level {n}") for n in range(1, 6)]
        subjects = [
            NewCompetency(k, kind, k.title(), "About")
            for k, kind in (("tenders", "functional"), ("noting", "behavioural"))
        ]
        since = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
        frameworks.publish(NewFramework("kmf", "Ours", "1", levels, subjects, since=START), now=since)
        needs = [NewRequirement("tenders", 3), NewRequirement("noting", 2)]
        positions.define(
            [NewPosition("officer", "Officer", [NewRole("Works", [NewActivity("Works", needs)])])],
            framework="kmf",
            order_no="2/2024",
            since=START,
        )
        names = [f"{code}.{i}" for code, (_, _, count) in PLACES.items() for i in range(count)]
        people.enrol(
            NewPerson(login=n, name=n, employee_code=n) for n in [*names, "boss", "chief", "undescribed"]
        )
        ids = people.by_codes([*names, "boss", "chief", "undescribed"])
        assignments.write(
            [
                AssignmentFact(ids[n], known[n.split(".")[0]], "Officer", START, "3/2024", position="officer")
                for n in names
            ]
            + [AssignmentFact(ids["undescribed"], known["dept-b"], "Officer", START, "3/2024")]
        )
        held = {code: [ids[n] for n in names if n.startswith(f"{code}.")] for code in PLACES}
    return SimpleNamespace(
        people=held,
        everyone=[ids[n] for n in names],
        boss=ids["boss"],
        chief=ids["chief"],
        bodies=known,
        tenders=frameworks.by_key("tenders").id,
        noting=frameworks.by_key("noting").id,
    )


def rate(service, people, competency, level, *, at=NOW):
    """Two raters say that these people work at `level`."""
    with as_worker():
        evidence.record(
            [
                NewEvidence(
                    person,
                    competency,
                    Source.RATING,
                    at,
                    f"r:{rater}:{competency}:{at}",
                    observer=rater,
                    payload={"level": float(level), "answers": 4},
                )
                for person in people
                for rater in (service.boss, service.chief)
            ],
            now=NOW,
        )
        profile.refresh(people, now=NOW)


@pytest.fixture
def known(service):
    """The service, where about half of everything was rated, at levels and on days drawn with a fixed seed."""
    draw = np.random.default_rng(3)
    for competency in (service.tenders, service.noting):
        for level in range(1, 6):
            some = [p for p in service.everyone if draw.random() < 0.15]
            rate(service, some, competency, level, at=NOW - dt.timedelta(days=int(draw.integers(1, 700))))
    return service
