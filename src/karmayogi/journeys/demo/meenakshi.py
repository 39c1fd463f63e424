"""The history of the section officer whom the tour follows: five requirements are clear, one is not sure yet.

Written by hand rather than drawn, so that every visitor meets the same story: strong on planning, rules, notes and
contracts, below on taking responsibility, and on tender evaluation one short old test that decides nothing.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from karmayogi.journeys.demo import content
from karmayogi.journeys.demo.showings import ZONE, Sat, Shown, answered

RATINGS = (
    ("procurement-planning", 4.25, 4, 420), ("procurement-planning", 4.0, 4, 70),
    ("financial-rules", 3.25, 4, 400), ("financial-rules", 3.5, 4, 75),
    ("contract-management", 3.0, 3, 410), ("contract-management", 3.25, 4, 72),
    ("noting-drafting", 4.25, 4, 73),
    ("taking-responsibility", 1.75, 4, 405), ("taking-responsibility", 1.5, 4, 71),
)  # fmt: skip
"""(competency, level, answers, days ago), all by her supervisor."""
WORKS = (
    ("procurement-planning", 4.0, 300), ("financial-rules", 3.5, 260), ("contract-management", 3.0, 230),
    ("noting-drafting", 4.0, 190),
)  # fmt: skip
"""(competency, level, days ago), each marked by two."""
RIVALS = (
    {"procurement-planning": 3.5, "financial-rules": 2.75, "noting-drafting": 2.85, "tender-evaluation": 3.5,
     "contract-management": 2.75},
    {"procurement-planning": 3.25, "financial-rules": 2.75, "noting-drafting": 3.5, "tender-evaluation": 2.8,
     "contract-management": 2.75},
    {"procurement-planning": 2.7, "financial-rules": 2.5, "noting-drafting": 3.3, "tender-evaluation": 3.5,
     "contract-management": 2.5},
)  # fmt: skip
"""What three others in the same zone of consideration showed, by competency, to two raters and two markers."""
OLD_TEST = 610
OLD_ANSWERS = (("te-07", True), ("te-12", False), ("te-10", True), ("te-09", True), ("te-14", False))
DRAFTING_TEST = 200
DRAFTING_ANSWERS = (
    ("nd-09", True), ("nd-10", True), ("nd-13", True), ("nd-11", True), ("nd-14", False), ("nd-12", True),
    ("nd-08", True),
)  # fmt: skip


def shown(
    person: int, *, supervisor: int, markers: tuple[int, int], body: str, today: dt.date
) -> list[Shown]:
    """Ratings by her supervisor and work marked by two others."""
    rows = [
        Shown(
            person, competency, "rating", _at(today, days), f"rating/{competency}/{days}", level, answers, supervisor,
            "yearly review", body,
        )
        for competency, level, answers, days in RATINGS
    ]  # fmt: skip
    return rows + [
        Shown(
            person, competency, "work_product", _at(today, days), f"work/{competency}/{days}/{marker}", level, 1,
            marker, "rubric/1", body,
        )
        for competency, level, days in WORKS
        for marker in markers
    ]  # fmt: skip


def rivals(
    people: Sequence[int], *, supervisors: Sequence[int], markers: tuple[int, int], body: str, today: dt.date
) -> list[Shown]:
    """Two ratings and one marked piece of work for every essential requirement of the vacancy."""
    rows = []
    for person, supervisor, showed in zip(people, supervisors, RIVALS, strict=True):
        for place, (competency, level) in enumerate(showed.items()):
            for days in (390 + place, 60 + place):
                rows.append(
                    Shown(
                        person, competency, "rating", _at(today, days), f"vacancy/{competency}/{days}", level, 4,
                        supervisor, "yearly review", body,
                    )
                )  # fmt: skip
            rows += [
                Shown(
                    person, competency, "work_product", _at(today, 150 + place), f"vacancy/{competency}/{marker}",
                    level, 1, marker, "rubric/1", body,
                )
                for marker in markers
            ]  # fmt: skip
    return rows


def sat(person: int, *, today: dt.date, rng: np.random.Generator) -> list[Sat]:
    """One short old test on tender evaluation, a newer one on noting and drafting."""
    return [
        _test(person, "tender-evaluation", OLD_ANSWERS, _at(today, OLD_TEST), rng),
        _test(person, "noting-drafting", DRAFTING_ANSWERS, _at(today, DRAFTING_TEST), rng),
    ]


def _test(
    person: int,
    competency: str,
    answers: tuple[tuple[str, bool], ...],
    at: dt.datetime,
    rng: np.random.Generator,
) -> Sat:
    by_key = {item["key"]: item for item in content.items(competency)}
    asked = [by_key[key] for key, _ in answers]
    return answered(person, competency, at, asked, 0.0, rng, right=[right for _, right in answers])


def _at(today: dt.date, days: int) -> dt.datetime:
    return dt.datetime.combine(today - dt.timedelta(days=days), dt.time(11, 20), ZONE)
