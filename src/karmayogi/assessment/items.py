"""Items: what is asked, version by version, on its way from draft to live. Only jobs and the command line write."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction

from karmayogi.assessment.models import AnswerKey, Item, ItemStep, ItemVersion, Wording
from karmayogi.registry import bulk, ids


class State(StrEnum):
    """Where an item version stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PILOT = "pilot"
    LIVE = "live"
    RETIRED = "retired"


NEXT: Mapping[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.IN_REVIEW, State.RETIRED}),
    State.IN_REVIEW: frozenset({State.DRAFT, State.PILOT, State.LIVE, State.RETIRED}),
    State.PILOT: frozenset({State.LIVE, State.RETIRED}),
    State.LIVE: frozenset({State.RETIRED}),
    State.RETIRED: frozenset(),
}
"""The states that may follow each state."""


class ItemIsFaulty(ValueError):
    """An item cannot be asked as it is written: its key, its options or its English text do not hold together."""

    status = 400


class StepNotAllowed(Exception):
    """An item version cannot go to that state from where it stands."""

    status = 409


class SamePersonTwice(Exception):
    """Author, reviewer and approver of an item must be different people."""

    status = 403


@dataclass(frozen=True)
class NewItem:
    """An item as its author hands it in. Texts are language -> text and need "en"; `a` and `b` are first guesses.

    `options` is key -> texts, in the author's order; the order shown differs from sitting to sitting.
    """

    key: str
    area: str
    stem: Mapping[str, str]
    options: Mapping[str, Mapping[str, str]]
    right: str
    why: Mapping[str, str] = field(default_factory=dict)
    a: float = 1.0
    b: float = 0.0

    def check(self) -> None:
        """Raises `ItemIsFaulty` with what to mend."""
        if len(self.options) < 2 or self.right not in self.options:
            raise ItemIsFaulty(f"Item {self.key}: give two options or more, and mark one of them as right.")
        if not self.stem.get("en") or not all(texts.get("en") for texts in self.options.values()):
            raise ItemIsFaulty(f"Item {self.key}: the question and each option need an English text.")

    @property
    def shown(self) -> list[dict[str, str]]:
        """The English options as they are stored."""
        return [{"key": key, "text": texts["en"]} for key, texts in self.options.items()]

    @property
    def content_hash(self) -> str:
        """SHA-256 over what is shown in English; the key stays out of it."""
        return content_hash(self.stem["en"], self.shown)


