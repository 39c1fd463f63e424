"""What the loop on real data adds to the data: `mapping.json`, written by us, and its reader.

The mapping says which real posts need what (by title, profession and grade onto the UK framework), what the skills of
the response files are called (a framework of ours), and what the trial posts need. Nothing in it comes from a source.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import msgspec

from karmayogi.competency.frameworks import NewCompetency, NewFramework, NewLevel
from karmayogi.competency.positions import NewActivity, NewPosition, NewRequirement, NewRole

ORDER_NO = "real-loop/mapping"
SINCE = dt.date(2011, 1, 1)
STUDY = "even steps, no study"


@dataclass(frozen=True, slots=True)
class Rule:
    """Posts to be put under `position`: those whose title, profession and grade fit; '' fits all."""

    position: str
    title: str
    profession: str
    grades: frozenset[str]

    def fits(self, *, title: str, profession: str, grade: str) -> bool:
        """True if a post of this title, profession and grade is meant."""
        if self.grades and grade not in self.grades:
            return False
        return all(
            re.search(pattern, text, re.IGNORECASE) is not None
            for pattern, text in ((self.title, title), (self.profession, profession))
            if pattern
        )


@lru_cache(maxsize=1)
def content() -> Mapping[str, Any]:
    """The mapping file as it is."""
    found: Mapping[str, Any] = msgspec.json.decode(
        resources.files(__name__).joinpath("mapping.json").read_bytes()
    )
    return found


def rules() -> list[Rule]:
    """The rules in order; the first that fits a post counts."""
    return [
        Rule(r["position"], r.get("title", ""), r.get("profession", ""), frozenset(r.get("grades", ())))
        for r in content()["rules"]
    ]


def positions(framework: str) -> list[NewPosition]:
    """The positions of the mapping that are described by this framework."""
    return [_position(p) for p in content()["positions"] if p["framework"] == framework]


def framework_of(dataset: str, skills: Sequence[str]) -> NewFramework:
    """The framework that names the skills of a response file; plain names where the mapping does not know it."""
    said = content()["responses"].get(dataset, {})
    named = said.get("skills", {})
    levels = said.get("levels") or ["First", "Second", "Third", "Fourth"]
    cuts = said.get("cuts") or [-1.5, -0.5, 0.5, 1.5]
    extra = [_competency(c, cuts) for c in said.get("more", ())]
    return NewFramework(
        key=said.get("framework", f"responses-{dataset}"),
        title=said.get("title", f"Skills of the responses {dataset}"),
        version="1",
        levels=[NewLevel(number, name) for number, name in enumerate(levels, start=1)],
        competencies=[
            *(_competency({"key": f"{dataset}-{n}", "name": skill, **named.get(skill, {})}, cuts)
              for n, skill in enumerate(skills, start=1)),
            *extra,
        ],
        order_no=ORDER_NO,
        since=SINCE,
    )  # fmt: skip


def _competency(said: Mapping[str, Any], cuts: Sequence[float]) -> NewCompetency:
    return NewCompetency(
        key=said["key"], kind=said.get("kind", "functional"), name=said["name"], about=said.get("about", ""),
        levels=dict(enumerate(said.get("levels", ()), start=1)), cuts=cuts, study=STUDY,
    )  # fmt: skip


def _position(said: Mapping[str, Any]) -> NewPosition:
    activities = [
        NewActivity(
            a["title"],
            [
                NewRequirement(key, level, essential=a.get("essential", True))
                for key, level in a["needs"].items()
            ],
        )
        for a in said["activities"]
    ]
    return NewPosition(said["key"], said["title"], [NewRole(said["role"], activities)], family="real-loop")
