"""Profiles: estimates from the ledger, kept with their grounds, replayed to six decimals."""

import datetime as dt
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from tests.unit.competency.conftest import DAY, NOW

from karmayogi.competency import calibrations, evidence, frameworks, profile, proofs, replays
from karmayogi.competency.calibrations import ItemParameter
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.policy import rules
from karmayogi.policy.rules import NewRule
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db
ITEMS = [UUID(int=n + 1) for n in range(10)]
HOUR, YEAR = dt.timedelta(hours=1), dt.timedelta(days=365)


@pytest.fixture
def calibrated(service):
    with as_worker():
        calibrations.publish(
            [ItemParameter(item, 1.4, (n - 4.5) / 3) for n, item in enumerate(ITEMS)],
            label="first",
            order_no="1",
            now=NOW - YEAR,
        )
    return service


def sitting(person, competency, right, *, at=NOW, source=Source.TEST, **changes):
    payload = {"items": [str(i) for i in ITEMS], "right": [int(n < right) for n in range(len(ITEMS))]}
    return NewEvidence(person, competency, source, at, f"sitting:{uuid4()}", payload=payload, **changes)


def rating(person, competency, level, observer, *, at=NOW, answers=1, source=Source.RATING):
    payload = {"level": level, "answers": answers}
    return NewEvidence(
        person, competency, source, at, f"rating:{uuid4()}", observer=observer, payload=payload
    )


def estimate(person, competency, *rows, at=NOW):
    with as_worker():
        evidence.record(rows, now=at)
        profile.refresh([person], now=at)
        return profile.of([person])[person][competency]


def test_right_answers_raise_the_estimate_and_narrow_it(calibrated):
    held = estimate(calibrated.anna, calibrated.tenders, sitting(calibrated.anna, calibrated.tenders, 9))
    assert held.mean > 0.8
    assert held.sd < 0.6
    assert held.information > 2
    assert held.kinds == ("test",)


@pytest.mark.parametrize("source", [Source.COMPLETED, Source.SELF_RATING])
def test_what_is_completed_or_said_of_oneself_moves_nothing(calibrated, source):
    row = NewEvidence(
        calibrated.anna, calibrated.tenders, source, NOW, "k", payload={"level": 5, "minutes": 90}
    )
    held = estimate(calibrated.anna, calibrated.tenders, row)
    assert (held.mean, held.sd, held.information, held.kinds) == (0.0, 1.0, 0.0, ())


def test_ten_answers_of_one_rater_are_less_than_ten_raters(calibrated):
    one = estimate(
        calibrated.anna,
        calibrated.tenders,
        rating(calibrated.anna, calibrated.tenders, 4, calibrated.boss, answers=10),
    )
    two = estimate(
        calibrated.bela,
        calibrated.tenders,
        *(
            rating(calibrated.bela, calibrated.tenders, 4, rater)
            for rater in (calibrated.boss, calibrated.chand)
        ),
    )
    assert one.sd > two.sd, "ten answers of one say less than one answer each of two"
    assert one.information < 1 / 0.55**2, "never more than the halo allows"


def test_a_severe_rater_is_read_as_severe(calibrated):
    severe = {calibrated.boss: -0.8}
    with as_worker():
        calibrations.publish([], label="severity", order_no="2", now=NOW, severities=severe)
    by = {
        name: estimate(person, calibrated.tenders, rating(person, calibrated.tenders, 3, rater))
        for name, person, rater in (
            ("severe", calibrated.anna, calibrated.boss),
            ("neutral", calibrated.bela, calibrated.chand),
        )
    }
    assert by["severe"].mean > by["neutral"].mean + 0.3


