"""Sittings: one question at a time, answered once, ended by their own rule or by the clock, replayable."""

import datetime as dt
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karmayogi.assessment import blueprints, endings, pools, publications, sittings
from karmayogi.assessment.models import Sitting
from karmayogi.assessment.sittings import State
from karmayogi.competency import evidence, positions, profile
from karmayogi.competency.positions import NewActivity, NewPosition, NewRequirement, NewRole
from karmayogi.institutions import assignments, bodies
from karmayogi.institutions.assignments import AssignmentFact
from karmayogi.institutions.bodies import NewBody
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
DAY = NOW.date()
START = dt.date(2024, 1, 1)
MINUTE = dt.timedelta(minutes=1)


def begin(house, person=None, *, now=NOW, **more):
    person = person or house.anna
    with acting(actor=person, on=DAY):
        return sittings.begin(person, competency=house.competency, now=now, **more)


def ask(house, sitting, *, now=NOW, **more):
    with acting(actor=house.anna, on=DAY):
        return sittings.question(sitting, person=house.anna, now=now, **more)


def give(house, sitting, option, *, now=NOW, item=None, person=None):
    person = person or house.anna
    with acting(actor=person, on=DAY):
        item = item or sittings.question(sitting, person=person, now=now).version
        return sittings.answer(sitting, person=person, item=item, option=option, now=now, milliseconds=900)


def sit(house, *, option="b", person=None, now=NOW, **more):
    """A whole sitting with the same option for every question; its id and how many questions it took."""
    sitting = begin(house, person, now=now, **more)
    for asked in range(1, 20):
        if give(house, sitting, option, now=now + asked * MINUTE / 2, person=person) is not State.OPEN:
            return sitting, asked
    raise AssertionError("the sitting never ended")


def test_beginning_again_resumes_the_open_sitting(house):
    first = begin(house)
    assert begin(house, now=NOW + MINUTE) == first


def test_a_question_says_where_the_sitting_stands(house):
    sitting = begin(house)
    asked = ask(house, sitting, now=NOW + MINUTE)
    assert (asked.number, asked.answered, asked.shortest, asked.longest) == (1, 0, 5, 12)
    assert asked.seconds_left == 23 * 60
    assert asked.certainty == 0
    assert sorted(key for key, _ in asked.options) == ["a", "b", "c", "d"]


def test_a_question_reads_in_hindi_and_falls_back_to_english(house):
    sitting = begin(house)
    english, hindi, urdu = (ask(house, sitting, language=code) for code in ("en", "hi", "ur"))
    assert (english.stem[:5], hindi.stem[:6], urdu.stem) == ("STEM-", "PRASHN", english.stem)
    assert (hindi.language, urdu.language) == ("hi", "en")
    assert [key for key, _ in hindi.options] == [key for key, _ in english.options]


def test_a_sitting_ends_by_its_own_rule_and_leaves_evidence_and_an_estimate(house):
    sitting, asked = sit(house)
    with acting(actor=house.anna, on=DAY):
        rows = evidence.of([house.anna])[house.anna]
        told = sittings.result(sitting, person=house.anna)
        known = profile.of([house.anna])[house.anna][house.competency]
        assert sittings.question(sitting, person=house.anna, now=NOW) is None
    assert 5 <= asked <= 12
    assert [row.source.value for row in rows] == ["test"]
    assert rows[0].payload["right"] == [1] * asked
    assert (told.asked, told.card.state) == (asked, State.FINISHED)
    assert told.after == known
    assert told.after.mean > told.before.mean
    assert told.after.sd < told.before.sd
    assert told.before.information == 0


def test_certainty_never_falls_and_says_nothing_of_the_first_answer(house):
    right, wrong = begin(house), begin(house, house.bela)
    seen = []
    while ask(house, right) is not None:
        seen.append(ask(house, right).certainty)
        give(house, right, "b")
    assert seen == sorted(seen)
    give(house, wrong, "a", person=house.bela)
    with acting(actor=house.bela, on=DAY):
        after_wrong = sittings.question(wrong, person=house.bela, now=NOW).certainty
    assert abs(after_wrong - seen[1]) <= 10


def test_the_same_answer_again_changes_nothing(house):
    sitting = begin(house)
    item = ask(house, sitting).version
    assert [give(house, sitting, "a", item=item) for _ in range(2)] == [State.OPEN, State.OPEN]
    assert ask(house, sitting).answered == 1


def test_the_last_answer_again_after_the_end_changes_nothing(house):
    sitting = begin(house)
    while True:
        item = ask(house, sitting).version
        if give(house, sitting, "b", item=item) is State.FINISHED:
            break
    assert give(house, sitting, "b", item=item) is State.FINISHED


def test_another_answer_to_an_answered_question_is_refused(house):
    sitting = begin(house)
    item = ask(house, sitting).version
    give(house, sitting, "a", item=item)
    with pytest.raises(sittings.AlreadyAnswered):
        give(house, sitting, "b", item=item)


