"""A few respondents sit the adaptive check: every answer is the one they really gave to that item.

They are left out of the bulk scoring, so that no answer counts twice. Nothing is answered that the file does not hold.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from karmayogi.assessment import blueprints, pools, sittings
from karmayogi.assessment.sittings import TooSoonToRetake
from karmayogi.competency import frameworks
from karmayogi.journeys import import_responses, real_loop
from karmayogi.standards import responses

BETWEEN = dt.timedelta(seconds=30)
BETWEEN_SKILLS = dt.timedelta(minutes=30)
ORDER_NO = "trial, not real/replay"


@dataclass(frozen=True, slots=True)
class Replayed:
    """Sittings that were sat, the questions asked in all, and those the same people have answers to in all."""

    sittings: int
    asked: int
    answered: int


def sit(source: Path, people: dict[int, UUID], *, now: dt.datetime) -> Replayed:
    """Lets `people` (number in the file -> person) sit each skill once, the first at `now`, the others half an hour on.

    Whoever has sat lately does not sit again.
    """
    needs = import_responses.beside(source)
    held, name = responses.read(source, needs=needs), import_responses.dataset(source)
    framework = real_loop.framework_of(name, held.skills).key
    cards = frameworks.competencies(framework=framework)[: len(held.skills)]
    made = pools.import_matrix(
        name, held.scores, held.needs, competencies=[c.id for c in cards], item_names=held.items,
        order_no=f"responses/{name}", now=now,
    )  # fmt: skip
    count = asked = answered = 0
    for k, (card, pool) in enumerate(zip(cards, made.pools, strict=True)):
        pools.publish(f"{name} replay", competency=card.id, versions=pool.items, order_no=ORDER_NO, now=now)
        blueprints.draw(card.id, now=now)
        columns = [i for i in range(len(held.items)) if held.needs[i, k]]
        for number, person in people.items():
            given = dict(zip(pool.items, (int(held.scores[number - 1, i]) for i in columns), strict=True))
            questions = _one(person, card.id, given, now=now + k * BETWEEN_SKILLS)
            asked += questions
            if questions:
                count, answered = count + 1, answered + len(given)
    return Replayed(count, asked, answered)


def _one(person: UUID, competency: UUID, given: dict[UUID, int], *, now: dt.datetime) -> int:
    """Sits one check; how many questions were asked (0: sat before)."""
    try:
        sitting = sittings.begin(person, competency=competency, now=now)
    except TooSoonToRetake:
        return 0
    asked, at = 0, now
    while question := sittings.question(sitting, person=person, now=at):
        at += BETWEEN
        sittings.answer(
            sitting, person=person, item=question.version, option=str(max(given[question.version], 0)), now=at,
            milliseconds=None,
        )  # fmt: skip
        asked += 1
    return asked


def numbers(every: int, wanted: int) -> Sequence[int]:
    """Evenly spaced numbers of respondents, from 1."""
    return [1 + k * every // wanted for k in range(wanted)]