def test_an_expired_rating_is_not_kept_alive_by_a_later_one_of_the_same_rater(calibrated):
    person, competency, rater = calibrated.anna, calibrated.tenders, calibrated.boss
    old, new = (
        rating(person, competency, level, rater, at=at) for level, at in ((1.0, NOW - 3 * YEAR), (4.0, NOW))
    )
    both = estimate(person, competency, old, new)
    alone = estimate(calibrated.bela, competency, replace(new, person=calibrated.bela, key="alone"))
    assert (both.mean, both.sd, both.information) == (alone.mean, alone.sd, alone.information)


def test_a_rater_who_comes_back_within_a_month_says_it_once_and_later_says_it_again(calibrated):
    competency, rater = calibrated.tenders, calibrated.boss

    def sd_after(person, days):
        moments = (NOW - dt.timedelta(days=days), NOW)
        return estimate(
            person, competency, *(rating(person, competency, 3.0, rater, at=at) for at in moments)
        ).sd

    assert sd_after(calibrated.anna, 31) < sd_after(calibrated.bela, 30)


def test_kinds_of_evidence_pool_and_are_named(calibrated):
    held = estimate(
        calibrated.anna,
        calibrated.tenders,
        sitting(calibrated.anna, calibrated.tenders, 8, source=Source.SUPERVISED_TEST),
        rating(calibrated.anna, calibrated.tenders, 4, calibrated.boss),
        rating(calibrated.anna, calibrated.tenders, 4, calibrated.chand, source=Source.WORK_PRODUCT),
    )
    assert held.kinds == ("rating", "test", "work_product")


def test_an_item_without_parameters_counts_nothing(service):
    held = estimate(service.anna, service.tenders, sitting(service.anna, service.tenders, 9))
    assert (held.mean, held.information) == (0.0, 0.0)


def test_time_draws_to_the_cohort_and_expiry_takes_the_information(calibrated):
    person, competency = calibrated.anna, calibrated.tenders
    fresh = estimate(person, competency, sitting(person, competency, 9))
    later = estimate(person, competency, at=NOW + 4 * YEAR)
    assert 0 < later.mean < fresh.mean
    assert later.sd > fresh.sd
    assert (later.information, later.kinds) == (0.0, ())


def test_evidence_that_expires_makes_its_person_due(calibrated):
    held = estimate(calibrated.anna, calibrated.tenders, sitting(calibrated.anna, calibrated.tenders, 9))
    with as_worker():
        assert held.changes_on == NOW.date() + dt.timedelta(days=1096)
        assert profile.due(on=held.changes_on - dt.timedelta(days=1)) == []
        assert profile.due(on=held.changes_on) == [calibrated.anna]


def test_a_refresh_writes_only_what_changed(calibrated):
    person = calibrated.anna
    with as_worker():
        evidence.record([sitting(person, c, 7) for c in (calibrated.tenders, calibrated.noting)], now=NOW)
        assert profile.refresh([person], now=NOW) == 2
        assert profile.refresh([person], now=NOW) == 0
        assert profile.refresh([person], now=NOW + 10 * HOUR) == 0, "time alone is not news"
        evidence.record([rating(person, calibrated.noting, 4, calibrated.boss)], now=NOW + 11 * HOUR)
        assert profile.refresh([person], now=NOW + 11 * HOUR) == 1


def test_an_aged_estimate_is_what_a_refresh_would_have_found(calibrated):
    person, competency = calibrated.anna, calibrated.tenders
    early = estimate(person, competency, sitting(person, competency, 9))
    with as_worker():
        (aged,) = profile.aged([early], at=NOW + YEAR)
        found = profile.refresh([person], now=NOW + YEAR)
    assert found == 0
    assert aged.mean < early.mean


def test_an_estimate_of_a_past_moment_stays_readable(calibrated):
    person, competency = calibrated.anna, calibrated.tenders
    first = estimate(person, competency, sitting(person, competency, 2))
    second = estimate(person, competency, sitting(person, competency, 10, at=NOW + HOUR), at=NOW + HOUR)
    assert second.mean > first.mean
    with as_worker():
        assert profile.as_of([person], at=NOW)[person][competency] == first
        assert profile.as_of([person], at=NOW + HOUR)[person][competency] == second
        assert profile.as_of([person], at=NOW - HOUR) == {}


