"""Retention: what is past its time goes, what a hold or a law keeps stays, and a certificate says so."""

import datetime as dt
import io
import json
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from karmayogi.institutions import assignments, bodies, grants, people
from karmayogi.institutions.assignments import AssignmentFact
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.grants import NewGrant
from karmayogi.institutions.people import NewPerson
from karmayogi.institutions.roles import Role
from karmayogi.journeys import coverage, deletions, retention
from karmayogi.policy import holds, purposes, rules
from karmayogi.policy.models import Hold
from karmayogi.registry import cases, custody, files, notices
from karmayogi.registry.acting import as_worker
from karmayogi.registry.cases import Outcome

pytestmark = pytest.mark.django_db
SINCE = dt.date(2015, 1, 1)
NOW = timezone.now()
OLD = NOW - dt.timedelta(days=365 * 6)
NAMES = ("anna", "bela", "chand", "asks", "approves")


@pytest.fixture
def who():
    """People by name: anna and bela under office a, chand under b; each has an old and a new notice and an old case."""
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        people.enrol(NewPerson(n, n.title(), employee_code=n) for n in NAMES)
        found = {login: card.id for login, card in people.by_logins(list(NAMES)).items()}
        new = [NewBody("m", "M", "ministry"), NewBody("a", "A", "wing", "m"), NewBody("b", "B", "wing", "m")]
        known = bodies.establish(new, since=SINCE, order_no="1")
        served = [("anna", "a"), ("bela", "a"), ("chand", "b")]
        assignments.write(AssignmentFact(found[n], known[b], "Officer", SINCE, "1") for n, b in served)
        for name in ("anna", "bela", "chand"):
            for when in (OLD, NOW):
                notices.tell(found[name], "observed", params={}, now=when, key=f"{name}/{when}")
            case = cases.lodge(
                "question", subject_kind="x", subject_id=UUID(int=1), opened_by=found[name], about=found[name],
                route=["assessor"], days=5, now=OLD,
            )  # fmt: skip
            cases.decide(
                case, by=found["asks"], roles=["assessor"], outcome=Outcome.UPHELD, reason="It stands, as shown.",
                now=OLD,
            )  # fmt: skip
            found[f"case of {name}"] = case
        found["a"] = known["a"]
    return found


def counts(swept):
    return {s.table: (s.past, s.held, s.gone) for s in swept.sweeps if s.past}


def two(who):
    return {"asked_by": who["asks"], "approved_by": who["approves"]}


def hold(who, order="H/1", **about):
    with as_worker():
        return holds.place(order, reason="Court case 7", now=OLD, **two(who), **about)


def retain(who):
    return retention.retain(order="R/1", now=timezone.now(), **two(who))


