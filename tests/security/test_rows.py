"""Raw SQL through the web role, on the demonstration: with no actor no personal row, with an actor only their reach."""

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from karmayogi.institutions import access, people
from karmayogi.institutions.roles import Audience
from karmayogi.registry import roles, rows
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db

LIBRARIES = {
    "account_emailaddress",
    "account_emailconfirmation",
    "mfa_authenticator",
    "socialaccount_socialaccount",
    "socialaccount_socialtoken",
}
PERSONAL = sorted(
    LIBRARIES
    | {
        m._meta.db_table
        for m in apps.get_models(include_auto_created=True)
        if getattr(m, "PERSONAL", frozenset())
    }
    | {view.name for view in rows.views()}
)


def visible(table):
    """Rows the current role and actor can count in a table; None where it may not read at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(current_user, %s, 'SELECT')", [table])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        return cursor.fetchone()[0]


@pytest.mark.parametrize("table", PERSONAL)
def test_with_no_actor_there_is_no_personal_row(table):
    with acting():
        assert visible(table) in (0, None)


def test_the_list_of_personal_tables_is_printed(capsys):
    with acting():
        seen = {table: visible(table) for table in PERSONAL}
    with capsys.disabled():
        print(f"\nwith no actor: {sum(n or 0 for n in seen.values())} rows in {len(seen)} tables and views")
        for table, count in seen.items():
            print(f"  {table:<40}{'may not read' if count is None else count}")
    assert set(seen.values()) <= {0, None}


def test_the_tables_looked_at_are_not_empty():
    """The test above could not fail on empty tables; most of them hold rows of the demonstration."""
    with as_worker():
        filled = [t for t in PERSONAL if visible(t)]
    assert len(filled) >= 15
    assert "competency_evidence" in filled


def person(login):
    with as_worker():
        return people.by_logins([login])[login].id


@pytest.mark.parametrize(
    "table", ["competency_evidence", "competency_estimate", "planning_plan", "learning_enrolment"]
)
def test_an_official_reads_only_their_own_rows(table):
    me = person("meenakshi")
    with acting(actor=me, on=timezone.localdate()), connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*), count(*) FILTER (WHERE person_id = %s) FROM "{table}"', [me])
        seen, own = cursor.fetchone()
    assert seen == own


def test_a_training_manager_reads_the_subtree_and_no_further():
    manager, today = person("nandini"), timezone.localdate()
    with acting(actor=manager, on=today):
        reach = access.reach(manager, Audience.MANAGER, on=today)
    with acting(actor=manager, on=today, scopes=reach.scopes), connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(DISTINCT person_id) FROM competency_estimate WHERE superseded_at IS NULL"
        )
        (seen,) = cursor.fetchone()
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM unnest(%s::uuid[]) p WHERE p <> %s AND NOT EXISTS (SELECT 1 FROM"
            " institutions_assignment a JOIN institutions_body b ON b.id = a.body_id WHERE a.person_id = p"
            " AND a.during @> %s::date AND b.lower >= %s AND b.lower < %s)",
            [seen, manager, today, reach.bodies[0].lower, reach.bodies[0].upper],
        )
        (outside,) = cursor.fetchone()
    assert len(seen) > 20
    assert outside == 0


@pytest.mark.parametrize("login", ["meenakshi", "arvind", "nandini"])
def test_the_roll_shows_exactly_what_the_assignments_show(login):
    """The view is read past the conditions of its tables: it must come to the same rows by its own."""
    me, today = person(login), timezone.localdate()
    audience = {"arvind": Audience.SUPERVISOR, "nandini": Audience.MANAGER}.get(login, Audience.OFFICIAL)
    with acting(actor=me, on=today):
        reach = access.reach(me, audience, on=today)
    with (
        acting(actor=me, on=today, scopes=reach.scopes, team=reach.team, purpose=audience.value),
        connection.cursor() as cursor,
    ):
        columns = "person_id, body_id, supervisor_id, kind, during"
        cursor.execute(f"SELECT {columns} FROM institutions_roll ORDER BY 1, 5, 2")
        by_roll = cursor.fetchall()
        cursor.execute(f"SELECT {columns} FROM institutions_assignment ORDER BY 1, 5, 2")
        by_table = cursor.fetchall()
    assert by_roll == by_table
    assert len(by_roll) >= {"arvind": 9, "nandini": 20}.get(login, 1)


def test_a_roll_without_its_condition_is_caught(monkeypatch):
    """Planted bug: the view lists everyone. The rule of the first test sees it."""
    from dataclasses import replace

    from karmayogi.institutions.models import Assignment
    from karmayogi.institutions.roll import ROLL

    monkeypatch.setattr(Assignment, "views", (replace(ROLL, query=ROLL.query.partition(" WHERE ")[0]),))
    with acting(roles.OWNER):
        rows.protect()
    with acting():
        assert visible("institutions_roll") > 0


def test_the_owner_of_the_tables_sees_no_row_either():
    """FORCE: who can change a table cannot read it by that alone."""
    with acting(roles.OWNER):
        assert visible("competency_evidence") == 0
        assert visible("institutions_person") == 0
        assert visible("institutions_assignment") == 0


def test_a_policy_left_out_is_caught(monkeypatch):
    """Planted bug: evidence readable by everyone. The rule of the first test sees it."""
    from karmayogi.competency.models import Evidence

    monkeypatch.setattr(Evidence, "rows", rows.Rows(read=rows.EVERYONE))
    rows.protect()
    with acting():
        assert visible("competency_evidence") > 0


def test_a_table_without_row_security_is_caught():
    """Planted bug: row-level security switched off on one table."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE competency_evidence DISABLE ROW LEVEL SECURITY")
    with acting():
        assert visible("competency_evidence") > 0


def test_every_table_of_the_schema_is_under_row_security():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            " AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY 1"
        )
        assert [name for (name,) in cursor.fetchall()] == ["django_migrations"]
