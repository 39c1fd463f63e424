"""A service in small: one official, one competency with a loaded check of twelve items in three areas."""

import datetime as dt
from types import SimpleNamespace

import pytest

from karmayogi.assessment import pools
from karmayogi.competency import frameworks
from karmayogi.competency.frameworks import NewCompetency, NewFramework, NewLevel
from karmayogi.institutions import people
from karmayogi.institutions.people import NewPerson
from karmayogi.policy import rules
from karmayogi.registry.acting import as_worker

NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)


def entry(number, area, b, *, right="b"):
    """An item as the demo's files hold it, with words that can be searched for."""
    return {
        "key": f"it-{number:02}",
        "area": area,
        "level": 1,
        "right": right,
        "a": 1.4,
        "b": b,
        "parameters": "author",
        "stem": {"en": f"STEM-{number:02}", "hi": f"PRASHN-{number:02}"},
        "options": [
            {"key": k, "text": {"en": f"OPTION-{number:02}-{k}", "hi": f"VIKALP-{number:02}-{k}"}}
            for k in "abcd"
        ],
        "why": {"en": f"CANARY-{number:02}", "hi": f"CANARY-HI-{number:02}"},
    }


CONTENT = [entry(n, "xyz"[n % 3], (n - 6) / 3) for n in range(12)]


@pytest.fixture
def house(db):
    """Rules, framework, two officials and the loaded pool."""
    return found()


@pytest.fixture
def found_house():
    """Founds the house in the database of the moment."""
    return found


def found():
    """Writes rules, framework, officials and pool, and says where they are."""
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        frameworks.publish(
            NewFramework(
                "kmf",
                "Framework",
                "1",
                [NewLevel(n, f"Level {n}") for n in (1, 2, 3)],
                [
                    NewCompetency(
                        "noting", "functional", "Noting", "About", {n: f"Text {n}" for n in (1, 2, 3)}
                    ),
                    NewCompetency(
                        "budget", "functional", "Budget", "About", {n: f"Text {n}" for n in (1, 2, 3)}
                    ),
                ],
            ),
            now=NOW,
        )
        people.enrol(NewPerson(login=n, name=n.title(), employee_code=n) for n in ("anna", "bela"))
        who = people.by_codes(["anna", "bela"])
        loaded = pools.load_items("noting", CONTENT, order_no="demo/1", now=NOW, salt="ab" * 32)
        competency = frameworks.by_key("noting").id
        other = frameworks.by_key("budget").id
    return SimpleNamespace(
        anna=who["anna"], bela=who["bela"], competency=competency, other=other, loaded=loaded
    )


@pytest.fixture
def content():
    """The entries the pool was loaded from."""
    return CONTENT
