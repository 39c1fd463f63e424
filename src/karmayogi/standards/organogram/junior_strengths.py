"""Junior strengths: how many posts of a grade and title a unit has under a senior post; no persons.

Rules. 1. The snapshot is a date and the number of posts a number of at least 0; otherwise quarantined. 2.
Pay that is not a number is not stated, and a maximum below the minimum sets both aside; a warning each. 3.
Equal lines add up, because some bodies write one line a post; but when *every* line of a body at a snapshot
comes k times or a multiple (at least MOST_CHANCE different lines, k > 1), the body was published k times
over: the repeats are quarantined.
4. When the senior posts are given, a line under none of the accepted ones keeps no reporting post, with a
warning. Grades are the bodies' own (1,731 of them), so none is unknown.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date

import msgspec

from ..tables import Problem, Row
from .senior_posts import SeniorPost
from .verdicts import Reading, Refused, Warned, day, lost_letters, money, number, refuse, warn

MOST_CHANCE = 3
JUNIOR_COLUMNS = (
    "snapshot", "org_slug", "parent_department", "organisation", "unit", "reporting_senior_post", "grade",
    "pay_min", "pay_max", "generic_job_title", "posts_fte", "profession",
)  # fmt: skip


class JuniorStrength(msgspec.Struct, frozen=True, kw_only=True):
    """``posts_fte``: full-time posts, >= 0; ``reports_to``: post_ref of the senior post, or None; pay in
    pounds a year."""

    row: int
    snapshot: date
    org_slug: str
    parent_department: str
    organisation: str
    unit: str
    reports_to: str | None
    grade: str
    job_title: str
    posts_fte: float
    pay_min: int | None
    pay_max: int | None
    profession: str


def juniors(
    rows: Iterable[Row | Problem], *, seniors: Iterable[SeniorPost] | None = None
) -> Reading[JuniorStrength]:
    """Strengths accepted, in the order of the file, with problems and warnings by the rules of this
    module."""
    problems: list[Problem] = []
    warnings: list[Warned] = []
    posts = None if seniors is None else {(post.snapshot, post.org_slug, post.post_ref) for post in seniors}
    good: list[tuple[Row, JuniorStrength]] = []
    for row in rows:
        if isinstance(row, Problem):
            problems.append(row)
            continue
        try:
            good.append((row, _strength(row)))
        except Refused as refused:
            problems.append(refused.problem)
    read = len(good) + len(problems)
    repeats = _repeats(row for row, _ in good)
    accepted = []
    for row, strength in good:
        if row.row in repeats:
            what = f"Said twice: every line of this body comes {repeats[row.row]} times"
            problems.append(refuse(row, "org_slug", what, "Publish the body once.").problem)
            continue
        mended, warned = _mended(row, strength, posts=posts)
        accepted.append(mended)
        warnings += warned
    problems.sort(key=lambda problem: problem.row)
    return Reading(read, accepted, problems, warnings)


def _strength(row: Row) -> JuniorStrength:
    cells = row.cells
    posts = number(cells["posts_fte"])
    if posts is None or posts < 0:
        raise refuse(
            row, "posts_fte", "The number of posts is not a number", "Write a number such as 12 or 3.5."
        )
    texts = ("org_slug", "parent_department", "organisation", "unit", "grade", "profession")
    return JuniorStrength(
        row=row.row,
        snapshot=day(row),
        reports_to=cells["reporting_senior_post"].strip(),
        job_title=cells["generic_job_title"].strip(),
        posts_fte=posts,
        pay_min=money(cells["pay_min"]),
        pay_max=money(cells["pay_max"]),
        **{name: cells[name].strip() for name in texts},
    )


def _repeats(rows: Iterable[Row]) -> dict[int, int]:
    """Rule 3: row number of each repeat, with how many times its body was said."""
    bodies: dict[tuple[str, str], dict[tuple[str, ...], list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        bodies[row.cells["snapshot"], row.cells["org_slug"]][tuple(row.cells.values())].append(row.row)
    repeats: dict[int, int] = {}
    for lines in bodies.values():
        times = math.gcd(*Counter(len(found) for found in lines.values()))
        if times > 1 and len(lines) >= MOST_CHANCE:
            repeats |= {row: times for found in lines.values() for row in found[len(found) // times :]}
    return repeats


def _mended(
    row: Row, strength: JuniorStrength, *, posts: set[tuple[date, str, str]] | None
) -> tuple[JuniorStrength, list[Warned]]:
    warnings = lost_letters(row)
    low, high = strength.pay_min, strength.pay_max
    mend = "Write the pay in whole pounds, or leave it blank."
    for column, pay in (("pay_min", low), ("pay_max", high)):
        if pay is None and row.cells[column].strip():
            warnings.append(warn(row, column, "The pay is not a number, so it is not stated", mend))
    if low is not None and high is not None and high < low:
        warnings.append(warn(row, "pay_max", "The highest pay is below the lowest; both are set aside", mend))
        strength = msgspec.structs.replace(strength, pay_min=None, pay_max=None)
    if posts is not None and (strength.snapshot, strength.org_slug, strength.reports_to) not in posts:
        what = "The senior post is not among the accepted posts"
        warnings.append(warn(row, "reporting_senior_post", what, "Name a senior post of the same body."))
        strength = msgspec.structs.replace(strength, reports_to=None)
    return strength, warnings
