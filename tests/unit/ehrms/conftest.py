"""A ministry in small: four officials in posts, two of them observed, one vacancy above them, and three colleagues."""

import datetime as dt

import pytest

from karmayogi.competency import evidence, frameworks, positions, profile
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.competency.frameworks import NewCompetency, NewFramework, NewLevel
from karmayogi.competency.positions import NewActivity, NewPosition, NewRequirement, NewRole
from karmayogi.ehrms import orders, posts, vacancies
from karmayogi.ehrms.orders import Line
from karmayogi.ehrms.posts import NewPost
from karmayogi.institutions import bodies, people
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.people import NewPerson
from karmayogi.policy import starter
from karmayogi.registry.acting import as_worker

NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 21)
LONG_AGO = dt.date(2020, 1, 1)


@pytest.fixture
def ministry():
    """The ministry (body, person of each login, post of each code), as a job sees it."""
    with as_worker():
        yield founded()


@pytest.fixture
def found_ministry():
    """Founds the ministry in the database of the moment."""
    return founded


@pytest.fixture
def show():
    """Lets an official be observed three times at one level."""
    return shown


@pytest.fixture
def ranked():
    """Ranks the candidates for the ministry's vacancy, and says how."""
    return rank


def founded():
    """Writes rules, framework, posts, officials and what is known of them, and says where they are."""
    with as_worker():
        starter.load(now=NOW)
        body = bodies.establish([NewBody("min", "Ministry", "ministry")], since=LONG_AGO, order_no="1")["min"]
        names = ["anna", "bela", "chand", "new", "maker", "checker", "rater"]
        people.enrol(NewPerson(login=n, name=n.title(), employee_code=n, joined=LONG_AGO) for n in names)
        who = people.by_codes(names)
        version = frameworks.publish(
            NewFramework(
                key="f",
                title="F",
                version="1",
                levels=[NewLevel(n, f"Level {n}", "") for n in range(1, 6)],
                competencies=[
                    NewCompetency(
                        "tender", "functional", "Tender evaluation", "", dict.fromkeys(range(1, 6), "t")
                    )
                ],
            ),
            now=NOW,
        )
        assert version
        positions.define(
            [NewPosition("p", "Officer", [NewRole("r", [NewActivity("a", [NewRequirement("tender", 3)])])])],
            framework="f",
            order_no="2",
            since=LONG_AGO,
        )
        seats = posts.sanction(
            [
                NewPost(c, body, "Officer", "B", LONG_AGO, "3", level=8, position="p")
                for c in ("A", "B", "C", "D")
            ]
            + [NewPost("V", body, "Senior officer", "A", LONG_AGO, "3", level=9, position="p")]
        )
        since = {"anna": LONG_AGO, "bela": LONG_AGO, "chand": LONG_AGO, "new": dt.date(2026, 6, 1)}
        lines = [
            Line(who[n], seats[c], "substantive", since[n])
            for n, c in zip(("anna", "bela", "chand", "new"), "ABCD", strict=True)
        ]
        orders.enter("1/2020", lines, kind="appointment", body=body, effective=LONG_AGO, now=NOW)
        shown(who, "anna", 5.0)
        shown(who, "bela", 1.0)
        return bodies.by_ids([body])[body], who, seats


def shown(who, name, level):
    """Three observations by three raters at one level, and the estimate they give."""
    tender = frameworks.by_key("tender")
    evidence.record(
        [
            NewEvidence(
                who[name],
                tender.id,
                Source.RATING,
                NOW - dt.timedelta(days=10 + i),
                f"r{name}{i}",
                observer=who[rater],
                payload={"level": level, "answers": 1},
            )
            for i, rater in enumerate(("rater", "maker", "checker"))
        ],
        now=NOW,
    )
    profile.refresh([who[name]], now=NOW)


def rank(ministry, now=NOW):
    """The stored ranking for the vacancy, made on the day."""
    body, _, _ = ministry
    return vacancies.stored(vacancies.rank(posts.by_code("V"), within=body, by=None, on=DAY, now=now))
