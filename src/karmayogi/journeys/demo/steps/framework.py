"""The framework, the positions and the questions."""

from typing import Any

from karmayogi.assessment import pools
from karmayogi.competency import frameworks, positions
from karmayogi.competency.frameworks import NewCompetency, NewFramework, NewLevel
from karmayogi.competency.positions import NewActivity, NewPosition, NewRequirement, NewRole
from karmayogi.journeys.demo import content
from karmayogi.journeys.demo.world import World

ORDER = "demo/framework"


def load_framework(world: World) -> int:
    """The framework of the miniature; how many competencies it has."""
    told = content.read("framework.json")
    frameworks.publish(
        NewFramework(
            key=told["key"],
            title=told["title"]["en"],
            version=told["version"],
            levels=[NewLevel(level["number"], level["name"], level["meaning"]) for level in told["levels"]],
            competencies=[_competency(entry) for entry in told["competencies"]],
            order_no=ORDER,
            since=world.founded.date(),
        ),
        now=world.founded,
    )
    return len(told["competencies"])


def load_positions(world: World) -> int:
    """The positions, with what they ask; how many there are."""
    told = [_position(entry) for entry in content.read("positions.json")]
    key = content.read("framework.json")["key"]
    positions.define(told, framework=key, order_no=ORDER, since=world.founded.date())
    return len(told)


def load_questions(world: World) -> int:
    """The pools of questions, with their authors' parameters; how many questions there are."""
    count = 0
    for competency in content.TESTED:
        pools.load_items(
            competency,
            content.items(competency),
            order_no="demo/questions",
            now=world.founded,
            salt=f"{world.seed}",
        )
        count += len(content.items(competency))
    return count


def _competency(entry: dict[str, Any]) -> NewCompetency:
    return NewCompetency(
        key=entry["key"],
        kind=entry["kind"],
        name=entry["name"],
        about=entry["about"],
        levels={level["number"]: level["text"] for level in entry["levels"]},
        cuts=content.CUTS,
        study="demo/cuts",
    )


def _position(entry: dict[str, Any]) -> NewPosition:
    return NewPosition(
        key=entry["key"],
        title=entry["title"],
        family=entry["family"],
        roles=[
            NewRole(
                role["title"],
                [
                    NewActivity(
                        activity["title"],
                        [
                            NewRequirement(need["competency"], need["level"], need["essential"])
                            for need in activity["requirements"]
                        ],
                    )
                    for activity in role["activities"]
                ],
            )
            for role in entry["roles"]
        ],
    )
