"""Sittings: begun, one question at a time, answered exactly once, ended by their own rule or by the clock.

The web calls `begin`, `question`, `answer`, `finish` and `result` as the person who sits. Which item comes next is a
function of what the sitting fixed at its start and of the answers (see `selection`); `replay` derives it again.
"""

import datetime as dt
import hashlib
import logging
from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from karmayogi.assessment import cards, endings, openings, questions, turns
from karmayogi.assessment.cards import NoSuchSitting, SittingCard, of
from karmayogi.assessment.endings import Answered, Close, State
from karmayogi.assessment.histories import HistorySitting, record_history
from karmayogi.assessment.models import Sitting
from karmayogi.assessment.openings import TooSoonToRetake
from karmayogi.assessment.questions import AlreadyAnswered, NoSuchOption, NotTheCurrentQuestion, Question
from karmayogi.assessment.replays import Replay, replay
from karmayogi.assessment.results import Result, SittingStillOpen, result

log = logging.getLogger(__name__)

__all__ = [
    "AlreadyAnswered",
    "HistorySitting",
    "NoSuchOption",
    "NoSuchSitting",
    "NotTheCurrentQuestion",
    "Question",
    "Replay",
    "Result",
    "SittingAlreadyFinished",
    "SittingCard",
    "SittingStillOpen",
    "State",
    "TooSoonToRetake",
    "answer",
    "begin",
    "confirm",
    "finish",
    "lapse",
    "of",
    "question",
    "record_history",
    "replay",
    "result",
]


class SittingAlreadyFinished(Exception):
    """The sitting has ended; nothing can be added."""

    status = 409


def begin(
    person: UUID, *, competency: UUID, now: dt.datetime, kind: str = "adaptive", supervised: bool = False
) -> UUID:
    """The person's open sitting, or a new one with its first question chosen.

    Raises `publications.NoCheckYet`; `TooSoonToRetake` with the day from which the check may be sat again.
    """
    with transaction.atomic():
        _alone(f"{person}/{competency}")
        held = Sitting.objects.filter(person_id=person, competency_id=competency, ending__isnull=True)
        running = held.first()
        if running is not None and now < running.deadline:
            return running.id
        if running is not None:
            _lapse(running.id, now=now)
        sitting = openings.open(person, competency=competency, kind=kind, supervised=supervised, now=now)
        turns.go_on(sitting, Answered(), now=now)
        return sitting.id


def question(sitting: UUID, *, person: UUID, now: dt.datetime, language: str = "en") -> Question | None:
    """The question to answer now, in `language` where it is worded so, else in English; None when ended.

    A sitting past its deadline lapses here: what was answered is kept and scored.
    """
    row = cards.own(sitting, person)
    if cards.state(row) is State.OPEN and now >= row.deadline:
        _lapse(row.id, now=now)
        return None
    if cards.state(row) is not State.OPEN:
        return None
    return questions.shown(row, now=now, language=language)


def answer(
    sitting: UUID, *, person: UUID, item: UUID, option: str, now: dt.datetime, milliseconds: int | None = None
) -> State:
    """Keeps the answer to the current question and says where the sitting stands then.

    The same answer again changes nothing. Past the deadline the answer is not taken and the sitting lapses with
    what it has (`State.LAPSED`). Raises `AlreadyAnswered`, `NotTheCurrentQuestion`, `NoSuchOption`,
    `SittingAlreadyFinished`.
    """
    with transaction.atomic():
        _alone(str(sitting))
        row = cards.own(sitting, person)
        if questions.repeats(row, item, option):
            return cards.state(row)
        if cards.state(row) is not State.OPEN:
            raise SittingAlreadyFinished(
                _("This check has ended. Your answers are kept; open the result to see it.")
            )
        if now >= row.deadline:
            return turns.close(row, State.LAPSED, now=now)
        questions.keep(row, item=item, option=option, milliseconds=milliseconds, now=now)
        return turns.go_on(row, endings.answered([row.id])[row.id], now=now)


def finish(sitting: UUID, *, person: UUID, now: dt.datetime) -> State:
    """Ends a sitting before its own rule would; what was answered is scored. An ended one stays as it is."""
    with transaction.atomic():
        _alone(str(sitting))
        row = cards.own(sitting, person)
        if cards.state(row) is not State.OPEN:
            return cards.state(row)
        return turns.close(row, State.LAPSED if now >= row.deadline else State.FINISHED, now=now)


def lapse(*, now: dt.datetime, limit: int = 500) -> list[UUID]:
    """Ends open sittings past their deadline, oldest first, at most `limit`; returns the people concerned. For a job.

    Each sitting is a transaction of its own: one that cannot be ended is logged and left, the others go on.
    """
    concerned: set[UUID] = set()
    due = Sitting.objects.filter(open=True, deadline__lte=now).order_by("deadline")[:limit]
    for sitting, person in list(due.values_list("id", "person_id")):
        try:
            if _lapse(sitting, now=now):
                concerned.add(person)
        except Exception:
            log.exception("The sitting %s is past its deadline and could not be ended", sitting)
    return sorted(concerned)


def confirm(sittings: Iterable[UUID], *, now: dt.datetime) -> int:
    """Turns ended supervised sittings into evidence, once the place has confirmed who sat; returns how many."""
    query = Sitting.objects.filter(id__in=list(sittings), supervised=True, ending__isnull=False)
    rows = list(query.select_related("ending"))
    closed = [Close(row, cards.state(row), row.ending.at) for row in rows]
    return endings.record(closed, endings.answered(row.id for row in rows), now=now)


def _lapse(sitting: UUID, *, now: dt.datetime) -> bool:
    """Ends a sitting past its deadline; False if another transaction has ended it first."""
    with transaction.atomic():
        _alone(str(sitting))
        row = Sitting.objects.filter(id=sitting, ending__isnull=True).first()
        if row is not None:
            turns.close(row, State.LAPSED, now=now)
        return row is not None


def _alone(what: str) -> None:
    """Lets one transaction at a time begin or answer this; the others wait."""
    number = int.from_bytes(hashlib.sha256(f"assessment/{what}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
