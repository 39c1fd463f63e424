"""Progress by server-validated time."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from tests.unit.learning.conftest import DAY, NOW, after, page, practice, web

from karmayogi.competency import evidence
from karmayogi.competency.evidence import Source
from karmayogi.learning import enrolments, events, progress
from karmayogi.learning.progress import Finished, NotEnrolled, Refused
from karmayogi.policy import rules
from karmayogi.policy.rules import NewRule
from karmayogi.registry.acting import as_worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(service):
    with web(service.anna):
        enrolments.enrol([service.anna], service.course, now=NOW)
    return service.anna


def test_a_page_finished_after_twenty_seconds_is_refused_with_a_reason_and_kept(service, anna):
    with web(anna):
        progress.open(anna, service.page["one"], now=NOW)
        refused = progress.finish(anna, service.page["one"], now=after(seconds=20))
        kept = events.of(anna, service.course)[-1]
    assert isinstance(refused, Refused)
    assert (refused.seconds_needed, refused.seconds_seen) == (120, 20)
    assert refused.sentence == (
        "This page takes about 4 minutes; the server has seen 20 seconds."
        " Nothing was lost: read on and finish it after 10:02."
    )
    assert (kept.kind, kept.page, kept.seconds, kept.needed) == ("refused", "one", 20, 120)


def test_a_refused_page_can_be_finished_at_the_time_that_was_told(service, anna):
    with web(anna):
        progress.open(anna, service.page["one"], now=NOW)
        refused = progress.finish(anna, service.page["one"], now=after(seconds=50))
        assert isinstance(progress.finish(anna, service.page["one"], now=refused.again_at), Finished)


def test_half_of_the_minutes_is_enough_and_one_second_less_is_not(service, anna):
    with web(anna):
        progress.open(anna, service.page["one"], now=NOW)
        assert isinstance(progress.finish(anna, service.page["one"], now=after(seconds=119)), Refused)
        assert isinstance(progress.finish(anna, service.page["one"], now=after(seconds=120)), Finished)


def test_a_page_never_opened_cannot_be_finished(service, anna):
    with web(anna):
        refused = progress.finish(anna, service.page["one"], now=after(hours=1))
    assert (refused.seconds_seen, refused.again_at) == (0, after(hours=1, minutes=2))


def test_seven_pages_opened_at_once_share_the_same_minutes_only_once(service):
    course = service.publish(*(page(f"p{n}") for n in range(7)), key="seven").course
    pages = list(service.keys("seven").values())
    with web(service.anna):
        enrolments.enrol([service.anna], course, now=NOW)
        for key in pages:
            progress.open(service.anna, key, now=NOW)
        answers = [progress.finish(service.anna, key, now=after(minutes=4)) for key in pages]
    assert [type(a) for a in answers] == [Refused] * 6 + [Finished]


def test_going_from_page_to_page_adds_up_and_never_counts_a_second_twice(service, anna):
    one, two = service.page["one"], service.page["two"]
    with web(anna):
        for minute, key in enumerate([one, two, one, two, one]):
            progress.open(anna, key, now=after(minutes=minute))
        progress.finish(anna, two, now=after(minutes=5))
        seen = {p.key: p.seconds for p in progress.of(anna, service.course).pages}
    assert seen == {"one": 180, "two": 120, "three": 0}


def test_a_tab_left_open_overnight_counts_three_times_the_page_at_most(service, anna):
    with web(anna):
        progress.open(anna, service.page["one"], now=NOW)
        finished = progress.finish(anna, service.page["one"], now=after(hours=9))
    assert finished.seconds == 3 * 4 * 60


def test_a_clock_that_goes_backwards_counts_nothing(service, anna):
    with web(anna):
        progress.open(anna, service.page["one"], now=NOW)
        assert progress.finish(anna, service.page["one"], now=after(seconds=-30)).seconds_seen == 0


def test_the_share_of_time_is_the_rule_in_force_that_day(service, anna):
    with as_worker():
        changed = NewRule("learning.least_share_of_time", "number", 0.75, "7/2026", since=DAY, scope="all")
        rules.issue([changed])
    with web(anna):
        progress.open(anna, service.page["one"], now=NOW)
        assert progress.finish(anna, service.page["one"], now=after(seconds=150)).seconds_needed == 180


def test_only_a_person_on_the_course_opens_its_pages(service):
    with web(service.bela), pytest.raises(NotEnrolled, match="Enrol in the course first"):
        progress.open(service.bela, service.page["one"], now=NOW)


def finish_all(person, pages, start=NOW):
    answer = None
    for n, key in enumerate(pages):
        progress.open(person, key, now=start + dt.timedelta(minutes=4 * n))
        answer = progress.finish(person, key, now=start + dt.timedelta(minutes=4 * n + 3))
    return answer


def test_the_last_page_completes_the_course_and_leaves_completion_evidence_once(service, anna):
    with web(anna):
        last = finish_all(anna, service.page.values())
        again = progress.finish(anna, service.page["three"], now=after(hours=1))
        (row,) = evidence.of([anna])[anna]
        held = progress.of(anna, service.course)
    assert last == Finished(service.page["three"], 180, True)
    assert again.completed
    assert (row.source, row.competency, row.happened_at) == (
        Source.COMPLETED,
        service.competency,
        after(minutes=11),
    )
    assert row.payload == {"course": str(service.course), "minutes": 9, "origin": "here"}
    assert (row.instrument, row.body) == ("tenders@1", service.body)
    assert (held.enrolment, held.done, held.share, held.next) == ("completed", 3, 1.0, "")


def test_a_new_version_keeps_the_credit_of_unchanged_pages_and_asks_for_the_changed_one(service, anna):
    with web(anna):
        finish_all(anna, [service.page["one"], service.page["two"]])
    service.publish(page("one"), page("two", text="Changed."), practice("three"), now=after(days=1))
    with web(anna):
        held = progress.of(anna, service.course)
        assert [(p.key, p.state) for p in held.pages] == [("one", "done"), ("two", "todo"), ("three", "todo")]
        with pytest.raises(LookupError, match="Open the course again"):
            progress.open(anna, service.page["two"], now=after(days=1))


def test_a_new_version_without_the_page_that_was_missing_completes_the_course(service, anna):
    with web(anna):
        finish_all(anna, [service.page["one"], service.page["two"]])
    service.publish(page("one"), page("two"), now=after(days=1))
    with web(anna):
        held = progress.of(anna, service.course)
        assert (held.enrolment, held.completed_at) == ("completed", after(days=1))
        assert len(evidence.of([anna])[anna]) == 1


def test_a_completed_course_stays_completed_when_pages_are_added(service, anna):
    with web(anna):
        finish_all(anna, service.page.values())
    service.publish(page("one"), page("two"), practice("three"), page("four"), now=after(days=1))
    with web(anna):
        held = progress.of(anna, service.course)
        (card,) = enrolments.of([anna])[anna]
    assert (held.enrolment, held.next) == ("completed", "four")
    assert (card.state, card.done, card.pages, card.share) == ("completed", 3, 4, 1.0)


def test_the_log_is_only_appended(service, anna):
    with as_worker(), pytest.raises(Exception, match="kept as written"), transaction.atomic():
        connection.cursor().execute("update learning_progressevent set kind = 'finished'")


def test_the_database_itself_lets_nobody_read_two_pages_at_a_time(service, anna):
    with as_worker():
        for key in ("one", "two"):
            progress.open(anna, service.page[key], now=NOW)
        with pytest.raises(IntegrityError, match="one_page_read_at_a_time"), transaction.atomic():
            connection.cursor().execute("update learning_pagestate set reading_since = now()")


def test_a_person_cannot_write_progress_for_another(service, anna):
    with pytest.raises(Exception, match="row-level security"), web(service.chand):
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into learning_pagestate (id, person_id, page_id, state, seconds, opened_at)"
                " values (gen_random_uuid(), %s, %s, 'open', 0, now())",
                [anna, service.page["one"]],
            )


def test_a_supervisor_sees_the_team_and_a_stranger_sees_nothing(service, anna):
    with web(service.boss, team=True):
        assert [c.key for c in enrolments.of([anna])[anna]] == ["tenders"]
    with web(service.chand):
        assert enrolments.of([anna]) == {}
        assert progress.of(anna, service.course).enrolment == ""
