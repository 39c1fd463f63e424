"""A service in small: a supervisor, two officials of the team, a stranger, a provider and one course."""

import datetime as dt
from types import SimpleNamespace

import pytest

from karmayogi.competency import frameworks
from karmayogi.competency.frameworks import NewCompetency, NewFramework, NewLevel
from karmayogi.institutions import assignments, bodies, people
from karmayogi.institutions.assignments import AssignmentFact
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.people import NewPerson
from karmayogi.learning import catalogue, courses
from karmayogi.learning.courses import NewCourse, NewModule, NewOption, NewPage, NewQuestion
from karmayogi.policy import rules
from karmayogi.registry.acting import acting, as_worker
from karmayogi.standards import markdown

DAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 4, 30, tzinfo=dt.UTC)  # ten in the morning in Delhi


def after(**span):
    return NOW + dt.timedelta(**span)


def words(english, hindi=""):
    return {"en": english, **({"hi": hindi} if hindi else {})}


def page(key, minutes=4, text="", hindi="पाठ", **changes):
    texts = {"en": markdown.to_page(text or f"Text of {key}."), "hi": markdown.to_page(hindi)}
    values = {
        "key": key,
        "kind": "text",
        "minutes": minutes,
        "title": words(key.title(), "शीर्षक"),
        "texts": texts,
    }
    return NewPage(**{**values, **changes})


def practice(key, why="Because CANARY-WHY", why_in_hindi="क्योंकि", right="b"):
    options = [NewOption(o, words(f"Option {o}", f"विकल्प {o}")) for o in "abc"]
    question = NewQuestion("first", words("Which?", "कौन-सा?"), options, right, words(why, why_in_hindi))
    return page(key, kind="practice", questions=[question])


def course(*pages, key="tenders", **changes):
    values = {
        "key": key,
        "title": words("Tender evaluation", "निविदा मूल्यांकन"),
        "about": words("Weigh bids", "तौलें"),
        "modules": [
            NewModule(words("Reading", "पढ़ना"), list(pages[:2])),
            NewModule(words("Doing"), list(pages[2:])),
        ],
    }
    if len(pages) < 3:
        values["modules"] = values["modules"][:1]
    return NewCourse(**{**values, **changes})


@pytest.fixture
def service(db):
    """Everybody on 21 November 2026; `page` maps page keys of the course to ids, `publish` publishes a change."""
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        known = bodies.establish(
            [NewBody("dept", "Department", "department"), NewBody("prov", "Provider", "provider")],
            since=dt.date(2020, 1, 1),
            order_no="1/2020",
        )
        names = ["boss", "anna", "bela", "chand"]
        people.enrol(NewPerson(login=n, name=n.title(), employee_code=n) for n in names)
        who = people.by_codes(names)
        assignments.write(
            AssignmentFact(
                who[n],
                known["dept"],
                "Officer",
                dt.date(2024, 1, 1),
                "2/2024",
                supervisor=who["boss"] if n in {"anna", "bela"} else None,
            )
            for n in names
        )
        levels = [NewLevel(n, f"Level {n}") for n in (1, 2, 3)]
        subject = NewCompetency(
            "tenders", "functional", "Tenders", "About", {n: f"Text {n}" for n in (1, 2, 3)}
        )
        frameworks.publish(NewFramework("kmf", "Framework", "1", levels, [subject]), now=NOW)
        competency = frameworks.by_key("tenders").id

        def publish(*pages, now=NOW, **changes):
            facts = {"competency": competency, "level": 3, "provider": known["prov"], **changes}
            with as_worker():
                return courses.publish(course(*pages, **facts), order_no="demo/1", now=now)

        def keys(course_key="tenders"):
            with as_worker():
                return {p.key: p.id for p in catalogue.course(course_key).pages}

        published = publish(page("one"), page("two"), practice("three"))
    return SimpleNamespace(
        **who,
        course=published.course,
        competency=competency,
        body=known["dept"],
        provider=known["prov"],
        publish=publish,
        keys=keys,
        page=keys(),
    )


def web(person, **more):
    """Acting as the web does for `person` on their own screens."""
    return acting(actor=person, on=DAY, **more)
