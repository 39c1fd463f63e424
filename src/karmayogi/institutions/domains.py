"""E-mail domains of bodies: which body a domain is of, from which day on; one body at a time.

A domain says where an address comes from. It never says who somebody is: accounts join on a verified employee code,
and no sign-in, no import and no merge asks this register.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions.bodies import BodyCard
from karmayogi.institutions.models import EmailDomain
from karmayogi.registry import ids, translations

EXAMPLE = "rural.example.in"
"""A domain to show how one is written."""
_NAME = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})", re.ASCII
)


class NotADomain(ValueError):
    """The text is no e-mail domain."""

    status = 400


class SharedDomain(ValueError):
    """Addresses of this domain are given to anybody, or to officials of many bodies: it says nothing of one body."""

    status = 409


class DomainTaken(Exception):
    """The domain, one above or one under it is another body's, which is not in one line with the body asked for."""

    status = 409


@dataclass(frozen=True, slots=True)
class DomainCard:
    """A domain of a body; `until` is the first day no longer covered, None is open."""

    id: UUID
    domain: str
    body: UUID
    body_name: str
    since: dt.date
    until: dt.date | None


def normal(text: str) -> str:
    """The domain in lower case and ASCII letters (IDNA); of an address what stands after the @. Raises `NotADomain`."""
    said = text.strip().lower().rpartition("@")[2].rstrip(".")
    try:
        found = said.encode("idna").decode("ascii")
    except UnicodeError:
        found = ""
    if not _NAME.fullmatch(found):
        how = _("Write the part of your addresses after the @, such as {domain}.")
        raise NotADomain(how.format(domain=EXAMPLE))
    return found


def refuse_shared(domain: str) -> None:
    """Refuses what public mail providers and shared services hand out to many. Raises `SharedDomain`."""
    for held in _line(domain):
        sort = shared().get(held)
        if sort == "public":
            raise SharedDomain(
                _(
                    "Anybody can have an address of this provider. Ask for a domain that only your body gives out."
                )
            )
        if sort and held == domain:
            raise SharedDomain(
                _(
                    "Officials of many bodies have addresses of this domain. Ask for the part that is your body's."
                )
            )


def refuse_taken(domain: str, body: BodyCard, *, on: dt.date) -> None:
    """Refuses a domain that is entered already, or lies above or under one of a body outside the line of `body`.

    Raises `DomainTaken`.
    """
    standing = EmailDomain.objects.filter(during__contains=on).select_related("body")
    above = list(standing.filter(domain__in=_line(domain)))
    under = list(standing.filter(domain__endswith=f".{domain}"))
    for held in [*above, *under]:
        other = held.body
        in_line = other.lower <= body.lower < other.upper or body.lower <= other.lower < body.upper
        if held.domain == domain or not in_line:
            raise DomainTaken(
                _(
                    "{domain} is entered already for {body}. If that is wrong, ask whoever keeps the register."
                ).format(domain=held.domain, body=other.name)
            )


def enter(domain: str, body: UUID, *, asked: UUID, since: dt.date, now: dt.datetime) -> UUID:
    """Enters the domain for the body from `since` on; the row's id. Raises `DomainTaken`."""
    row = EmailDomain(
        id=ids.new(),
        domain=domain,
        body_id=body,
        during=f"[{since.isoformat()},)",
        asked=asked,
        recorded_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise DomainTaken(
            _("{domain} was entered for a body in the meantime.").format(domain=domain)
        ) from None
    return row.id


def of_bodies(bodies: Iterable[UUID], *, on: dt.date, language: str = "en") -> list[DomainCard]:
    """The domains these bodies have on the day, by their names; one query."""
    called = translations.said("body_id", "name", "body__name", language=language)
    rows = EmailDomain.objects.filter(body_id__in=list(bodies), during__contains=on).annotate(called=called)
    return [
        DomainCard(r.id, r.domain, r.body_id, r.called, r.during.lower, r.during.upper)
        for r in rows.order_by("domain")
    ]


@cache
def shared() -> Mapping[str, str]:
    """Domain -> "public" (a mail provider for anybody) or "shared" (many bodies), from `shared_domains.csv`."""
    text = (files("karmayogi.institutions") / "shared_domains.csv").read_text(encoding="utf-8")
    return {row["domain"]: row["sort"] for row in csv.DictReader(text.splitlines())}


def _line(domain: str) -> list[str]:
    """The domain and every one above it: a.b.in gives a.b.in, b.in, in."""
    parts = domain.split(".")
    return [".".join(parts[start:]) for start in range(len(parts))]
