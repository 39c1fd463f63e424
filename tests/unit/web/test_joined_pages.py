"""Two joined records of one person: enrolments, pages, plans, cases and notices are read as one; parted, apart."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from karmayogi.institutions import aliases, people
from karmayogi.institutions.models import PersonAlias
from karmayogi.institutions.people import NewPerson
from karmayogi.learning import catalogue, enrolments, progress
from karmayogi.learning.models import Course, CourseVersion, Enrolment, Module, Page, PageState, Placement
from karmayogi.planning import plans
from karmayogi.policy import rules
from karmayogi.registry import cases, ids, notices
from karmayogi.registry.acting import acting, as_worker
from karmayogi.registry.models import Case, Notice

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = timezone.localdate(NOW)
TABLES = ("learning_enrolment", "learning_pagestate", "planning_plan", "planning_planitem", "registry_case",
          "registry_caseevent", "registry_notice")  # fmt: skip


@pytest.fixture
def who():
    """anna and her other record "old", and bela who is somebody else."""
    with as_worker():
        people.enrol(NewPerson(n, n.title(), employee_code=n) for n in ("anna", "old", "bela"))
        return {login: card.id for login, card in people.by_logins(["anna", "old", "bela"]).items()}


@pytest.fixture
def course():
    """A live course of two pages."""
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)
        head = Course.objects.create(key="notes", state="draft", made_at=NOW)
        version = CourseVersion.objects.create(
            course=head, number=1, title="Notes", about="A", languages=["en"], minutes=10, pages=2, order_no="1",
            content_hash="x", published_at=NOW,
        )  # fmt: skip
        module = Module.objects.create(version=version, number=1, title="M")
        for number in (1, 2):
            page = Page.objects.create(
                course=head,
                key=f"p{number}",
                kind="text",
                minutes=5,
                title=f"P{number}",
                content_hash=f"h{number}",
            )
            Placement.objects.create(version=version, module=module, page=page, number=number)
        Course.objects.filter(pk=head.pk).update(state="live", version=version)
    return head


def join(who):
    with as_worker():
        return PersonAlias.objects.create(
            person_id=who["anna"],
            other_id=who["old"],
            alias=str(who["old"]),
            kind="person",
            order_no="1",
            since=NOW,
        )


def part(link):
    with as_worker():
        PersonAlias.objects.filter(pk=link.pk).delete()


def as_her(who, login="anna"):
    return acting(actor=who[login], on=DAY, purpose="official")


def stored():
    """Every row of the tables, as text."""
    with as_worker(), connection.cursor() as cursor:
        found = {}
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            found[table] = cursor.fetchall()
        return found


def test_an_enrolment_of_the_other_record_is_hers_and_after_the_parting_no_more(who, course):
    with as_worker():
        enrolments.enrol([who["old"]], course.id, now=NOW)
        page = Page.objects.get(key="p1")
        PageState.objects.create(
            person_id=who["old"], page=page, state="done", seconds=300, opened_at=NOW, finished_at=NOW
        )
    before = stored()
    with as_her(who):
        assert enrolments.of([who["anna"]]) == {}
    link = join(who)
    with as_her(who):
        (held,) = enrolments.of([who["anna"]])[who["anna"]]
        assert (held.person, held.state, held.done, held.seconds) == (who["anna"], "enrolled", 1, 300)
        seen = progress.of(who["anna"], course.id)
        assert (seen.enrolment, [p.state for p in seen.pages]) == ("enrolled", ["done", "todo"])
        assert catalogue.course("notes", person=who["anna"]).card.key == "notes"
    with as_her(who, "bela"):
        assert enrolments.of([who["bela"], who["anna"]]) == {}
        assert progress.of(who["bela"], course.id).done == 0
    part(link)
    assert stored() == before, "reading wrote nothing"
    with as_her(who):
        assert enrolments.of([who["anna"]]) == {}


def test_what_she_does_on_is_hers_and_the_other_row_stays_as_it_was(who, course):
    with as_worker():
        enrolments.enrol([who["old"]], course.id, now=NOW)
        one, two = Page.objects.get(key="p1"), Page.objects.get(key="p2")
        PageState.objects.create(
            person_id=who["old"], page=one, state="done", seconds=300, opened_at=NOW, finished_at=NOW
        )
    theirs = stored()["learning_enrolment"]
    join(who)
    later = NOW + dt.timedelta(minutes=30)
    with as_her(who):
        progress.open(who["anna"], two.id, now=NOW)
        PageState.objects.filter(person_id=who["anna"]).update(seconds=600)
        done = progress.finish(who["anna"], two.id, now=later)
        assert done.completed, "both pages are finished, one under each id"
        (held,) = enrolments.of([who["anna"]])[who["anna"]]
        assert (held.state, held.done) == ("completed", 2)
    with as_worker():
        assert Enrolment.objects.get(person_id=who["anna"]).state == "completed"
    assert theirs[0] in stored()["learning_enrolment"]


def test_leaving_a_course_leaves_it_under_her_id_and_writes_nothing_under_the_other(who, course):
    with as_worker():
        enrolments.enrol([who["old"]], course.id, now=NOW)
    theirs = stored()["learning_enrolment"][0]
    join(who)
    with as_her(who):
        assert enrolments.unenrol(who["anna"], course.id, now=NOW)
        (held,) = enrolments.of([who["anna"]])[who["anna"]]
        assert held.state == "unenrolled"
    assert theirs in stored()["learning_enrolment"]


def test_notices_and_cases_of_the_other_record_are_hers_to_read_and_not_to_mark(who):
    with as_worker():
        notices.tell(who["old"], "observed", params={}, now=NOW, key="old")
        notices.tell(who["anna"], "observed", params={}, now=NOW, key="anna")
        notices.tell(who["bela"], "observed", params={}, now=NOW, key="bela")
        subject = ids.new()
        asked = {
            "subject_kind": "competency",
            "subject_id": subject,
            "route": ["assessor"],
            "days": 15,
            "now": NOW,
        }
        case = cases.lodge(
            "competency_result", opened_by=who["old"], about=who["old"], text="It is wrong.", **asked
        )
    before = stored()
    link = join(who)
    with as_her(who):
        assert len(notices.of(who["anna"])) == 2
        assert sum(not n.seen for n in notices.of(who["anna"])) == 1, (
            "what is read under the other id is history"
        )
        assert [c.id for c in cases.of(who["anna"])] == [case]
        found, events = cases.asked(
            "competency_result", subject_kind="competency", subject_id=subject, by=who["anna"]
        )
        assert (found.id, [e.text for e in events]) == (case, ["It is wrong."])
        assert notices.seen(who["anna"], now=NOW, only=[n.id for n in notices.of(who["anna"])]) == 1
        assert Case.objects.filter(pk=case).update(state="closed") == 0, (
            "nothing is written under the other id"
        )
    with as_her(who, "bela"):
        assert len(notices.of(who["bela"])) == 1
        assert cases.of(who["bela"]) == []
        assert Notice.objects.count() == 1
    with as_worker():
        Notice.objects.filter(key="anna").update(seen_at=None)
    part(link)
    assert stored() == before
    with as_her(who):
        assert len(notices.of(who["anna"])) == 1
        assert cases.of(who["anna"]) == []


def test_her_own_question_comes_before_that_of_the_other_record(who):
    subject = ids.new()
    asked = {"subject_kind": "competency", "subject_id": subject, "route": ["assessor"], "days": 15}
    with as_worker():
        mine = cases.lodge("k", opened_by=who["anna"], about=who["anna"], text="Mine.", now=NOW, **asked)
        later = NOW + dt.timedelta(days=1)
        cases.lodge("k", opened_by=who["old"], about=who["old"], text="Theirs.", now=later, **asked)
    join(who)
    with as_her(who):
        found, events = cases.asked("k", subject_kind="competency", subject_id=subject, by=who["anna"])
    assert (found.id, [e.text for e in events]) == (mine, ["Mine."])


@pytest.mark.parametrize("size", [1, 100])
def test_as_many_statements_for_a_hundred_as_for_one(who, course, size):
    with as_worker():
        people.enrol(NewPerson(f"p{n}", f"P{n}", employee_code=f"p{n}") for n in range(2 * size))
        found = [card.id for card in people.by_logins([f"p{n}" for n in range(2 * size)]).values()]
        PersonAlias.objects.bulk_create(
            PersonAlias(person_id=a, other_id=b, alias=str(b), kind="person", order_no="1", since=NOW)
            for a, b in zip(found[:size], found[size:], strict=True)
        )
        enrolments.enrol(found[size:], course.id, now=NOW)
        with CaptureQueriesContext(connection) as captured:
            held = enrolments.of(found[:size])
            plans.of_people(found[:size])
            aliases.sets(found[:size])
        assert len(held) == size
    assert len(captured.captured_queries) == 3
