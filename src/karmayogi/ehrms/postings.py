"""Postings: who held which post, when. Read here; written only by `orders`."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from karmayogi.ehrms.models import Posting
from karmayogi.institutions import aliases
from karmayogi.registry import translations


@dataclass(frozen=True)
class PostingFact:
    """One posting as recorded now. `until` is the first day no longer covered; None is open."""

    person: UUID
    post: UUID
    post_code: str
    designation: str
    body: UUID
    kind: str
    share: float
    since: dt.date
    until: dt.date | None
    order_no: str


def of(people: Iterable[UUID], *, language: str = "en") -> dict[UUID, list[PostingFact]]:
    """person -> their postings as recorded now, latest first, for those in reach, under all ids (`aliases`).

    Designations come in the `language` asked for; the English where there is no other.
    """
    found: dict[UUID, list[PostingFact]] = {}
    asked = aliases.sets(people)
    query = Posting.objects.filter(person_id__in=list(asked), recorded__upper_inf=True).annotate(
        called=translations.said_phrase("post__designation", language=language)
    )
    for p in query.select_related("post", "order").order_by("-during"):
        found.setdefault(asked[p.person_id], []).append(replace(_fact(p), designation=p.called))
    return found


def holders(posts: Iterable[UUID], *, on: dt.date) -> dict[UUID, list[PostingFact]]:
    """post -> its substantive holders on the day (several where the post is shared)."""
    found: dict[UUID, list[PostingFact]] = {}
    query = Posting.objects.filter(
        post_id__in=list(posts), recorded__upper_inf=True, kind="substantive", during__contains=on
    )
    for p in query.select_related("post", "order"):
        found.setdefault(p.post_id, []).append(_fact(p))
    return found


def _fact(p: Posting) -> PostingFact:
    share = (p.part.upper - p.part.lower) / 1000
    return PostingFact(
        p.person_id,
        p.post_id,
        p.post.code,
        p.post.designation,
        p.post.body_id,
        p.kind,
        share,
        p.during.lower,
        p.during.upper,
        p.order.number,
    )
