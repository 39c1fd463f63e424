"""A small invented house for the drills: people who are signed in, courses with practice, checks to sit.

Run as a program it acts as the worker role: `people COUNT` loads the house into migrated tables and prints, as one
JSON object, who is signed in and what they can do; `jobs KIND COUNT` asks for jobs.
"""

import json
import sys
from typing import Any

from karmayogi.cli import environment
from karmayogi.registry import roles

STEPS = ("rules in force", "bodies", "competencies", "positions", "questions", "courses")
"""The parts of the miniature a drill needs; no posts, orders or evidence."""


def load(count: int) -> dict[str, Any]:
    """The house with `count` people; {"people": {id: session key}, "tries": [...], "competencies": [...]}."""
    from django.utils import timezone

    from karmayogi.journeys.demo import miniature
    from karmayogi.journeys.demo import world as worlds
    from karmayogi.registry.acting import as_worker

    world = worlds.make(today=timezone.localdate(), seed=miniature.SEED)
    for step in miniature.STEPS:
        if step.title in STEPS:
            step.run(world, lambda title, done, total: None)
    with as_worker():
        return {"people": _sign_in(count), "tries": _tries(), "competencies": _competencies()}


def _sign_in(count: int) -> dict[str, str]:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from karmayogi.institutions import people, sessions
    from karmayogi.institutions.people import NewPerson

    people.enrol(
        [
            NewPerson(f"drill.{n:04}", f"Person {n}", f"DRILL{n:04}", joined=None, language="en")
            for n in range(count)
        ]
    )
    found = {}
    for n in range(count):
        account = people.account(f"drill.{n:04}")
        assert account is not None
        store = sessions.SessionStore()
        store[SESSION_KEY] = str(account.pk)
        store[BACKEND_SESSION_KEY] = "karmayogi.web.accounts.adapter.Backend"
        store[HASH_SESSION_KEY] = account.get_session_auth_hash()
        store.create()
        found[str(account.pk)] = str(store.session_key)
    return found


def _tries() -> list[list[str]]:
    """Every (course, page, question, option) that can be tried."""
    from karmayogi.learning import catalogue, practice
    from karmayogi.registry import ids

    found = []
    for card in catalogue.cards(language="en"):
        outline = catalogue.course(card.key, language="en")
        for page in (p for module in outline.modules for p in module.pages if p.kind == "practice"):
            for q in practice.questions(page.id, person=ids.new()):
                found += [[card.key, page.key, str(q.id), option.key] for option in q.options]
    return found


def _competencies() -> list[str]:
    """Competencies with a check that can be sat."""
    from karmayogi.assessment import blueprints
    from karmayogi.competency import frameworks

    found = []
    for card in frameworks.competencies():
        try:
            blueprints.current(card.id, kind="adaptive")
        except blueprints.NoCheckYet:
            continue
        found.append(str(card.id))
    return found


def ask(kind: str, count: int) -> None:
    """Asks for `count` jobs of a kind."""
    from django.utils import timezone

    from karmayogi.registry import jobs
    from karmayogi.registry.acting import as_worker

    with as_worker():
        for number in range(count):
            jobs.start(kind, owner=None, title="Drill", now=timezone.now(), arguments={"number": number})


if __name__ == "__main__":
    environment.prepare(roles.WORKER)
    if sys.argv[1] == "people":
        print(json.dumps(load(int(sys.argv[2]))))
    else:
        ask(sys.argv[2], int(sys.argv[3]))
