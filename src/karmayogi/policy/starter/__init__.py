"""The starter rules shipped with the house: facts of published orders, each with its number, date and status."""

import csv
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from django.db import transaction
from django.utils import timezone

from karmayogi.policy import issuing
from karmayogi.policy.defaults import HOUSE_DEFAULTS
from karmayogi.policy.issuing import NewRule

KINDS = {"date_of_year": "date-of-year", "enum_list": "list"}
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Unplaced:
    """A row that was left out: its line in the file (from 2), its key and why."""

    line: int
    key: str
    why: str


@dataclass(frozen=True)
class Loaded:
    """What loading came to: rows read, rules new, rules that stood already, rows left out."""

    read: int
    issued: int
    same: int
    left_out: tuple[Unplaced, ...]


def load(*, now: dt.datetime | None = None) -> Loaded:
    """Issues the house defaults and the starter rules; a second run issues nothing. Overlaps are left out and told."""
    text = files(__package__).joinpath("rules_seed.csv").read_text(encoding="utf-8")
    lines: dict[int, NewRule] = {}
    left_out: list[Unplaced] = []
    for line, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        try:
            lines[line] = _rule(row)
        except ValueError as error:
            left_out.append(Unplaced(line, row.get("rule_key") or "", f"cannot be read: {error}"))
    with transaction.atomic():
        issuing.issue(HOUSE_DEFAULTS, now=now)
        plan = issuing.planned(lines.values())
        issued = issuing.write(plan, now=now or timezone.now())
    numbers = {id(rule): line for line, rule in lines.items()}
    left_out += [Unplaced(numbers[id(r)], r.key, f"overlaps order {order}") for r, order in plan.overlapping]
    return Loaded(len(lines), issued, len(plan.same), tuple(sorted(left_out, key=lambda u: u.line)))


def rows() -> Iterator[NewRule]:
    """The starter rules as the file has them."""
    text = files(__package__).joinpath("rules_seed.csv").read_text(encoding="utf-8")
    yield from (_rule(row) for row in csv.DictReader(text.splitlines()))


def _rule(row: dict[str, str]) -> NewRule:
    status, _, note = row["status"].partition(" ")
    last = _day(row["effective_to"])
    ordered = _day(row["order_date"])
    return NewRule(
        key=row["rule_key"],
        kind=KINDS.get(row["type"], row["type"]),
        value=json.loads(row["value_json"]),
        order_no=row["order_ref"],
        # an order without a stated first day holds from the day it was signed
        since=_day(row["effective_from"]) or ordered,
        until=last + ONE_DAY if last else None,
        order_date=ordered,
        scope=row["scope"],
        status=status,
        note=note.strip("()"),
    )


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
