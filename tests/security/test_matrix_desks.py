"""The other half of the access matrix: the routes that need a grant. A file of its own, for a worker of its own."""

import pytest

from .matrix import of_desks, play

pytestmark = pytest.mark.django_db


def test_the_gate_decides_every_cell_of_the_desks_as_the_oracle_does(capsys):
    count, wrong, told = play(of_desks(desks=True), called="a grant needed")
    with capsys.disabled():
        print(f"\n{told}")
    assert count > 15_000
    assert wrong == [], "\n".join(wrong)
