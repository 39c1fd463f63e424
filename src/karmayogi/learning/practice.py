"""Practice questions: answered as often as one likes, explained after each try, and no evidence of anything."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from karmayogi.learning.models import PracticeAnswer, PracticeKey, PracticeQuestion
from karmayogi.registry import roles, translations
from karmayogi.registry.acting import as_role


class UnknownQuestion(LookupError):
    """There is no such practice question; open the page again."""


class UnknownOption(Exception):
    """The question has no such option; choose one of those shown."""

    status = 400


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person learns after a try: was it right, which option is, and why (`language` is that of `why`)."""

    option: str
    right: bool
    answer: str
    why: str
    language: str


@dataclass(frozen=True, slots=True)
class Option:
    """An option as it is shown."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """A practice question; `feedback` to the latest try, None before the first: until then no key leaves its table."""

    id: UUID
    key: str
    number: int
    stem: str
    options: tuple[Option, ...]
    feedback: Feedback | None


def questions(page: UUID, *, person: UUID, language: str = "en") -> list[QuestionCard]:
    """The questions of a practice page in order, each with the person's latest try if there was one."""
    tries = PracticeAnswer.objects.filter(person_id=person, question=OuterRef("id")).order_by("-at", "-id")
    latest_try = Subquery(tries.values("option")[:1])
    rows = list(PracticeQuestion.objects.filter(page_id=page).annotate(latest=latest_try).order_by("number"))
    texts = translations.read([row.id for row in rows], language=language)
    latest = {row.id: row.latest for row in rows if row.latest is not None}
    keys = _keys(latest)
    return [
        QuestionCard(
            id=row.id,
            key=row.key,
            number=row.number,
            stem=texts.get(row.id, "stem", row.stem),
            options=tuple(
                Option(o["key"], texts.get(row.id, f"option.{o['key']}", o["text"])) for o in row.options
            ),
            feedback=_feedback(latest[row.id], keys[row.id], language) if row.id in latest else None,
        )
        for row in rows
    ]


def answer(person: UUID, question: UUID, option: str, *, now: dt.datetime, language: str = "en") -> Feedback:
    """Keeps the try and says whether it was right, and why. Raises `UnknownQuestion` or `UnknownOption`."""
    row = PracticeQuestion.objects.filter(id=question).first()
    if row is None:
        raise UnknownQuestion(_("There is no such practice question today. Open the page again."))
    if option not in [held["key"] for held in row.options]:
        raise UnknownOption(_("This question has no such option. Choose one of those shown."))
    feedback = _feedback(option, _keys([question])[question], language)
    PracticeAnswer(person_id=person, question_id=question, option=option, right=feedback.right, at=now).save(
        force_insert=True
    )
    return feedback


def _keys(questions: Iterable[UUID]) -> dict[UUID, PracticeKey]:
    wanted = list(questions)
    if not wanted:
        return {}
    with as_role(roles.SCORER):
        return {key.question_id: key for key in PracticeKey.objects.filter(question_id__in=wanted)}


def _feedback(option: str, key: PracticeKey, language: str) -> Feedback:
    told = language if language in key.why else "en"
    return Feedback(option, option == key.right, key.right, key.why[told], told)
