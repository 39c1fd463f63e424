"""Arrivals: a batch of people with their postings, enrolled, corrected and posted in one transaction."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.db import transaction

from karmayogi.ehrms import corrections as endings
from karmayogi.ehrms import orders, posts
from karmayogi.ehrms.corrections import End, Key, Standing
from karmayogi.ehrms.orders import Line
from karmayogi.institutions import corrections, people
from karmayogi.institutions.corrections import FIELDS, Recorded
from karmayogi.institutions.people import NewPerson
from karmayogi.registry import ids
from karmayogi.registry.imports import Counts
from karmayogi.standards.tables import Problem

KIND = "substantive"


class Entry(Protocol):
    """A person and, where `post` is not '', one posting; '' and None say nothing."""

    @property
    def row(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def mobile(self) -> str: ...
    @property
    def joined(self) -> dt.date | None: ...
    @property
    def post(self) -> str: ...
    @property
    def since(self) -> dt.date | None: ...
    @property
    def until(self) -> dt.date | None: ...
    @property
    def order(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _World:
    """What stands before the batch: people by code, postings by key, (post, body) by code."""

    people: Mapping[str, Recorded]
    postings: Mapping[Key, Standing]
    places: Mapping[str, tuple[UUID, UUID]]


@dataclass(frozen=True, slots=True)
class _Deeds:
    """What the rows come to: new lines by row, new ends and what is to be corrected about people, each with its row."""

    lines: Mapping[int, Line]
    ends: Mapping[int, End]
    people: Mapping[int, Recorded]


def write(rows: Sequence[Entry], *, reason: str, now: dt.datetime) -> Counts:
    """Writes the rows and says of each whether it was new, changed something or was the same.

    No two rows may contradict each other about a person or about the end of a posting. `reason`: for the audit rows of
    corrections. A row set aside takes its person, its corrections and its line of the order with it.
    """
    places = posts.places({r.post for r in rows if r.post})
    standing = corrections.recorded([r.code for r in rows])
    held = endings.standing(p.id for p in standing.values()) if standing else {}
    world = _World(standing, held, places)
    problems = [p for r in rows if (p := _refused(r, world))]
    rows = _without(rows, problems)
    late = [*_reordered(rows), *_met(rows, world)]
    done, bad = _tried(_without(rows, late), world, reason=reason, now=now)
    problems += late
    # All is undone, then done without the rows set aside.
    while bad:
        problems += bad
        done, bad = _tried(_without(rows, problems), world, reason=reason, now=now)
    return Counts(new=done.new, changed=done.changed, same=done.same, problems=tuple(problems))


def _without(rows: Sequence[Entry], problems: Sequence[Problem]) -> list[Entry]:
    aside = {p.row for p in problems}
    return [r for r in rows if r.row not in aside] if aside else list(rows)


def _tried(
    rows: Sequence[Entry], world: _World, *, reason: str, now: dt.datetime
) -> tuple[Counts, list[Problem]]:
    """What the rows came to; or, with everything undone, what stands against some of them."""
    with transaction.atomic():
        known, first = _enrolled(rows, world.people)
        bad = [_taken(r) for r in rows if r.code not in known]
        kept = [r for r in rows if r.code in known]
        deeds = _deeds(kept, known, world)
        corrections.correct(deeds.people.values(), reason=reason, now=now)
        endings.end(deeds.ends.values(), reason=reason, now=now)
        written = orders.enter_all(_orders(kept, deeds.lines, world.places), now=now)
        if written != len(deeds.lines):
            held = endings.standing(line.person for line in deeds.lines.values())
            bad += [
                _crowded(r) for r in kept if r.row in deeds.lines and _key(deeds.lines[r.row]) not in held
            ]
        if bad:
            transaction.set_rollback(True)
            return Counts(), bad
    new = first | deeds.lines.keys()
    changed = (deeds.ends.keys() | deeds.people.keys()) - new
    return Counts(new=len(new), changed=len(changed), same=len(rows) - len(new) - len(changed)), []


def _enrolled(rows: Sequence[Entry], standing: Mapping[str, Recorded]) -> tuple[dict[str, UUID], set[int]]:
    """employee code -> person for all who stand or could be enrolled; and the rows that were the first to name one."""
    said: dict[str, list[Entry]] = {}
    for r in rows:
        if r.code not in standing:
            said.setdefault(r.code, []).append(r)
    made = {code: ids.new() for code in said}
    new = people.enrol(_new(told, made[code]) for code, told in said.items())
    known = {code: p.id for code, p in standing.items()}
    known |= made if new == len(made) else people.by_codes(list(made))
    return known, {told[0].row for told in said.values()}


def _new(told: Sequence[Entry], id: UUID) -> NewPerson:
    """The person of one or several rows: what any of them says."""
    r = told[0]
    if len(told) == 1:
        return NewPerson(r.code.lower(), r.name, r.code, r.email, r.mobile, joined=r.joined, id=id)
    email, mobile = (next((said for t in told if (said := getattr(t, f))), "") for f in ("email", "mobile"))
    joined = next((t.joined for t in told if t.joined), None)
    return NewPerson(r.code.lower(), r.name, r.code, email, mobile, joined=joined, id=id)


def _deeds(rows: Sequence[Entry], known: Mapping[str, UUID], world: _World) -> _Deeds:
    """What the rows ask for beyond what stands. What two rows say of one thing is done for the first of them."""
    lines: dict[Key, tuple[int, Line]] = {}
    ends: dict[int, End] = {}
    mended: dict[UUID, tuple[int, Recorded]] = {}
    said_ends: set[UUID] = set()
    for r in rows:
        if r.code in world.people and (correction := _correction(r, world.people[r.code])):
            row, other = mended.get(correction.id, (r.row, correction))
            mended[correction.id] = row, _merged(other, correction)
        if not r.post or r.since is None:
            continue
        line = Line(known[r.code], world.places[r.post][0], KIND, r.since, r.until)
        key = _key(line)
        if stands := world.postings.get(key):
            if r.until and r.until != stands.until and stands.id not in said_ends:
                ends[r.row] = End(stands.id, r.until)
                said_ends.add(stands.id)
        elif key not in lines or (r.until and lines[key][1].until is None):
            lines[key] = lines[key][0] if key in lines else r.row, line
    return _Deeds(dict(lines.values()), ends, dict(mended.values()))


def _correction(r: Entry, p: Recorded) -> Recorded | None:
    """What the row says otherwise than it stands; None if nothing."""
    said = {name: getattr(r, name) for name in FIELDS}
    other = {name: value for name, value in said.items() if value and value != getattr(p, name)}
    return (
        Recorded(p.id, **{"name": "", "email": "", "mobile": "", "joined": None, **other}) if other else None
    )


def _merged(one: Recorded, other: Recorded) -> Recorded:
    return Recorded(one.id, *(getattr(one, name) or getattr(other, name) for name in FIELDS))


def _orders(
    rows: Sequence[Entry], lines: Mapping[int, Line], places: Mapping[str, tuple[UUID, UUID]]
) -> Iterator[orders.Entry]:
    by_order: dict[str, list[Entry]] = defaultdict(list)
    for r in rows:
        if r.row in lines:
            by_order[r.order].append(r)
    for number, said in by_order.items():
        told = [lines[r.row] for r in said]
        yield orders.Entry(number, "import", places[said[0].post][1], min(x.since for x in told), told)


def _key(line: Line) -> Key:
    return line.person, line.post, line.kind, line.since


def _stands(r: Entry, world: _World) -> Standing | None:
    """The posting of the row, where it stands already."""
    if not r.post or r.since is None or r.code not in world.people:
        return None
    return world.postings.get((world.people[r.code].id, world.places[r.post][0], KIND, r.since))


def _refused(r: Entry, world: _World) -> Problem | None:
    """What stands against the row whatever else the batch holds."""
    if r.post and r.post not in world.places:
        mend = "Sanction it first, or correct the code."
        return Problem(r.row, "post_code", r.post[:60], "There is no such post", mend)
    stands = _stands(r, world)
    return (
        _other_order(r, f"The posting stands by order {stands.order_no}")
        if stands and (stands.order_no != r.order)
        else None
    )


def _reordered(rows: Sequence[Entry]) -> list[Problem]:
    """Rows that name another order for a posting than a row before them."""
    first: dict[tuple[str, str, dt.date | None], Entry] = {}
    said = [(r, first.setdefault((r.code, r.post, r.since), r)) for r in rows if r.post]
    return [
        _other_order(r, f"Row {one.row} of this file says order {one.order} of the same posting")
        for r, one in said
        if one.order != r.order
    ]


def _met(rows: Sequence[Entry], world: _World) -> list[Problem]:
    """Rows whose new end would make a standing posting meet another one."""
    longer = {
        r.row: End(stands.id, r.until)
        for r in rows
        if r.until and (stands := _stands(r, world)) and stands.until and r.until > stands.until
    }
    met = endings.crowded(longer.values()) if longer else set()
    return [_crowded(r, "until") for r in rows if r.row in longer and longer[r.row].posting in met]


def _other_order(r: Entry, what: str) -> Problem:
    mend = "An order in force is not renumbered: write its number, or post the person by a new order."
    return Problem(r.row, "order_no", r.order[:60], what, mend)


def _taken(r: Entry) -> Problem:
    what = "The login of this code belongs to another person"
    return Problem(r.row, "employee_code", r.code, what, "Correct the code.")


def _crowded(r: Entry, column: str = "post_code") -> Problem:
    what = f"Post {r.post} has another holder in that time, or the official another post"
    mend = "Correct the post or the days, or end the former posting first."
    said = r.post if column == "post_code" else str(r.until)
    return Problem(r.row, column, said[:60], what, mend)
