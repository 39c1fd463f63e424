"""Gaps: met, below or not sure yet against what a post needs."""

import datetime as dt
from dataclasses import replace
from uuid import uuid4

import pytest
from tests.unit.competency.conftest import DAY, NOW

from karmayogi.competency import evidence, gaps, positions, profile
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.competency.gaps import Counts
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db


def rated(service, person, competency, level, *, raters=("boss", "chand", "bela"), at=NOW):
    with as_worker():
        evidence.record(
            [
                NewEvidence(
                    person,
                    competency,
                    Source.RATING,
                    at,
                    f"r:{uuid4()}",
                    observer=getattr(service, rater),
                    payload={"level": level, "answers": 3},
                )
                for rater in raters
            ],
            now=NOW,
        )
        profile.refresh([person], now=NOW)


def test_without_evidence_every_level_is_unsure(service):
    (need, *_) = positions.requirements_of(["so-procurement"], on=DAY)["so-procurement"]
    every = [replace(need, level=n, cut=cut) for n, cut in enumerate((-6.0, *need.cuts, 6.0))]
    with as_worker():
        found = gaps.against([service.anna], requirements=every, on=DAY)[service.anna]
    assert [gap.statement for gap in found] == ["unsure"] * 7
    assert {(gap.mean, gap.sd, gap.information) for gap in found} == {(0.0, 1.0, 0.0)}
    assert found[0].chance > 0.99, "even where the prior alone would seem sure"


def test_requirements_are_stated_for_the_position_of_the_person(service):
    rated(service, service.anna, service.tenders, 5)
    rated(service, service.anna, service.noting, 0)
    with as_worker():
        found = gaps.of([service.anna, service.boss], on=DAY)
    assert list(found) == [service.anna], "the supervisor has no described position"
    shown = [(gap.key, gap.level, gap.statement) for gap in found[service.anna]]
    assert shown == [("tenders", 4, "met"), ("noting", 2, "below")]
    assert gaps.counts(found[service.anna]) == Counts(met=1, below=1, unsure=0)


def test_value_and_interval_are_on_the_level_scale(service):
    rated(service, service.anna, service.tenders, 3)
    with as_worker():
        gap = gaps.of([service.anna], on=DAY)[service.anna][0]
    assert 1 <= gap.low < gap.value < gap.high <= 5
    assert 3 < gap.value < 3.5
    assert gap.levels == 5


def test_years_turn_a_statement_into_not_sure_never_into_below(service):
    rated(service, service.anna, service.tenders, 5)
    later = NOW + dt.timedelta(days=6 * 365)
    with as_worker():
        profile.refresh([service.anna], now=later)
        gap = gaps.of([service.anna], on=later.date())[service.anna][0]
    assert (gap.statement, gap.information) == ("unsure", 0.0)


def test_expired_evidence_decides_nothing_even_before_the_nightly_refresh(service):
    rated(service, service.anna, service.noting, 5)
    with as_worker():
        found = [gaps.of([service.anna], on=DAY + dt.timedelta(days=n))[service.anna][1] for n in (730, 732)]
    assert [(gap.statement, gap.information > 0) for gap in found] == [("met", True), ("unsure", False)]


def test_the_estimate_ages_to_the_day_asked_for(service):
    rated(service, service.anna, service.tenders, 5)
    with as_worker():
        today, later = (
            gaps.of([service.anna], on=day)[service.anna][0] for day in (DAY, dt.date(2028, 11, 21))
        )
    assert later.mean < today.mean
    assert later.sd > today.sd


def test_a_supervisor_sees_the_gaps_of_the_team_and_of_nobody_else(service):
    rated(service, service.chand, service.tenders, 5, raters=("boss", "anna"))
    with acting(actor=service.boss, on=DAY, team=True):
        found = gaps.of([service.anna, service.bela, service.chand], on=DAY)
    assert set(found) == {service.anna, service.bela}


def test_reading_gaps_of_many_takes_as_many_queries_as_of_one(service, django_assert_max_num_queries):
    people = [service.anna, service.bela, service.chand]
    for person in people:
        rated(
            service,
            person,
            service.tenders,
            3,
            raters={"boss", "anna", "bela", "chand"}
            - {name for name in ("anna", "bela", "chand") if getattr(service, name) == person},
        )
    with as_worker(), django_assert_max_num_queries(24) as counted:
        gaps.of(people, on=DAY)
    with as_worker(), django_assert_max_num_queries(24) as of_one:
        gaps.of(people[:1], on=DAY)
    assert len(counted) == len(of_one)
