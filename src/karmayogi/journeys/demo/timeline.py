"""Questions about the careers of the miniature: where somebody stood on a day, and under whom."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from karmayogi.journeys.demo.careers import Holding
from karmayogi.journeys.demo.posts import DemoPost


class Timeline:
    """Substantive holdings, by person and by post."""

    def __init__(self, posts: Sequence[DemoPost], holdings: Iterable[Holding]) -> None:
        self.posts = {p.code: p for p in posts}
        self.by_person: dict[int, list[Holding]] = defaultdict(list)
        self.by_post: dict[str, list[Holding]] = defaultdict(list)
        for holding in sorted(holdings, key=lambda h: (h.since, h.part)):
            if holding.kind == "substantive":
                self.by_person[holding.person].append(holding)
                self.by_post[holding.post].append(holding)

    def post(self, person: int, on: dt.date) -> DemoPost | None:
        """The post of a person on the day, if any."""
        held = next((h for h in self.by_person[person] if h.covers(on)), None)
        return self.posts[held.post] if held else None

    def supervisor(self, person: int, on: dt.date) -> int | None:
        """Who holds the post reported to on the day; the first of two who share it."""
        post = self.post(person, on)
        if post is None or post.reports_to is None:
            return None
        return next((h.person for h in self.by_post[post.reports_to] if h.covers(on)), None)

    def line(self, person: int, on: dt.date) -> set[int]:
        """Everyone above a person on the day."""
        found: set[int] = set()
        above = self.supervisor(person, on)
        while above is not None and above not in found:
            found.add(above)
            above = self.supervisor(above, on)
        return found

    def first_day(self, person: int) -> dt.date:
        """When the person's first holding began."""
        return self.by_person[person][0].since