def test_replay_reproduces_every_estimate_whatever_came_later(calibrated):
    people = [calibrated.anna, calibrated.bela]
    with as_worker():
        evidence.record([sitting(p, calibrated.tenders, 6) for p in people], now=NOW)
        evidence.record(
            [rating(p, calibrated.noting, 3.4, calibrated.boss, answers=3) for p in people], now=NOW
        )
        profile.refresh(people, now=NOW)
        stored = profile.of(people)
        # a late row about the past, another set, other rules, another study: none touches what was known then
        evidence.record([sitting(people[0], calibrated.tenders, 1, at=NOW - HOUR)], now=NOW + HOUR)
        calibrations.publish(
            [ItemParameter(i, 0.5, 2.0) for i in ITEMS], label="b", order_no="2", now=NOW + HOUR
        )
        frameworks.set_cuts(calibrated.noting, cuts=(-1, 0, 1, 2, 3), study="s", since=DAY, now=NOW)
        table = {kind: {"sd": 2.0, "rate_per_day": 0.01} for kind in ("functional", "behavioural", "domain")}
        rules.issue([NewRule("evidence.drift", "table", table, "2/2025", dt.date(2025, 1, 1), scope="all")])
        profile.refresh(people, now=NOW + HOUR)
        assert profile.of(people) != stored
        assert replays.of(people, at=NOW) == stored
        assert replays.check(people, at=NOW) == (4, [])
        assert replays.check(people, at=NOW + 2 * HOUR) == (4, [])


