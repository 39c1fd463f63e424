"""Who held which post, when, by which order: first appointments, transfers, a promotion, charges, job shares."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from karmayogi.journeys.demo.bodies import top
from karmayogi.journeys.demo.posts import VACANCY, DemoPost

PEOPLE = 2000
SWAPS, LEFT_BEHIND, CHARGES, SHARED = 122, 54, 12, 4
FIRST_APPOINTED = (2200, 1850, 1480, 1200, 960, 790)
"""Days before the demo's day on which first appointments took effect."""
RECRUITED = (560, 380, 200, 75)
TRANSFERRED = (690, 600, 510, 420, 330, 240, 150, 60)
PROMOTED_FROM, VACANT_FOR = "MORD-2/US-PROC-1", 100
WHOLE, FIRST_HALF, SECOND_HALF = (0, 1000), (0, 500), (500, 1000)


@dataclass(frozen=True)
class Holding:
    """One line of an order. `person` is an index into the people; `until` is the first day no longer held."""

    person: int
    post: str
    since: dt.date
    act: str
    until: dt.date | None = None
    kind: str = "substantive"
    part: tuple[int, int] = WHOLE

    def covers(self, day: dt.date) -> bool:
        """True if the post is held on the day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass
class Careers:
    """All holdings, in no order, and the people who serve in the demonstration's chosen posts."""

    holdings: list[Holding] = field(default_factory=list)
    seated: dict[str, int] = field(default_factory=dict)
    vacant: set[str] = field(default_factory=set)

    def of_people(self) -> dict[int, list[Holding]]:
        """person -> substantive holdings, earliest first."""
        found: dict[int, list[Holding]] = defaultdict(list)
        for holding in sorted(self.holdings, key=lambda h: h.since):
            if holding.kind == "substantive":
                found[holding.person].append(holding)
        return found


def live(
    posts: Sequence[DemoPost], *, chosen: Iterable[str], today: dt.date, rng: np.random.Generator
) -> Careers:
    """Careers of `PEOPLE` officials up to `today`; the posts `chosen` are held and never change hands."""
    fixed = set(chosen)
    by_code = {p.code: p for p in posts}
    careers = Careers(vacant=_vacate(posts, fixed, rng))
    shared = _leaves(posts, fixed | careers.vacant, rng)[:SHARED]
    seats: list[tuple[str, tuple[int, int]]] = []
    for post in posts:
        if post.code in shared:
            seats += [(post.code, FIRST_HALF), (post.code, SECOND_HALF)]
        elif post.code not in careers.vacant:
            seats.append((post.code, WHOLE))
    bosses = {p.reports_to for p in posts}
    for person, (code, part) in enumerate(seats):
        new = code not in fixed and code not in bosses and code != PROMOTED_FROM and rng.random() < 0.05
        days = int(rng.choice(RECRUITED if new else FIRST_APPOINTED))
        since = today - dt.timedelta(days=days)
        careers.holdings.append(
            Holding(person, code, since, "recruitment" if new else "appointment", part=part)
        )
        careers.seated.setdefault(code, person)
    movable = _movable(careers, fixed | set(shared), by_code, today, rng)
    _swap(careers, movable, today, rng)
    _leave_behind(careers, movable, by_code, today, rng)
    _promote(careers, today)
    _charge(careers, posts, fixed, today, rng)
    return careers


def _vacate(posts: Sequence[DemoPost], fixed: set[str], rng: np.random.Generator) -> set[str]:
    """The posts nobody holds now: as many as are left over, all of them without a team."""
    teams_kept = {p.code for p in posts if p.reports_to in fixed}
    leaves = _leaves(posts, fixed | teams_kept | {VACANCY}, rng)
    return {VACANCY, *leaves[: len(posts) + SHARED - PEOPLE - 1]}


def _leaves(posts: Sequence[DemoPost], barred: set[str], rng: np.random.Generator) -> list[str]:
    bosses = {p.reports_to for p in posts}
    teams_kept = {p.code for p in posts if p.reports_to in barred}
    found = [p.code for p in posts if p.code not in bosses | barred | teams_kept and p.level < 12]
    rng.shuffle(found)
    return found


