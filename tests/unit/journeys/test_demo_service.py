"""The public service in miniature: the drawn world is consistent, and loading it gives the tour its story."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone

from karmayogi.competency import evidence, gaps, positions, profile
from karmayogi.competency.evidence import NewEvidence, Source
from karmayogi.ehrms import posts, vacancies, zone
from karmayogi.institutions import access, assignments, bodies, people
from karmayogi.institutions.people import PersonCard
from karmayogi.institutions.roles import Audience
from karmayogi.journeys.demo import careers, miniature, world
from karmayogi.journeys.demo.personas import PERSONAS, groups
from karmayogi.journeys.demo.posts import VACANCY
from karmayogi.journeys.demo.world import World
from karmayogi.registry.acting import as_worker

TODAY = dt.date(2026, 11, 21)


@pytest.fixture(scope="module")
def drawn() -> World:
    return world.make(today=TODAY, seed=7)


def test_the_same_day_and_seed_give_the_same_world(drawn: World) -> None:
    again = world.make(today=TODAY, seed=7)
    assert (again.people, again.careers.holdings, again.history) == (
        drawn.people,
        drawn.careers.holdings,
        drawn.history,
    )
    other = world.make(today=TODAY, seed=8)
    assert [p.name for p in other.people] != [p.name for p in drawn.people]


def test_two_thousand_officials_bear_different_names_and_logins(drawn: World) -> None:
    assert len(drawn.people) == 2000
    assert len({p.name for p in drawn.people}) == len({p.login for p in drawn.people}) == 2000


def test_every_persona_is_an_official_and_stands_in_one_group_of_the_door(drawn: World) -> None:
    logins = {p.login: p for p in drawn.people}
    assert [logins[p.key].name for p in PERSONAS] == [p.name for p in PERSONAS]
    assert sorted(p.key for _, shown in groups() for p in shown) == sorted(p.key for p in PERSONAS)
    assert logins["devidas"].email == ""


def test_about_one_post_in_twenty_is_vacant_and_one_official_in_seven_was_moved(drawn: World) -> None:
    assert 0.04 < len(drawn.careers.vacant) / len(drawn.posts) < 0.06
    acts = Counter(h.act for h in drawn.careers.holdings)
    moved = {h.person for h in drawn.careers.holdings if h.act in ("transfer", "promotion")}
    assert 0.12 < len(moved) / 2000 < 0.18
    assert acts["charge"] == careers.CHARGES


def test_nobody_holds_two_posts_and_no_part_of_a_post_two_holders(drawn: World) -> None:
    held = [h for h in drawn.careers.holdings if h.kind == "substantive"]
    for by in ("person", "post"):
        last: dict[object, dt.date] = {}
        for holding in sorted(held, key=lambda h: h.since):
            key = (getattr(holding, by), holding.part if by == "post" else "")
            assert last.get(key, dt.date.min) <= holding.since, holding
            last[key] = holding.until or dt.date.max


def test_supervisors_lead_five_to_twelve_posts(drawn: World) -> None:
    sizes = Counter(p.reports_to for p in drawn.posts if p.reports_to)
    assert min(sizes.values()) >= 5
    assert max(sizes.values()) <= 12


def test_one_official_in_eight_showed_nothing_and_nothing_lies_in_the_future(drawn: World) -> None:
    spoke = {s.person for s in drawn.history.shown} | {s.person for s in drawn.history.sat}
    assert not spoke & drawn.history.silent
    assert len(drawn.history.silent) == 240
    assert max(s.at for s in drawn.history.shown) < drawn.now
    assert max(s.finished for s in drawn.history.sat) < drawn.now
    assert max(s.ended for s in drawn.studies) < drawn.now
    assert len(drawn.history.sat) >= 450


def test_ratings_come_from_the_supervisor_of_the_day_and_marks_from_outside_the_line(drawn: World) -> None:
    told = [s for s in drawn.history.shown if s.instrument == "yearly review" and "vacancy" not in s.key]
    assert all(s.observer == drawn.timeline.supervisor(s.person, s.at.date()) for s in told)
    marked = [s for s in drawn.history.shown if s.source == "work_product"]
    assert all(s.observer not in {s.person, drawn.timeline.supervisor(s.person, s.at.date())} for s in marked)


@pytest.fixture(scope="module")
def built(request: pytest.FixtureRequest, databases: object, _state: None) -> Iterator[None]:
    """The demonstration's tables instead of the empty ones of unit tests, for the tests below."""
    databases.use("demo")  # type: ignore[attr-defined]
    yield
    databases.use("empty")  # type: ignore[attr-defined]


