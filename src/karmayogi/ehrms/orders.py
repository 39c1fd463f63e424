"""Orders: the only writer of postings, and through them of assignments, in one transaction.

draft > examined (rules with their values) > recommended > issued by a second officer > in force. `enter` writes
history that was ordered elsewhere (imports, the demonstration) in bulk; `draft` and `issue` are the life of an
order here.
"""

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from karmayogi.ehrms import effects
from karmayogi.ehrms.models import Candidate, Order, OrderLine, Ranking
from karmayogi.ehrms.zone import RuleValue
from karmayogi.institutions import audit
from karmayogi.institutions.bodies import BodyCard
from karmayogi.registry import bulk, codes, ids, translations

HELD = ("one_substantive_post_per_official", "one_substantive_holder_per_post")
"""The constraints that keep posts and officials to one another; no other error says that a post is held."""
SURRENDERED = ("40P01", "55P03")
"""Deadlock, lock not available: two orders on one post met, and this one gave way."""
FIRST = UUID(int=0)
"""No line has an id before it."""


class OrderStopped(Exception):
    """The order cannot go on as it stands; the message says what stops it."""

    status = 409


class PostAlreadyHeld(OrderStopped):
    """The post, or the part of it, has a substantive holder in that time, or the official has another post."""


@dataclass(frozen=True)
class Line:
    """What an order does: this official on this post, as this kind, from a day (to a day), holding this part."""

    person: UUID
    post: UUID
    kind: str
    since: dt.date
    until: dt.date | None = None
    part: tuple[int, int] = (0, 1000)


@dataclass(frozen=True)
class OrderCard:
    """An order as screens show it."""

    id: UUID
    number: str
    kind: str
    state: str
    person: UUID
    person_name: str
    post_code: str
    designation: str
    effective: dt.date
    reason: str
    outside_bracket: bool
    maker: UUID | None
    checker: UUID | None
    examination: tuple[RuleValue, ...]


@dataclass(frozen=True)
class Entry:
    """An order that is in force already, with all it does; the number names it."""

    number: str
    kind: str
    body: UUID
    effective: dt.date
    lines: Sequence[Line]


def enter(
    number: str, lines: Iterable[Line], *, kind: str, body: UUID, effective: dt.date, now: dt.datetime
) -> int:
    """Enters one order as `enter_all` does; returns how many postings are new."""
    return enter_all([Entry(number, kind, body, effective, list(lines))], now=now)


def enter_all(entries: Iterable[Entry], *, now: dt.datetime) -> int:
    """Enters orders that are in force already, with all they do; returns how many postings are new.

    Idempotent: the number names the order, and a posting that stands is left. A line that would give a post two
    substantive holders, or an official two posts, is left out; compare the count with the lines given. The same few
    statements for any number of orders and lines.
    """
    said = list(entries)
    with transaction.atomic():
        known = _orders(said, now=now)
        rows = [
            (ids.new(), known[entry.number], x.person, x.post, x.kind, x.since, x.until, *x.part)
            for entry in said
            for x in entry.lines
        ]
        columns = ["id", "order_id", "person_id", "post_id", "kind", "since", "until", "part_from", "part_to"]
        new = bulk.load(OrderLine, columns, rows)
        # Where every line is new, only these need a look; else lines of former runs may have become possible.
        first = min(row[0] for row in rows) if rows and new == len(rows) else FIRST
        return effects.add(list(known.values()), first=first, lines=len(rows), now=now) if rows else 0


def _orders(entries: Sequence[Entry], *, now: dt.datetime) -> dict[str, UUID]:
    """number -> order, entering those that are not there."""
    bulk.load(
        Order,
        ["id", "number", "kind", "body_id", "state", "made_at", "issued_at", "effective", "reason", "outside_bracket",
         "examination"],
        ((ids.new(), e.number, e.kind, e.body, "in_force", now, now, e.effective, "", False, "[]") for e in entries),
    )  # fmt: skip
    return dict(Order.objects.filter(number__in={e.number for e in entries}).values_list("number", "id"))


