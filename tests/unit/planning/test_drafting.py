"""Drafts: pure, so that each rule of planning can be checked by hand."""

import datetime as dt
from uuid import UUID

import numpy as np
import pytest

from karmayogi.planning import drafting
from karmayogi.planning.drafting import Frame, History
from karmayogi.planning.needs import Need, shortfall
from karmayogi.planning.options import Option

SATURDAY = dt.date(2026, 11, 21)
A, B = UUID(int=1), UUID(int=2)


def need(competency=A, statement="below", weight=1.0, size=1.0, **more):
    facts = {
        "key": "k",
        "name": "Tenders",
        "chance_of_gap": 0.9,
        "level": 3,
        "value": 1.5,
        "essential": True,
        **more,
    }
    return Need(UUID(int=9), competency, statement=statement, weight=weight, size=size, **facts)


def option(number, kind="on_job", minutes=60, competency=A, level=None):
    return Option(kind, UUID(int=100 + number), competency, f"Option {number}", minutes, level)


def frame(minutes=600, spent=0, **more):
    facts = {
        "since": SATURDAY,
        "until": SATURDAY + dt.timedelta(weeks=12),
        "today": SATURDAY,
        "retake_days": 30,
        "shares": (0.7, 0.2, 0.1),
        "tolerance": 0.1,
        **more,
    }
    return Frame(minutes=minutes, spent=spent, **facts)


def draft(needs, options=(), checks=(), history=None, room=None):
    by_competency = {}
    for o in options:
        by_competency.setdefault(o.competency, []).append(o)
    return drafting.draft(needs, by_competency, checks, history or History(), room or frame())


def test_expected_shortfall_by_hand():
    """At the cut: sd / sqrt(2 pi). Certainly one logit below: 1. Far above: 0."""
    found = shortfall(np.array([0.0, -1.0, 9.0]), np.array([1.0, 0.0, 1.0]), np.zeros(3))
    assert found == pytest.approx([0.39894, 1.0, 0.0], abs=1e-5)


def test_the_untested_gets_only_its_check_and_without_a_check_it_gets_learning():
    with_check = draft([need(statement="unsure")], [option(1)], checks=[A])
    without = draft([need(statement="unsure")], [option(1)])
    assert [s.kind for s in with_check.steps] == ["check"]
    assert [s.kind for s in without.steps] == ["on_job"]


def test_the_weightier_need_comes_first():
    found = draft(
        [need(A, weight=1.0), need(B, weight=3.0)], [option(1, competency=A), option(2, competency=B)]
    )
    assert [s.competency for s in found.steps] == [B, A]


def test_no_more_is_planned_than_the_minutes_left():
    options = [option(n, minutes=120) for n in range(6)]
    assert sum(s.minutes for s in draft([need()], options, room=frame(600, spent=200)).steps) <= 400
    assert draft([need()], options, room=frame(600, spent=600)).steps == ()


def test_learning_follows_at_the_pace_of_the_plan_and_checks_come_at_once():
    """600 minutes over 84 days: an hour takes 8.4 days. Saturday the 21st moves to Monday the 23rd."""
    found = draft([need(A), need(B, "unsure")], [option(1), option(2), option(3)], checks=[B])
    assert [(s.kind, s.planned_on.day, s.planned_on.month) for s in found.steps] == [
        ("check", 23, 11),
        ("on_job", 23, 11),
        ("on_job", 30, 11),
        ("on_job", 9, 12),
    ]


def test_what_was_done_is_not_planned_again():
    history = History(courses=frozenset({UUID(int=101)}), activities=frozenset({UUID(int=102)}))
    found = draft([need()], [option(1, "course"), option(2), option(3)], history=history)
    assert [s.ref for s in found.steps] == [UUID(int=103)]


def test_after_learning_comes_a_check_but_not_before_it_may_be_sat_again():
    learned = {A: [SATURDAY - dt.timedelta(days=2)]}
    never = draft([need()], checks=[A], history=History(learned=learned))
    lately = draft(
        [need()], checks=[A], history=History(learned=learned, tried={A: SATURDAY - dt.timedelta(days=5)})
    )
    before = draft([need()], checks=[A], history=History(learned=learned, tried={A: SATURDAY}))
    assert [(s.why, s.planned_on) for s in never.steps] == [("learned", dt.date(2026, 11, 23))]
    assert [s.planned_on for s in lately.steps] == [dt.date(2026, 12, 16)]
    assert before.steps == (), "nothing was learned since that test"


def test_the_same_facts_give_the_same_draft():
    options = [
        option(n, kind, 30 * (n + 1)) for n, kind in enumerate(["on_job", "with_others", "course", "on_job"])
    ]
    assert draft([need(), need(B)], options) == draft([need(), need(B)], options)


def test_no_needs_no_plan():
    assert draft([]) == drafting.Draft((), True)