def test_only_the_current_question_takes_an_answer_and_only_its_own_options(house):
    sitting = begin(house)
    current = ask(house, sitting).version
    another = next(v for v in house.loaded.versions.values() if v != current)
    with pytest.raises(sittings.NotTheCurrentQuestion):
        give(house, sitting, "a", item=another)
    with pytest.raises(sittings.NoSuchOption):
        give(house, sitting, "z", item=current)


def test_an_ended_sitting_takes_no_answer(house):
    sitting = begin(house)
    item = ask(house, sitting).version
    with acting(actor=house.anna, on=DAY):
        assert sittings.finish(sitting, person=house.anna, now=NOW) is State.FINISHED
    with pytest.raises(sittings.SittingAlreadyFinished):
        give(house, sitting, "a", item=item)


def test_the_result_of_a_sitting_is_an_entry_of_the_log(house):
    sitting = begin(house)
    ask(house, sitting)
    with acting(actor=house.anna, on=DAY):
        sittings.finish(sitting, person=house.anna, now=NOW)
        sittings.finish(sitting, person=house.anna, now=NOW)
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, actor, details->>'state' FROM institutions_auditrow WHERE act = 'result.issue'"
        )
        assert cursor.fetchall() == [(endings.entry_of(sitting), house.anna, "finished")]


def test_a_sitting_past_its_deadline_lapses_and_what_was_answered_counts(house):
    sitting = begin(house)
    give(house, sitting, "b")
    item = ask(house, sitting).version
    late = NOW + 30 * MINUTE
    assert give(house, sitting, "b", item=item, now=late) is State.LAPSED
    with acting(actor=house.anna, on=DAY):
        (row,) = evidence.of([house.anna])[house.anna]
        told = sittings.result(sitting, person=house.anna)
    assert row.payload["right"] == [1]
    assert row.happened_at == told.finished_at == NOW + 24 * MINUTE
    assert told.after is not None


def test_what_is_past_its_deadline_is_found_by_an_index_of_the_open_ones(house):
    """A million sittings that ended are not looked at every five minutes: `open` and the ending say the same."""
    for person in (house.anna, house.bela):
        with acting(actor=person, on=DAY):
            sittings.begin(person, competency=house.competency, now=NOW)
    with acting(actor=house.anna, on=DAY):
        sittings.finish(sittings.of(house.anna)[0].id, person=house.anna, now=NOW + MINUTE)
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.open, e.id IS NULL FROM assessment_sitting s LEFT JOIN assessment_ending e"
            " ON e.sitting_id = s.id ORDER BY 1"
        )
        assert cursor.fetchall() == [(False, False), (True, True)]
        cursor.execute("SET LOCAL enable_seqscan = off")
        with CaptureQueriesContext(connection) as asked:
            assert sittings.lapse(now=NOW) == []
        (due,) = (q["sql"] for q in asked if "deadline" in q["sql"])
        cursor.execute("EXPLAIN " + due)
        assert "sitting_open_by_deadline" in str(cursor.fetchall())


def test_a_sitting_nobody_came_back_to_is_lapsed_by_the_job(house):
    sitting = begin(house)
    with as_worker():
        assert sittings.lapse(now=NOW + MINUTE) == []
        assert sittings.lapse(now=NOW + 25 * MINUTE) == [house.anna]
        assert evidence.of([house.anna]) == {}
        assert [card.state for card in sittings.of(house.anna)] == [State.LAPSED]
    assert ask(house, sitting) is None


def test_a_sitting_that_cannot_be_ended_is_logged_and_the_others_are_ended(house, caplog):
    bad, good = begin(house), begin(house, person=house.bela)
    with as_worker():
        # A sitting without a blueprint cannot be scored; its deadline is the earlier one.
        Sitting.objects.filter(id=bad).update(blueprint=None, deadline=NOW + MINUTE)
        assert sittings.lapse(now=NOW + 25 * MINUTE) == [house.bela]
        assert sittings.of(house.bela)[0].state is State.LAPSED
        assert sittings.of(house.anna)[0].state is State.OPEN
    assert str(bad) in caplog.text
    assert str(good) not in caplog.text


def test_taking_the_check_again_waits_for_the_days_of_the_rule(house):
    sit(house)
    with pytest.raises(sittings.TooSoonToRetake, match="from 21 December 2026"):
        begin(house, now=NOW + dt.timedelta(days=29))
    assert begin(house, now=NOW + dt.timedelta(days=30))


def test_a_request_of_the_check_costs_few_statements(house):
    sitting = begin(house)
    give(house, sitting, "b")
    with acting(actor=house.anna, on=DAY):
        with CaptureQueriesContext(connection) as shown:
            asked = sittings.question(sitting, person=house.anna, now=NOW, language="hi")
        with CaptureQueriesContext(connection) as answered:
            sittings.answer(sitting, person=house.anna, item=asked.version, option="b", now=NOW)
    assert len(shown) <= 4
    assert len(answered) <= 20


