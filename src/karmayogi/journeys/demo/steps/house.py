"""Rules, bodies, people and authority."""

import datetime as dt

from karmayogi.institutions import access, bodies, grants, people
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.grants import NewGrant
from karmayogi.institutions.roles import Audience, Role
from karmayogi.journeys.demo import content
from karmayogi.journeys.demo.bodies import BODIES, COMMISSION, COUNCIL, MINISTRIES, ROOT, STATE
from karmayogi.journeys.demo.personas import PERSONAS
from karmayogi.journeys.demo.steps import roll
from karmayogi.journeys.demo.world import World
from karmayogi.policy import starter
from karmayogi.registry import translations
from karmayogi.registry.translations import Text

SINCE = dt.date(2015, 4, 1)
OTHERS = (
    (Role.HEAD, f"{STATE}/CS-1", STATE),
    (Role.TRAINING_MANAGER, f"{STATE}/TRAIN-1", STATE),
    *((Role.HEAD, f"{code}/SECY-1", code) for code in MINISTRIES),
    *((Role.TRAINING_MANAGER, f"{code}/TRAIN-1", code) for code in MINISTRIES if code != "MORD"),
    *((Role.CADRE_AUTHORITY, f"{code}/JS-1", code) for code in MINISTRIES if code != "MORD"),
    (Role.COUNCIL, f"{COUNCIL}/AS-1", ROOT),
    (Role.COMMISSION_APPROVER, f"{COMMISSION}/AS-1", ROOT),
    (Role.APPEAL_PANEL, f"{COMMISSION}/AS-1", ROOT),
)
"""Authority of people who are no personas: (role, the post whose holder gets it, body)."""


def load_rules(world: World) -> int:
    """House defaults and the starter rules; how many were new."""
    return starter.load(now=world.founded).issued


def load_bodies(world: World) -> int:
    """The tree of bodies, with their names and those of their posts in Hindi and Urdu; how many bodies there are."""
    known = bodies.establish(
        [NewBody(b.code, b.en, b.kind, b.parent) for b in BODIES], since=SINCE, order_no="demo/bodies"
    )
    translations.put(
        Text(known[b.code], "name", language, text, b.en)
        for b in BODIES
        for language, text in (("hi", b.hi), ("ur", b.ur))
    )
    translations.put(
        said
        for language, words in content.phrases().items()
        for said in translations.phrases(language, words)
    )
    return len(BODIES)


def load_people(world: World) -> int:
    """Everyone; how many there are. Nobody has a password."""
    people.enrol(world.people)
    return len(world.people)


def load_grants(world: World) -> int:
    """Authority of the personas and of heads and managers elsewhere; nothing if it was given before."""
    called = roll.call(world)
    if Audience.OPERATOR in access.audiences(called.people[world.personas["naeem"]], on=world.today):
        return 0
    day = world.founded.date()
    operator, secretary = world.personas["naeem"], world.careers.seated["PERS/SECY-1"]
    wanted = [(role, world.personas[p.key], body) for p in PERSONAS for role, body in p.grants]
    wanted += [(role, world.careers.seated[post], body) for role, post, body in OTHERS]
    return grants.give(
        NewGrant(
            person=called.people[person],
            role=role,
            body=called.bodies[body],
            since=day,
            order_no="demo/authority",
            granted_by=called.people[secretary if person == operator else operator],
        )
        for role, person, body in wanted
    )
