"""The operator's register of breaches: clocks from the rule, people found by jobs, each report written down once."""

import csv
import datetime as dt
import io
from dataclasses import replace
from uuid import UUID

import pytest
from django.utils import timezone

from karmayogi.institutions.bodies import NewBody
from karmayogi.institutions.models import AuditRow
from karmayogi.institutions.roles import Role
from karmayogi.journeys import jobs as clock
from karmayogi.policy import breaches, rules
from karmayogi.policy.models import Affected, Breach
from karmayogi.registry import notices, progress
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.models import JobRun

from ...signing import sign_in
from .service import set_up

pytestmark = pytest.mark.django_db
WHAT = "A laptop with a list of officials was lost on a train."
WHY = "The Board asked for the list by its letter of today."
NAMES = {"anna": "a", "bela": "a", "chand": "b", "operator": "m", "local": "a"}


@pytest.fixture
def cast():
    """A ministry with two wings, an operator of all and one of a wing only."""
    new = [NewBody("m", "M", "ministry"), NewBody("a", "A", "wing", "m"), NewBody("b", "B", "wing", "m")]
    return set_up(new, NAMES, [("operator", Role.OPERATOR, "m"), ("local", Role.OPERATOR, "a")])


@pytest.fixture
def visit(client, cast):
    return lambda login="operator": sign_in(client, cast[login])


@pytest.fixture
def page(visit):
    """The address of a breach that was known four hours ago."""
    known = f"{timezone.localtime() - dt.timedelta(hours=4):%Y-%m-%dT%H:%M}"
    begun = visit().post("/operator/breaches/", {"number": "B/1", "what": WHAT, "known": known})
    assert begun.status_code == 302, begun.content.decode()
    return begun["Location"]


def work(kind):
    """What the worker does with the job that was asked for last."""
    row = JobRun.objects.filter(kind=kind, state="queued").latest("asked_at")
    task = {"journeys.breach_list": clock.list_affected, "journeys.breach_tell": clock.tell_affected,
            "journeys.breach_export": clock.export_affected}[kind]  # fmt: skip
    with as_worker():
        progress.execute(row.id, task, whole=False, attempt=1, most=1)
    row.refresh_from_db()
    assert row.state == "done", row.message
    return row


def find(visit, page, **said):
    return visit().post(page, {"act": "list", **said})


def test_the_clocks_are_the_rule_s_and_say_how_much_time_is_left(visit, page):
    shown = visit().get(page).content.decode()
    assert "1 hour left" in shown
    assert "67 hours left" in shown
    today = timezone.localdate()
    (house,) = (rule for rule in rules.HOUSE_DEFAULTS if rule.key == breaches.CLOCKS)
    with as_worker():
        rules.issue(
            [replace(house, value={"cert": 3, "board": 80}, order_no="t/1", since=today, order_date=today)]
        )
    shown = visit().get(page).content.decode()
    assert "Overdue: report now" in shown
    assert "75 hours left" in shown


