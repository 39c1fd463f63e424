"""The canary: no answer of the check and no row the web role can read holds a key or an explanation."""

import datetime as dt
import json

import pytest
from django.apps import apps
from django.db import connection, transaction

from karmayogi.assessment import keys, sittings
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
DAY = NOW.date()
TABLES = [model._meta.db_table for model in apps.get_app_config("assessment").get_models()]


def readable(person, *, table):
    """Every row of a table that the web role reads as this person, as text; None where it may not read at all."""
    with acting(actor=person, on=DAY), connection.cursor() as cursor:
        cursor.execute("select has_table_privilege(current_user, %s, 'select')", [table])
        if cursor.fetchone() == (False,):
            return None
        cursor.execute(f"select row_to_json(t)::text from {table} t")
        return [row[0] for row in cursor.fetchall()]


def test_no_question_and_no_readable_row_gives_a_key_away(house):
    with acting(actor=house.anna, on=DAY):
        sitting = sittings.begin(house.anna, competency=house.competency, now=NOW)
    for _ in range(12):
        with acting(actor=house.anna, on=DAY):
            shown = [
                sittings.question(sitting, person=house.anna, now=NOW, language=code) for code in ("en", "hi")
            ]
        rows = [row for table in TABLES for row in readable(house.anna, table=table) or []]
        if shown[0] is None:
            break
        said = json.dumps([str(vars(question)) for question in shown]) + "".join(rows)
        assert "CANARY" not in said
        assert '"right"' not in said
        assert "'right'" not in said
        with acting(actor=house.anna, on=DAY):
            sittings.answer(sitting, person=house.anna, item=shown[0].version, option="a", now=NOW)
    assert "CANARY" not in "".join(rows)


def test_the_canary_sings_for_those_who_may_read_keys(house):
    with as_worker(), connection.cursor() as cursor:
        cursor.execute("select row_to_json(t)::text from assessment_answerkey t")
        assert all("CANARY" in row for (row,) in cursor.fetchall())


def test_the_web_role_cannot_read_the_keys_at_all(house):
    assert readable(house.anna, table="assessment_answerkey") is None
    assert readable(house.anna, table="assessment_item") is None


def test_scoring_reads_the_keys_in_the_middle_of_a_request(house):
    version = house.loaded.versions["it-03"]
    with acting(actor=house.anna, on=DAY):
        assert keys.right_options([version]) == {version: "b"}
        with connection.cursor() as cursor:
            cursor.execute("select current_user")
            assert cursor.fetchone() == ("karmayogi_app",)


def test_only_the_item_asked_now_can_be_read_and_only_by_the_person_asked(house):
    assert readable(house.anna, table="assessment_itemversion") == []
    with acting(actor=house.anna, on=DAY):
        sitting = sittings.begin(house.anna, competency=house.competency, now=NOW)
        current = sittings.question(sitting, person=house.anna, now=NOW)
    for table in ("assessment_itemversion", "assessment_wording"):
        (row,) = readable(house.anna, table=table)
        assert str(current.version) in row
        assert readable(house.bela, table=table) == []
    with acting(actor=house.anna, on=DAY):
        sittings.answer(sitting, person=house.anna, item=current.version, option="a", now=NOW)
    (row,) = readable(house.anna, table="assessment_itemversion")
    assert str(current.version) not in row
    with acting(actor=house.anna, on=DAY):
        sittings.finish(sitting, person=house.anna, now=NOW)
    assert readable(house.anna, table="assessment_itemversion") == []


@pytest.mark.parametrize(
    "statement",
    [
        "update assessment_sitting set deadline = deadline + interval '1 day'",
        "update assessment_response set option = 'b'",
        "delete from assessment_response",
        "delete from assessment_ending",
        "update assessment_itemversion set stem = ''",
        'insert into assessment_answerkey (id, item_version_id, "right", why)'
        " select id, id, 'a', '{}' from assessment_poolversion",
    ],
)
def test_the_web_role_changes_nothing_that_was_written(house, statement):
    with acting(actor=house.anna, on=DAY):
        sittings.begin(house.anna, competency=house.competency, now=NOW)
    with (
        pytest.raises(Exception, match="permission denied"),
        transaction.atomic(),
        acting(actor=house.anna, on=DAY),
    ):
        with connection.cursor() as cursor:
            cursor.execute(statement)


def test_with_no_actor_no_sitting_is_visible(house):
    with acting(actor=house.anna, on=DAY):
        sittings.begin(house.anna, competency=house.competency, now=NOW)
    for table in ("assessment_sitting", "assessment_turn", "assessment_response", "assessment_poolversion"):
        assert readable(None, table=table) == []
    assert readable(house.bela, table="assessment_sitting") == []
