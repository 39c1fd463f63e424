"""Two officials, three competencies their post needs, a check for one, courses and activities."""

import datetime as dt
from types import SimpleNamespace

import pytest

from karmayogi.assessment import pools, publications
from karmayogi.competency import evidence, frameworks, positions, profile
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.competency.frameworks import NewCompetency, NewFramework, NewLevel
from karmayogi.competency.positions import NewActivity as PositionActivity
from karmayogi.competency.positions import NewPosition, NewRequirement, NewRole
from karmayogi.institutions import assignments, bodies, people
from karmayogi.institutions.assignments import AssignmentFact
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.people import NewPerson
from karmayogi.learning import courses
from karmayogi.learning.courses import NewCourse, NewModule, NewPage
from karmayogi.planning import options, plans
from karmayogi.planning.options import NewActivity
from karmayogi.policy import rules
from karmayogi.registry.acting import acting, as_worker
from karmayogi.standards import markdown

DAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
START = dt.date(2024, 1, 1)
KINDS = {"tenders": "functional", "noting": "functional", "rules": "functional"}


def question(number):
    return {
        "key": f"it-{number:02}",
        "area": "xyz"[number % 3],
        "level": 1,
        "right": "b",
        "a": 1.4,
        "b": (number - 6) / 3,
        "parameters": "author",
        "stem": {"en": f"Question {number}"},
        "options": [{"key": k, "text": {"en": k}} for k in "abcd"],
        "why": {"en": "Because"},
    }


def course(key, title, hindi, minutes, competency, level):
    page = NewPage(
        key="one",
        kind="text",
        minutes=minutes,
        title={"en": "Page"},
        texts={"en": markdown.to_page("Text."), "hi": markdown.to_page("पाठ")},
    )
    facts = {"competency": competency, "level": level, "provider": None}
    return NewCourse(
        key=key,
        title={"en": title, "hi": hindi},
        about={"en": "About"},
        modules=[NewModule({"en": "Module"}, [page])],
        **facts,
    )


@pytest.fixture
def service():
    """anna: below in tenders and rules, untested in noting (which has a check); bela: nothing known; carl: no post."""
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        known = bodies.establish([NewBody("dept", "Dept", "department")], since=START, order_no="1/2020")
        names = ["boss", "chief", "anna", "bela", "carl"]
        people.enrol(NewPerson(login=n, name=n.title(), employee_code=n) for n in names)
        who = people.by_codes(names)
        levels = [NewLevel(n, f"Level {n}") for n in range(1, 6)]
        subjects = [
            NewCompetency(k, kind, {"en": k.title(), "hi": f"{k} हिन्दी"}, "About")
            for k, kind in KINDS.items()
        ]
        since = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
        frameworks.publish(NewFramework("kmf", "Ours", "1", levels, subjects, since=START), now=since)
        needs = [
            NewRequirement("tenders", 4, weight=2.0),
            NewRequirement("noting", 3),
            NewRequirement("rules", 3),
        ]
        positions.define(
            [NewPosition("officer", "Officer", [NewRole("Works", [PositionActivity("Works", needs)])])],
            framework="kmf",
            order_no="2/2024",
            since=START,
        )
        assignments.write(
            AssignmentFact(
                who[n], known["dept"], "Officer", START, "3/2024", position="officer", supervisor=who["boss"]
            )
            for n in ("anna", "bela")
        )
        ids = {key: frameworks.by_key(key).id for key in KINDS}
        pools.load_items(
            "noting", [question(n) for n in range(12)], order_no="demo/1", now=NOW, salt="ab" * 32
        )
        made = {
            key: courses.publish(
                course(key, title, hindi, minutes, ids[of], level), order_no="1", now=NOW
            ).course
            for key, title, hindi, minutes, of, level in (
                ("weighing", "Weighing bids", "बोली तौलना", 60, "tenders", 4),
                ("basics", "Bids for beginners", "शुरुआत", 30, "tenders", 1),
                ("rules-1", "Rules at work", "नियम", 90, "rules", 3),
                ("notes", "Notes that decide", "टिप्पणी", 45, "noting", 3),
            )
        }
        options.offer(
            NewActivity(ids[of], kind, title, minutes, {"hi": f"{title} हिन्दी"})
            for of, kind, title, minutes in (
                ("tenders", "on_job", "Sit in a purchase committee", 240),
                ("tenders", "with_others", "Compare two notes with a colleague", 90),
                ("rules", "on_job", "Check ten bills", 180),
                ("rules", "with_others", "Ask the finance desk", 60),
                ("noting", "on_job", "Write three notes", 120),
            )
        )
    found = SimpleNamespace(**who, body=known["dept"], **ids, courses=made)
    rate(found, found.anna, found.tenders, 1)
    rate(found, found.anna, found.rules, 1)
    return found


def rate(service, person, competency, level, *, at=NOW - dt.timedelta(days=1)):
    """Two raters say that the person works at `level`."""
    record(*(
        NewEvidence(person, competency, Source.RATING, at, f"r:{rater}:{competency}:{at}", observer=rater,
                    payload={"level": float(level), "answers": 4})
        for rater in (service.boss, service.chief)
    ))  # fmt: skip


def record(*rows):
    """Writes evidence and refreshes the profiles."""
    with as_worker():
        evidence.record(rows, now=max(row.happened_at for row in rows))
        profile.refresh({row.person for row in rows}, now=max(NOW, *(row.happened_at for row in rows)))


def sat(service, person, competency, right, *, at):
    """The person answered the check of the competency; `right` of twelve right."""
    with as_worker():
        items = publications.current_of(competency).items
    marks = [int(n < right) for n in range(len(items))]
    record(NewEvidence(person, competency, Source.TEST, at, f"sitting:{at}",
                       payload={"items": [str(i) for i in items], "right": marks}))  # fmt: skip


def make(*officials, on=DAY, now=NOW):
    with as_worker():
        return plans.make(officials, on=on, now=now)


def card(person, **more):
    with acting(actor=person, on=DAY):
        return plans.of(person, **more)