def test_people_are_found_told_and_handed_out_by_jobs_and_the_log_names_who_and_why(visit, cast, page):
    assert find(visit, page, way="body", value="a").status_code == 302
    assert not Affected.objects.exists()
    assert work("journeys.breach_list").result == {"people": 3}
    find(visit, page, way="people", value="E-chand\nE-anna nobody")
    assert work("journeys.breach_list").result == {"people": 1}
    shown = visit().get(page).content.decode()
    assert "serving under a" in shown
    assert "4 people get a notice" in shown
    visit().post(page, {"act": "tell"})
    assert work("journeys.breach_tell").result == {"people": 4}
    with as_worker():
        assert [n.kind for n in notices.of(cast["chand"])] == ["breach"]
    assert "get a notice" not in visit().get(page).content.decode()
    refused = visit().post(page, {"act": "export", "reason": "need it"})
    assert refused.status_code == 400
    visit().post(page, {"act": "export", "reason": WHY})
    run = work("journeys.breach_export")
    file = visit().get(f"{page}people/{run.id}/")
    rows = list(csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig"))))
    assert [(r["employee_code"], r["body"]) for r in rows] == [("E-anna", "a"), ("E-bela", "a"), ("E-local", "a"),
                                                               ("E-chand", "b")]  # fmt: skip
    row = AuditRow.objects.get(act="breach.export")
    assert (row.actor, row.reason, row.details["people"]) == (cast["operator"], WHY, 4)


def test_a_report_is_written_down_once_and_not_in_the_future(visit, page):
    later = f"{timezone.localtime() + dt.timedelta(days=1):%Y-%m-%dT%H:%M}"
    assert visit().post(page, {"act": "report", "office": "cert", "at": later}).status_code == 400
    visit().post(page, {"act": "report", "office": "cert", "reference": "CERTIn-77"})
    visit().post(page, {"act": "report", "office": "cert", "reference": "CERTIn-88"})
    shown = visit().get(page).content.decode()
    assert "CERTIn-77" in shown
    assert "CERTIn-88" not in shown
    assert "Told in time" in shown
    assert AuditRow.objects.get(act="breach.report_cert").reason == "CERTIn-77"


def test_it_closes_when_everybody_was_told_and_not_before(visit, page):
    close = {"act": "close", "measures": "Disks are encrypted and keys are kept apart."}
    assert visit().post(page, close).status_code == 400
    for office in ("cert", "board"):
        visit().post(page, {"act": "report", "office": office})
    assert visit().post(page, close).status_code == 302
    assert Breach.objects.get().closed_by is not None
    shown = visit().get(page).content.decode()
    assert "Disks are encrypted" in shown
    assert "Close the breach" not in shown


def test_what_is_unknown_is_refused_on_the_page_and_starts_no_job(visit, page):
    unknown = [
        {"way": "body", "value": "nowhere"},
        {"way": "table", "value": "pg_user"},
        {"way": "", "value": "x"},
        {"way": "sessions", "value": "192.0.2.7"},
        {"way": "acted", "value": "E-x", "since": "2026-01-01T00:00"},
        {"way": "people", "value": "x", "since": "yesterday"},
    ]
    for said in unknown:
        assert find(visit, page, **said).status_code == 400, said
    assert not JobRun.objects.exists()


def test_a_breach_says_what_happened_and_is_not_known_before_it_is(visit, cast):
    later = f"{timezone.localtime() + dt.timedelta(hours=1):%Y-%m-%dT%H:%M}"
    for said in ({"number": "B/1", "what": "lost"}, {"number": "", "what": WHAT},
                 {"number": "B/1", "what": WHAT, "known": later}):  # fmt: skip
        assert visit().post("/operator/breaches/", said).status_code == 400, said
    assert visit().post("/operator/breaches/", {"number": "B/1", "what": WHAT}).status_code == 302
    assert visit().post("/operator/breaches/", {"number": "B/1", "what": WHAT}).status_code == 400


def test_who_operates_a_part_sees_no_breach_and_enters_none(visit, cast, page):
    listed = visit("local").get("/operator/breaches/")
    assert b"tell them at once" in listed.content
    assert WHAT.encode() not in listed.content
    visit("local").post("/operator/breaches/", {"number": "B/2", "what": WHAT})
    assert Breach.objects.count() == 1
    assert visit("local").get(page).status_code == 404
    assert visit("anna").get("/operator/breaches/").status_code == 403


@pytest.mark.parametrize(
    ("login", "scopes", "purpose", "seen"),
    [("operator", "{[1,4)}", "operator", 1), ("local", "{[2,3)}", "operator", 0), ("operator", "{[1,4)}", "support", 0),
     ("operator", "", "official", 0)],
)  # fmt: skip
def test_the_rows_are_for_operators_of_the_whole_alone(visit, cast, page, login, scopes, purpose, seen):
    with as_worker():
        Affected.objects.create(
            breach=Breach.objects.get(), person_id=cast["chand"], found_by="t", listed_at=timezone.now()
        )
    with acting(actor=cast[login], scopes=scopes, on=timezone.localdate(), purpose=purpose):
        assert (Breach.objects.count(), Affected.objects.count()) == (seen, seen)


def test_a_list_is_for_whoever_asked_alone(visit, cast, page):
    visit().post(page, {"act": "export", "reason": WHY})
    run = work("journeys.breach_export")
    assert visit().get(f"{page}people/{run.id}/").status_code == 200
    JobRun.objects.filter(pk=run.id).update(owner=cast["anna"])
    assert visit().get(f"{page}people/{run.id}/").status_code == 404
    assert UUID(run.result["file"])
