"""The loop on real data, end to end: imports, requirements, evidence, gaps, plans, checks, awards, vacancies, figures.

Everything real is said to be real and everything of the trial is said to be of the trial; see `placing`, `replaying`
and the notes of the result. A second run in the same database changes nothing that it does not have to.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

import numpy as np

from karmayogi.competency import frameworks, gaps, positions, profile
from karmayogi.credentials import awards, keys
from karmayogi.ehrms import postings, posts, vacancies
from karmayogi.ehrms.vacancies import NothingRequired
from karmayogi.institutions import bodies, designations, people
from karmayogi.journeys import (
    import_course,
    import_designations,
    import_framework,
    import_organogram,
    import_responses,
    real_loop,
)
from karmayogi.journeys.real_loop import placing, replaying
from karmayogi.monitoring import indicators
from karmayogi.monitoring.catalogue import MET
from karmayogi.planning import options, plans
from karmayogi.planning.options import NewActivity
from karmayogi.policy import starter
from karmayogi.registry import contents
from karmayogi.registry.acting import as_worker
from karmayogi.registry.imports import Result

FILES = {
    "framework": "framework/uk_civil_service_competency_framework_2012.json",
    "organogram, senior": "organograms/uk_organogram_senior.csv.gz",
    "organogram, junior": "organograms/uk_organogram_junior.csv.gz",
    "designations": "india/positionMasterList.json",
    "responses": "responses/edm_items_ecpe.csv",
    "course": "course_en_hi",
}
"""The files of the data folder, in the order in which they build on one another."""
TRIAL_VACANCIES, OTHER_VACANCIES = 6, 4

BEFORE = dt.timedelta(hours=4)
PLACED = "ECPE respondents, placed by orders numbered 'trial, not real'"
ABOVE = "above the middle of the scale a second kind of evidence is needed"

Tell = Callable[[str], None]


class DataMissing(LookupError):
    """A file of real data is not in the folder."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One import, run twice. `touched`: tables the second run left otherwise than it found them; there must be none."""

    name: str
    first: Result
    again: Result
    touched: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """True if the rows add up in both runs and the second changed nothing, by its counts and by the tables."""
        counted = self.again.new == self.again.changed == 0 and self.first.accepted == self.again.accepted
        adds_up = all(r.read == r.accepted + r.quarantined for r in (self.first, self.again))
        return counted and adds_up and not self.touched


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what, how many, and what has to be said with it."""

    name: str
    value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the loop came to."""

    imports: tuple[Imported, ...]
    rows: tuple[Row, ...]
    designations: dict[str, int]


def run(
    data: Path, *, now: dt.datetime, on: dt.date, tell: Tell, analyze: Callable[[], None] = lambda: None
) -> Outcome:
    """Runs the loop on the files under `data`; the tables must be there. `analyze` refreshes planner statistics.

    The imports are dated four hours before `now` and the sittings in between, so that time runs forward. Raises
    `DataMissing`.
    """
    missing = [name for name in FILES.values() if not (data / name).exists()]
    if missing:
        raise DataMissing(f"There is no {missing[0]} in {data}. Name the folder with --data.")
    begun = now - BEFORE
    with as_worker():
        starter.load(now=begun)
        keys.ensure(now=begun)
    sitting = replaying.numbers(_lines(data / FILES["responses"]), real_loop.content()["seats"]["sitting"])
    imported = _import(data, sitting, now=begun, tell=tell)
    analyze()
    world = _prepare(data, now=begun, tell=tell)
    analyze()
    return Outcome(imported, tuple(_loop(data, world, sitting, now=now, on=on, tell=tell)), world.titles)


@dataclass(frozen=True, slots=True)
class _World:
    described: placing.Described
    respondents: dict[int, UUID]
    titles: dict[str, int]


def _import(data: Path, sitting: Sequence[int], *, now: dt.datetime, tell: Tell) -> tuple[Imported, ...]:
    course = import_course.SECURITY_101
    builds = real_loop.content()["course"]
    frame = import_course.Frame(course.key, course.title, course.about, **builds)
    runners: dict[str, Callable[..., Result]] = {
        "framework": import_framework.run,
        "organogram, senior": partial(import_organogram.run, junior=False),
        "organogram, junior": partial(import_organogram.run, junior=True),
        "designations": import_designations.run,
        "responses": partial(import_responses.run, unscored=sitting),
        "course": partial(import_course.run, frame=frame),
    }
    found = []
    for name, run_one in runners.items():
        tell(f"import {name}, first run")
        first = run_one(data / FILES[name], now=now)
        before = _content()
        tell(f"import {name}, second run")
        again = run_one(data / FILES[name], now=now)
        found.append(Imported(name, first, again, contents.differing(before, _content())))
    return tuple(found)


def _content() -> dict[str, str]:
    with as_worker():
        return contents.hashes()


