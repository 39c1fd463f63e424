"""Snapshots to dated facts: who held which post, from when to when.

A row at a snapshot speaks for [snapshot, next snapshot of the same body); at the last one it is open-ended.
Adjoining stretches that say the same are one posting. A person has one substantive posting at any instant:
of the posts held then, the one *seen* last (a person who appears in another body has moved), then the larger
FTE, the higher grade, the earlier post_ref; the others are additional charge. So a posting may turn from
additional to substantive on a date, which makes two postings of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import Literal

import msgspec

from .senior_posts import GRADES, SeniorPost

Kind = Literal["substantive", "additional", "undisclosed"]


class Posting(msgspec.Struct, frozen=True, order=True):
    """``holder`` ('' when undisclosed) had the post over [``since``, ``until``); ``until`` None = still
    there at the last snapshot of the body. ``share``: of the post, below 1 only for a job share. ``kind``:
    see the module; the postings of undisclosed holders cannot be told apart by person and are marked so."""

    org_slug: str
    post_ref: str
    since: date
    until: date | None
    holder: str
    kind: Kind
    share: float


class _Stretch(msgspec.Struct, frozen=True):
    post: SeniorPost
    since: date
    until: date
    seat: int


def postings(snapshots: Iterable[SeniorPost]) -> list[Posting]:
    """Postings for accepted posts of any number of bodies and snapshots, sorted by body, post and date."""
    persons: dict[str, list[_Stretch]] = defaultdict(list)
    withheld: list[tuple[_Stretch, Kind]] = []
    for stretch in _stretches(snapshots):
        if stretch.post.holder:
            persons[stretch.post.holder].append(stretch)
        else:
            withheld.append((stretch, "undisclosed"))
    told = [piece for held in persons.values() for piece in _kinds(held)]
    return sorted(_joined(told + withheld), key=lambda p: (p.org_slug, p.post_ref, p.since, p.holder, p.kind))


def _stretches(snapshots: Iterable[SeniorPost]) -> Iterator[_Stretch]:
    posts = list(snapshots)
    dates: dict[str, set[date]] = defaultdict(set)
    for post in posts:
        dates[post.org_slug].add(post.snapshot)
    following = {
        (body, on): until
        for body, days in dates.items()
        for on, until in zip(sorted(days), [*sorted(days)[1:], date.max], strict=True)
    }
    seats: dict[tuple[str, str, date, str], int] = defaultdict(int)
    for post in posts:
        if post.state in ("held", "undisclosed"):
            seat = post.org_slug, post.post_ref, post.snapshot, post.holder
            yield _Stretch(post, post.snapshot, following[post.org_slug, post.snapshot], seats[seat])
            seats[seat] += 1


def _kinds(held: list[_Stretch]) -> Iterator[tuple[_Stretch, Kind]]:
    """The stretches of one person, cut so that exactly one is substantive at each instant covered."""
    if len(held) == 1:
        yield held[0], "substantive"
        return
    cuts = sorted({at for stretch in held for at in (stretch.since, stretch.until)})
    for since, until in pairwise(cuts):
        then = [stretch for stretch in held if stretch.since <= since and until <= stretch.until]
        best = min(then, key=_standing, default=None)
        for stretch in then:
            piece = _Stretch(stretch.post, since, until, stretch.seat)
            yield piece, "substantive" if stretch is best else "additional"


def _standing(stretch: _Stretch) -> tuple[int, float, int, str, str]:
    post = stretch.post
    return (
        -post.snapshot.toordinal(),
        -(post.fte or 0.0),
        -GRADES.index(post.grade),
        post.org_slug,
        post.post_ref,
    )


def _joined(pieces: list[tuple[_Stretch, Kind]]) -> Iterator[Posting]:
    def same(piece: tuple[_Stretch, Kind]) -> tuple[str, str, str, str, float, int]:
        post = piece[0].post
        seat = piece[0].seat if not post.holder else 0
        return post.org_slug, post.post_ref, post.holder, piece[1], _share(post), seat

    ordered = sorted(pieces, key=lambda piece: (same(piece), piece[0].since))
    open_: tuple[_Stretch, Kind] | None = None
    since = date.min
    for piece in ordered:
        if open_ is not None and same(open_) == same(piece) and open_[0].until == piece[0].since:
            open_ = piece
            continue
        if open_ is not None:
            yield _posting(open_, since=since)
        open_, since = piece, piece[0].since
    if open_ is not None:
        yield _posting(open_, since=since)


def _share(post: SeniorPost) -> float:
    return post.fte if post.share and post.fte is not None else 1.0


def _posting(piece: tuple[_Stretch, Kind], *, since: date) -> Posting:
    post, until = piece[0].post, piece[0].until
    ends = None if until == date.max else until
    return Posting(post.org_slug, post.post_ref, since, ends, post.holder, piece[1], _share(post))
