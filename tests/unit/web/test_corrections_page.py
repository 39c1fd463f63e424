"""This is wrong: an official proves it, a clerk examines, a verifier decides, and what stood before is kept."""

import datetime as dt
import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from karmayogi.institutions import bodies, grants, people
from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.grants import NewGrant
from karmayogi.institutions.roles import Role
from karmayogi.journeys import objections
from karmayogi.registry import cases
from karmayogi.registry.acting import as_worker

from ...signing import sign_in
from .service import SINCE, set_up

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 the page of the service book"
SAYS = "Page 4 of my service book has it with two letters more."
WHY = "Service book, page 4, attested on 2 March 2020: the name is Meenakshi Selvan."
NAMES = {
    "meenakshi": "office", "clerk": "office", "verifier": "office", "other": "far", "topclerk": "ministry",
    "topverifier": "ministry",
}  # fmt: skip


@pytest.fixture
def cast():
    """An office under a ministry, another ministry; clerks and verifiers of the office and of the ministry."""
    new = [
        NewBody("ministry", "Ministry", "ministry"),
        NewBody("far", "Far", "ministry"),
        NewBody("office", "Office", "wing", "ministry"),
    ]
    return set_up(
        new,
        NAMES,
        [
            ("clerk", Role.CLERK, "office"),
            ("verifier", Role.VERIFIER, "office"),
            ("other", Role.CLERK, "far"),
            ("topclerk", Role.CLERK, "ministry"),
            ("topverifier", Role.VERIFIER, "ministry"),
        ],
    )


@pytest.fixture
def visit(client, cast):
    return lambda login: sign_in(client, cast[login])


def page_of(cast, field="name"):
    return f"/record/wrong/{field}/{cast['meenakshi']}/"


def object_to(visit, cast, *, says="Meenakshi Selvan", proof=PDF, name="book.pdf", text=SAYS, field="name"):
    sent = {"says": says, "text": text}
    if proof is not None:
        sent["proof"] = SimpleUploadedFile(name, proof)
    return visit("meenakshi").post(page_of(cast, field), sent)


@pytest.fixture
def case(visit, cast):
    """Her objection to the name, waiting for the clerk."""
    assert object_to(visit, cast).status_code == 302
    with as_worker():
        (lodged,) = cases.of(cast["meenakshi"])
    return lodged.id


def examine(visit, case, *, who="clerk", outcome="corrected"):
    return visit(who).post(f"/establishment/corrections/{case}/", {"outcome": outcome, "reason": WHY})


def decide(visit, case, *, who="verifier", decision="approve", answer=""):
    address = f"/establishment/corrections/{case}/decide/"
    return visit(who).post(address, {"decision": decision, "answer": answer})


def name_of(cast):
    with as_worker():
        return people.by_id(cast["meenakshi"]).name


def carry_out(case):
    with as_worker():
        return objections.carry_out(case, now=timezone.now())


def test_her_proof_is_examined_decided_and_recorded_and_the_former_name_is_kept(visit, cast, case):
    page = visit("clerk").get(f"/establishment/corrections/{case}/").content.decode()
    assert SAYS in page
    assert hashlib.sha256(PDF).hexdigest()[:16] in page
    proof = visit("clerk").get(f"/establishment/corrections/{case}/proof/")
    assert b"".join(proof.streaming_content) == PDF
    assert "attachment" in proof["Content-Disposition"]
    assert examine(visit, case).status_code == 302
    assert name_of(cast) == "Meenakshi"
    assert decide(visit, case).status_code == 302
    assert carry_out(case) == 1
    assert carry_out(case) == 0
    assert name_of(cast) == "Meenakshi Selvan"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT details->'name', reason FROM institutions_auditrow WHERE act = 'person.correct'"
        )
        assert [row[0] for row in cursor.fetchall()] == ['{"to": "Meenakshi Selvan", "from": "Meenakshi"}']
    page = visit("meenakshi").get("/record/wrong/").content.decode()
    assert "The record is corrected" in page
    assert WHY in page


def test_the_decision_asks_for_the_job_in_its_own_transaction(visit, cast, case):
    examine(visit, case)
    decide(visit, case)
    with connection.cursor() as cursor:
        cursor.execute("SELECT arguments FROM registry_jobrun WHERE kind = %s", [objections.APPLY])
        assert len(cursor.fetchall()) == 1


def test_the_clerk_who_proposed_cannot_decide_even_as_a_verifier(visit, cast, case):
    with as_worker():
        place = bodies.by_code("office").id
        grants.give(
            [NewGrant(person=cast["clerk"], role=Role.VERIFIER, body=place, since=SINCE, order_no="2")]
        )
    examine(visit, case)
    assert decide(visit, case, who="clerk").status_code == 409
    assert name_of(cast) == "Meenakshi"


