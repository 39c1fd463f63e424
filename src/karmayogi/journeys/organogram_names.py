"""How organograms are named here: codes of bodies and posts, numbers of orders, the days snapshots speak for."""

import datetime as dt
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from uuid import UUID

from karmayogi.ehrms import spans
from karmayogi.ehrms.spans import Span
from karmayogi.institutions import bodies
from karmayogi.institutions.bodies import NewBody
from karmayogi.standards.organogram import JuniorStrength, SeniorPost

SOURCE = "organogram"
"""Kind of the orders, and the beginning of their numbers."""


def code_of_group(department: str) -> str:
    """Code of the body that stands for a parent department and all under it."""
    return "group/" + re.sub(r"[^a-z0-9]+", "_", department.lower()).strip("_")[:70]


def code_of_post(org_slug: str, post_ref: str) -> str:
    """Code of a post: unique over all organisations."""
    return f"{org_slug}/{post_ref}"


def order_no(org_slug: str, on: dt.date) -> str:
    """Number of the order that stands for one organisation's snapshot; at most 80 characters."""
    name = org_slug if len(org_slug) <= 58 else f"{org_slug[:49]}-{sha256(org_slug.encode()).hexdigest()[:8]}"
    return f"organogram/{name}/{on}"


def establish(rows: Sequence[SeniorPost | JuniorStrength]) -> dict[str, UUID]:
    """Sets up parent departments and organisations as the latest snapshot names them: code -> id."""
    latest = {r.org_slug: r for r in sorted(rows, key=lambda r: r.snapshot)}
    groups = {
        code_of_group(r.parent_department): r.parent_department
        for r in latest.values()
        if r.parent_department
    }
    new = [NewBody(code, name, "ministry") for code, name in groups.items()]
    new += [
        NewBody(
            r.org_slug, r.organisation, "department",
            code_of_group(r.parent_department) if r.parent_department else None,
        )
        for r in latest.values()
    ]  # fmt: skip
    since = min(r.snapshot for r in rows)
    return bodies.establish(new, since=since, order_no=f"organogram/{since}")


class Calendar:
    """The snapshots of each organisation: those of a file and those known before."""

    def __init__(self, rows: Iterable[SeniorPost], known: Mapping[str, Iterable[dt.date]]) -> None:
        self.said: dict[str, set[dt.date]] = defaultdict(set)
        for r in rows:
            self.said[r.org_slug].add(r.snapshot)
        self.known = {org: set(known.get(org, ())) for org in self.said}
        self.days = {org: sorted(said | self.known[org]) for org, said in self.said.items()}

    def span(self, org: str, day: dt.date) -> Span:
        """The days for which a snapshot speaks: to the next one."""
        later = bisect_right(self.days[org], day)
        return day, self.days[org][later] if later < len(self.days[org]) else spans.OPEN

    def until(self, org: str, day: dt.date) -> dt.date | None:
        """The next snapshot after that of the day, None after the last."""
        return spans.end(self.span(org, day)[1])

    def told(self, org: str) -> list[Span]:
        """The days for which snapshots of the file speak."""
        return spans.joined(self.span(org, day) for day in self.said[org])

    def new(self, org: str) -> list[Span]:
        """The days for which snapshots speak that were not known before."""
        return spans.joined(self.span(org, day) for day in self.said[org] - self.known[org])

    def last_known(self, org: str, within: Span) -> dt.date | None:
        """The latest snapshot known before within these days."""
        since, until = within
        return max((day for day in self.known[org] if since <= day < until), default=None)