def _prepare(data: Path, *, now: dt.datetime, tell: Tell) -> _World:
    """Requirements on real posts, respondents on seats, activities on offer."""
    content = real_loop.content()
    source = data / FILES["responses"]
    name = import_responses.dataset(source)
    with as_worker():
        tell("requirements")
        trial = content["responses"][name]["framework"]
        for framework in (import_framework.KEY, trial):
            positions.define(
                real_loop.positions(framework),
                framework=framework,
                order_no=real_loop.ORDER_NO,
                since=real_loop.SINCE,
            )
        ids = {card.key: card.id for card in frameworks.competencies(framework=trial)}
        offered = content["activities"]
        options.offer(NewActivity(ids[a["competency"]], a["kind"], a["title"], a["minutes"]) for a in offered)
        described = placing.describe(data / FILES["organogram, senior"])
        tell("seats for the respondents")
        logins = {number: import_responses.login(name, number) for number in range(1, _lines(source) + 1)}
        cards = people.by_logins(list(logins.values()))
        respondents = {number: cards[login].id for number, login in logins.items() if login in cards}
        placing.place(data / FILES["organogram, junior"], list(respondents.values()), now=now)
        return _World(described, respondents, designations.counts())


def _loop(
    data: Path, world: _World, sitting: Sequence[int], *, now: dt.datetime, on: dt.date, tell: Tell
) -> list[Row]:
    officials = list(world.respondents.values())
    with as_worker():
        tell("adaptive sittings")
        who = {n: world.respondents[n] for n in sitting if n in world.respondents}
        sat = replaying.sit(data / FILES["responses"], who, now=now - BEFORE / 2)
        tell("estimates")
        profile.refresh(officials, now=now)
        sds = [e.sd for held in profile.of(officials).values() for e in held.values()]
        tell("gaps")
        holders = _holders(world, on=on)
        told = gaps.counts(gap for found in gaps.of([*officials, *holders], on=on).values() for gap in found)
        tell("plans")
        plans.make(officials, on=on, now=now)
        planned = [plan for plan in plans.of_people(officials).values() if plan.items]
        tell("awards")
        awards.consider(officials, now=now)
        levels = [card.level for found in awards.of_all(officials).values() for card in found]
        tell("vacancies")
        ranked = _rank(world, on=on, now=now)
    tell("figures")
    indicators.publish(now=now)
    with as_worker():
        compared = [f for kind in ("ministry", "department") for f in indicators.published(MET, kind=kind)]
        described = len(posts.places(world.described.positions))
    shown = sum(f.value is not None for f in compared)
    return [
        Row("posts with requirements", described, f"real senior posts; {len(officials):,} seats cut from real counts"),
        Row("officials", len(officials) + len(holders), f"{len(holders):,} real holders, {len(officials):,} {PLACED}"),
        Row("requirements", told.required, "by our mapping file, not by an order of any government"),
        Row("estimates", len(sds), f"mean sd {np.mean(sds):.3f} logits; from real responses, none of real holders"),
        Row("gaps", told.below, f"below; {told.met:,} met, {told.unsure:,} not sure yet"),
        Row("planned hours", sum(p.minutes_planned for p in planned) / 60, f"in {len(planned):,} plans"),
        Row("sittings", sat.sittings, f"{sat.asked:,} of {sat.answered:,} real answers replayed in adaptive order"),
        Row("levels awarded", len(levels), f"{levels.count(1):,} at level 1, {levels.count(2):,} at 2; {ABOVE}"),
        Row("vacancies ranked", len(ranked), f"real vacant posts; {sum(c for c, _ in ranked):,} candidates in"
            f" {sum(b for _, b in ranked):,} brackets"),
        Row("bodies compared", shown, f"{len(compared) - shown:,} more are too small to be shown"),
    ]  # fmt: skip


def _holders(world: _World, *, on: dt.date) -> list[UUID]:
    """Real holders of the real posts that were put under a position."""
    places = posts.places(world.described.positions)
    found = postings.holders((post for post, _ in places.values()), on=on)
    return sorted({fact.person for held in found.values() for fact in held})


def _rank(world: _World, *, on: dt.date, now: dt.datetime) -> list[tuple[int, int]]:
    """Ranks a sample of the real vacancies in their department: candidates and brackets of each."""
    trial = sorted(c for c in world.described.vacant if world.described.positions[c].startswith("trial-"))
    others = sorted(world.described.vacant - set(trial))
    cards = posts.by_codes([*trial[:TRIAL_VACANCIES], *others[:: max(1, len(others) // OTHER_VACANCIES)]])
    homes = bodies.by_ids({card.body for card in cards.values()})
    found = []
    for _, post in sorted(cards.items()):
        with suppress(NothingRequired):
            group = bodies.above(homes[post.body])[0]
            ranking = vacancies.stored(vacancies.rank(post, within=group, by=None, on=on, now=now))
            found.append((ranking.considered, len(ranking.brackets)))
    return found


def _lines(source: Path) -> int:
    """Rows of data in a small text file."""
    with source.open("rb") as stream:
        return max(sum(1 for line in stream if line.strip()) - 1, 0)