@pytest.mark.parametrize(("who", "status"), [("meenakshi", 403), ("other", 404)])
def test_the_person_and_another_ministry_reach_neither_case_nor_proof(visit, cast, case, who, status):
    for end in ("", "proof/"):
        assert visit(who).get(f"/establishment/corrections/{case}/{end}").status_code == status
    assert examine(visit, case, who=who).status_code == status


def test_a_clerk_cannot_examine_what_they_object_to_themselves(visit, cast, case):
    with as_worker():
        place = bodies.by_code("office").id
        grants.give(
            [NewGrant(person=cast["meenakshi"], role=Role.CLERK, body=place, since=SINCE, order_no="2")]
        )
    assert visit("meenakshi").get(f"/establishment/corrections/{case}/").status_code == 404
    assert (
        "/establishment/corrections/0"
        not in visit("meenakshi").get("/establishment/corrections/").content.decode()
    )


def test_what_the_verifier_declines_goes_back_to_the_clerk(visit, cast, case):
    examine(visit, case)
    assert decide(visit, case, decision="decline", answer="").status_code == 400
    decide(visit, case, decision="decline", answer="Page 4 is not attested. Ask for the attested one.")
    with as_worker():
        card = cases.card(case)
    assert (card.state, card.role) == ("open", "establishment_clerk")
    assert examine(visit, case, outcome="upheld").status_code == 302


def test_a_refusal_is_appealed_to_the_office_above_and_to_others(visit, cast, case):
    examine(visit, case, outcome="upheld")
    decide(visit, case)
    sent = {"act": "appeal", "text": "The attested page was the second one of the file."}
    assert visit("meenakshi").post(page_of(cast), sent).status_code == 302
    with as_worker():
        again = next(c for c in cases.of(cast["meenakshi"]) if c.subject_kind == "appeal")
    assert visit("clerk").get(f"/establishment/corrections/{again.id}/").status_code == 404
    assert visit("topclerk").get(f"/establishment/corrections/{again.id}/proof/").status_code == 200
    assert examine(visit, again.id, who="topclerk").status_code == 302
    assert decide(visit, again.id, who="topverifier").status_code == 302
    assert carry_out(again.id) == 1
    assert name_of(cast) == "Meenakshi Selvan"


@pytest.mark.parametrize(
    ("proof", "name"), [(b"MZ\x90 a program", "book.pdf"), (b"<svg onload=x>", "a.png"), (None, "")]
)
def test_a_proof_of_another_kind_whatever_its_name_is_refused_and_nothing_is_sent(visit, cast, proof, name):
    assert object_to(visit, cast, proof=proof, name=name).status_code == 400
    with as_worker():
        assert cases.of(cast["meenakshi"]) == []


@pytest.mark.parametrize(
    ("field", "says"), [("name", "Meenakshi"), ("name", ""), ("joined", "2999-01-01"), ("joined", "soon")]
)
def test_a_value_that_cannot_be_recorded_is_refused(visit, cast, field, says):
    assert object_to(visit, cast, field=field, says=says).status_code == 400


def test_a_proof_over_five_megabytes_is_refused(visit, cast):
    assert object_to(visit, cast, proof=b"%PDF-" + bytes(5 * 1024 * 1024)).status_code == 400


def test_nobody_objects_in_another_persons_record(visit, cast):
    assert visit("other").get(page_of(cast)).status_code == 404


def test_a_job_records_nothing_that_was_not_decided(visit, cast, case):
    """Planted: the job alone, without the decision of two people."""
    with pytest.raises(objections.NothingToDecide):
        carry_out(case)
    assert name_of(cast) == "Meenakshi"


def test_an_unanswered_objection_moves_to_the_verifier_when_its_time_is_over(visit, case):
    with as_worker():
        cases.escalate(now=timezone.now() + dt.timedelta(days=40))
        assert cases.card(case).role == "establishment_verifier"


def test_only_the_establishment_screen_reads_the_case_and_its_proof(visit, cast, case):
    """The net under the gate: the same grants through another screen read nothing."""
    from karmayogi.registry import files
    from karmayogi.registry.acting import acting

    with as_worker():
        scope = f"{{{bodies.by_code('office').scope}}}"
        (file,) = (objections.of(cases.card(case)).proof.file,)
    for purpose in ("manager", "reviewer", "establishment"):
        with acting(actor=cast["clerk"], scopes=scope, on=timezone.localdate(), purpose=purpose):
            if purpose == "establishment":
                assert files.card(file).media_type == "application/pdf"
                continue
            with pytest.raises(files.NoSuchFile):
                files.card(file)
