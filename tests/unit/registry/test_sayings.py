"""What the rows of a file said before."""

import pytest
from django.db import connection

from karmayogi.registry.sayings import Sayings

pytestmark = pytest.mark.django_db


def tables() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'sayings_%' AND relkind = 'r'")
        return int(cursor.fetchone()[0])


def test_what_was_said_is_found_again_by_its_key():
    sayings = Sayings(2)
    sayings.keep({"E1": (2, ("Asha", "")), "E2": (3, ("Bimal\tDas", "a,b"))})
    assert sayings.of(["E1", "E2", "E3"]) == {"E1": (2, ("Asha", "")), "E2": (3, ("Bimal\tDas", "a,b"))}
    sayings.keep({"E1": (2, ("Asha", "x"))}, again=["E1"])
    assert sayings.of(["E1"]) == {"E1": (2, ("Asha", "x"))}
    sayings.forget()


def test_two_files_do_not_hear_each_other_and_nothing_is_left_behind():
    one, other = Sayings(1), Sayings(1)
    one.keep({"E1": (2, ("Asha",))})
    assert other.of(["E1"]) == {}
    assert tables() == 2
    one.forget()
    other.forget()
    assert tables() == 0