def content_hash(stem: str, options: Sequence[Mapping[str, str]]) -> str:
    """SHA-256, hexadecimal, of a stem and its options."""
    plain = json.dumps([stem, list(options)], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(plain.encode()).hexdigest()


def write(
    new: Iterable[NewItem],
    *,
    competency: UUID,
    now: dt.datetime,
    author: UUID | None = None,
    order_no: str = "",
) -> dict[str, UUID]:
    """Item key -> version, in the order given: a new draft where text or key differ from the latest version.

    `author` or, for a set taken over as a whole, `order_no` says where it comes from. Raises `ItemIsFaulty`.
    """
    wanted = list(new)
    for item in wanted:
        item.check()
    with transaction.atomic():
        rows = ((ids.new(), competency, i.key, i.area) for i in wanted)
        bulk.load(Item, ["id", "competency_id", "key", "area"], rows)
        known = dict(
            Item.objects.filter(competency_id=competency, key__in=[i.key for i in wanted]).values_list(
                "key", "id"
            )
        )
        latest = _latest(known.values())
        fresh = [i for i in wanted if not _same(i, latest.get(known[i.key]))]
        made = {i.key: ids.new() for i in fresh}
        _load(fresh, made, known, latest, now=now)
        steps = [(ids.new(), version, "draft", author, order_no, "", now) for version in made.values()]
        bulk.load(ItemStep, STEP, steps)
        held = [i for i in wanted if i.key not in made]
        _reword(held, {i.key: latest[known[i.key]].id for i in held})
    return {i.key: made.get(i.key) or latest[known[i.key]].id for i in wanted}


STEP = ["id", "item_version_id", "state", "by_id", "order_no", "reason", "at"]


def move(
    versions: Iterable[UUID],
    *,
    to: State,
    now: dt.datetime,
    by: UUID | None = None,
    order_no: str = "",
    reason: str = "",
) -> int:
    """Moves versions to a state and returns how many moved; those that stand there already stay.

    Raises `StepNotAllowed`, and `SamePersonTwice` where `by` wrote or moved the version before. Retiring is open
    to all who took part.
    """
    with transaction.atomic():
        rows = list(ItemVersion.objects.select_for_update().filter(id__in=list(versions)).exclude(state=to))
        for row in rows:
            if to not in NEXT[State(row.state)]:
                raise StepNotAllowed(
                    f"An item that is {row.state} cannot become {to.value}. Write a new version."
                )
        took_part = ItemStep.objects.filter(item_version__in=rows, by=by, by__isnull=False)
        if to is not State.RETIRED and took_part.exclude(state=State.RETIRED).exists() and not _hands_in(to):
            raise SamePersonTwice(
                "Somebody else must take this step: you had a part in one of these items before."
            )
        ItemVersion.objects.filter(id__in=[row.id for row in rows]).update(state=to.value)
        bulk.load(ItemStep, STEP, ((ids.new(), row.id, to.value, by, order_no, reason, now) for row in rows))
    return len(rows)


def take_over(versions: Iterable[UUID], *, now: dt.datetime, order_no: str) -> int:
    """Makes drafts live by an order that vouches for the whole set; returns how many."""
    wanted = list(versions)
    drafts = list(ItemVersion.objects.filter(id__in=wanted, state=State.DRAFT).values_list("id", flat=True))
    move(drafts, to=State.IN_REVIEW, now=now, order_no=order_no)
    return move(drafts, to=State.LIVE, now=now, order_no=order_no)


def _hands_in(to: State) -> bool:
    """The author hands the own draft in, or takes it back."""
    return to in (State.IN_REVIEW, State.DRAFT)


def _latest(items: Iterable[UUID]) -> dict[UUID, ItemVersion]:
    query = ItemVersion.objects.filter(item_id__in=list(items)).select_related("answer_key")
    return {v.item_id: v for v in query.order_by("item_id", "-number").distinct("item_id")}


def _same(item: NewItem, version: ItemVersion | None) -> bool:
    if version is None:
        return False
    return version.content_hash == item.content_hash and version.answer_key.right == item.right


def _load(
    fresh: Sequence[NewItem],
    made: Mapping[str, UUID],
    known: Mapping[str, UUID],
    latest: Mapping[UUID, ItemVersion],
    *,
    now: dt.datetime,
) -> None:
    numbers = {i.key: latest[known[i.key]].number + 1 if known[i.key] in latest else 1 for i in fresh}
    bulk.load(
        ItemVersion,
        ["id", "item_id", "number", "stem", "options", "content_hash", "state", "written_at"],
        (
            (
                made[i.key],
                known[i.key],
                numbers[i.key],
                i.stem["en"],
                _json(i.shown),
                i.content_hash,
                "draft",
                now,
            )
            for i in fresh
        ),
    )
    bulk.load(
        AnswerKey,
        ["id", "item_version_id", "right", "why"],
        ((ids.new(), made[i.key], i.right, _json(dict(i.why))) for i in fresh),
    )
    _reword(fresh, made)


def _reword(items: Iterable[NewItem], versions: Mapping[str, UUID]) -> None:
    """Adds wordings in languages that a version does not have yet."""
    bulk.load(
        Wording,
        ["id", "item_version_id", "language", "stem", "options"],
        (
            (ids.new(), versions[i.key], language, stem, _json(options))
            for i in items
            for language, stem, options in _wordings(i)
        ),
    )


def _wordings(item: NewItem) -> Iterator[tuple[str, str, dict[str, str]]]:
    for language, stem in item.stem.items():
        options = {key: texts[language] for key, texts in item.options.items() if texts.get(language)}
        if language != "en" and stem and len(options) == len(item.options):
            yield language, stem, options


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
