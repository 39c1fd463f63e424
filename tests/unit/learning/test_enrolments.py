"""Enrolments: one per person and course, for life."""

import pytest
from tests.unit.learning.conftest import NOW, after, page, practice, web

from karmayogi.competency import evidence
from karmayogi.learning import catalogue, courses, enrolments, events, progress
from karmayogi.learning.courses import UnknownCourse
from karmayogi.learning.enrolments import CourseCompleted, CourseNotOpen, HistoryRow
from karmayogi.registry import ids
from karmayogi.registry.acting import as_worker

pytestmark = pytest.mark.django_db


def test_enrolling_twice_is_enrolling_once(service):
    with web(service.anna):
        assert enrolments.enrol([service.anna], service.course, now=NOW) == 1
        assert enrolments.enrol([service.anna], service.course, now=after(days=1)) == 0
        (card,) = enrolments.of([service.anna])[service.anna]
    assert (card.state, card.enrolled_at, card.share) == ("enrolled", NOW, 0)


def test_leaving_and_coming_back_keeps_progress(service):
    with web(service.anna):
        enrolments.enrol([service.anna], service.course, now=NOW)
        progress.open(service.anna, service.page["one"], now=NOW)
        progress.finish(service.anna, service.page["one"], now=after(minutes=3))
        assert enrolments.unenrol(service.anna, service.course, now=after(minutes=5))
        with pytest.raises(progress.NotEnrolled):
            progress.open(service.anna, service.page["two"], now=after(minutes=6))
        assert enrolments.enrol([service.anna], service.course, now=after(days=2)) == 1
        held = progress.of(service.anna, service.course)
        happened = [e.kind for e in events.of(service.anna, service.course)]
    assert (held.enrolment, held.done) == ("enrolled", 1)
    assert happened == ["enrolled", "opened", "finished", "unenrolled", "rejoined"]


def test_coming_back_to_a_version_that_asks_for_nothing_more_completes_the_course(service):
    with web(service.anna):
        enrolments.enrol([service.anna], service.course, now=NOW)
        progress.open(service.anna, service.page["one"], now=NOW)
        progress.finish(service.anna, service.page["one"], now=after(minutes=3))
        enrolments.unenrol(service.anna, service.course, now=after(minutes=5))
    service.publish(page("one"), now=after(days=1))
    with web(service.anna):
        assert progress.of(service.anna, service.course).enrolment == "unenrolled"
        enrolments.enrol([service.anna], service.course, now=after(days=2))
        assert progress.of(service.anna, service.course).completed_at == after(days=2)


def test_a_completed_course_cannot_be_left(service):
    with as_worker():
        row = HistoryRow(service.anna, service.course, NOW, after(days=1))
        enrolments.record_history([row], now=after(days=9))
    with web(service.anna), pytest.raises(CourseCompleted, match="stays in your record"):
        enrolments.unenrol(service.anna, service.course, now=after(days=10))


def test_a_retired_course_takes_nobody_new_and_lets_those_on_it_finish(service):
    with web(service.anna):
        enrolments.enrol([service.anna], service.course, now=NOW)
    with as_worker():
        courses.retire("tenders", order_no="demo/2", reason="Rules changed")
    with web(service.bela), pytest.raises(CourseNotOpen):
        enrolments.enrol([service.bela], service.course, now=NOW)
    with web(service.anna):
        assert catalogue.page("tenders", "one", person=service.anna).card.title == "One"
        progress.open(service.anna, service.page["one"], now=NOW)
        assert progress.finish(service.anna, service.page["one"], now=after(minutes=3)).seconds == 180
        assert [c.title for c in enrolments.of([service.anna])[service.anna]] == ["Tender evaluation"]


def test_a_person_cannot_enrol_another(service):
    with pytest.raises(Exception, match="row-level security"), web(service.boss, team=True):
        enrolments.enrol([service.anna], service.course, now=NOW)


def test_an_unknown_course_is_said_to_be_unknown(service):
    with web(service.anna), pytest.raises(UnknownCourse):
        enrolments.enrol([service.anna], ids.new(), now=NOW)


def test_history_is_taken_over_once_with_pages_completions_and_evidence(service):
    rows = [
        HistoryRow(service.anna, service.course, NOW, after(days=3), body=service.body),
        HistoryRow(service.bela, service.course, NOW, pages=2),
        HistoryRow(service.chand, service.course, NOW, pages=99),
    ]
    with as_worker():
        assert enrolments.record_history(rows, now=after(days=9)) == 3
        assert enrolments.record_history(rows, now=after(days=9)) == 0
        cards = {person: held[0] for person, held in enrolments.of(rows_people(rows)).items()}
        (row,) = evidence.of([service.anna])[service.anna]
        assert service.bela not in evidence.of([service.bela])
    assert [(cards[p].state, cards[p].done) for p in rows_people(rows)] == [
        ("completed", 3), ("enrolled", 2), ("enrolled", 2),
    ]  # fmt: skip
    assert (row.happened_at, row.recorded_at) == (after(days=3), after(days=9))
    assert row.payload["origin"] == "history"


def rows_people(rows):
    return [row.person for row in rows]


def test_history_does_not_touch_what_is_there(service):
    with as_worker():
        enrolments.enrol([service.anna], service.course, now=NOW)
        row = HistoryRow(service.anna, service.course, after(days=-9), after(days=-3))
        assert enrolments.record_history([row], now=NOW) == 0
        assert enrolments.of([service.anna])[service.anna][0].done == 0


def test_history_costs_the_same_number_of_queries_for_one_and_for_three(
    service, django_assert_max_num_queries
):
    service.publish(page("one"), practice("two"), key="second")
    everyone = [service.anna, service.bela, service.chand]
    with as_worker(), django_assert_max_num_queries(20):
        rows = [HistoryRow(p, service.course, NOW, after(days=1)) for p in everyone]
        assert enrolments.record_history(rows, now=after(days=2)) == 3


def test_titles_come_in_the_language_asked_for_in_one_query(service, django_assert_num_queries):
    with as_worker():
        enrolments.enrol([service.anna, service.bela], service.course, now=NOW)
        with django_assert_num_queries(1):
            held = enrolments.of([service.anna, service.bela], language="hi")
    assert {cards[0].title for cards in held.values()} == {"निविदा मूल्यांकन"}
