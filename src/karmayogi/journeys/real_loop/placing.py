"""Where the respondents are placed: seats cut out of the real pooled strength, and real posts put under positions.

The respondents of the response file have never served anywhere. To run the loop they are placed, by orders that say
so in their number, on seats cut from counted junior posts of real units. Title, grade, unit and the senior post
above are real; that a seat is one person's is the trial's.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from karmayogi.ehrms import orders, posts
from karmayogi.ehrms.orders import Line
from karmayogi.ehrms.posts import NewPost
from karmayogi.institutions import bodies
from karmayogi.journeys import import_organogram, organogram_names, real_loop
from karmayogi.standards.organogram import JuniorStrength, SeniorPost

NOT_REAL = "trial, not real"
"""Stands in the number of every order that places a respondent."""


@dataclass(frozen=True, slots=True)
class Described:
    """Real posts put under positions: code -> position, and the codes that were said to be vacant last."""

    positions: dict[str, str]
    vacant: frozenset[str]


def describe(source: Path) -> Described:
    """Puts the live senior posts that a rule of the mapping fits under its position."""
    latest = _latest_seniors(source)
    rules = real_loop.rules()
    fitting: dict[str, str] = {}
    for code, r in latest.items():
        found = next(
            (x for x in rules if x.fits(title=r.job_title, profession=r.profession, grade=r.grade)), None
        )
        if found is not None and r.state != "abolished":
            fitting[code] = found.position
    places = posts.places(fitting)
    posts.describe((places[code][0], position) for code, position in fitting.items() if code in places)
    return Described(fitting, frozenset(code for code in fitting if latest[code].state == "vacant"))


def place(source: Path, people: Sequence[UUID], *, now: dt.datetime) -> int:
    """Seats for these people, evenly over the counted junior posts of the grades just below the senior ones.

    Returns how many postings are new.
    """
    seats = _seats(source, len(people))
    known = posts.places(code for code, _ in seats)
    missing = [(code, r) for code, r in seats if code not in known]
    where = bodies.by_codes({r.org_slug for _, r in missing})
    posts.sanction([_seat(code, r, where[r.org_slug].id) for code, r in missing])
    known = posts.places(code for code, _ in seats)
    by_body: dict[str, list[Line]] = defaultdict(list)
    days: dict[str, dt.date] = {}
    for person, (code, r) in zip(people, seats, strict=True):
        by_body[r.org_slug].append(Line(person, known[code][0], "substantive", r.snapshot))
        days[r.org_slug] = r.snapshot
    placed = bodies.by_codes(by_body)
    return orders.enter_all(
        [
            orders.Entry(f"{NOT_REAL}/{org[:60]}", "trial", placed[org].id, days[org], lines)
            for org, lines in by_body.items()
        ],
        now=now,
    )


def _latest_seniors(source: Path) -> dict[str, SeniorPost]:
    rows = [r for r in import_organogram.read_seniors(source) if isinstance(r, SeniorPost)]
    last: dict[str, dt.date] = {}
    for r in rows:
        last[r.org_slug] = max(last.get(r.org_slug, r.snapshot), r.snapshot)
    return {
        organogram_names.code_of_post(r.org_slug, r.post_ref): r
        for r in rows
        if r.snapshot == last[r.org_slug]
    }


def _seats(source: Path, wanted: int) -> list[tuple[str, JuniorStrength]]:
    """(code, counted line) of as many seats as wanted, evenly spaced over all full posts of the grades meant."""
    grade = re.compile(real_loop.content()["seats"]["grade"], re.IGNORECASE)
    rows = [r for r in import_organogram.read_juniors(source) if isinstance(r, JuniorStrength)]
    last: dict[str, dt.date] = {}
    for r in rows:
        last[r.org_slug] = max(last.get(r.org_slug, r.snapshot), r.snapshot)
    counted = [
        (r, n)
        for r in rows
        if r.snapshot == last[r.org_slug] and grade.search(r.grade)
        for n in range(1, int(r.posts_fte) + 1)
    ]
    chosen = [counted[k * len(counted) // wanted] for k in range(wanted)]
    return [(f"{r.org_slug}/trial-{r.row}-{n}", r) for r, n in chosen]


def _seat(code: str, r: JuniorStrength, body: UUID) -> NewPost:
    said = real_loop.content()["seats"]
    above = organogram_names.code_of_post(r.org_slug, r.reports_to) if r.reports_to else None
    return NewPost(
        code=code, body=body, designation=f"{r.job_title or 'Not stated'} (seat of the trial)"[:200],
        grade=r.grade[:40], level=said["level"], service=r.profession, kind="trial", position=said["position"],
        since=r.snapshot, sanction_order=f"{NOT_REAL}/{r.org_slug[:60]}", reports_to=above,
    )  # fmt: skip
