"""`karmayogi audit replay`, in a process of its own, on a database of its own."""

import json
import subprocess
import sys

import psycopg
import pytest

FOUND = """
import datetime as dt
from karmayogi.cli import environment
from karmayogi.registry import roles
environment.prepare(roles.WORKER)
from karmayogi.competency import evidence, frameworks, profile
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.competency.frameworks import NewCompetency, NewFramework, NewLevel
from karmayogi.institutions import people
from karmayogi.institutions.people import NewPerson
from karmayogi.policy import rules
from karmayogi.registry.acting import as_worker
NOW = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
with as_worker():
    rules.issue(rules.HOUSE_DEFAULTS)
    levels = [NewLevel(n, f"Level {n}") for n in range(1, 6)]
    tender = NewCompetency("tender", "functional", "Tenders", "", dict.fromkeys(range(1, 6), "t"))
    frameworks.publish(NewFramework("f", "F", "1", levels, [tender]), now=NOW)
    people.enrol([NewPerson("anna", "Anna", "E1"), NewPerson("bela", "Bela", "E2"), NewPerson("boss", "Boss", "E3")])
    who = people.by_codes(["E1", "E2", "E3"])
    key = frameworks.by_key("tender").id
    evidence.record(
        [NewEvidence(who[c], key, Source.RATING, NOW, c, observer=who["E3"], payload={"level": 3.0, "answers": 1})
         for c in ("E1", "E2")], now=NOW)
    profile.refresh([who["E1"], who["E2"]], now=NOW)
"""


def run(databases, name, *arguments):
    environment = {
        **databases.environment(name),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "karmayogi.settings",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def audit(databases):
    """Runs `karmayogi audit replay` on a database with two officials' levels; `audit.database` is its name."""
    name = databases.clone("empty")
    founded = run(databases, name, "-c", FOUND)
    assert founded.returncode == 0, founded.stderr

    def replay(*arguments):
        return run(databases, name, "-m", "karmayogi", "audit", "replay", *arguments)

    replay.url = databases.url("postgres", name)
    return replay


def test_levels_that_follow_from_the_ledger_are_well(audit):
    shown = audit("anna")
    assert shown.returncode == 0, shown.stderr
    assert "Tenders" in shown.stdout
    assert "1 people, 1 stored levels recomputed, 0 differ" in shown.stdout
    everyone = audit("--all", "--json")
    assert everyone.returncode == 0
    told = json.loads(everyone.stdout)
    assert (told["compared"], told["differing"]) == (2, [])
    before = json.loads(audit("anna", "--as-of", "2020-01-01", "--json").stdout)
    assert (before["compared"], before["differing"]) == (0, [])


def test_who_is_asked_for_must_be_named_and_known(audit):
    unnamed = audit()
    assert (unnamed.returncode, unnamed.stdout) == (2, "")
    assert "Name a person" in unnamed.stderr
    unknown = audit("nobody", "--json")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "Nobody has the login or employee code nobody" in unknown.stderr
    assert audit("anna", "--as-of", "yesterday").returncode == 2


def test_a_level_that_was_altered_or_has_lost_its_evidence_differs(audit):
    with psycopg.connect(audit.url) as c:
        c.execute("SET session_replication_role = replica")  # a vandal with the keys of the house
        c.execute(
            "UPDATE competency_estimate SET mean = mean + 0.5 WHERE person_id ="
            " (SELECT person_id FROM institutions_account WHERE login = 'anna')"
        )
        c.execute(
            "DELETE FROM competency_evidence WHERE person_id ="
            " (SELECT person_id FROM institutions_account WHERE login = 'bela')"
        )
    altered = audit("anna", "--json")
    assert altered.returncode == 1
    (one,) = json.loads(altered.stdout)["differing"]
    assert one["stored"] - one["replayed"] == pytest.approx(0.5, abs=1e-6)
    gone = audit("bela", "--json")
    assert gone.returncode == 1, gone.stderr
    (one,) = json.loads(gone.stdout)["differing"]
    assert one["replayed"] is None
    both = audit("--all")
    assert both.returncode == 1
    assert "2 stored levels recomputed, 2 differ" in both.stdout
