"""Cases: lodged once, decided by others, escalated when late."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from karmayogi.institutions import bodies
from karmayogi.institutions.bodies import NewBody
from karmayogi.registry import cases, ids
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.cases import Outcome
from karmayogi.registry.models import Case

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
ROUTE = ["assessor", "appeal_panel"]
WHY = "The record of that day shows the work."


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


def decide(case, by, *, roles=("assessor",), outcome=Outcome.UPHELD, reason=WHY):
    cases.decide(case, by=by, roles=roles, outcome=outcome, reason=reason, now=NOW)


@pytest.fixture
def places():
    """Two ministries: code -> (id, scope)."""
    with as_worker():
        new = [NewBody("a", "A", "ministry"), NewBody("b", "B", "ministry")]
        known = bodies.establish(new, since=dt.date(2020, 1, 1), order_no="1")
        cards = bodies.by_codes("ab")
    return {code: (known[code], f"{{{cards[code].scope}}}") for code in "ab"}


def test_only_the_person_and_the_reviewers_of_the_body_see_a_case(places):
    anna, bela = ids.new(), ids.new()
    with acting(actor=anna):
        case = lodge(anna, body=places["a"][0])
    for scopes, purpose in [("", "reviewer"), (places["b"][1], "reviewer"), (places["a"][1], "manager")]:
        with acting(actor=bela, scopes=scopes, purpose=purpose):
            with pytest.raises(cases.NoSuchCase):
                cases.card(case)
            assert cases.events(case) == []
    with acting(actor=bela, scopes=places["a"][1], purpose="reviewer"):
        assert [c.id for c in cases.waiting(["assessor"], bodies=[places["a"][0]])] == [case]
        assert cases.waiting(["appeal_panel"], bodies=[places["a"][0]]) == []
        assert cases.lodged([case])[case][0] == "I led this work for a year."
        cases.assign(case, to=bela, by=bela, now=NOW)
        decide(case, bela)
    with acting(actor=anna):
        card = cases.card(case)
        assert (card.state, card.outcome, card.reason, card.decided_by) == ("decided", "upheld", WHY, bela)
        assert [e.what for e in cases.events(case)] == ["lodged", "assigned", "decided"]
        cases.close(case, by=anna, now=NOW)


def test_a_case_of_nobodys_body_waits_for_every_reviewer(places):
    anna, bela = ids.new(), ids.new()
    with acting(actor=anna):
        case = lodge(anna)
    with acting(actor=bela, scopes=places["b"][1], purpose="reviewer"):
        assert [c.id for c in cases.waiting(["assessor"], bodies=[places["b"][0]])] == [case]


def test_what_was_questioned_is_kept_with_the_case_as_it_was():
    anna = ids.new()
    with acting(actor=anna):
        case = lodge(anna, details={"result": {"need": 3}})
        assert cases.events(case)[0].details == {"result": {"need": 3}}


def test_nobody_decides_their_own_case_not_even_past_the_code():
    anna = ids.new()
    with as_worker():
        case = lodge(anna)
        with pytest.raises(cases.OwnCase):
            decide(case, anna)
        with pytest.raises(cases.OwnCase):
            cases.assign(case, to=anna, by=ids.new(), now=NOW)
        with pytest.raises(IntegrityError, match="nobody_decides"), transaction.atomic():
            Case.objects.filter(pk=case).update(decided_by=anna)


def test_only_the_role_whose_turn_it_is_decides_and_only_the_reviewer_who_took_it():
    bela = ids.new()
    with as_worker():
        case = lodge(ids.new())
        with pytest.raises(cases.NotYourTurn):
            decide(case, bela, roles=["appeal_panel", "head_of_body"])
        cases.assign(case, to=bela, by=bela, now=NOW)
        with pytest.raises(cases.NotYourTurn):
            decide(case, ids.new())
        decide(case, bela)


def test_a_decision_needs_a_reason_and_is_final():
    with as_worker():
        case = lodge(ids.new())
        for reason in (" ", "Too short." + 10 * " "):
            with pytest.raises(cases.ReasonMissing):
                decide(case, ids.new(), reason=reason)
        decide(case, ids.new(), outcome=Outcome.CLOSED)
        with pytest.raises(cases.CaseAlreadyDecided):
            decide(case, ids.new())


@pytest.mark.parametrize(
    "missing", [{"decided_by": None}, {"decided_at": None}, {"outcome": ""}, {"reason": ""}], ids=str
)
def test_a_decision_without_who_what_or_why_is_refused_by_the_database(missing):
    whole = {
        "state": "decided",
        "decided_by": ids.new(),
        "decided_at": NOW,
        "outcome": "upheld",
        "reason": WHY,
    }
    with as_worker():
        case = lodge(ids.new())
        with pytest.raises(IntegrityError, match="a_decision_says"), transaction.atomic():
            Case.objects.filter(pk=case).update(**{**whole, **missing})
        Case.objects.filter(pk=case).update(**whole)


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
