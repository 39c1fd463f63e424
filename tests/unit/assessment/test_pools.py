"""Pools: calibrated from responses, and taken over from response matrices and records of earlier sittings."""

import datetime as dt

import numpy as np
import pytest

from karmayogi.assessment import pools, sittings
from karmayogi.assessment.sittings import HistorySitting
from karmayogi.competency import calibrations, evidence
from karmayogi.institutions import people
from karmayogi.institutions.people import NewPerson
from karmayogi.registry.acting import as_worker
from karmayogi.science import irt

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
THEN = NOW - dt.timedelta(days=400)
MANY = 400


@pytest.fixture
def room(house):
    with as_worker():
        yield house


@pytest.fixture
def crowd(room):
    people.enrol(NewPerson(login=f"p{n}", name=f"P {n}", employee_code=f"p{n}") for n in range(MANY))
    known = people.by_codes([f"p{n}" for n in range(MANY)])
    return [known[f"p{n}"] for n in range(MANY)]


def answers(b, *, a=1.4):
    random = np.random.default_rng(7)
    ability = random.standard_normal((MANY, 1))
    return (random.random((MANY, len(b))) < 1 / (1 + np.exp(-a * (ability - b)))).astype(np.int8)


def history(room, crowd, responses, **more):
    return [
        HistorySitting(
            person,
            room.competency,
            room.loaded.pool.items,
            THEN,
            THEN,
            f"h{n}",
            right=responses[n].tolist(),
            **more,
        )
        for n, person in enumerate(crowd)
    ]


def test_history_becomes_finished_sittings_with_evidence_once(room, crowd):
    rows = history(room, crowd, answers(np.linspace(-2, 2, 12)))
    assert [sittings.record_history(rows, now=NOW) for _ in range(2)] == [MANY, 0]
    (row,) = evidence.of([crowd[5]])[crowd[5]]
    assert row.payload["right"] == list(rows[5].right)
    (card,) = sittings.of(crowd[5])
    assert (card.state, card.asked, card.ended_at) == (sittings.State.FINISHED, 12, THEN)
    times, count = pools.exposures(room.loaded.pool.id)
    assert (set(times.values()), count) == ({MANY}, MANY)


def test_history_can_name_the_options_chosen(room):
    row = HistorySitting(
        room.anna, room.competency, room.loaded.pool.items[:3], THEN, THEN, "h", options=["b", "a", "b"]
    )
    sittings.record_history([row], now=NOW)
    assert evidence.of([room.anna])[room.anna][0].payload["right"] == [1, 0, 1]


def test_history_with_too_few_answers_is_refused_whole(room):
    row = HistorySitting(room.anna, room.competency, room.loaded.pool.items[:3], THEN, THEN, "h", right=[1])
    with pytest.raises(ValueError, match="one answer for each item"):
        sittings.record_history([row], now=NOW)
    assert sittings.of(room.anna) == []


def test_a_pool_is_calibrated_from_the_responses_to_it(room, crowd):
    b = np.linspace(-1.5, 1.5, 12)
    sittings.record_history(history(room, crowd, answers(b)), now=NOW)
    made = pools.calibrate(room.loaded.pool.pool, order_no="cal/1", now=NOW)
    found = calibrations.parameters(made, items=room.loaded.pool.items)
    fitted = np.array([found[item].b for item in room.loaded.pool.items])
    assert np.abs(fitted - irt.calibrate(answers(b)).b).max() < 1e-9
    assert np.abs(fitted - b).mean() < 0.2


def test_items_with_too_few_answers_keep_the_parameters_of_their_author(room):
    with pytest.raises(pools.TooFewAnswers):
        pools.calibrate(room.loaded.pool.pool, order_no="cal/1", now=NOW)
    assert calibrations.current().label.startswith("Provisional")


def test_a_response_matrix_becomes_an_external_pool_per_skill(room, crowd):
    responses = answers(np.array([-1.0, -0.5, 0.0, 0.5, 1.0]))
    responses[3, :] = -1
    skills = np.array([[1, 0], [1, 0], [1, 1], [0, 1], [0, 1]])

    def take():
        return pools.import_matrix(
            "E",
            responses,
            skills,
            competencies=[room.competency, room.other],
            item_names=list("ABCDE"),
            order_no="import/1",
            now=NOW,
            people=crowd,
        )

    made = take()
    assert [len(pool.items) for pool in made.pools] == [3, 3]
    assert [pool.kind for pool in made.pools] == ["external", "external"]
    assert all(fit.converged for fit in made.fits)
    assert made.sittings == 2 * (MANY - 1)
    assert crowd[3] not in evidence.of([crowd[3]])
    assert len(evidence.of([crowd[4]])[crowd[4]]) == 2
    again = take()
    assert (again.pools, again.calibration, again.sittings) == (made.pools, None, 0)


def test_an_external_pool_cannot_be_asked(room):
    responses = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], dtype=np.int8)
    pools.import_matrix(
        "E",
        responses,
        np.ones((2, 1)),
        competencies=[room.other],
        item_names=["A", "B"],
        order_no="i",
        now=NOW,
    )
    with pytest.raises(pools.NoCheckYet):
        sittings.begin(room.anna, competency=room.other, now=NOW)


def test_a_matrix_of_the_wrong_size_is_refused(room):
    with pytest.raises(pools.MatrixDoesNotFit):
        pools.import_matrix(
            "E",
            np.ones((3, 2), dtype=np.int8),
            np.ones((3, 1)),
            competencies=[room.other],
            item_names=["A", "B"],
            order_no="i",
            now=NOW,
        )
