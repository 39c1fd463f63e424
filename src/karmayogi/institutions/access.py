"""The one access function: what an actor may reach, through which authority, on a day.

Screens never ask a model manager for people or bodies; they take the `Reach` the gate computed here and hand it to
the nouns. Row-level security enforces the same reach underneath.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from karmayogi.institutions import assignments, holding
from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.roles import OPENS, Audience, Role


class OutOfReach(Exception):
    """What was asked for is not within the actor's authority, or does not exist; the two are not told apart."""


class NotForYou(Exception):
    """The screen is made for another audience; nothing about it is shown."""


@dataclass(frozen=True)
class Reach:
    """What one actor may reach in one request. `held`: each role with the body it is held over."""

    actor: UUID | None
    audience: Audience
    on: dt.date
    bodies: tuple[BodyCard, ...] = ()
    roles: frozenset[Role] = field(default_factory=frozenset)
    team: bool = False
    held: tuple[tuple[Role, BodyCard], ...] = ()

    @property
    def scopes(self) -> str:
        """The reached subtrees as an int4multirange in PostgreSQL's notation; empty if none."""
        return "{" + ",".join(b.scope for b in self.bodies) + "}" if self.bodies else ""

    def covers(self, number: int) -> bool:
        """True if the body with this tree number lies in a reached subtree."""
        return any(b.lower <= number < b.upper for b in self.bodies)


def reach(actor: UUID | None, audience: Audience, *, on: dt.date, language: str = "en") -> Reach:
    """What `actor` may reach as `audience` on the day; raises `NotForYou` where no authority opens it.

    `language`: in which the bodies are named.
    """
    if audience in (Audience.ANYONE, Audience.SIGN_IN):
        return Reach(actor, audience, on)
    if actor is None:
        raise NotForYou(_("Sign in first."))
    if audience is Audience.OFFICIAL:
        return Reach(actor, audience, on)
    if audience is Audience.SUPERVISOR:
        return Reach(actor, audience, on, team=True)
    held = holding.of(actor, OPENS[audience], on=on, language=language)
    if audience is Audience.GRANTOR:
        held = [g for g in held if g.source is None]  # authority that was passed on gives no authority
    if not held:
        raise NotForYou(
            _("This screen is for another role. If the role is yours, ask your establishment section.")
        )
    return Reach(
        actor,
        audience,
        on,
        bodies=tuple({g.body.id: g.body for g in held}.values()),
        roles=frozenset(g.role for g in held),
        held=tuple((g.role, g.body) for g in held),
    )


def audiences(actor: UUID, *, on: dt.date) -> list[Audience]:
    """The audiences open to a person on the day, in the order menus show them."""
    held = {g.role for g in holding.of(actor, Role, on=on)}
    open_to = [a for a, roles in OPENS.items() if roles & held]
    leads = [Audience.SUPERVISOR] if assignments.leads_team(actor, on=on) else []
    return [Audience.OFFICIAL, *leads, *open_to]


def team_member(reach: Reach, person: UUID, *, language: str = "en") -> assignments.Standing:
    """The member of the actor's team; `OutOfReach` for anyone else."""
    standing = assignments.standing([person], on=reach.on, language=language).get(person)
    if standing is None or standing.supervisor != reach.actor or not reach.team:
        raise OutOfReach(_("This person is not in your team today."))
    return standing


def official(reach: Reach, person: UUID, *, language: str = "en") -> assignments.Standing:
    """An official who serves in a reached subtree on the day; `OutOfReach` for anyone else."""
    standing = assignments.standing([person], on=reach.on, language=language).get(person)
    if standing is None or not reach.covers(standing.body_number):
        raise OutOfReach(_("There is no such person in the bodies you look after."))
    return standing


def body(reach: Reach, found: BodyCard | None) -> BodyCard:
    """The body, if it lies in a reached subtree; else `OutOfReach`."""
    if found is None or not reach.covers(found.lower):
        raise OutOfReach(_("There is no such body among those you look after."))
    return found


def in_own_line(reach: Reach, places: Iterable[BodyCard]) -> set[UUID]:
    """Those of the bodies where the actor may lead or be led: their own office, what is above it and under it.

    Who answers a question must stand outside the reporting line, and the line runs along the tree of bodies.
    """
    held = assignments.offices(reach.actor, on=reach.on) if reach.actor else []
    return {
        place.id
        for place in places
        if any(low <= place.lower < high or place.lower <= low < place.upper for low, high in held)
    }
