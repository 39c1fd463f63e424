"""Replaying a sitting: the same start and the same answers must choose the same items and end in the same belief."""

from dataclasses import dataclass
from uuid import UUID

from karmayogi.assessment import blueprints, endings, openings, selection
from karmayogi.assessment.endings import Answered
from karmayogi.assessment.models import Sitting


@dataclass(frozen=True)
class Replay:
    """What was asked and what selection asks again; the belief stored at the end and the one derived (mean, sd)."""

    asked: tuple[UUID, ...]
    derived: tuple[UUID, ...]
    right: tuple[bool, ...]
    stored: tuple[float | None, float | None]
    belief: tuple[float, float]

    @property
    def equal(self) -> bool:
        """True if every selection and, for an ended sitting, the belief to 1e-6 came out the same."""
        kept = [(s, b) for s, b in zip(self.stored, self.belief, strict=True) if s is not None]
        return self.asked == self.derived and all(abs(s - b) <= 1e-6 for s, b in kept)


def replay(sitting: UUID) -> Replay:
    """Derives every selection and the score of a sitting again, from what is stored. For jobs and auditors."""
    row = Sitting.objects.select_related("ending").get(id=sitting)
    bank, start = openings.bank(row), openings.start(row)
    plan = blueprints.by_id(row.blueprint_id) if row.blueprint_id else None
    assert plan is not None
    given = endings.answered([row.id]).get(row.id, Answered())
    asked, derived = [], []
    for turn in row.turns.order_by("position"):
        before = turn.position - 1
        items, right = given.items[:before], given.right[:before]
        belief = selection.believe(bank, plan, start, items, right)
        derived.append(
            bank.versions[selection.next_item(bank, plan, start, belief, items, closed=turn.closed)]
        )
        asked.append(turn.item_version_id)
    last = selection.believe(bank, plan, start, given.items, given.right)
    ending = getattr(row, "ending", None)
    stored = (ending.mean, ending.sd) if ending else (None, None)
    return Replay(tuple(asked), tuple(derived), given.right, stored, (round(last.mean, 6), round(last.sd, 6)))
