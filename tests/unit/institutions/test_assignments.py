"""Assignments are written once, and nobody has two substantive ones at a time."""

import datetime as dt

import pytest
from django.db import connection

from karmayogi.institutions import assignments, bodies, people, sql
from karmayogi.institutions.assignments import AssignmentFact, ServesTwice
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.people import NewPerson
from karmayogi.registry import ids
from karmayogi.registry.acting import as_worker

pytestmark = pytest.mark.django_db
Y2020, Y2021, Y2022, Y2023 = (dt.date(y, 1, 1) for y in range(2020, 2024))
POST = ids.new()


@pytest.fixture
def house():
    """A body and two officials."""
    with as_worker():
        body = bodies.establish([NewBody("m", "M", "ministry")], since=Y2020, order_no="1")["m"]
        people.enrol(NewPerson(login=n, name=n.title(), employee_code=n) for n in ("anna", "bela"))
        yield body, people.by_codes(["anna", "bela"])


def fact(house, since, until=None, **other):
    return AssignmentFact(house[1]["anna"], house[0], "Officer", since, "1", POST, until=until, **other)


def restate(house, *facts, since, until=None):
    """Says anew, by way of the two tables, what is so of Anna on the post in that time."""
    with assignments.restating(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO assignment_span VALUES (%s, %s, 'substantive', daterange(%s, %s))",
            [house[1]["anna"], POST, since, until],
        )
        for f in facts:
            cursor.execute(
                f"INSERT INTO assignment_said ({sql.NAMES})"
                " VALUES (gen_random_uuid(), %s, %s, %s, '', %s, %s, %s, 1, daterange(%s, %s), %s)",
                [f.person, f.body, f.post, f.designation, f.supervisor, f.kind, f.since, f.until, f.order_no],
            )


def standing(house):
    facts = assignments.history([house[1]["anna"]]).get(house[1]["anna"], [])
    return sorted((f.since, f.until, f.supervisor) for f in facts)


def test_the_same_facts_written_again_add_nothing(house):
    facts = [
        fact(house, Y2020, Y2021),
        fact(house, Y2021),
        fact(house, Y2021, kind="training", share=1),
    ]
    assert [assignments.write(facts), assignments.write(facts)] == [3, 0]


def test_a_second_substantive_assignment_at_the_same_time_is_left_out(house):
    assert assignments.write([fact(house, Y2020)]) == 1
    other = AssignmentFact(house[1]["anna"], house[0], "Director", Y2021, "2")
    assert assignments.write([other]) == 0
    assert standing(house) == [(Y2020, None, None)]


def test_what_is_said_anew_replaces_only_the_days_it_is_said_of(house):
    bela = house[1]["bela"]
    assignments.write([fact(house, Y2020)])
    told = fact(house, Y2021, Y2022, supervisor=bela)
    for _ in range(2):
        restate(house, told, since=Y2021, until=Y2022)
        assert standing(house) == [(Y2020, Y2021, None), (Y2021, Y2022, bela), (Y2022, None, None)]
    restate(house, since=Y2021, until=Y2022)
    assert standing(house) == [(Y2020, Y2021, None), (Y2022, None, None)]


def test_a_restatement_that_would_double_service_is_refused(house):
    assignments.write([AssignmentFact(house[1]["anna"], house[0], "Director", Y2020, "2")])
    with pytest.raises(ServesTwice):
        restate(house, fact(house, Y2021), since=Y2021)
