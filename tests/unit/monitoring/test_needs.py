"""Needs of a body: counted with the indicators, total for total what the gaps of its officials say."""

import datetime as dt
from uuid import UUID

import numpy as np
import pytest
from django.db import connection
from tests.unit.monitoring.conftest import DAY, NOW, rate

from karmayogi.competency import gaps
from karmayogi.institutions import assignments, bodies
from karmayogi.monitoring import indicators, needs
from karmayogi.monitoring.needs import Counted, Needs, up_the_tree
from karmayogi.registry import ids
from karmayogi.registry.acting import acting, as_worker

X, Y = UUID(int=1), UUID(int=2)


def publish(now=NOW):
    with as_worker():
        return indicators.publish(now=now)


def body(code):
    with as_worker():
        return bodies.by_code(code)


def read(code, *, scope="", purpose="manager"):
    """The needs of a body as whoever looks after `scope` (a code; "" the body itself)."""
    asked, held = body(code), body(scope or code)
    scopes = "{" + held.scope + "}"
    with acting(actor=ids.new(), scopes=scopes, on=DAY, purpose=purpose):
        return needs.of(asked)


def test_totals_are_summed_from_the_leaves_to_the_top():
    """Two offices (3, 4) under a department (2) under a ministry (1) under the whole service (0)."""
    own = Counted(np.array([3, 4, 4]), (X, X, Y), np.array([[1, 0, 2], [0, 5, 0], [7, 0, 0]]))
    found = up_the_tree(own, parents=[-1, 0, 1, 2, 2])
    rows = {
        (g, c): tuple(n)
        for g, c, n in zip(found.groups.tolist(), found.competencies, found.counts.tolist(), strict=True)
    }
    both = {X: (1, 5, 2), Y: (7, 0, 0)}
    assert rows == {(g, c): n for g in (0, 1, 2) for c, n in both.items()} | {
        (3, X): (1, 0, 2),
        (4, X): (0, 5, 0),
        (4, Y): (7, 0, 0),
    }


def test_nothing_counted_is_nothing_summed():
    nothing = Counted(np.array([], dtype=np.int64), (), np.zeros((0, 3), dtype=np.int64))
    assert up_the_tree(nothing, parents=[-1]).groups.size == 0


@pytest.mark.django_db
def test_the_counts_of_every_body_are_those_of_the_gaps_of_its_officials(known):
    publish()
    for code in ("min-1", "dept-a", "a-1", "dept-c", "min-3"):
        with as_worker():
            stated = gaps.of_standings(assignments.within(body(code), on=DAY), on=DAY)
        live = {}
        for gap in (g for found in stated.values() for g in found):
            live.setdefault(gap.competency, []).append(gap)
        counted = {k: gaps.counts(found) for k, found in live.items()}
        assert len(counted) == 2
        found = read(code)
        assert {n.competency: (n.met, n.below, n.unsure) for n in found.rows} == {
            k: (c.met, c.below, c.unsure) for k, c in counted.items()
        }
        assert found.as_of == NOW


@pytest.mark.django_db
def test_what_is_below_most_often_comes_first(service):
    rate(service, service.people["dept-b"], service.tenders, 1)
    publish()
    first, second = read("min-1").rows
    assert (first.competency, first.name, first.below) == (service.tenders, "Tenders", 40)
    assert (second.below, second.required) == (0, 86)


@pytest.mark.django_db
def test_only_who_looks_after_the_body_reads_its_counts(known):
    publish()
    assert read("dept-a", scope="min-1").rows
    assert read("min-1", scope="dept-a").rows == ()
    assert read("dept-c", scope="dept-a").rows == ()
    assert read("dept-a", purpose="commission").rows == ()
    assert read("dept-a", purpose="official").rows == ()


@pytest.mark.django_db
def test_before_the_first_publication_there_is_no_moment_to_name(service):
    assert read("min-1") == Needs(None, ())


@pytest.mark.django_db
def test_the_counts_of_the_former_publication_go_when_readers_go_to_the_next(known):
    publish()
    before = read("dept-b")
    rate(known, known.people["dept-b"], known.tenders, 5, at=NOW - dt.timedelta(hours=1))
    later = NOW + dt.timedelta(hours=1)
    second = publish(later)
    after = read("dept-b")
    assert (after.as_of, sum(n.met for n in after.rows)) > (later, sum(n.met for n in before.rows))
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT publication_id FROM monitoring_needcount")
        assert cursor.fetchall() == [(second,)]


@pytest.mark.django_db
def test_a_failed_run_leaves_the_former_counts(known):
    publish()
    before = read("dept-b")
    rate(known, known.people["dept-b"], known.tenders, 5)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;"
            "CREATE TRIGGER break_off BEFORE INSERT ON monitoring_published FOR EACH ROW EXECUTE FUNCTION break_off()"
        )
    with pytest.raises(Exception, match="the disk is full"):
        publish(NOW + dt.timedelta(hours=1))
    assert read("dept-b") == before
