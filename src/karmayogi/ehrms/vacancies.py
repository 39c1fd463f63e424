"""One vacancy: candidates ranked on the evidence, with a reason per requirement, stored before anyone chooses."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import numpy as np
import rfc8785
from django.utils.translation import gettext_lazy as _

from karmayogi.competency import gaps, positions
from karmayogi.competency.gaps import Gap
from karmayogi.ehrms import zone
from karmayogi.ehrms.models import Candidate, Ranking
from karmayogi.ehrms.posts import PostCard
from karmayogi.institutions import audit
from karmayogi.institutions.bodies import BodyCard
from karmayogi.registry import ids
from karmayogi.science import matching

SHOWN = 25


class NoSuchRanking(LookupError):
    """The ranking is not there, or not in reach."""


class NothingRequired(Exception):
    """The post has no position, or its position requires nothing; say what it needs before ranking for it."""

    status = 409


@dataclass(frozen=True)
class Need:
    """One requirement of the post and this candidate's standing against it."""

    key: str
    name: str
    level: int
    essential: bool
    chance: float
    statement: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class CandidateCard:
    """A candidate's line of the stored ranking. Chances are between 0 and 1."""

    person: UUID
    name: str
    place: int
    bracket: int
    overall: float
    first: float
    eligible: bool
    needs: tuple[Need, ...]
    rules: tuple[zone.RuleValue, ...]
    strongest: str
    weakest: str
    decisive: str
    overall_if_met: float


@dataclass(frozen=True)
class RankingCard:
    """The stored ranking: candidates in order, those not eligible apart."""

    id: UUID
    post: UUID
    made_at: dt.datetime
    on: dt.date
    content_hash: str
    considered: int
    candidates: tuple[CandidateCard, ...]
    not_eligible: tuple[CandidateCard, ...]

    @property
    def everyone(self) -> tuple[CandidateCard, ...]:
        """Candidates and those not eligible."""
        return self.candidates + self.not_eligible

    @property
    def brackets(self) -> list[list[CandidateCard]]:
        """The candidates by bracket, best first; within one bracket the evidence does not tell them apart."""
        found: dict[int, list[CandidateCard]] = {}
        for candidate in self.candidates:
            found.setdefault(candidate.bracket, []).append(candidate)
        return list(found.values())


def rank(post: PostCard, *, within: BodyCard, by: UUID | None, on: dt.date, now: dt.datetime) -> UUID:
    """Ranks the zone for the post, stores the ranking whole, and returns its id.

    Scores come from estimates against requirements alone; no group attribute is read. Not eligible are listed apart
    with the rule that stops them. Raises `NothingRequired`.
    """
    required = (
        positions.requirements_of([post.position], on=on).get(post.position, []) if post.position else []
    )
    if not required:
        says = _("Nothing is required of {post} yet. Put the post under a position with requirements first.")
        raise NothingRequired(says.format(post=post.designation))
    considered = zone.of(post, within=within, on=on)
    measured = gaps.against([c.person for c in considered], requirements=required, on=on)
    eligible = [c for c in considered if c.eligible]
    stopped = [c for c in considered if not c.eligible]
    key = ids.new()
    seed = int.from_bytes(hashlib.sha256(f"{post.id}:{on}".encode()).digest()[:6], "big")
    rows = _ranked(eligible, measured, seed=seed, ranking=key)
    rows += [_row(key, c, measured[c.person], place=0, bracket=0) for c in stopped]
    Ranking(
        id=key,
        post_id=post.id,
        body_id=post.body,
        made_at=now,
        made_by_id=by,
        on=on,
        seed=seed,
        requirements=[{"competency": str(r.competency), "name": r.name, "level": r.level} for r in required],
        considered=len(eligible),
        not_eligible=len(stopped),
        content_hash=_hash(rows),
    ).save(force_insert=True)
    Candidate.objects.bulk_create(rows, batch_size=1000)
    audit.record(
        "ranking.store",
        actor=by,
        object_kind="ranking",
        object_id=key,
        body=post.body,
        details={
            "post": post.code,
            "within": within.code,
            "eligible": len(eligible),
            "stopped": len(stopped),
        },
    )
    return key


def recent(post: UUID, *, limit: int) -> list[RankingCard]:
    """The rankings last stored for the post, newest first."""
    return _cards(Ranking.objects.filter(post_id=post).order_by("-made_at", "-id")[:limit])