def draft(
    ranking: UUID, *, person: UUID, maker: UUID, reason: str, effective: dt.date, now: dt.datetime
) -> OrderCard:
    """The Board's recommendation as a draft order, examined at once: every hard rule with its value is kept.

    `ranking` is the latest of its post. A choice outside the first bracket needs a reason of at least 60 characters;
    it goes into the register of overrides. Nobody drafts an order on themselves, and none is drafted for a day gone
    by; `effective` may be any later day. Raises `OrderStopped`.
    """
    if effective < timezone.localdate(now):
        raise OrderStopped(
            _("An order cannot take effect on a day that is past. Choose today or a later day.")
        )
    stored = _latest(ranking)
    if person == maker:
        raise OrderStopped(
            _("You cannot propose an order on yourself. Another officer of the authority must.")
        )
    chosen = _candidate(ranking, person)
    outside = chosen.bracket > 1
    if outside and len(reason.strip()) < 60:
        raise OrderStopped(
            _(
                "This choice is outside the first bracket. Name the fact the figures do not show, and the paper that"
                " proves it, in at least 60 characters."
            )
        )
    order = Order(
        number=_number(now),
        kind="transfer",
        body_id=stored.body_id,
        state="recommended",
        maker_id=maker,
        made_at=now,
        effective=effective,
        reason=reason.strip(),
        outside_bracket=outside,
        examination=chosen.rules,
        ranking_id=ranking,
    )
    order.save(force_insert=True)
    OrderLine(order=order, person_id=person, post=stored.post, kind="substantive", since=effective).save(
        force_insert=True
    )
    audit.record(
        "order.recommend",
        actor=maker,
        object_kind="order",
        object_id=order.id,
        body=stored.body_id,
        reason=reason,
        details={"ranking": str(ranking), "bracket": chosen.bracket},
    )
    return of([order.id])[0]


def _latest(ranking: UUID) -> Ranking:
    stored = Ranking.objects.select_related("post").filter(id=ranking).first()
    if stored is None:
        raise OrderStopped(_("There is no such ranking among those you may see. Rank the candidates first."))
    if Ranking.objects.filter(post_id=stored.post_id).order_by("-made_at", "-id")[0].id != ranking:
        raise OrderStopped(_("The candidates were ranked again since. Read the new ranking, then choose."))
    return stored


def _candidate(ranking: UUID, person: UUID) -> Candidate:
    """The candidate of the ranking, whom no hard rule stops."""
    chosen = Candidate.objects.filter(ranking_id=ranking, person_id=person).first()
    if chosen is None:
        raise OrderStopped(_("This person is not among the candidates of the stored ranking."))
    stops = [rule for r in chosen.rules if (rule := RuleValue(**r)).state == "stop"]
    if stops:
        says = _("A rule is not met: {rule} ({value}). Ask for a relaxation order first.")
        raise OrderStopped(says.format(rule=stops[0].sentence, value=stops[0].figure))
    return chosen


def issue(order: UUID, *, checker: UUID, now: dt.datetime) -> OrderCard:
    """Issues a recommended order and puts it in force: state, postings and assignments change together or not at all.

    The checker is neither the maker (the database checks it too) nor the official posted. The order takes effect on
    the day it was drafted for; if that is past, on the day of issue, because no order acts on days gone by: the line
    keeps the day that was proposed, and the audit trail both. Raises `OrderStopped`, `PostAlreadyHeld`.
    """
    on = timezone.localdate(now)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            found = _issuable(order, checker=checker)
            effective = max(found.effective, on)
            Order.objects.filter(id=order).update(
                state="in_force", checker_id=checker, issued_at=now, effective=effective
            )
            cursor.execute(
                "SELECT current_setting('app.purpose', true), set_config('app.purpose', 'order', true)"
            )
            before = cursor.fetchone()[0]  # after an error the savepoint gives the purpose back
            effects.carry_out(order, on=on, now=now)
            cursor.execute("SELECT set_config('app.purpose', %s, true)", [before or ""])
            audit.record(
                "order.issue",
                actor=checker,
                object_kind="order",
                object_id=order,
                body=found.body_id,
                details={
                    "number": found.number,
                    "drafted_for": str(found.effective),
                    "effective": str(effective),
                },
                entry=entry_of(order),
            )
    except DatabaseError as error:
        if not _says_held(error):
            raise
        raise PostAlreadyHeld(
            _(
                "The post has a holder in that time, or the official holds another post. Rank again and choose anew."
            )
        ) from error
    return of([order])[0]


