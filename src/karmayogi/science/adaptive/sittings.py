"""An adaptive sitting as a value: begun, answered, ended, and derived again from what it recorded."""

import json
from dataclasses import asdict, dataclass, replace

from karmayogi.science.adaptive.decisions import STOPS, Decision, Lifted, Why, decide
from karmayogi.science.adaptive.designs import Design
from karmayogi.science.adaptive.eligibility import Closed
from karmayogi.science.adaptive.uniforms import checked


class SittingHasEnded(ValueError):
    """An answer came after the last decision."""

    def __init__(self) -> None:
        super().__init__("This sitting has ended. Begin another one to ask more.")


class ClosedDoesNotFit(ValueError):
    """The closed items of a sitting are not one row for each interval of ability, of items of the pool."""

    def __init__(self, rows: int, intervals: int, items: int) -> None:
        super().__init__(
            f"closed has {rows} rows; it needs {intervals}, of items from 0 to {items - 1}, or none at all. Draw it "
            "with eligibility.closed."
        )


class NotTheSameDesign(ValueError):
    """A sitting is continued or replayed with another pool or another policy than it began with."""

    def __init__(self, what: str, began_with: str, given: str) -> None:
        super().__init__(
            f"The sitting began with the {what} {began_with[:12]}..., not {given[:12]}.... Hand over that {what}."
        )


class RecordHasGaps(ValueError):
    """A record does not have one answer to each item asked, and one decision more."""

    def __init__(self, asked: int, right: int, decisions: int) -> None:
        super().__init__(
            f"The record has {asked} items, {right} answers and {decisions} decisions; it needs as many answers as "
            "items and one decision more. Hand over the whole record."
        )


@dataclass(frozen=True)
class Sitting:
    """Everything a sitting rests on: hashes of pool and policy, seed, closed items, answers and decisions.

    `decisions` has one entry more than `asked`: the last one says what comes next, or why it ended.
    """

    pool: str
    policy: str
    seed: int
    closed: Closed
    asked: tuple[int, ...]
    right: tuple[bool, ...]
    decisions: tuple[Decision, ...]

    @property
    def now(self) -> Decision:
        """Where the sitting stands, and what comes next."""
        return self.decisions[-1]

    @property
    def ended(self) -> bool:
        """Whether the last decision ended it."""
        return self.now.why in STOPS


@dataclass(frozen=True)
class Difference:
    """A step whose recorded decision is not the one derived again."""

    step: int
    recorded: Decision
    derived: Decision


@dataclass(frozen=True)
class Replay:
    """How many steps were derived again, and those that came out differently: none in an honest record."""

    steps: int
    differences: tuple[Difference, ...]


def begin(design: Design, *, seed: int, closed: Closed = ()) -> Sitting:
    """A sitting before its first answer; `now.item` is the first item. `closed`: see `eligibility.closed`.

    `seed` is in [0, 2^64). Raises SeedOutOfRange, and ClosedDoesNotFit for items or intervals that there are not.
    """
    _refuse_misfit(design, closed)
    first = decide(design, seed=checked(seed), closed=closed, asked=(), right=())
    return Sitting(design.pool.hash, design.policy.hash, int(seed), closed, (), (), (first,))


def answer(design: Design, sitting: Sitting, *, right: bool) -> Sitting:
    """The sitting after the answer to `sitting.now.item`. Raises SittingHasEnded, NotTheSameDesign."""
    _refuse_other(design, sitting)
    if sitting.now.item is None:
        raise SittingHasEnded
    asked, answers = (*sitting.asked, sitting.now.item), (*sitting.right, bool(right))
    step = decide(design, seed=sitting.seed, closed=sitting.closed, asked=asked, right=answers)
    return replace(sitting, asked=asked, right=answers, decisions=(*sitting.decisions, step))


def replay(design: Design, sitting: Sitting) -> Replay:
    """Every decision of a sitting derived again from its seed, closed items and answers.

    Which items were closed is taken from the record: `eligibility.closed` derives it from the counts of that time.
    Raises NotTheSameDesign, and RecordHasGaps, so that nothing is left out unseen.
    """
    _refuse_other(design, sitting)
    sizes = len(sitting.asked), len(sitting.right), len(sitting.decisions)
    if sizes[0] != sizes[1] or sizes[2] != sizes[0] + 1:
        raise RecordHasGaps(*sizes)
    differences = []
    for step, recorded in enumerate(sitting.decisions):
        derived = decide(
            design,
            seed=sitting.seed,
            closed=sitting.closed,
            asked=sitting.asked[:step],
            right=sitting.right[:step],
        )
        shown = sitting.asked[step] if step < len(sitting.asked) else None
        if derived != recorded or (derived.item != shown and step < len(sitting.asked)):
            differences.append(Difference(step, recorded, derived))
    return Replay(len(sitting.decisions), tuple(differences))


def written(sitting: Sitting) -> str:
    """The sitting as one line of JSON, keys sorted; `read` gives it back."""
    return json.dumps(asdict(sitting), sort_keys=True, separators=(",", ":"))


def read(text: str) -> Sitting:
    """The sitting that `written` wrote."""
    row = json.loads(text)
    return Sitting(
        row["pool"],
        row["policy"],
        row["seed"],
        tuple(map(tuple, row["closed"])),
        tuple(row["asked"]),
        tuple(row["right"]),
        tuple(_decision(step) for step in row["decisions"]),
    )


def _refuse_misfit(design: Design, closed: Closed) -> None:
    items, intervals = len(design.pool), len(design.policy.intervals) + 1
    known = all(0 <= item < items for row in closed for item in row)
    if (closed and len(closed) != intervals) or not known:
        raise ClosedDoesNotFit(len(closed), intervals, items)


def _decision(row: dict[str, object]) -> Decision:
    known = Decision(**row)  # type: ignore[arg-type]
    lifted = tuple(map(Lifted, known.lifted))
    return replace(known, why=Why(known.why), owed=tuple(known.owed), lifted=lifted)


def _refuse_other(design: Design, sitting: Sitting) -> None:
    if sitting.pool != design.pool.hash:
        raise NotTheSameDesign("pool", sitting.pool, design.pool.hash)
    if sitting.policy != design.policy.hash:
        raise NotTheSameDesign("policy", sitting.policy, design.policy.hash)
