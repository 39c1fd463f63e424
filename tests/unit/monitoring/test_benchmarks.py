"""Bodies beside all of them together."""

import pytest
from tests.unit.monitoring.conftest import DAY, NOW, rate

from karmayogi.monitoring import benchmarks, indicators
from karmayogi.monitoring.catalogue import MET
from karmayogi.monitoring.indicators import PublishedFigure
from karmayogi.registry.acting import acting, as_worker


def figure(low, high, suppressed=""):
    return PublishedFigure(
        None,
        "x",
        "X",
        "ministry",
        "",
        0,
        None if suppressed else (low + high) / 2,
        low,
        high,
        None if suppressed else 50,
        suppressed,
    )


@pytest.mark.parametrize(
    ("low", "high", "stands"),
    [
        (0.61, 0.7, "above"),
        (0.60, 0.7, "cannot_tell"),
        (0.3, 0.49, "below"),
        (0.3, 0.5, "cannot_tell"),
        (0.1, 0.9, "cannot_tell"),
    ],
)
def test_a_difference_is_stated_only_where_the_ranges_do_not_meet(low, high, stands):
    assert benchmarks.standing(figure(low, high), figure(0.5, 0.6)) == stands


def test_what_is_hidden_is_compared_with_nothing():
    hidden = figure(None, None, "small")
    assert benchmarks.standing(hidden, figure(0.5, 0.6)) == "hidden"
    assert benchmarks.standing(figure(0.5, 0.6), hidden) == "hidden"


@pytest.mark.django_db
def test_bodies_of_a_kind_are_grouped_by_name_without_a_rank(service):
    rate(service, service.people["dept-c"], service.tenders, 5)
    rate(service, service.people["dept-c"], service.noting, 5)
    with as_worker():
        indicators.publish(now=NOW)
    with acting(actor=service.boss, on=DAY):
        departments = benchmarks.compare(MET, kind="department")
        chosen = benchmarks.compare(MET, parent="min-2")
    assert [f.code for f in departments.above] == ["dept-c"]
    assert [f.code for f in departments.below] == ["dept-a"]
    assert sorted(f.code for f in departments.hidden) == ["dept-b", "dept-d"]
    assert ([f.code for f in chosen.above], [f.code for f in chosen.hidden]) == (["dept-c"], ["dept-d"])


@pytest.mark.django_db
def test_without_a_publication_nothing_is_compared(service):
    with acting(actor=service.boss, on=DAY), pytest.raises(indicators.NothingPublished):
        benchmarks.compare(MET)
