"""Rules in force: by day, by body, by scope, each with its order."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from karmayogi.institutions import bodies
from karmayogi.institutions.bodies import NewBody
from karmayogi.policy import formulas, issuing, rules, starter
from karmayogi.policy.rules import NewRule
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _worker():
    with as_worker():
        yield


def test_same_case_two_dates_two_rules_both_citations():
    starter.load()
    before = rules.in_force("promotion.zone", on=dt.date(2006, 1, 5))
    after = rules.in_force("promotion.zone", on=dt.date(2006, 1, 6))
    assert [formulas.by_count(rule.value, n=12) for rule in (before, after)] == [28, 24]
    assert "22011/1/90-Estt.D" in before.citation
    assert "22011/2/2002-Estt(D)" in after.citation
    assert after.citation.endswith("of 06.01.2006")


def test_the_starter_rules_load_once_and_report_what_they_left_out():
    first = starter.load()
    again = starter.load()
    assert (first.read, first.issued, first.left_out) == (74, 74, ())
    assert (again.issued, again.same) == (0, 74)


def test_the_house_defaults_can_be_issued_twice_in_any_order():
    starter.load()
    assert rules.issue(rules.HOUSE_DEFAULTS) == 0
    assert rules.in_force("privacy.small_cell", on=dt.date(2025, 1, 1)).order_no == "demo/1"
    assert rules.in_force("privacy.small_cell", on=DAY).order_no == "ours"


def test_a_rule_that_stands_already_is_seen_on_either_side_of_the_one_that_followed_it():
    """The rows of one rule come in no order: an index of ranges gives them as they lie in it."""
    first = NewRule("pass", "percent", 50, "1/2020", dt.date(2020, 1, 1))
    later = NewRule("pass", "percent", 60, "2/2024", dt.date(2024, 1, 1))
    for standing in ([first, later], [later, first]):
        plan = issuing.Plan()
        issuing._place(first, list(standing), plan)
        assert (plan.same, plan.fresh, plan.overlapping) == ([first], [], [])


def test_an_unknown_rule_says_whom_to_ask():
    with pytest.raises(rules.NoSuchRule, match="rule-maker"):
        rules.in_force("no.such.rule", on=DAY)


def test_a_later_order_closes_the_earlier_one_and_both_can_be_cited():
    since = dt.date(2020, 1, 1)
    rules.issue([NewRule("pass", "percent", 50, "1/2020", since)])
    old = rules.in_force("pass", on=DAY)
    rules.issue([NewRule("pass", "percent", 60, "2/2024", dt.date(2024, 1, 1))])
    standing = [(r.value, r.since, r.until, r.version) for r in rules.history("pass")]
    assert standing == [(50, since, dt.date(2024, 1, 1), 1), (60, dt.date(2024, 1, 1), None, 2)]
    assert rules.by_ids([old.id])[old.id].until is None


def test_an_overlap_is_refused_as_a_whole():
    rules.issue([NewRule("pass", "percent", 50, "1/2020", dt.date(2020, 1, 1), dt.date(2025, 1, 1))])
    with pytest.raises(rules.RulesOverlap, match="1/2020"):
        rules.issue(
            [
                NewRule("other", "number", 1, "2/2024"),
                NewRule("pass", "percent", 60, "2/2024", dt.date(2024, 1, 1)),
            ]
        )
    assert rules.values(["other"], on=DAY) == {}


def test_the_database_itself_refuses_two_rules_at_once():
    from karmayogi.policy.models import Rule

    rules.issue([NewRule("pass", "percent", 50, "1/2020", dt.date(2020, 1, 1))])
    row = Rule.objects.get()
    row.pk = None
    row.id = None
    with pytest.raises(IntegrityError, match="one_rule_of_a_key_at_a_time"), transaction.atomic():
        Rule.objects.create(
            key="pass",
            kind="percent",
            value=1,
            during=row.during,
            order_no="x",
            status="ours",
            version=2,
            recorded_at=row.recorded_at,
        )


def test_the_nearest_body_up_the_tree_wins():
    known = bodies.establish(
        [
            NewBody("min", "Ministry", "ministry"),
            NewBody("dept", "Dept", "department", "min"),
            NewBody("office", "Office", "office", "dept"),
            NewBody("else", "Else", "ministry"),
        ],
        since=dt.date(2020, 1, 1),
        order_no="1",
    )
    rules.issue(
        [
            NewRule("hours", "number", 4, "general"),
            NewRule("hours", "number", 5, "of min", body=known["min"]),
            NewRule("hours", "number", 6, "of dept", body=known["dept"]),
        ]
    )
    found = {code: rules.in_force("hours", body=body, on=DAY).value for code, body in known.items()}
    assert found == {"min": 5, "dept": 6, "office": 6, "else": 4}


def test_rules_that_differ_by_scope_must_be_asked_for_by_scope():
    rules.issue(
        [NewRule("age", "number", 60, "a", scope="civil"), NewRule("age", "number", 65, "b", scope="doctors")]
    )
    with pytest.raises(rules.SeveralScopes, match="doctors"):
        rules.in_force("age", on=DAY)
    assert rules.in_force("age", on=DAY, scope="doctors").value == 65


def test_everyone_reads_rules_and_the_web_writes_none():
    rules.issue([NewRule("pass", "percent", 50, "1/2020")])
    with acting(on=DAY):
        assert rules.in_force("pass", on=DAY).value == 50
        with pytest.raises(Exception, match=r"permission denied|row-level"), transaction.atomic():
            rules.issue([NewRule("own", "percent", 1, "mine")])