def test_replay_finds_an_estimate_that_was_tampered_with(calibrated):
    person, competency = calibrated.anna, calibrated.tenders
    estimate(person, competency, sitting(person, competency, 6))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE competency_estimate DISABLE TRIGGER is_kept")
        cursor.execute("UPDATE competency_estimate SET mean = mean + 0.000003")
        cursor.execute("ALTER TABLE competency_estimate ENABLE TRIGGER is_kept")
    with as_worker():
        compared, differing = replays.check([person], at=NOW)
    assert compared == 1
    assert [(d.person, d.competency) for d in differing] == [(person, competency)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE competency_estimate SET mean = 3",
        "DELETE FROM competency_estimate",
        "UPDATE competency_estimate SET superseded_at = now(), sd = 0.1",
    ],
)
def test_a_stored_estimate_is_kept_as_it_was(calibrated, statement):
    estimate(calibrated.anna, calibrated.tenders, sitting(calibrated.anna, calibrated.tenders, 6))
    with (
        pytest.raises(Exception, match="kept as it was"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_corrected_row_takes_the_place_of_the_former_and_both_are_shown(calibrated):
    person, competency = calibrated.anna, calibrated.tenders
    before = estimate(person, competency, sitting(person, competency, 1))
    with as_worker():
        (wrong,) = evidence.of([person])[person]
    after = estimate(person, competency, sitting(person, competency, 9, replaces=wrong.id), at=NOW + HOUR)
    assert before.mean < 0 < after.mean
    with as_worker():
        told = profile.how_we_know(person, competency, now=NOW + HOUR)
    assert sorted((proof.counts, proof.note, proof.right) for proof in told) == [
        (False, "replaced", 1),
        (True, "", 9),
    ]


def test_refreshing_with_an_earlier_moment_is_refused(calibrated):
    estimate(calibrated.anna, calibrated.tenders, sitting(calibrated.anna, calibrated.tenders, 6))
    with as_worker(), pytest.raises(profile.ProfileIsNewer):
        profile.refresh([calibrated.anna], now=NOW - HOUR)


def test_an_official_refreshes_own_estimates_in_a_request_and_nobody_elses(calibrated):
    with as_worker():
        evidence.record([sitting(calibrated.bela, calibrated.tenders, 9)], now=NOW)
    with acting(actor=calibrated.anna, on=DAY):
        evidence.record([sitting(calibrated.anna, calibrated.tenders, 9)], now=NOW)
        assert profile.refresh([calibrated.anna, calibrated.bela], now=NOW) == 1
        assert set(profile.of([calibrated.anna, calibrated.bela])) == {calibrated.anna}


def test_an_observation_reaches_the_profile_in_the_supervisors_request(calibrated):
    with acting(actor=calibrated.boss, on=DAY, team=True):
        evidence.observe(
            calibrated.boss, person=calibrated.anna, competency=calibrated.tenders, level=4, now=NOW
        )
        assert profile.refresh([calibrated.anna], now=NOW) == 1
        assert profile.of([calibrated.anna])[calibrated.anna][calibrated.tenders].mean > 0.5


def test_how_we_know_lists_every_row_with_its_strength_and_why_it_does_not_count(calibrated):
    person, competency = calibrated.anna, calibrated.tenders
    rows = [
        sitting(person, competency, 7),
        rating(person, competency, 4, calibrated.boss, at=NOW - HOUR),
        rating(person, competency, 2, calibrated.boss, at=NOW - 3 * YEAR),
        NewEvidence(person, competency, Source.COMPLETED, NOW - 2 * HOUR, "c", payload={"minutes": 40}),
    ]
    estimate(person, competency, *rows)
    with as_worker():
        told = profile.how_we_know(person, competency, language="hi", now=NOW)
    assert [(p.what, p.counts, p.note) for p in told] == [
        ("test", True, ""),
        ("rating", True, ""),
        ("completed", False, "no_weight"),
        ("rating", False, "expired"),
    ]
    assert [p.strength for p in told] == [3, 3, 0, 0]
    assert (told[0].right, told[0].asked, told[1].level_name) == (7, 10, "स्तर 4")
    assert told[1].observer == calibrated.boss


def test_what_moved_an_estimate_adds_up_to_it_row_by_row(calibrated):
    person, competency, boss = calibrated.anna, calibrated.tenders, calibrated.boss
    rows = [
        sitting(person, competency, 9),
        rating(person, competency, 4, boss, at=NOW - HOUR),
        rating(person, competency, 1, boss, at=NOW - 2 * HOUR),
        rating(person, competency, 2, boss, at=NOW - 3 * YEAR),
    ]
    known = estimate(person, competency, *rows)
    scale = {competency: ("1", "2", "3", "4", "5")}
    with as_worker():
        found = proofs.on_scale(person, scale, moves=True, now=NOW)[competency]
        assert all(p.share is None for p in proofs.on_scale(person, scale, now=NOW)[competency])
    test, high, low, old = found
    assert (old.share, old.note) == (0.0, "expired")
    assert test.shift + high.shift + low.shift == pytest.approx(known.mean, abs=2e-6)
    assert test.shift > high.shift > 0.0 > low.shift
    assert high.share == pytest.approx(low.share)
    assert 0.0 < test.share + 2 * high.share < 1.0


def test_a_refresh_that_had_to_wait_comes_after_the_one_it_waited_for(calibrated):
    person, competency = calibrated.anna, calibrated.tenders
    estimate(person, competency, sitting(person, competency, 2), at=NOW + dt.timedelta(seconds=2))
    late = estimate(person, competency, sitting(person, competency, 10), at=NOW)
    with as_worker():
        assert replays.check([person], at=NOW + HOUR) == (1, [])
    assert late.as_of > NOW + dt.timedelta(seconds=2)


def test_a_stored_level_whose_evidence_is_gone_is_reported(calibrated):
    person, competency = calibrated.anna, calibrated.tenders
    estimate(person, competency, sitting(person, competency, 6))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE competency_evidence DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM competency_evidence")
        cursor.execute("ALTER TABLE competency_evidence ENABLE TRIGGER USER")
    with as_worker():
        compared, differing = replays.check([person], at=NOW)
    assert (compared, [d.replayed for d in differing]) == (1, [None])