def rows(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def test_a_dry_run_counts_by_table_and_purpose_and_deletes_nothing(who):
    swept = retention.look(now=NOW)
    assert counts(swept) == {
        "registry_notice": (3, 0, 3),
        "registry_case": (3, 0, 3),
        "registry_caseevent": (6, 0, 6),
    }
    assert {key: n for key, n in swept.by_purpose().items() if n} == {"messages": 3, "questions": 9}
    assert (rows("registry_notice"), rows("registry_case")) == (6, 3)


def test_a_run_deletes_what_the_dry_run_said_and_a_second_one_nothing(who):
    before = counts(retention.look(now=NOW))
    done = json.loads(retain(who).text)["what"]["tables"]
    assert {table: (n["past"], n["held"], n["gone"]) for table, n in done.items()} == before
    assert (rows("registry_notice"), rows("registry_case"), rows("registry_caseevent")) == (3, 0, 0)
    assert json.loads(retain(who).text)["what"]["tables"] == {}


def test_nothing_of_a_held_person_goes(who):
    hold(who, person=who["anna"])
    assert counts(retention.look(now=NOW)) == {
        "registry_notice": (3, 1, 2), "registry_case": (3, 1, 2), "registry_caseevent": (6, 2, 4),
    }  # fmt: skip
    retain(who)
    assert rows("registry_case") == 1
    with as_worker():
        assert [c.id for c in cases.of(who["anna"])] == [who["case of anna"]]


def test_nothing_of_anyone_who_served_in_a_held_body_goes(who):
    hold(who, body=who["a"])
    assert counts(retention.look(now=NOW))["registry_notice"] == (3, 2, 1)


def test_a_held_case_stays_with_its_events_and_proofs(who):
    with as_worker():
        proof = files.keep(
            io.BytesIO(b"%PDF-"), name="p.pdf", media_type="application/pdf", owner=who["bela"], now=OLD
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE registry_caseevent SET details = jsonb_build_object('file', %s::text) WHERE case_id = %s"
                " AND what = 'lodged'",
                [str(proof.id), who["case of bela"]],
            )
    hold(who, case=who["case of bela"])
    found = counts(retention.look(now=NOW))
    assert (found["registry_case"], found["registry_file"]) == ((3, 1, 2), (1, 1, 0))


def test_a_released_hold_keeps_nothing(who):
    hold(who, person=who["anna"])
    with as_worker():
        holds.release("H/1", by_order="H/2", now=NOW - dt.timedelta(days=1), **two(who))
    assert counts(retention.look(now=NOW))["registry_case"] == (3, 0, 3)


def test_a_proof_goes_with_its_case_in_one_run(who):
    with as_worker():
        proof = files.keep(
            io.BytesIO(b"%PDF-1"), name="p.pdf", media_type="application/pdf", owner=who["bela"], now=OLD
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE registry_caseevent SET details = jsonb_build_object('file', %s::text) WHERE case_id = %s",
                [str(proof.id), who["case of bela"]],
            )
    retain(who)
    assert rows("registry_file") == 0
    assert json.loads(retain(who).text)["what"]["tables"] == {}


def test_one_person_alone_can_neither_delete_nor_hold(who):
    alone = {"asked_by": who["asks"], "approved_by": who["asks"]}
    with pytest.raises(holds.SamePerson):
        retention.retain(order="R/1", now=NOW, **alone)
    with pytest.raises(holds.SamePerson):
        holds.place("H/9", reason="x", now=NOW, person=who["anna"], **alone)
    with as_worker(), pytest.raises(IntegrityError), transaction.atomic():
        Hold(
            person_id=who["anna"], reason="x", order_no="H/9", placed_at=NOW, asked_by_id=who["asks"],
            approved_by_id=who["asks"],
        ).save(force_insert=True)  # fmt: skip


def test_nothing_is_deleted_before_its_time(who):
    with pytest.raises(retention.NotYet):
        retention.retain(order="R/1", now=timezone.now() + dt.timedelta(days=900), **two(who))
    assert counts(retention.look(now=NOW + dt.timedelta(days=365 * 3)))["registry_notice"] == (6, 0, 6)


def test_the_certificate_is_signed_names_the_register_and_is_found_out_if_altered(who):
    done = retain(who)
    told = json.loads(done.text)
    assert (told["order"], told["register"], told["what"]["purposes"]) == (
        "R/1", purposes.digest(), {"messages": 3, "questions": 9},
    )  # fmt: skip
    with as_worker():
        assert deletions.genuine(done.as_json())
        assert not deletions.genuine({**done.as_json(), "text": done.text.replace("R/1", "R/2")})
        custody.rotate(deletions.KEY, now=timezone.now())
        assert deletions.genuine(done.as_json()), "what the old key signed still counts"
    assert "registry_notice" in done.readable()
    with connection.cursor() as cursor:
        cursor.execute("SELECT act, reason FROM institutions_auditrow WHERE id = %s", [done.entry])
        assert cursor.fetchall() == [("privacy.retain", "R/1")]


def test_a_table_that_another_row_needs_is_kept_and_counted(who, monkeypatch):
    """Planted: a clock that forgets to say that something else needs its rows stops the run and undoes it."""
    clocks = purposes.clocks()
    kept = {"registry_caseevent": clocks["registry_caseevent"]}
    monkeypatch.setattr(purposes, "clocks", lambda: {k: c for k, c in clocks.items() if k not in kept})
    with pytest.raises(IntegrityError), transaction.atomic():
        retain(who)
    assert rows("registry_case") == 3


def test_the_operator_is_told_what_waits(who):
    with as_worker():
        place = bodies.by_code("m").id
        grants.give([NewGrant(person=who["asks"], role=Role.OPERATOR, body=place, since=SINCE, order_no="1")])
        assert retention.tell(retention.look(now=NOW), now=NOW) == 1
        assert [n.kind for n in notices.of(who["asks"])] == ["retention_due"]


def test_every_table_with_a_key_of_a_person_is_covered(monkeypatch):
    found = coverage.tables()
    assert [line.table for line in found if not line.covered] == []
    assert len(found) > 40


def test_a_table_that_the_register_forgets_is_found(monkeypatch):
    lines = {key: line for key, line in purposes.lines().items() if key[0] != "policy_consent"}
    monkeypatch.setattr(purposes, "lines", lambda: lines)
    with pytest.raises(purposes.Unregistered):
        coverage.tables()
