"""Which ids the rooms gave to the people, bodies, posts and competencies of the miniature."""

from dataclasses import dataclass
from uuid import UUID

from karmayogi.competency import frameworks
from karmayogi.institutions import bodies, people
from karmayogi.journeys.demo.bodies import BODIES
from karmayogi.journeys.demo.content import read
from karmayogi.journeys.demo.world import World


@dataclass(frozen=True)
class Roll:
    """`people` in the world's order; bodies by code."""

    people: list[UUID]
    bodies: dict[str, UUID]


def call(world: World) -> Roll:
    """The ids of people and bodies, which must stand already."""
    cards = people.by_logins([p.login for p in world.people])
    found = bodies.by_codes([b.code for b in BODIES])
    return Roll([cards[p.login].id for p in world.people], {code: card.id for code, card in found.items()})


def competencies() -> dict[str, UUID]:
    """competency key -> id, in the demonstration's framework."""
    cards = frameworks.competencies(framework=read("framework.json")["key"])
    return {card.key: card.id for card in cards}
