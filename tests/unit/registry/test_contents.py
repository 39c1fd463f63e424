"""Hashes of what tables hold: equal where nothing differs, and different for one altered cell."""

import uuid

import pytest
from django.db import connection

from karmayogi.registry import contents, translations
from karmayogi.registry.acting import as_worker
from karmayogi.registry.translations import Text

pytestmark = pytest.mark.django_db
TABLE = "registry_translation"


def put(*numbers: int, text: str = "x") -> None:
    translations.put(Text(uuid.UUID(int=n), "name", "hi", text, "source") for n in numbers)


def alter(statement: str) -> tuple[str, ...]:
    """The tables whose hash a statement alters."""
    before = contents.hashes()
    with connection.cursor() as cursor:
        cursor.execute(statement)
    return contents.differing(before, contents.hashes())


def test_one_cell_a_row_more_and_a_new_id_each_alter_the_hash_of_their_table_alone():
    with as_worker():
        put(1, 2)
        assert alter(f"UPDATE {TABLE} SET text = 'y' WHERE object = '{uuid.UUID(int=1)}'") == (TABLE,)
        assert alter(f"UPDATE {TABLE} SET id = gen_random_uuid() WHERE text = 'y'") == (TABLE,)
        assert alter(f"DELETE FROM {TABLE} WHERE text = 'y'") == (TABLE,)
        assert alter(f"UPDATE {TABLE} SET text = text") == ()


def test_the_order_of_rows_makes_no_difference_and_empty_tables_are_told():
    with as_worker():
        assert contents.hashes([TABLE]) == {TABLE: "0 rows, 0"}
        put(1, 2)
        before = contents.hashes([TABLE])
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMP TABLE moved ON COMMIT DROP AS SELECT * FROM {TABLE} ORDER BY object DESC"
            )
            cursor.execute(f"DELETE FROM {TABLE}")
            cursor.execute(f"INSERT INTO {TABLE} SELECT * FROM moved")
        assert contents.hashes([TABLE]) == before


def test_all_tables_of_the_rooms_are_hashed_but_the_list_of_imports():
    with as_worker():
        found = contents.hashes()
    assert {"institutions_person", "ehrms_posting", "institutions_auditrow", "assessment_response"} <= set(
        found
    )
    assert contents.KEPT_APART.isdisjoint(found)