def entry_of(order: UUID) -> UUID:
    """The entry of the audit log that says that this order was issued."""
    return audit.entry_of("order.issue", order)


def about(people: Iterable[UUID], *, language: str = "en") -> list[OrderCard]:
    """The orders issued here that post one of these people, latest first, for those in reach. Two statements."""
    lines = OrderLine.objects.filter(person_id__in=list(people)).values("order_id")
    return _cards(Order.objects.filter(id__in=lines, issued_at__isnull=False), language=language)


def _issuable(order: UUID, *, checker: UUID) -> Order:
    found = Order.objects.select_for_update().filter(id=order).first()
    if found is None:
        raise OrderStopped(_("There is no such order among those you may see."))
    if found.state != "recommended":
        raise OrderStopped(
            _("The order is in force or was cancelled; only a recommended order can be issued.")
        )
    if found.maker_id == checker:
        raise OrderStopped(_("You proposed this order. Another officer must issue it."))
    if OrderLine.objects.filter(order_id=order, person_id__in=[checker, found.maker_id]).exists():
        raise OrderStopped(
            _("Who is posted by an order neither proposes nor issues it. Another officer must.")
        )
    return found


def _says_held(error: DatabaseError) -> bool:
    cause = error.__cause__
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
    return constraint in HELD or getattr(cause, "sqlstate", None) in SURRENDERED


def of(orders: Sequence[UUID], *, language: str = "en") -> list[OrderCard]:
    """The orders in reach, with their first line, latest first. Two statements."""
    return _cards(Order.objects.filter(id__in=list(orders)), language=language)


def latest(*, bodies: Iterable[BodyCard], limit: int = 50, language: str = "en") -> list[OrderCard]:
    """The latest orders of this house (not imported ones) about these bodies and those under them.

    `language`: in which the designations of the posts are said.
    """
    under = Q()
    for body in bodies:
        under |= Q(body__lower__gte=body.lower, body__lower__lt=body.upper)
    query = Order.objects.filter(under, maker__isnull=False).order_by("-made_at")
    return _cards(query[:limit], language=language) if under else []


def _cards(query: Iterable[Order], *, language: str) -> list[OrderCard]:
    orders = list(query)
    called = translations.said_phrase("post__designation", language=language)
    found = OrderLine.objects.filter(order_id__in=[o.id for o in orders]).annotate(called=called)
    lines = {line.order_id: line for line in found.select_related("person", "post")}
    cards = []
    for o in sorted(orders, key=lambda o: o.made_at, reverse=True):
        line = lines.get(o.id)
        if line is not None:
            cards.append(
                OrderCard(
                    o.id,
                    o.number,
                    o.kind,
                    o.state,
                    line.person_id,
                    line.person.name,
                    line.post.code,
                    line.called,
                    o.effective,
                    o.reason,
                    o.outside_bracket,
                    o.maker_id,
                    o.checker_id,
                    tuple(RuleValue(**r) for r in o.examination),
                )
            )
    return cards


def _number(now: dt.datetime) -> str:
    """The year of the local day and 60 random bits, e.g. 2026/7KQ2-M4ZP-9XWD."""
    drawn = "".join(secrets.choice(codes.ALPHABET) for _ in range(12))
    return f"{timezone.localdate(now).year}/{drawn[:4]}-{drawn[4:8]}-{drawn[8:]}"
