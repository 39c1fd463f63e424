"""Sittings: begun, one question at a time, answered exactly once, ended by their own rule or by the clock.

The web calls `begin`, `question`, `answer`, `finish` and `result` as the person who sits. Which item comes next is a
function of what the sitting fixed at its start and of the answers (see `selection`); `replay` derives it again.
"""

import datetime as dt
import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from karmayogi.assessment import blueprints, endings, openings, publications, selection
from karmayogi.assessment.endings import Answered, Close, State
from karmayogi.assessment.histories import HistorySitting, record_history
from karmayogi.assessment.models import Ending, ItemVersion, Response, Sitting, Turn, Wording
from karmayogi.assessment.openings import TooSoonToRetake
from karmayogi.assessment.replays import Replay, replay
from karmayogi.assessment.selection import Belief
from karmayogi.competency import profile
from karmayogi.competency.profile import Estimate
from karmayogi.registry import ids
from karmayogi.science.adaptive import NoItemLeft

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


class NoSuchSitting(LookupError):
    """The sitting is not there, or is another person's; the two are not told apart."""


class AlreadyAnswered(Exception):
    """The question has its answer, and another one came for it."""

    status = 409


class NotTheCurrentQuestion(Exception):
    """The answer is for an item that the sitting does not ask now."""

    status = 409


class NoSuchOption(ValueError):
    """The question has no such option."""

    status = 400


class SittingAlreadyFinished(Exception):
    """The sitting has ended; nothing can be added."""

    status = 409


class SittingStillOpen(Exception):
    """The sitting has not ended, so it has no result."""

    status = 409


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


@dataclass(frozen=True)
class Result:
    """What a sitting changed: the estimates when it began and when it was recorded (of a supervised one: now).

    `before` has information 0 where nothing was known; `after` is None where nothing was answered.
    """

    competency: UUID
    before: Estimate
    after: Estimate | None
    asked: int
    finished_at: dt.datetime
    state: State


@dataclass(frozen=True)
class SittingCard:
    """A sitting as lists show it."""

    id: UUID
    person: UUID
    competency: UUID
    supervised: bool
    state: State
    asked: int | None
    started_at: dt.datetime
    deadline: dt.datetime
    ended_at: dt.datetime | None


def begin(
    person: UUID, *, competency: UUID, now: dt.datetime, kind: str = "adaptive", supervised: bool = False
) -> UUID:
    """The person's open sitting, or a new one with its first question chosen.

    Raises `publications.NoCheckYet`; `TooSoonToRetake` with the day from which the check may be sat again.
    """
    with transaction.atomic():
        _alone(f"{person}/{competency}")
        running = _open().filter(person_id=person, competency_id=competency).first()
        if running is not None and now < running.deadline:
            return running.id
        if running is not None:
            _lapse(running.id, now=now)
        sitting = openings.open(person, competency=competency, kind=kind, supervised=supervised, now=now)
        _go_on(sitting, Answered(), now=now)
        return sitting.id


def question(sitting: UUID, *, person: UUID, now: dt.datetime, language: str = "en") -> Question | None:
    """The question to answer now, in `language` where it is worded so, else in English; None when ended.

    A sitting past its deadline lapses here: what was answered is kept and scored.
    """
    row = _own(sitting, person)
    if _state(row) is State.OPEN and now >= row.deadline:
        _lapse(row.id, now=now)
        return None
    if _state(row) is not State.OPEN:
        return None
    turn = row.turns.order_by("-position")[0]
    version = ItemVersion.objects.get(id=turn.item_version_id)
    wording = None
    if language != "en":
        wording = Wording.objects.filter(item_version_id=version.id, language=language).first()
    texts = wording.options if wording else {option["key"]: option["text"] for option in version.options}
    plan = blueprints.by_id(_planned(row))
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
        row = _own(sitting, person)
        if _repeats(row, item, option):
            return _state(row)
        if _state(row) is not State.OPEN:
            raise SittingAlreadyFinished(
                _("This check has ended. Your answers are kept; open the result to see it.")
            )
        if now >= row.deadline:
            return _close(row, State.LAPSED, now=now)
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
        return _go_on(row, endings.answered([row.id])[row.id], now=now)


def finish(sitting: UUID, *, person: UUID, now: dt.datetime) -> State:
    """Ends a sitting before its own rule would; what was answered is scored. An ended one stays as it is."""
    with transaction.atomic():
        _alone(str(sitting))
        row = _own(sitting, person)
        if _state(row) is not State.OPEN:
            return _state(row)
        return _close(row, State.LAPSED if now >= row.deadline else State.FINISHED, now=now)


def result(sitting: UUID, *, person: UUID) -> Result:
    """What is known of the competency before and after the sitting; raises `SittingStillOpen`."""
    row = _own(sitting, person)
    if _state(row) is State.OPEN:
        raise SittingStillOpen(
            _("This check is still open. Answer the current question, or end the check first.")
        )
    competency, ending = row.competency_id, row.ending
    before = profile.as_of([person], at=row.started_at).get(person, {}).get(competency)
    stood = profile.of([person]) if row.supervised else profile.as_of([person], at=ending.recorded_at)
    after = stood.get(person, {}).get(competency)
    return Result(competency, before or _cohort(row), after, ending.asked, ending.at, State(ending.state))


