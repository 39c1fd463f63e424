"""Reporting lines: to which post a post reports, from when to when, each by an order."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from karmayogi.ehrms import effects, spans
from karmayogi.ehrms.models import ReportingLine
from karmayogi.ehrms.spans import Span
from karmayogi.registry import bulk, ids

COLUMNS = ("id", "post_id", "above_id", "during", "recorded", "order_no")


@dataclass(frozen=True)
class ReportingFact:
    """`post` reports to the post `above`. `until` is the first day no longer covered; None is open."""

    post: UUID
    above: UUID
    since: dt.date
    order_no: str
    until: dt.date | None = None


@dataclass(frozen=True)
class _Standing:
    id: UUID
    fact: ReportingFact

    @property
    def span(self) -> Span:
        return spans.span(self.fact.since, self.fact.until)


def write(facts: Iterable[ReportingFact], *, now: dt.datetime) -> int:
    """Adds lines of posts nobody was ever posted to, and returns how many are new; one line at a time stays."""
    said = ((ids.new(), f.post, f.above, _days(f), f"[{now.isoformat()},)", f.order_no) for f in facts)
    return bulk.load(ReportingLine, COLUMNS, said)


def history(posts: Iterable[UUID]) -> dict[UUID, list[ReportingFact]]:
    """post -> its lines as recorded now, earliest first."""
    found: dict[UUID, list[ReportingFact]] = {}
    for line in _standing(posts):
        found.setdefault(line.fact.post, []).append(line.fact)
    return found


def report(
    facts: Iterable[ReportingFact], *, within: Mapping[UUID, Sequence[Span]], source: str, now: dt.datetime
) -> dict[UUID, list[Span]]:
    """Says anew to whom posts report: `within` these days of a post, `facts` are all that is so.

    Replaces lines of orders whose number starts with `source`; what other orders say stays as it is. What ends or
    changes is closed in record time and written anew, adjoining equal lines are one, and the supervisors of those
    posted there follow. Returns post -> the days on which its line changed. A second run changes nothing.
    """
    told: dict[UUID, list[ReportingFact]] = defaultdict(list)
    for fact in facts:
        told[fact.post].append(fact)
    standing: dict[UUID, list[_Standing]] = defaultdict(list)
    for line in _standing(within):
        standing[line.fact.post].append(line)
    closed: list[UUID] = []
    written: list[ReportingFact] = []
    changed: dict[UUID, list[Span]] = {}
    for post, days in within.items():
        stays = [s for s in standing[post] if not s.fact.order_no.startswith(source)]
        ours = [s for s in standing[post] if s.fact.order_no.startswith(source)]
        wanted = _wanted(ours, told[post], days=days, taken=[s.span for s in stays])
        gone = [s for s in ours if s.fact not in wanted]
        new = [f for f in wanted if f not in {s.fact for s in ours}]
        closed += [s.id for s in gone]
        written += new
        if gone or new:
            changed[post] = _differing(gone, new)
    _close(closed, now=now)
    write(written, now=now)
    effects.restate(lines=[(post, since, until) for post, days in changed.items() for since, until in days])
    return changed


def _wanted(
    ours: Sequence[_Standing], told: Sequence[ReportingFact], *, days: Sequence[Span], taken: Sequence[Span]
) -> list[ReportingFact]:
    """The lines of one post as they shall stand; a joined line is of the order of its first day."""
    pieces: dict[UUID, list[Span]] = defaultdict(list)
    numbers: dict[tuple[UUID, dt.date], str] = {}
    for fact in told:
        for piece in spans.without(spans.common([spans.span(fact.since, fact.until)], days), taken):
            pieces[fact.above].append(piece)
            numbers[fact.above, piece[0]] = fact.order_no
    for line in ours:
        for piece in spans.without([line.span], days):
            pieces[line.fact.above].append(piece)
        # A line that goes on keeps the number under which it began.
        numbers[line.fact.above, line.fact.since] = line.fact.order_no
        numbers |= {(line.fact.above, p[0]): line.fact.order_no for p in spans.without([line.span], days)}
    post = ours[0].fact.post if ours else told[0].post if told else None
    return [
        ReportingFact(post, over, since, numbers[over, since], spans.end(until))
        for over, found in pieces.items()
        for since, until in spans.joined(found)
        if post is not None
    ]


def _differing(gone: Sequence[_Standing], new: Sequence[ReportingFact]) -> list[Span]:
    """The days on which the post above is another one than before."""
    before, after = defaultdict(list), defaultdict(list)
    for line in gone:
        before[line.fact.above].append(line.span)
    for fact in new:
        after[fact.above].append(spans.span(fact.since, fact.until))
    found: list[Span] = []
    for over in {*before, *after}:
        found += spans.without(before[over], after[over]) + spans.without(after[over], before[over])
    return spans.joined(found)


def _standing(posts: Iterable[UUID]) -> list[_Standing]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, post_id, above_id, lower(during), order_no, upper(during) FROM ehrms_reportingline"
            " WHERE post_id = ANY(%s) AND upper_inf(recorded) ORDER BY post_id, during",
            [list(posts)],
        )
        return [_Standing(id, ReportingFact(*fact)) for id, *fact in cursor.fetchall()]


def _close(lines: Sequence[UUID], *, now: dt.datetime) -> None:
    if lines:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE ehrms_reportingline SET recorded = tstzrange(lower(recorded), greatest(%s, lower(recorded)))"
                " WHERE id = ANY(%s)",
                [now, list(lines)],
            )


def _days(fact: ReportingFact) -> str:
    return f"[{fact.since},{fact.until or ''})"
