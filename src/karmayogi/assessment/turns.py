"""Turns of a sitting: the next question, or the end where it knows enough or has nothing left to ask."""

import datetime as dt

import numpy as np

from karmayogi.assessment import cards, endings, openings, publications, selection
from karmayogi.assessment.endings import Answered, Close, State
from karmayogi.assessment.models import Sitting, Turn
from karmayogi.assessment.selection import Belief
from karmayogi.registry import ids
from karmayogi.science.adaptive import NoItemLeft


def go_on(row: Sitting, given: Answered, *, now: dt.datetime) -> State:
    """The next turn, or the end where the sitting knows enough or has nothing left to ask."""
    bank, plan, start = openings.bank(row), cards.plan(row), openings.start(row)
    belief = selection.believe(bank, plan, start, given.items, given.right)
    if belief.finished:
        return close(row, State.FINISHED, now=now, given=given, belief=belief)
    counted, times_sat = publications.exposures(row.pool_version_id)
    times = np.array([counted[v] for v in bank.versions], dtype=np.int64)
    position = len(given.items) + 1
    if position > 1:
        times_sat -= 1
    closed = selection.over_exposed(bank, plan, given.items, times=times, sittings=times_sat)
    try:
        chosen = bank.versions[selection.next_item(bank, plan, start, belief, given.items, closed=closed)]
    except NoItemLeft:
        return close(row, State.FINISHED, now=now, given=given, belief=belief)
    Turn.objects.create(
        id=ids.new(),
        sitting=row,
        position=position,
        item_version_id=chosen,
        closed=closed,
        certainty=belief.certainty,
        asked_at=now,
    )
    publications.count_exposures({(row.pool_version_id, chosen): (1, int(position == 1))})
    return State.OPEN


def close(
    row: Sitting,
    state: State,
    *,
    now: dt.datetime,
    given: Answered | None = None,
    belief: Belief | None = None,
) -> State:
    """Ends the sitting in this state, by what was answered (None: read here)."""
    if given is None or belief is None:
        given = endings.answered([row.id]).get(row.id, Answered())
        plan = cards.plan(row)
        belief = selection.believe(openings.bank(row), plan, openings.start(row), given.items, given.right)
    at = row.deadline if state is State.LAPSED else now
    close = Close(row, state, at, round(belief.mean, 6), round(belief.sd, 6))
    endings.end([close], {row.id: given} if given.items else {}, now=now)
    return state
