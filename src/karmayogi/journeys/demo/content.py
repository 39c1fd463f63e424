"""The written content of the demonstration, as it stands in `content/`: plain JSON and Markdown."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "content"
TESTED = ("tender-evaluation", "noting-drafting", "grievance-handling")
"""Competencies with a pool of questions of ours, and a course."""
CUTS = (-2.0, -1.0, 0.0, 1.0, 2.0)
"""Cut scores of the five levels in logits, as agreed for the demonstration."""


@dataclass(frozen=True)
class Asked:
    """A competency at the highest level a position asks of it."""

    competency: str
    level: int
    essential: bool


def read(*parts: str) -> Any:
    """One JSON file of the content folder."""
    return json.loads(FOLDER.joinpath(*parts).read_text(encoding="utf-8"))


@cache
def competencies() -> tuple[str, ...]:
    """Keys of all competencies, in framework order."""
    return tuple(c["key"] for c in read("framework.json")["competencies"])


@cache
def asked() -> dict[str, tuple[Asked, ...]]:
    """position key -> what it asks."""
    found = {}
    for position in read("positions.json"):
        needs: dict[str, Asked] = {}
        for role in position["roles"]:
            for activity in role["activities"]:
                for need in activity["requirements"]:
                    key, level, essential = need["competency"], need["level"], need["essential"]
                    former = needs.get(key, Asked(key, 0, False))
                    needs[key] = Asked(key, max(level, former.level), essential or former.essential)
        found[position["key"]] = tuple(needs[key] for key in competencies() if key in needs)
    return found


@cache
def items(competency: str) -> tuple[dict[str, Any], ...]:
    """The questions of a competency, as their author handed them in."""
    return tuple(read("items", f"{competency}.json"))


def phrases() -> dict[str, dict[str, str]]:
    """language -> English words that stand in many rows (designations, orders of rules) -> what they are called."""
    found: dict[str, dict[str, str]] = {}
    for group in read("phrases.json").values():
        for english, words in group.items():
            for language, text in words.items():
                found.setdefault(language, {})[english] = text
    return found


def course(key: str) -> dict[str, Any]:
    """A course's outline."""
    found: dict[str, Any] = read("courses", key, "course.json")
    return found


def page(course_key: str, page_key: str, language: str) -> str | None:
    """The Markdown of a page in a language, if it was written."""
    path = FOLDER / "courses" / course_key / "pages" / f"{page_key}.{language}.md"
    return path.read_text(encoding="utf-8") if path.exists() else None
