"""Row-level security as the web role meets it."""

import datetime as dt

import pytest
from django.db import connection

from karmayogi.institutions import access, assignments, bodies, grants, people
from karmayogi.institutions.assignments import AssignmentFact
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.grants import NewGrant
from karmayogi.institutions.people import NewPerson
from karmayogi.institutions.roles import Audience, Role
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 21)


@pytest.fixture
def service():
    with as_worker():
        known = bodies.establish(
            [
                NewBody("min", "Ministry", "ministry"),
                NewBody("a", "Dept A", "department", "min"),
                NewBody("b", "Dept B", "department", "min"),
                NewBody("other", "Other ministry", "ministry"),
            ],
            since=dt.date(2020, 1, 1),
            order_no="1/2020",
        )
        names = ["boss", "anna", "bela", "chand", "manager"]
        people.enrol(NewPerson(login=n, name=n.title(), employee_code=n.upper()) for n in names)
        ids = {n: people.by_codes([n.upper()])[n.upper()] for n in names}
        places = {"anna": "a", "bela": "b", "chand": "other", "boss": "a", "manager": "min"}
        assignments.write(
            AssignmentFact(
                ids[n],
                known[b],
                "Officer",
                dt.date(2024, 1, 1),
                "2/2024",
                supervisor=ids["boss"] if n == "anna" else None,
            )
            for n, b in places.items()
        )
        grants.give(
            [NewGrant(ids["manager"], Role.TRAINING_MANAGER, known["min"], dt.date(2024, 1, 1), "3/2024")]
        )
    return ids


def seen(**who):
    with acting(on=DAY, **who), connection.cursor() as cursor:
        cursor.execute("select name from institutions_person order by 1")
        return [row[0] for row in cursor.fetchall()]


def test_with_no_actor_no_person_is_visible(service):
    assert seen() == []


def test_an_official_sees_themselves_and_their_supervisor(service):
    assert seen(actor=service["anna"]) == ["Anna", "Boss"]


def test_a_supervisor_sees_the_team_only_on_a_team_screen(service):
    assert seen(actor=service["boss"]) == ["Boss"]
    assert seen(actor=service["boss"], team=True) == ["Anna", "Boss"]


def test_a_training_manager_sees_the_subtree_and_nobody_else(service):
    with acting(actor=service["manager"], on=DAY):
        reach = access.reach(service["manager"], Audience.MANAGER, on=DAY)
    assert seen(actor=service["manager"], scopes=reach.scopes) == ["Anna", "Bela", "Boss", "Manager"]


def test_authority_ends_with_its_last_day(service):
    with acting(actor=service["manager"], on=DAY), pytest.raises(access.NotForYou):
        access.reach(service["manager"], Audience.MANAGER, on=dt.date(2023, 12, 31))


def test_the_web_role_cannot_write_what_it_was_not_given(service):
    with pytest.raises(Exception, match="permission denied"), acting(actor=service["anna"], on=DAY):
        with connection.cursor() as cursor:
            cursor.execute("update institutions_grant set role = 'auditor'")


def test_a_temporary_table_of_the_same_name_does_not_answer_a_question_about_consent(service):
    """Temporary tables come first where a name has no schema: a condition must not ask one that the asker filled."""
    with acting(actor=service["manager"], on=DAY, purpose="support"), connection.cursor() as cursor:
        cursor.execute(
            "create temporary table institutions_supportvisit on commit drop as select %s::uuid as person_id,"
            " %s::uuid as supporter_id, null::timestamptz as ended_at, now() - interval '1 hour' as begins_at,"
            " now() + interval '1 hour' as until",
            [service["chand"], service["manager"]],
        )
        cursor.execute("select count(*) from institutions_supportvisit")
        assert cursor.fetchone() == (1,)
        cursor.execute("select name from institutions_person")
        assert ("Chand",) not in cursor.fetchall()