def stored(ranking: UUID) -> RankingCard:
    """One stored ranking; raises `NoSuchRanking`."""
    found = _cards(Ranking.objects.filter(id=ranking))
    if not found:
        raise NoSuchRanking(_("There is no such ranking among those you may see."))
    return found[0]


def places(ranking: RankingCard) -> dict[UUID, tuple[int, int]]:
    """person -> (place, bracket), to compare two rankings of one post."""
    return {c.person: (c.place, c.bracket) for c in ranking.candidates}


def _hash(rows: Sequence[Candidate]) -> str:
    """SHA-256 over every candidate's line, in the order of the persons' ids: what the Board saw, in one number."""
    lines = sorted(
        rfc8785.dumps(
            {
                "person": str(r.person_id),
                "place": r.place,
                "bracket": r.bracket,
                "needs": r.needs,
                "rules": r.rules,
            }
        )
        for r in rows
    )
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def _ranked(
    eligible: Sequence[zone.Considered], measured: dict[UUID, list[Gap]], *, seed: int, ranking: UUID
) -> list[Candidate]:
    if not eligible:
        return []
    first = measured[eligible[0].person]
    result = matching.rank(
        np.array([[g.mean for g in measured[c.person]] for c in eligible]),
        np.array([[g.sd for g in measured[c.person]] for c in eligible]),
        np.array([g.cut for g in first]),
        np.array([g.essential for g in first]),
        np.array([g.weight for g in first]),
        # The person's id seeds their redraws, so that adding a candidate changes nobody else's.
        keys=np.array([c.person.int % 2**62 for c in eligible]),
        seed=seed,
    )
    rows = []
    for place, index in enumerate(result.order, start=1):
        person = eligible[index]
        decisive = int(result.decisive[index])
        rows.append(
            _row(
                ranking,
                person,
                measured[person.person],
                place=place,
                bracket=int(result.brackets[index]),
                overall=float(result.overall[index]),
                first=float(result.first[index]),
                decisive=first[decisive].key if decisive >= 0 else "",
                if_met=float(result.overall_if_met[index]),
            )
        )
    return rows


def _row(
    ranking: UUID,
    person: zone.Considered,
    measured: Sequence[Gap],
    *,
    place: int,
    bracket: int,
    overall: float = 0.0,
    first: float = 0.0,
    decisive: str = "",
    if_met: float = 0.0,
) -> Candidate:
    needs = [
        asdict(Need(g.key, g.name, g.level, g.essential, g.chance, str(g.statement), g.value, g.low, g.high))
        for g in measured
    ]
    return Candidate(
        ranking_id=ranking,
        person_id=person.person,
        place=place,
        bracket=bracket,
        overall=overall,
        first=first,
        eligible=person.eligible,
        needs=needs,
        rules=[asdict(r) for r in person.rules],
        decisive=decisive,
        overall_if_met=if_met,
    )


def _cards(rankings: Iterable[Ranking]) -> list[RankingCard]:
    """The rankings in the same order, with the candidates of all of them in one query."""
    found = list(rankings)
    held: dict[UUID, list[CandidateCard]] = {ranking.id: [] for ranking in found}
    for row in Candidate.objects.filter(ranking__in=held).select_related("person").order_by("place"):
        held[row.ranking_id].append(_candidate(row))
    return [_card(ranking, held[ranking.id]) for ranking in found]


def _card(found: Ranking, cards: Sequence[CandidateCard]) -> RankingCard:
    return RankingCard(
        found.id,
        found.post_id,
        found.made_at,
        found.on,
        found.content_hash,
        found.considered,
        tuple([c for c in cards if c.eligible][:SHOWN]),
        tuple(c for c in cards if not c.eligible),
    )


def _candidate(row: Candidate) -> CandidateCard:
    needs = tuple(Need(**n) for n in row.needs)
    by_chance = sorted(needs, key=lambda n: n.chance)
    names = {n.key: n.name for n in needs}
    return CandidateCard(
        row.person_id,
        row.person.name,
        row.place,
        row.bracket,
        row.overall,
        row.first,
        row.eligible,
        needs,
        tuple(zone.RuleValue(**r) for r in row.rules),
        by_chance[-1].name,
        by_chance[0].name,
        names.get(row.decisive, ""),
        row.overall_if_met,
    )


__all__ = [
    "CandidateCard",
    "Need",
    "NoSuchRanking",
    "NothingRequired",
    "RankingCard",
    "places",
    "rank",
    "recent",
    "stored",
]
