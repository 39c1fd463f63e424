"""The question a sitting asks now: shown without its key, and answered by one of its options."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from karmayogi.assessment import cards, selection
from karmayogi.assessment.models import ItemVersion, Response, Sitting, Turn, Wording
from karmayogi.registry import ids


class AlreadyAnswered(Exception):
    """The question has its answer, and another one came for it."""

    status = 409


class NotTheCurrentQuestion(Exception):
    """The answer is for an item that the sitting does not ask now."""

    status = 409


class NoSuchOption(ValueError):
    """The question has no such option."""

    status = 400


@dataclass(frozen=True)
class Question:
    """What the person sees: no key, no explanation, nothing on right or wrong.

    `options` is (key, text) in the order to show. `certainty`: 0 to 100, how near to being sure enough.
    """

    number: int
    shortest: int
    longest: int
    seconds_left: int
    stem: str
    options: tuple[tuple[str, str], ...]
    version: UUID
    certainty: int
    answered: int
    language: str


def shown(row: Sitting, *, now: dt.datetime, language: str) -> Question:
    """The question of an open sitting, in `language` where it is worded so, else in English."""
    turn = row.turns.order_by("-position")[0]
    version = ItemVersion.objects.get(id=turn.item_version_id)
    wording = None
    if language != "en":
        wording = Wording.objects.filter(item_version_id=version.id, language=language).first()
    texts = wording.options if wording else {option["key"]: option["text"] for option in version.options}
    plan = cards.plan(row)
    return Question(
        number=turn.position,
        shortest=plan.longest if plan.kind == "fixed" else plan.shortest,
        longest=plan.longest,
        seconds_left=int((row.deadline - now).total_seconds()),
        stem=wording.stem if wording else version.stem,
        options=tuple((key, texts[key]) for key in selection.shuffled(list(texts), row.seed, version.id)),
        version=version.id,
        certainty=turn.certainty,
        answered=turn.position - 1,
        language=wording.language if wording else "en",
    )


def keep(row: Sitting, *, item: UUID, option: str, milliseconds: int | None, now: dt.datetime) -> None:
    """Keeps the answer to the current question; raises `NotTheCurrentQuestion`, `NoSuchOption`."""
    turn = row.turns.order_by("-position")[0]
    _check(turn, item, option)
    Response.objects.create(
        id=ids.new(),
        sitting=row,
        position=turn.position,
        item_version_id=item,
        option=option,
        milliseconds=milliseconds,
        answered_at=now,
    )


def repeats(row: Sitting, item: UUID, option: str) -> bool:
    """True if this answer was given before; raises `AlreadyAnswered` if another one was."""
    held = Response.objects.filter(sitting=row, item_version_id=item).first()
    if held is not None and held.option != option:
        raise AlreadyAnswered(
            _("This question has been answered, and answers stand. Go on with the next one.")
        )
    return held is not None


def _check(turn: Turn, item: UUID, option: str) -> None:
    if turn.item_version_id != item:
        raise NotTheCurrentQuestion(
            _("This is not the question the check asks now. Reload the page to see it.")
        )
    options = ItemVersion.objects.values_list("options", flat=True).get(id=item)
    if option not in {shown["key"] for shown in options}:
        raise NoSuchOption(_("Choose one of the options shown."))