def of(person: UUID, *, competencies: Iterable[UUID] | None = None) -> list[SittingCard]:
    """The person's sittings, latest first."""
    query = Sitting.objects.filter(person_id=person).select_related("ending").order_by("-started_at")
    if competencies is not None:
        query = query.filter(competency_id__in=list(competencies))
    return [_card(row) for row in query]


def lapse(*, now: dt.datetime, limit: int = 500) -> list[UUID]:
    """Ends open sittings past their deadline, oldest first, at most `limit`; returns the people concerned. For a job.

    Each sitting is a transaction of its own: one that cannot be ended is logged and left, the others go on.
    """
    concerned: set[UUID] = set()
    due = _open().filter(deadline__lte=now).order_by("deadline").values_list("id", "person_id")[:limit]
    for sitting, person in list(due):
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
    closed = [Close(row, _state(row), row.ending.at) for row in rows]
    return endings.record(closed, endings.answered(row.id for row in rows), now=now)


def _go_on(row: Sitting, given: Answered, *, now: dt.datetime) -> State:
    """The next turn, or the end where the sitting knows enough or has nothing left to ask."""
    bank, plan, start = openings.bank(row), blueprints.by_id(_planned(row)), openings.start(row)
    belief = selection.believe(bank, plan, start, given.items, given.right)
    if belief.finished:
        return _close(row, State.FINISHED, now=now, given=given, belief=belief)
    counted, times_sat = publications.exposures(row.pool_version_id)
    times = np.array([counted[v] for v in bank.versions], dtype=np.int64)
    position = len(given.items) + 1
    if position > 1:
        times_sat -= 1
    closed = selection.over_exposed(bank, plan, given.items, times=times, sittings=times_sat)
    try:
        chosen = bank.versions[selection.next_item(bank, plan, start, belief, given.items, closed=closed)]
    except NoItemLeft:
        return _close(row, State.FINISHED, now=now, given=given, belief=belief)
    Turn.objects.create(
        id=ids.new(),
        sitting=row,
        position=position,
        item_version_id=chosen,
        closed=closed,
        certainty=belief.certainty,
        asked_at=now,
    )
    publications.count_exposures({(row.pool_version_id, chosen): (1, int(position == 1))})
    return State.OPEN


def _lapse(sitting: UUID, *, now: dt.datetime) -> bool:
    """Ends a sitting past its deadline; False if another transaction has ended it first."""
    with transaction.atomic():
        _alone(str(sitting))
        row = _open().filter(id=sitting).first()
        if row is not None:
            _close(row, State.LAPSED, now=now)
        return row is not None


def _close(
    row: Sitting,
    state: State,
    *,
    now: dt.datetime,
    given: Answered | None = None,
    belief: Belief | None = None,
) -> State:
    if given is None or belief is None:
        given = endings.answered([row.id]).get(row.id, Answered())
        plan = blueprints.by_id(_planned(row))
        belief = selection.believe(openings.bank(row), plan, openings.start(row), given.items, given.right)
    at = row.deadline if state is State.LAPSED else now
    close = Close(row, state, at, round(belief.mean, 6), round(belief.sd, 6))
    endings.end([close], {row.id: given} if given.items else {}, now=now)
    return state


def _repeats(row: Sitting, item: UUID, option: str) -> bool:
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


def _own(sitting: UUID, person: UUID) -> Sitting:
    row = Sitting.objects.select_related("ending").filter(id=sitting, person_id=person).first()
    if row is None:
        raise NoSuchSitting(_("There is no such check among your own."))
    return row


def _open() -> QuerySet[Sitting]:
    return Sitting.objects.filter(ending__isnull=True)


def _state(row: Sitting) -> State:
    return State(row.ending.state) if hasattr(row, "ending") else State.OPEN


def _planned(row: Sitting) -> UUID:
    if row.blueprint_id is None:
        raise NoSuchSitting(_("This sitting was taken elsewhere; it has no questions here."))
    return row.blueprint_id


def _cohort(row: Sitting) -> Estimate:
    """What was believed at the start, where nothing was known of the person."""
    return Estimate(
        person=row.person_id,
        competency=row.competency_id,
        mean=row.prior_mean or 0.0,
        sd=row.prior_sd or 1.0,
        information=0.0,
        as_of=row.started_at,
        kinds=(),
    )


def _card(row: Sitting) -> SittingCard:
    ending: Ending | None = getattr(row, "ending", None)
    return SittingCard(
        id=row.id,
        person=row.person_id,
        competency=row.competency_id,
        supervised=row.supervised,
        state=_state(row),
        asked=ending.asked if ending else None,
        started_at=row.started_at,
        deadline=row.deadline,
        ended_at=ending.at if ending else None,
    )


def _alone(what: str) -> None:
    """Lets one transaction at a time begin or answer this; the others wait."""
    number = int.from_bytes(hashlib.sha256(f"assessment/{what}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