@pytest.fixture
def cast(built: None, db: None) -> Iterator[dict[str, PersonCard]]:
    with as_worker():
        yield people.by_logins([p.key for p in PERSONAS])


def day() -> dt.date:
    """The day up to which the demonstration was built."""
    told = miniature.begun()
    assert told is not None
    return dt.date.fromisoformat(told["day"])


@pytest.mark.usefixtures("built", "db")
def test_a_second_start_builds_nothing() -> None:
    assert miniature.finished()
    again = miniature.build(today=dt.date(2031, 1, 1), seed=99)
    assert again.steps == ()
    assert again.today < dt.date(2031, 1, 1)


@pytest.mark.usefixtures("built", "db")
def test_every_step_run_again_changes_nothing() -> None:
    with as_worker():
        again = world.make(today=day(), seed=miniature.SEED)
        before = rows()
    for step in miniature.STEPS:
        if "published" not in step.title:  # a new publication is new on purpose
            step.run(again, lambda title, done, total: None)
    with as_worker():
        assert rows() == before


def rows() -> dict[str, int]:
    """table -> rows, over all tables of the rooms."""
    with connection.cursor() as cursor:
        tables = [
            t for t in connection.introspection.table_names(cursor) if not t.startswith(("django", "auth"))
        ]
        counts = {}
        for table in tables:
            cursor.execute("SELECT count(*) FROM " + connection.ops.quote_name(table))
            counts[table] = cursor.fetchone()[0]
    return counts


def test_only_tender_evaluation_is_not_sure_yet_for_meenakshi(cast: dict[str, PersonCard]) -> None:
    found = {g.key: str(g.statement) for g in gaps.of([cast["meenakshi"].id], on=day())[cast["meenakshi"].id]}
    assert found.pop("tender-evaluation") == "unsure"
    assert found.pop("taking-responsibility") == "below"
    assert set(found.values()) == {"met"}


def test_arvind_leads_nine_and_meenakshi_is_one_of_them(cast: dict[str, PersonCard]) -> None:
    team = assignments.team(cast["arvind"].id, on=day())
    assert len(team) == 9
    assert cast["meenakshi"].id in {member.person for member in team}


def test_personas_reach_the_screens_they_are_made_for(cast: dict[str, PersonCard]) -> None:
    opened = {key: set(access.audiences(card.id, on=day())) for key, card in cast.items()}
    assert opened["meenakshi"] == opened["devidas"] == {Audience.OFFICIAL}
    assert Audience.SUPERVISOR in opened["arvind"]
    assert Audience.MANAGER in opened["nandini"]
    assert Audience.AUTHORITY in opened["khandelwal"] & opened["hazarika"]
    assert Audience.COMMISSION in opened["gogoi"]
    assert Audience.OPERATOR in opened["naeem"]


def test_a_settled_level_moves_meenakshi_up_in_the_zone_of_the_vacancy(cast: dict[str, PersonCard]) -> None:
    her, post, ministry = cast["meenakshi"].id, posts.by_code(VACANCY), bodies.by_code("MORD")
    eligible = [c.person for c in zone.of(post, within=ministry, on=day()) if c.eligible]
    assert her in eligible
    assert 10 <= len(eligible) <= 25
    now = timezone.now()
    before = vacancies.places(ranked(post, ministry, now))[her]
    seen = [
        NewEvidence(
            her,
            need.competency,
            Source.RATING,
            now,
            f"settled/{rater}",
            observer=cast[rater].id,
            payload={"level": 4.0, "answers": 4},
        )
        for need in positions.requirements_of([post.position], on=day())[post.position]
        if need.key == "tender-evaluation"
        for rater in ("arvind", "khandelwal")
    ]
    evidence.record(seen, now=now)
    profile.refresh([her], now=now)
    after = vacancies.places(ranked(post, ministry, now))[her]
    assert before[0] > after[0] == 1


def ranked(post: posts.PostCard, ministry: bodies.BodyCard, now: dt.datetime) -> vacancies.RankingCard:
    """A ranking made now by the machine."""
    return vacancies.stored(vacancies.rank(post, within=ministry, by=None, on=day(), now=now))


@pytest.mark.usefixtures("built", "db")
def test_an_official_without_evidence_is_not_sure_yet_everywhere(drawn: World) -> None:
    with as_worker():
        again = world.make(today=day(), seed=miniature.SEED)
        silent = sorted(again.history.silent)[:20]
        found = people.by_logins([again.people[place].login for place in silent])
        stated = gaps.of([card.id for card in found.values()], on=day())
    assert {str(gap.statement) for gaps_of_one in stated.values() for gap in gaps_of_one} == {"unsure"}