def _movable(
    careers: Careers, barred: set[str], posts: dict[str, DemoPost], today: dt.date, rng: np.random.Generator
) -> dict[tuple[str, str], list[int]]:
    """(top body, designation) -> places in `holdings` of people who may be moved, shuffled."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    earliest = today - dt.timedelta(days=min(FIRST_APPOINTED))
    for place, holding in enumerate(careers.holdings):
        post = posts[holding.post]
        if holding.post not in barred and holding.post != PROMOTED_FROM and holding.since <= earliest:
            found[top(post.body), post.designation].append(place)
    for places in found.values():
        rng.shuffle(places)
    return found


def _swap(
    careers: Careers, movable: dict[tuple[str, str], list[int]], today: dt.date, rng: np.random.Generator
) -> None:
    """Pairs of the same designation change places."""
    kinds = [key for key, places in movable.items() if len(places) >= 8]
    sizes = np.array([len(movable[key]) for key in kinds], dtype=float)
    for kind in rng.choice(len(kinds), size=3 * SWAPS, p=sizes / sizes.sum()).tolist()[:SWAPS]:
        places = movable[kinds[kind]]
        if len(places) < 4:
            continue
        one, two = places.pop(), places.pop()
        day = today - dt.timedelta(days=int(rng.choice(TRANSFERRED)))
        first, second = careers.holdings[one], careers.holdings[two]
        careers.holdings[one] = replace(first, until=day)
        careers.holdings[two] = replace(second, until=day)
        careers.holdings.append(Holding(first.person, second.post, day, "transfer"))
        careers.holdings.append(Holding(second.person, first.post, day, "transfer"))


def _leave_behind(
    careers: Careers,
    movable: dict[tuple[str, str], list[int]],
    posts: dict[str, DemoPost],
    today: dt.date,
    rng: np.random.Generator,
) -> None:
    """Most vacant posts were held before, by someone who was transferred to a post of the same designation."""
    for code in sorted(careers.vacant - {VACANCY})[:LEFT_BEHIND]:
        places = movable.get((top(posts[code].body), posts[code].designation), [])
        if not places:
            continue
        place = places.pop()
        here = careers.holdings[place]
        day = today - dt.timedelta(days=int(rng.choice(TRANSFERRED)))
        careers.holdings[place] = Holding(here.person, code, here.since, here.act, until=day)
        careers.holdings.append(Holding(here.person, here.post, day, "transfer"))


def _promote(careers: Careers, today: dt.date) -> None:
    """The vacancy of the demonstration: its holder was promoted out of it."""
    day = today - dt.timedelta(days=VACANT_FOR)
    place = next(i for i, h in enumerate(careers.holdings) if h.post == PROMOTED_FROM)
    here = careers.holdings[place]
    careers.holdings[place] = Holding(here.person, VACANCY, here.since, here.act, until=day)
    careers.holdings.append(Holding(here.person, PROMOTED_FROM, day, "promotion"))


def _charge(
    careers: Careers, posts: Sequence[DemoPost], fixed: set[str], today: dt.date, rng: np.random.Generator
) -> None:
    """Some vacant posts are looked after by a colleague, who keeps the own post."""
    holders = {h.post: h for h in careers.holdings if h.kind == "substantive" and h.covers(today)}
    day = today - dt.timedelta(days=45)
    codes = sorted(careers.vacant - {VACANCY})
    rng.shuffle(codes)
    by_boss: dict[str | None, list[DemoPost]] = defaultdict(list)
    for post in posts:
        by_boss[post.reports_to].append(post)
    boss = {p.code: p.reports_to for p in posts}
    made = 0
    for code in codes:
        beside = [p for p in by_boss[boss[code]] if p.code in holders and p.code not in fixed]
        if made == CHARGES or not beside:
            continue
        keeper = holders[beside[int(rng.integers(len(beside)))].code]
        careers.holdings.append(
            Holding(keeper.person, code, max(day, keeper.since), "charge", kind="additional_charge")
        )
        made += 1
