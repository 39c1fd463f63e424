"""The whole miniature as data, drawn from a day and a seed: the same two give the same world, whatever the machine."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from karmayogi.institutions.people import NewPerson
from karmayogi.journeys.demo import (
    abilities,
    careers,
    content,
    meenakshi,
    names,
    personas,
    posts,
    showings,
    studies,
)
from karmayogi.journeys.demo.abilities import Abilities
from karmayogi.journeys.demo.bodies import top
from karmayogi.journeys.demo.careers import Careers
from karmayogi.journeys.demo.posts import DemoPost
from karmayogi.journeys.demo.showings import History
from karmayogi.journeys.demo.studies import Study
from karmayogi.journeys.demo.timeline import Timeline

MINISTRY = "MORD"
"""Where the tour takes place."""


@dataclass(frozen=True)
class World:
    """Everything the steps load. People are known by their place in `people`."""

    today: dt.date
    seed: int
    posts: tuple[DemoPost, ...]
    people: tuple[NewPerson, ...]
    careers: Careers
    timeline: Timeline
    abilities: Abilities
    history: History
    studies: tuple[Study, ...]
    personas: dict[str, int]

    @property
    def founded(self) -> dt.datetime:
        """When frameworks, rules and questions were in place: before all history."""
        return self.at(760)

    @property
    def now(self) -> dt.datetime:
        """The first moment of the demonstration's day; everything that is loaded happened before."""
        return self.at(0)

    def at(self, days: int) -> dt.datetime:
        """Midnight, `days` before the demonstration's day."""
        return dt.datetime.combine(self.today - dt.timedelta(days=days), dt.time(), showings.ZONE)


def make(*, today: dt.date, seed: int) -> World:
    """The world of this day and seed."""
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5)]
    sanctioned = posts.sanctioned()
    drawn_first = [p for p in personas.PERSONAS if not p.added]
    lives = careers.live(sanctioned, chosen=[p.post for p in drawn_first], today=today, rng=streams[0])
    timeline = Timeline(sanctioned, lives.holdings)
    seats = [_seat(timeline, person, today) for person in range(careers.PEOPLE)]
    chosen = {p.key: lives.seated[p.post] for p in drawn_first}
    able = abilities.draw(
        seats, asked=content.asked(), cuts=content.CUTS, competencies=content.competencies(), rng=streams[1]
    )
    drawn = showings.Showings(timeline, able, today=today, rng=streams[2])
    history = drawn.draw(loud=chosen.values(), told=[chosen["meenakshi"]])
    her = chosen["meenakshi"]
    told = meenakshi.shown(
        her, supervisor=chosen["arvind"], markers=(chosen["leela"], chosen["khandelwal"]),
        body=seats[her].body, today=today,
    )  # fmt: skip
    near = _rivals(seats, timeline, history.silent, today)
    told += meenakshi.rivals(
        near, supervisors=[timeline.supervisor(p, today) or chosen["khandelwal"] for p in near],
        markers=(chosen["leela"], chosen["naeem"]), body=MINISTRY, today=today,
    )  # fmt: skip
    sat = meenakshi.sat(her, today=today, rng=streams[3])
    history = History((*history.shown, *told), (*history.sat, *sat), history.silent)
    chosen |= {p.key: _holder(lives, p.post, today) for p in personas.PERSONAS if p.added}
    people = tuple(_people(seats, timeline, chosen, today, streams[4]))
    first = {p.key: chosen[p.key] for p in drawn_first}
    learnt = studies.draw(seats, silent=history.silent, chosen=first, today=today, rng=streams[3])
    return World(
        today, seed, tuple(sanctioned), people, lives, timeline, able, history, tuple(learnt), chosen
    )


def _seat(timeline: Timeline, person: int, today: dt.date) -> DemoPost:
    post = timeline.post(person, today)
    if post is None:
        raise LookupError(f"Person {person} holds no post on {today}.")
    return post


def _holder(lives: Careers, post: str, today: dt.date) -> int:
    """Who holds the post on the day in charge of it alone."""
    return next(
        h.person for h in lives.holdings if h.post == post and h.kind == "substantive" and h.covers(today)
    )


def _rivals(
    seats: Sequence[DemoPost], timeline: Timeline, silent: frozenset[int], today: dt.date
) -> list[int]:
    """Three section officers of the tour's ministry, not in her team, who can be considered beside her."""
    settled = today - dt.timedelta(days=740)
    found = [
        person
        for person, post in enumerate(seats)
        if post.level == 8 and top(post.body) == MINISTRY and person not in silent and not post.sensitive
        and len(timeline.by_person[person]) == 1 and timeline.first_day(person) < settled
    ]  # fmt: skip
    return found[: len(meenakshi.RIVALS)]


def _people(
    seats: Sequence[DemoPost],
    timeline: Timeline,
    chosen: dict[str, int],
    today: dt.date,
    rng: np.random.Generator,
) -> list[NewPerson]:
    by_place = {place: personas.by_key()[key] for key, place in chosen.items()}
    taken = frozenset(p.name for p in personas.PERSONAS if not p.added)
    invented = names.draw(len(seats), rng, taken=taken)
    served = rng.integers(0, 6, len(seats))
    found = []
    for place, (post, new) in enumerate(zip(seats, invented, strict=True)):
        persona = by_place.get(place)
        login = persona.login if persona else f"official{place + 1:04d}"
        first = timeline.first_day(place)
        before = 0 if (today - first).days < 700 else int(served[place]) * 365 * (1 + post.level // 6)
        without_mail = persona.mobile_only if persona else post.level <= 4 and rng.random() < 0.7
        found.append(
            NewPerson(
                login=login,
                name=persona.name if persona else new.name,
                employee_code=f"D{place + 1:05d}",
                email="" if without_mail else f"{login}@demo.example",
                mobile=f"+91 00000 {place + 1:05d}",
                language=persona.language if persona else new.language,
                joined=first - dt.timedelta(days=before),
            )
        )
    return found
