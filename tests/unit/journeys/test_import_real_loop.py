import datetime as dt
from pathlib import Path

import pytest
from django.db import connection

from karmayogi.competency import frameworks, positions
from karmayogi.journeys import import_framework, real_loop
from karmayogi.journeys.real_loop import replaying, running
from karmayogi.registry.acting import as_worker

NOW = dt.datetime(2026, 11, 5, 10, tzinfo=dt.UTC)
DATA = Path(__file__).parents[4] / "shared/data"
KEYS = {p["key"] for p in real_loop.content()["positions"]}


def test_the_first_rule_that_fits_counts_and_title_profession_and_grade_must_all_fit() -> None:
    rule = real_loop.Rule("head", title="press", profession="^comm", grades=frozenset({"SCS1"}))
    assert rule.fits(title="Chief Press Officer", profession="Communications", grade="SCS1")
    assert not rule.fits(title="Chief Press Officer", profession="Communications", grade="SCS2")
    assert not rule.fits(title="Chief Press Officer", profession="Policy", grade="SCS1")
    assert real_loop.Rule("any", "", "", frozenset()).fits(title="", profession="", grade="")


def test_every_rule_and_seat_names_a_position_of_the_mapping() -> None:
    assert {rule.position for rule in real_loop.rules()} <= KEYS
    assert real_loop.content()["seats"]["position"] in KEYS


def test_a_data_set_the_mapping_does_not_know_gets_plain_names() -> None:
    framework = real_loop.framework_of("fractions", ["Trait1", "Trait2"])
    assert [c.key for c in framework.competencies] == ["fractions-1", "fractions-2"]
    assert len(framework.levels) == 4


def test_those_who_sit_are_spread_evenly() -> None:
    assert list(replaying.numbers(10, 3)) == [1, 4, 7]


@pytest.mark.django_db
@pytest.mark.needs(DATA.exists(), "the real files are not here")
def test_every_requirement_of_the_mapping_is_on_a_scale_of_its_framework() -> None:
    import_framework.run(DATA / running.FILES["framework"], now=NOW)
    with as_worker():
        frameworks.publish(real_loop.framework_of("ecpe", ["Trait1", "Trait2", "Trait3"]), now=NOW)
        defined = sum(
            positions.define(
                real_loop.positions(key), framework=key, order_no=real_loop.ORDER_NO, since=real_loop.SINCE
            )
            for key in (import_framework.KEY, "trial-skills")
        )
        assert defined == len(KEYS)
        assert set(positions.requirements_of(KEYS, on=NOW.date())) == KEYS


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.drill
@pytest.mark.django_db
def test_the_loop_runs_end_to_end_on_the_real_data() -> None:
    outcome = running.run(DATA, now=NOW, on=NOW.date(), tell=lambda stage: None, analyze=analyze)
    for done in outcome.imports:
        assert done.first.read == done.first.accepted + done.first.quarantined
        assert (done.again.new, done.again.changed, done.touched) == (0, 0, ())
        assert done.holds
    assert all(row.value > 0 for row in outcome.rows)
