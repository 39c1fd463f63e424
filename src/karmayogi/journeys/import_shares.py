"""Job shares as parts of a post: a post is a thousand thousandths, sharers take disjoint parts of them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from karmayogi.standards.organogram import Posting

WHOLE = 1000
LEEWAY = 50
"""Thousandths by which the shares of a post may come to more than the whole; the last sharer then takes less."""

Part = tuple[int, int]


def parts(timeline: Iterable[Posting]) -> dict[Posting, Part]:
    """posting -> its part `[from, to)` in thousandths; a posting whose share does not fit any more is absent.

    A full holder has all. Postings of withheld holders take their part too, so that nobody else gets it.
    """
    by_post: dict[tuple[str, str], list[Posting]] = defaultdict(list)
    found: dict[Posting, Part] = {}
    for posting in timeline:
        if posting.share >= 1.0:
            found[posting] = 0, WHOLE
        else:
            by_post[posting.org_slug, posting.post_ref].append(posting)
    for shared in by_post.values():
        taken: list[tuple[Posting, Part]] = []
        for posting in sorted(shared, key=lambda p: (p.since, p.holder, p.kind)):
            part = _free(
                round(posting.share * WHOLE), [part for other, part in taken if _overlap(other, posting)]
            )
            if part is not None:
                taken.append((posting, part))
        found.update(taken)
    return found


def _overlap(one: Posting, other: Posting) -> bool:
    ends, others_end = one.until or dt.date.max, other.until or dt.date.max
    return one.since < others_end and other.since < ends


def _free(width: int, taken: list[Part]) -> Part | None:
    """The first gap that is wide enough, else the widest if it lacks no more than the leeway."""
    gaps, at = [], 0
    for lower, upper in sorted(taken):
        gaps.append((at, lower))
        at = max(at, upper)
    gaps.append((at, WHOLE))
    fitting = [gap for gap in gaps if gap[1] - gap[0] >= width]
    if fitting:
        return fitting[0][0], fitting[0][0] + width
    widest = max(gaps, key=lambda gap: gap[1] - gap[0])
    size = widest[1] - widest[0]
    return widest if size > 0 and size >= width - LEEWAY else None