def test_a_sitting_is_nobody_elses(house):
    sitting = begin(house)
    with acting(actor=house.bela, on=DAY), pytest.raises(sittings.NoSuchSitting):
        sittings.question(sitting, person=house.bela, now=NOW)
    with acting(actor=house.bela, on=DAY), pytest.raises(sittings.NoSuchSitting):
        sittings.question(sitting, person=house.anna, now=NOW)


def test_a_competency_without_a_check_says_so(house):
    with acting(actor=house.anna, on=DAY), pytest.raises(pools.NoCheckYet):
        sittings.begin(house.anna, competency=house.other, now=NOW)


@pytest.mark.parametrize("kind", ["adaptive", "fixed"])
def test_replay_derives_every_selection_and_the_score_again(house, kind):
    sitting, asked = sit(house, kind=kind)
    with as_worker():
        derived = sittings.replay(sitting)
    assert derived.equal
    assert len(derived.derived) == asked
    assert derived.stored == derived.belief


def test_replay_notices_an_answer_that_was_changed_behind_its_back(house):
    sitting, _ = sit(house)
    with as_worker(), connection.cursor() as cursor:
        cursor.execute("update assessment_response set option = 'a' where sitting_id = %s", [sitting])
        assert not sittings.replay(sitting).equal


def test_a_fixed_form_asks_everyone_the_same(house):
    forms = []
    for person in (house.anna, house.bela):
        sitting, _ = sit(house, person=person, kind="fixed", option="b" if person == house.anna else "a")
        with as_worker():
            forms.append(sittings.replay(sitting).asked)
    assert forms[0] == forms[1]
    assert len(forms[0]) == 12


def test_the_areas_of_the_pool_take_their_turns(house):
    sitting, _ = sit(house)
    with as_worker():
        items = sittings.replay(sitting).asked
    areas = dict(zip(house.loaded.pool.items, house.loaded.pool.areas, strict=True))
    counts = [sum(areas[item] == name for item in items) for name in "xyz"]
    assert max(counts) - min(counts) <= 1


def test_every_question_put_to_anyone_counts_towards_the_exposure_cap(house):
    first = begin(house)
    give(house, first, "b")
    give(house, first, "b")
    with acting(actor=house.anna, on=DAY):
        sittings.finish(first, person=house.anna, now=NOW)
    second = begin(house, house.bela)
    with as_worker():
        put = [*sittings.replay(first).asked, *sittings.replay(second).asked]
        times, count = publications.exposures(house.loaded.pool.id)
        assert count == 2
        assert sum(times.values()) == 3 + 1 == len(put)
        assert {item: n for item, n in times.items() if n} == dict(Counter(put))


@pytest.fixture
def posted(house):
    """Anna's post needs noting at level 1, whose cut is at -2 logits."""
    with as_worker():
        need = NewRole("Clerk", [NewActivity("Notes", [NewRequirement("noting", 1)])])
        positions.define([NewPosition("clerk", "Clerk", [need])], framework="kmf", order_no="1", since=START)
        body = bodies.establish([NewBody("b", "Body", "department")], since=START, order_no="1")["b"]
        assignments.write([AssignmentFact(house.anna, body, "Clerk", START, "2", position="clerk")])
    return house


def test_a_sitting_stops_once_the_requirement_of_the_post_is_decided(posted):
    _, with_a_requirement = sit(posted)
    _, without = sit(posted, person=posted.bela)
    assert 5 <= with_a_requirement < without


def test_the_next_sitting_starts_from_what_the_last_one_showed(house):
    first, _ = sit(house)
    later = NOW + dt.timedelta(days=40)
    second, _ = sit(house, now=later)
    with acting(actor=house.anna, on=later.date()):
        one, two = (sittings.result(key, person=house.anna) for key in (first, second))
    assert two.before.information == one.after.information > 0
    with as_worker():
        (aged,) = profile.aged([one.after], at=two.before.as_of)
        assert (two.before.mean, two.before.sd) == pytest.approx((aged.mean, aged.sd))
        assert two.before.sd > one.after.sd
        assert sittings.replay(second).equal


def test_a_supervised_sitting_gives_evidence_once_the_place_confirms_it(house):
    with as_worker():
        blueprints.draw(house.competency, now=NOW, supervised=True)
    sitting, _ = sit(house, supervised=True)
    with as_worker():
        assert evidence.of([house.anna]) == {}
        assert sittings.confirm([sitting], now=NOW) == 1
        assert sittings.confirm([sitting], now=NOW) == 0
        assert [row.source.value for row in evidence.of([house.anna])[house.anna]] == ["supervised_test"]
