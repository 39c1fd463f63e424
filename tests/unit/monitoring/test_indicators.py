"""Indicators: right, whole or not at all, and silent about small groups."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection
from tests.unit.monitoring.conftest import DAY, NOW, rate

from karmayogi.competency import evidence, gaps
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.institutions import bodies
from karmayogi.monitoring import indicators
from karmayogi.monitoring.catalogue import LEARNED, MET, UNSURE
from karmayogi.registry import ids, roles
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.rows import tables

pytestmark = pytest.mark.django_db


def publish(now=NOW):
    with as_worker():
        return indicators.publish(now=now)


def read(indicator, **where):
    with acting(actor=ids.new(), on=DAY):
        return {f.code: f for f in indicators.published(indicator, **where)}


def test_the_figures_are_those_of_the_gaps_of_the_same_officials(known):
    publish()
    with as_worker():
        stated = gaps.of(known.everyone, on=DAY)
    for code, below in {
        "dept-a": ["a-1", "a-2", "a-3"],
        "min-1": ["min-1", "a-1", "a-2", "a-3", "dept-b"],
    }.items():
        officials = [p for c in below for p in known.people[c]]
        total = gaps.counts(g for p in officials for g in stated[p])
        assert min(total.met, total.below, total.unsure) > 0
        kind = "department" if code == "dept-a" else "ministry"
        met, unsure = read(MET, kind=kind)[code], read(UNSURE, kind=kind)[code]
        assert met.value == pytest.approx(total.met / total.required)
        assert unsure.value == pytest.approx(total.unsure / total.required)
        assert met.n == len(officials)
        assert met.low < met.value < met.high


def test_the_whole_service_is_everyone_with_a_described_position(known):
    publish()
    with as_worker():
        stated = gaps.of(known.everyone, on=DAY)
        together = indicators.all_together(MET)
    total = gaps.counts(g for found in stated.values() for g in found)
    assert (together.n, together.value) == (len(known.everyone), pytest.approx(total.met / total.required))
    assert (together.parent, together.kind, together.children) == (None, "service", 3)


def test_recent_learning_counts_officials_once_and_only_the_last_ninety_days(service):
    learners = service.people["dept-c"][:6]
    with as_worker():
        evidence.record(
            [
                NewEvidence(p, service.tenders, Source.COMPLETED, NOW - dt.timedelta(days=days), f"c:{days}")
                for p in learners
                for days in (3, 80)
            ]
            + [
                NewEvidence(
                    service.people["dept-c"][7],
                    service.tenders,
                    Source.COMPLETED,
                    NOW - dt.timedelta(days=91),
                    "c:old",
                )
            ],
            now=NOW,
        )
    publish()
    assert read(LEARNED, kind="department")["dept-c"].value == pytest.approx(6 / 30)


def test_small_groups_are_hidden_with_their_complement_and_nothing_of_them_is_stored(service):
    publish()
    offices = read(MET, parent="dept-a")
    assert {code: f.suppressed for code, f in offices.items()} == {
        "a-1": "small",
        "a-2": "complement",
        "a-3": "",
    }
    assert (offices["a-1"].value, offices["a-1"].low, offices["a-1"].high, offices["a-1"].n) == (None,) * 4
    ministries = read(MET, kind="ministry")
    assert {c: f.suppressed for c, f in ministries.items()} == {
        "min-1": "",
        "min-2": "complement",
        "min-3": "small",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM monitoring_published WHERE suppressed <> ''"
            " AND (value IS NOT NULL OR n IS NOT NULL OR low IS NOT NULL OR high IS NOT NULL)"
        )
        assert cursor.fetchone() == (0,)


def test_no_subtraction_over_what_was_published_leaves_fewer_than_ten_officials(known):
    """The attack a reader can make: every shown figure less the highest shown figures beneath it."""
    publish()
    with acting(actor=known.boss, on=DAY), connection.cursor() as cursor:
        for indicator in (MET, UNSURE, LEARNED):
            cursor.execute(
                "SELECT p.code, p.parent, p.n FROM monitoring_published p JOIN monitoring_indicator i"
                " ON i.id = p.indicator_id WHERE i.key = %s ORDER BY p.place",
                [indicator],
            )
            rows = cursor.fetchall()
            above = {code: parent for code, parent, _ in rows}
            left = {code: n for code, _, n in rows if n is not None}
            for code, _, n in rows:
                parent = above[code]
                while n is not None and parent is not None and parent not in left:
                    parent = above[parent]
                if n is not None and parent is not None:
                    left[parent] -= n
            assert [code for code, n in left.items() if 0 < n < 10] == []


def test_the_few_in_the_ministry_itself_are_protected_by_its_smallest_department(service):
    """Two officials sit in min-1 itself: with both departments shown, a subtraction would leave just them."""
    publish()
    found = read(MET, parent="min-1")
    assert {c: f.suppressed for c, f in found.items()} == {"dept-a": "", "dept-b": "complement"}


def test_bodies_without_officials_counted_have_no_figure(service):
    publish()
    assert "provider" not in read(MET)


def test_a_failed_run_leaves_the_former_publication_whole(known):
    first = publish()
    before = read(MET, kind="ministry")
    rate(known, known.people["dept-b"], known.tenders, 5)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN IF NEW.code = 'dept-d' THEN RAISE EXCEPTION 'the disk is full'; END IF; RETURN NEW; END $$;"
            "CREATE TRIGGER break_off BEFORE INSERT ON monitoring_published FOR EACH ROW EXECUTE FUNCTION break_off()"
        )
    with pytest.raises(Exception, match="the disk is full"):
        publish(NOW + dt.timedelta(hours=1))
    with as_worker():
        assert indicators.stamp().publication == first
    assert read(MET, kind="ministry") == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT publication_id) FROM monitoring_published")
        assert cursor.fetchone() == (3 * 11, 1)


def test_readers_see_the_next_publication_whole_and_can_stay_with_the_one_they_began_with(known):
    first, before = publish(), read(MET, kind="department")
    rate(known, known.people["a-3"], known.tenders, 5)
    later = NOW + dt.timedelta(hours=1)
    second = publish(later)
    with as_worker():
        stamp = indicators.stamp()
    assert (stamp.publication, stamp.as_of) == (second, later)
    assert read(MET, kind="department")["dept-a"].value > before["dept-a"].value
    assert read(MET, kind="department", publication=first) == before


def test_nobody_signed_out_sees_a_figure_and_no_reader_can_write_one(service):
    publish()
    with acting(on=DAY):
        assert indicators.published(MET, kind="ministry") == []
        with pytest.raises(indicators.NothingPublished):
            indicators.stamp()
    with pytest.raises(Exception, match="permission denied"), acting(actor=service.boss, on=DAY):
        connection.cursor().execute("UPDATE monitoring_published SET value = 1")


def test_before_the_first_publication_readers_are_told_so(service):
    with (
        acting(actor=service.boss, on=DAY),
        pytest.raises(indicators.NothingPublished, match="next publication"),
    ):
        indicators.stamp()


@pytest.mark.parametrize(
    "statement", ["INSERT INTO {} DEFAULT VALUES", "UPDATE {} SET {} = DEFAULT", "DELETE FROM {}"]
)
def test_the_role_of_monitoring_can_write_no_table_of_another_room(statement, db):
    first = {
        m._meta.db_table: m._meta.concrete_fields[0].column
        for m in apps.get_models(include_auto_created=True)
    }
    others = [name for name in tables() if not name.startswith("monitoring_")]
    assert len(others) > 60
    for table in others:
        with pytest.raises(ProgrammingError, match="permission denied"), acting(roles.MONITOR):
            connection.cursor().execute(statement.format(f'"{table}"', f'"{first[table]}"'))


SIGN_IN = [
    "institutions_account",
    "institutions_session",
    "institutions_oneself",
    "institutions_begun",
    "mfa_authenticator",
    "account_emailaddress",
    "socialaccount_socialaccount",
    "socialaccount_socialtoken",
]


@pytest.mark.parametrize("relation", SIGN_IN)
def test_how_people_sign_in_is_nobodys_figure(relation, db):
    with pytest.raises(ProgrammingError, match="permission denied"), acting(roles.MONITOR):
        connection.cursor().execute(f'SELECT 1 FROM "{relation}"')


def test_the_role_check_would_notice_a_grant_too_many(service):
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE ON institutions_body TO {roles.MONITOR}")
    with acting(roles.MONITOR), connection.cursor() as cursor:
        cursor.execute("UPDATE institutions_body SET id = id")
        # no longer refused, so the check above would fail; the row policy still lets nothing through
        assert cursor.statusmessage == "UPDATE 0"


def test_publishing_uses_the_tree_of_bodies_as_it_stands(service):
    publish()
    with as_worker():
        codes = [b.code for b in bodies.subtree(bodies.by_code("min-1"))]
        under = {f.code for f in indicators.published(MET, parent="min-1")}
    assert under == {"dept-a", "dept-b"}
    assert len(codes) == 6
