"""Cases: lodged once, decided by others, escalated when late."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from karmayogi.institutions import bodies
from karmayogi.institutions.bodies import NewBody
from karmayogi.registry import cases, ids
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.models import Case

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
ROUTE = ["assessor", "appeal_panel"]


def lodge(person, **more):
    given = {
        "subject_kind": "estimate", "subject_id": ids.new(), "opened_by": person, "about": person,
        "route": ROUTE, "days": 5, "now": NOW, "text": "I led this work for a year.", **more,
    }  # fmt: skip
    return cases.lodge("question", **given)


def test_questioning_the_same_result_twice_is_one_case():
    anna, result = ids.new(), ids.new()
    with acting(actor=anna):
        first = lodge(anna, subject_id=result)
        assert lodge(anna, subject_id=result) == first
        card = cases.card(first)
        assert (card.state, card.role, card.due) == ("open", "assessor", dt.date(2026, 11, 27))
        assert [e.what for e in cases.events(first)] == ["lodged"]
        assert [c.id for c in cases.of(anna)] == [first]


def test_only_the_person_and_the_bodies_above_see_a_case():
    anna, bela = ids.new(), ids.new()
    with as_worker():
        new = [NewBody("a", "A", "ministry"), NewBody("b", "B", "ministry")]
        known = bodies.establish(new, since=dt.date(2020, 1, 1), order_no="1")
        scopes = {code: f"{{{card.scope}}}" for code, card in bodies.by_codes("ab").items()}
    with acting(actor=anna):
        case = lodge(anna, body=known["a"])
    with acting(actor=bela):
        with pytest.raises(cases.NoSuchCase):
            cases.card(case)
        assert cases.events(case) == []
    with acting(actor=bela, scopes=scopes["b"]), pytest.raises(cases.NoSuchCase):
        cases.card(case)
    with acting(actor=bela, scopes=scopes["a"]):
        assert [c.id for c in cases.waiting(["assessor"], bodies=[known["a"]])] == [case]
        assert cases.waiting(["appeal_panel"], bodies=[known["a"]]) == []
        cases.assign(case, to=bela, by=bela, now=NOW)
        cases.decide(case, by=bela, outcome="upheld", reason="The record shows it.", now=NOW)
    with acting(actor=anna):
        card = cases.card(case)
        assert (card.state, card.outcome, card.reason) == ("decided", "upheld", "The record shows it.")
        assert [e.what for e in cases.events(case)] == ["lodged", "assigned", "decided"]
        cases.close(case, by=anna, now=NOW)


def test_nobody_decides_their_own_case_not_even_past_the_code():
    anna = ids.new()
    with as_worker():
        case = lodge(anna)
        with pytest.raises(cases.OwnCase):
            cases.decide(case, by=anna, outcome="upheld", reason="Mine.", now=NOW)
        with pytest.raises(cases.OwnCase):
            cases.assign(case, to=anna, by=ids.new(), now=NOW)
        with pytest.raises(IntegrityError, match="nobody_decides"), transaction.atomic():
            Case.objects.filter(pk=case).update(decided_by=anna)


def test_a_decision_needs_a_reason_and_is_final():
    with as_worker():
        case = lodge(ids.new())
        with pytest.raises(cases.ReasonMissing):
            cases.decide(case, by=ids.new(), outcome="rejected", reason=" ", now=NOW)
        cases.decide(case, by=ids.new(), outcome="rejected", reason="No new proof.", now=NOW)
        with pytest.raises(cases.CaseAlreadyDecided):
            cases.decide(case, by=ids.new(), outcome="upheld", reason="Changed.", now=NOW)


def test_a_late_case_moves_one_step_up_and_stays_marked_at_the_last():
    with as_worker():
        case = lodge(ids.new())
        cases.assign(case, to=ids.new(), by=ids.new(), now=NOW)
        assert cases.escalate(now=NOW + dt.timedelta(days=7)) == 0  # the last day is still in time
        late = NOW + dt.timedelta(days=10)
        assert cases.escalate(now=late) == 1
        assert cases.escalate(now=late) == 0
        card = cases.card(case)
        assert (card.role, card.state, card.reviewer, card.due) == (
            "appeal_panel", "open", None, dt.date(2026, 12, 7),
        )  # fmt: skip
        assert cases.escalate(now=late + dt.timedelta(days=10)) == 1
        assert [e.what for e in cases.events(case)] == ["lodged", "assigned", "escalated", "overdue"]
        assert cases.card(case).role == "appeal_panel"
