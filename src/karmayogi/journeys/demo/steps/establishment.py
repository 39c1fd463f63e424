"""Posts, and the orders that put people on them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable

from karmayogi.ehrms import orders, posts
from karmayogi.ehrms.orders import Line
from karmayogi.ehrms.posts import NewPost
from karmayogi.journeys.demo.bodies import top
from karmayogi.journeys.demo.careers import Holding
from karmayogi.journeys.demo.posts import SANCTIONED_SINCE
from karmayogi.journeys.demo.showings import ZONE
from karmayogi.journeys.demo.steps import roll
from karmayogi.journeys.demo.world import World

KINDS = {
    "appointment": "appointment", "recruitment": "appointment", "transfer": "transfer", "promotion": "promotion",
    "charge": "additional_charge",
}  # fmt: skip
MARKS = {"appointment": "A", "recruitment": "R", "transfer": "T", "promotion": "P", "charge": "C"}


def load_posts(world: World) -> int:
    """All sanctioned posts; how many there are."""
    bodies = roll.call(world).bodies
    return len(
        posts.sanction(
            [
                NewPost(
                    code=p.code,
                    body=bodies[p.body],
                    designation=p.designation,
                    grade=f"Level {p.level}",
                    level=p.level,
                    since=SANCTIONED_SINCE,
                    sanction_order=f"demo/{top(p.body)}/sanction",
                    position=p.position,
                    sensitive=p.sensitive,
                    tenure_years=3 if p.sensitive else None,
                    reports_to=p.reports_to,
                )
                for p in world.posts
            ]
        )
    )


def load_orders(world: World, tell: Callable[[int, int], None]) -> int:
    """Every order of the history, heads first, so that a posting finds its supervisor; how many postings."""
    called = roll.call(world)
    by_post = {p.code: p for p in world.posts}
    seats = {code: card.id for code, card in posts.by_codes(by_post).items()}
    grouped: dict[tuple[int, dt.date, str, str], list[Holding]] = defaultdict(list)
    for holding in world.careers.holdings:
        post = by_post[holding.post]
        grouped[post.tier, holding.since, top(post.body), holding.act].append(holding)
    written = 0
    for place, ((tier, since, body, act), held) in enumerate(sorted(grouped.items())):
        tell(place, len(grouped))
        written += orders.enter(
            f"{body}/{since:%Y}/{since:%m%d}-{MARKS[act]}{tier + 1}",
            [Line(called.people[h.person], seats[h.post], h.kind, h.since, h.until, h.part) for h in held],
            kind=KINDS[act],
            body=called.bodies[body],
            effective=since,
            now=dt.datetime.combine(since, dt.time(9, 30), ZONE),
        )
    return written
