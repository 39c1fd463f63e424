"""For posting authorities: vacant posts, and the stored ranking of one with its reasons."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from karmayogi.ehrms import posts, vacancies
from karmayogi.ehrms.posts import PostCard
from karmayogi.ehrms.vacancies import CandidateCard, Need, RankingCard
from karmayogi.ehrms.zone import RuleValue
from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.roles import Audience
from karmayogi.web.api import shapes
from karmayogi.web.api.operations import operation
from karmayogi.web.api.shapes import A_PAGE, Code, Cursor, Page, Shape, Share, Size, Statement
from karmayogi.web.pages.authority import reached_seat
from karmayogi.web.routes import Data, Scope


class Vacancy(Shape):
    """A post that nobody holds; `vacant_since` is null where it was never held."""

    post_code: str
    designation: str
    body_name: str
    pay_level: int | None
    vacant_since: dt.date | None


class Reason(Shape):
    """A requirement of the post and how the candidate stood to it when the ranking was stored."""

    competency_key: str
    competency_name: str
    level_required: int
    essential: bool
    statement: Statement
    chance_met: Share
    level_estimate: float
    level_low: float
    level_high: float


class HardRule(Shape):
    """A rule that stops, whatever the evidence says, with the order it comes from."""

    rule: str
    order: str
    held: str
    state: str


class Candidate(Shape):
    """A candidate with the reasons. `chance_all_met`: of all requirements; `chance_first`: of standing first.

    `decisive` names the requirement that would change most, and `chance_all_met_if_decisive_met` to what.
    """

    person_id: UUID
    name: str
    place: int
    bracket: int
    chance_all_met: Share
    chance_first: Share
    strongest: str
    weakest: str
    decisive: str
    chance_all_met_if_decisive_met: Share
    reasons: list[Reason]
    rules: list[HardRule]


class Ranking(Shape):
    """A ranking as it was stored, in the words of that day. Within one bracket the evidence tells nobody apart.

    `candidates` are the first of `considered`; `not_eligible` are told with the rule that stops them.
    """

    ranking_id: UUID
    made_at: dt.datetime
    on: dt.date
    sha256: str
    considered: int
    candidates: list[Candidate]
    not_eligible_count: int
    not_eligible: list[Candidate]


class Ranked(Shape):
    """A post and its latest ranking, null where none was stored."""

    post_code: str
    designation: str
    body_code: str
    body_name: str
    ranking: Ranking | None


@operation(
    "GET", "vacancies", Audience.AUTHORITY, name="api-vacancies", answers=Page[Vacancy],
    scope=Scope.TREE, data=Data.SERVICE,
)  # fmt: skip
def vacant(request: Any, cursor: Cursor = "", limit: Size = A_PAGE) -> Page[Vacancy]:
    """The vacant posts of my bodies, by their codes."""
    on, language = request.reach.on, get_language() or "en"
    found = {v.post.code: v for b in request.reach.bodies for v in posts.vacant(b, on=on, language=language)}
    return shapes.cut(found.values(), key=lambda v: v.post.code, made=_vacancy, cursor=cursor, limit=limit)


@operation(
    "GET", "vacancies/{path:code}/ranking", Audience.AUTHORITY, name="api-ranking", answers=Ranked,
    scope=Scope.TREE, data=Data.COMPETENCY, subject=reached_seat,
)  # fmt: skip
def ranking(request: Any, code: Code) -> Ranked:
    """The latest stored ranking for a post, with a reason for each requirement.

    Scores come from evidence against requirements alone. Write the slash of a code as %2F.
    """
    post: PostCard
    body: BodyCard
    post, body = request.subject
    latest = vacancies.recent(post.id, limit=1)
    return Ranked(
        post_code=post.code,
        designation=post.designation,
        body_code=body.code,
        body_name=body.name,
        ranking=_ranking(latest[0]) if latest else None,
    )


def _vacancy(found: posts.Vacancy) -> Vacancy:
    return Vacancy(
        post_code=found.post.code,
        designation=found.post.designation,
        body_name=found.body_name,
        pay_level=found.post.level or None,
        vacant_since=found.since,
    )


def _ranking(card: RankingCard) -> Ranking:
    return Ranking(
        ranking_id=card.id,
        made_at=card.made_at,
        on=card.on,
        sha256=card.content_hash,
        considered=card.considered,
        candidates=[_candidate(c) for c in card.candidates],
        not_eligible_count=len(card.not_eligible),
        not_eligible=[_candidate(c) for c in card.not_eligible[: vacancies.SHOWN]],
    )


def _candidate(card: CandidateCard) -> Candidate:
    return Candidate(
        person_id=card.person,
        name=card.name,
        place=card.place,
        bracket=card.bracket,
        chance_all_met=card.overall,
        chance_first=card.first,
        strongest=card.strongest,
        weakest=card.weakest,
        decisive=card.decisive,
        chance_all_met_if_decisive_met=card.overall_if_met,
        reasons=[_reason(n) for n in card.needs],
        rules=[_rule(r) for r in card.rules],
    )


def _reason(need: Need) -> Reason:
    return Reason(
        competency_key=need.key,
        competency_name=need.name,
        level_required=need.level,
        essential=need.essential,
        statement=need.statement,  # type: ignore[arg-type]
        chance_met=need.chance,
        level_estimate=need.value,
        level_low=need.low,
        level_high=need.high,
    )


def _rule(rule: RuleValue) -> HardRule:
    return HardRule(rule=rule.name, order=rule.source, held=rule.value, state=rule.state)
