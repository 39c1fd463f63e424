"""Senior posts: one row a post and holder at a snapshot.

Rules, in the order in which they are applied. *Quarantined* rows become a Problem, the others are accepted.

1.  A snapshot is a date; a grade is one of SCS1, SCS1A, SCS2, SCS3, SCS4. Otherwise quarantined (a military
    OF-6 has no place in the order of grades that the rest of the product relies on).
2.  The reference must name a post. ``0``, ``Deleted``, ``Eliminated``, ``Vacancy`` are remarks typed in its
    place (people "not in post", struck rows), shared by unrelated rows: quarantined.
3.  FTE lies in (0, 1]. Blank is accepted as not stated, with a warning; zero, more than one, or text is
    quarantined.
4.  A row equal in every cell to an earlier one is quarantined: said twice.
5.  ``holder``: N/D or blank = held, name withheld (undisclosed); VACANT; ELIMINATED = abolished at that
    snapshot; anything else is a person. A name on more than MOST_POSTS_OF_ONE_PERSON posts of one body at
    one snapshot is a phrase such as "name withheld" that was hashed like a name (one covers 74 posts):
    undisclosed, with a warning.
6.  Several rows for one post (body, reference) at one snapshot: a held row outweighs VACANT, and VACANT
    outweighs ELIMINATED, because a post with a holder exists; the outweighed rows are quarantined. Several
    holders who differ (withheld names count as different) whose FTEs are stated and together come to at most
    1 (+ SHARE_TOLERANCE) share the post. Otherwise the first stays and the others are quarantined.
7.  ``reports_to``: XX = nobody above. A reference that differs only in case is followed, with a warning. One
    that names the post itself, no accepted post of the body, or closes a circle gives no line, with a
    warning.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

import msgspec

from ..tables import Problem, Row
from .verdicts import Reading, Refused, Warned, day, lost_letters, money, number, refuse, warn

GRADES = ("SCS1", "SCS1A", "SCS2", "SCS3", "SCS4")
NO_REFERENCE = frozenset({"", "0", "deleted", "eliminated", "vacancy", "n/a", "n/d", "xx"})
MOST_POSTS_OF_ONE_PERSON = 3
SHARE_TOLERANCE = 0.05
SENIOR_COLUMNS = (
    "snapshot", "org_slug", "post_ref", "holder", "grade", "job_title", "function", "parent_department",
    "organisation", "unit", "reports_to", "reports_cost", "fte", "pay_floor", "pay_ceiling", "profession",
)  # fmt: skip
State = Literal["held", "undisclosed", "vacant", "abolished"]
_STATES: dict[str, State] = {
    "N/D": "undisclosed",
    "": "undisclosed",
    "VACANT": "vacant",
    "ELIMINATED": "abolished",
}
_WEIGHT = {"held": 0, "undisclosed": 0, "vacant": 1, "abolished": 2}


class SeniorPost(msgspec.Struct, frozen=True, kw_only=True):
    """A post and, when ``state`` is "held", its ``holder`` ('' otherwise) at ``snapshot``.

    The post is (``org_slug``, ``post_ref``). ``fte``: of the holder, (0, 1] or None; ``share``: the holder
    shares the post; ``reports_to``: post_ref in the same body and snapshot, or None; ``top``: said to report
    to nobody; pay in pounds a year or None; ``row``: where it stood in the file.
    """

    row: int
    snapshot: date
    org_slug: str
    post_ref: str
    state: State
    holder: str
    grade: str
    job_title: str
    function: str
    parent_department: str
    organisation: str
    unit: str
    reports_to: str | None
    top: bool
    reports_cost: int | None
    fte: float | None
    share: bool
    pay_floor: int | None
    pay_ceiling: int | None
    profession: str


class _Draft(msgspec.Struct):
    """A row that passed the rules that look at it alone."""

    row: Row
    snapshot: date
    state: State
    holder: str
    fte: float | None
    share: bool = False
    reports_to: str | None = None

    @property
    def body(self) -> tuple[date, str]:
        return self.snapshot, self.row.cells["org_slug"].strip()

    @property
    def ref(self) -> str:
        return self.row.cells["post_ref"].strip()


def seniors(rows: Iterable[Row | Problem]) -> Reading[SeniorPost]:
    """Posts accepted, in the order of the file, with problems and warnings by the rules of this module."""
    problems: list[Problem] = []
    warnings: list[Warned] = []
    drafts = list(_drafts(rows, problems))
    read = len(drafts) + len(problems)
    warnings += _unmask(drafts)
    kept = _settle(drafts, problems)
    warnings += _draw_lines(kept)
    for draft in kept:
        warnings += lost_letters(draft.row)
        if draft.fte is None:
            warnings.append(
                warn(
                    draft.row, "fte", "The full-time share is not stated", "Write a number such as 1 or 0.8."
                )
            )
    problems.sort(key=lambda problem: problem.row)
    warnings.sort(key=lambda warned: warned.row)
    return Reading(read, [_post(draft) for draft in kept], problems, warnings)


def _drafts(rows: Iterable[Row | Problem], problems: list[Problem]) -> Iterator[_Draft]:
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        if isinstance(row, Problem):
            problems.append(row)
            continue
        try:
            draft = _draft(row)
            first = seen.setdefault(tuple(row.cells.values()), row.row)
            if first != row.row:
                raise refuse(
                    row, "post_ref", f"Said twice: the row equals row {first}", "Remove one of the two rows."
                )
        except Refused as refused:
            problems.append(refused.problem)
            continue
        yield draft


def _draft(row: Row) -> _Draft:
    cells = row.cells
    snapshot = day(row)
    if cells["grade"] not in GRADES:
        raise refuse(row, "grade", "The grade is not known", f"Use one of {', '.join(GRADES)}.")
    if cells["post_ref"].strip().lower() in NO_REFERENCE:
        raise refuse(
            row, "post_ref", "The reference does not name a post", "Give the post a reference of its own."
        )
    fte = number(cells["fte"])
    if cells["fte"].strip() and (fte is None or not 0 < fte <= 1):
        raise refuse(
            row, "fte", "The full-time share is not above 0 and up to 1", "Write a number such as 1 or 0.8."
        )
    state = _STATES.get(cells["holder"].strip().upper(), "held")
    return _Draft(row, snapshot, state, cells["holder"].strip() if state == "held" else "", fte)


def _unmask(drafts: list[_Draft]) -> list[Warned]:
    """Rule 5: holders that cannot be one person become undisclosed, at every snapshot of the body."""
    posts = Counter(
        (body, holder) for body, holder, _ in {(d.body, d.holder, d.ref) for d in drafts if d.holder}
    )
    phrases = {
        (body[1], holder) for (body, holder), count in posts.items() if count > MOST_POSTS_OF_ONE_PERSON
    }
    warnings = []
    for draft in drafts:
        if (draft.body[1], draft.holder) in phrases:
            what = f"One name stands on over {MOST_POSTS_OF_ONE_PERSON} posts: a phrase, not a person"
            warnings.append(warn(draft.row, "holder", what, "Write N/D when a name is withheld."))
            draft.state, draft.holder = "undisclosed", ""
    return warnings


def _settle(drafts: list[_Draft], problems: list[Problem]) -> list[_Draft]:
    """Rule 6: at most one holder, or one set of sharers, for each post and snapshot."""
    groups: dict[tuple[tuple[date, str], str], list[_Draft]] = defaultdict(list)
    for draft in drafts:
        groups[draft.body, draft.ref].append(draft)
    kept: list[_Draft] = []
    for group in groups.values():
        strongest = min(_WEIGHT[draft.state] for draft in group)
        first, *rest = [draft for draft in group if _WEIGHT[draft.state] == strongest]
        for draft in group:
            if _WEIGHT[draft.state] != strongest:
                problems.append(_outweighed(draft, by=first))
        if rest and _shared([first, *rest]):
            for draft in (first, *rest):
                draft.share = True
            kept += [first, *rest]
        else:
            kept.append(first)
            problems += [_crowded(draft, first=first) for draft in rest]
    return sorted(kept, key=lambda draft: draft.row.row)


def _shared(group: list[_Draft]) -> bool:
    names = [draft.holder for draft in group if draft.holder]
    parts = [draft.fte for draft in group if draft.fte is not None]
    whole = len(parts) == len(group) and sum(parts) <= 1 + SHARE_TOLERANCE
    return whole and len(names) == len(set(names)) and group[0].state in ("held", "undisclosed")


def _outweighed(draft: _Draft, *, by: _Draft) -> Problem:
    said = {"vacant": "vacant", "abolished": "abolished"}[draft.state]
    stronger = "vacant" if by.state == "vacant" else "held"
    what = f"The post is said to be {said} here and {stronger} in row {by.row.row}"
    return refuse(draft.row, "holder", what, "Keep the row that is true.").problem


def _crowded(draft: _Draft, *, first: _Draft) -> Problem:
    if draft.state in ("vacant", "abolished") or (draft.holder and draft.holder == first.holder):
        what = f"Said twice: row {first.row.row} says the same of this post"
        return refuse(draft.row, "post_ref", what, "Keep one row.").problem
    what = f"Two holders at once: row {first.row.row} has another for the same post"
    return refuse(
        draft.row, "post_ref", what, "Give each post its own reference, or FTEs that add up to 1."
    ).problem


def _draw_lines(drafts: list[_Draft]) -> list[Warned]:
    """Rule 7: set ``reports_to`` where it leads somewhere."""
    refs: dict[tuple[date, str], dict[str, str]] = defaultdict(dict)
    for draft in drafts:
        refs[draft.body].setdefault(draft.ref.lower(), draft.ref)
    exact = {(draft.body, draft.ref) for draft in drafts}
    above: dict[tuple[tuple[date, str], str], str] = {}
    warnings = []
    for draft in drafts:
        said = draft.row.cells["reports_to"].strip()
        if said == "XX":
            continue
        found = said if (draft.body, said) in exact else refs[draft.body].get(said.lower())
        if found is None:
            what, mend = (
                "The post reported to is not among the accepted posts",
                "Name a post of the same body.",
            )
        elif found == draft.ref:
            what, mend = "The post reports to itself", "Name the post above, or XX."
        elif _circular(found, draft=draft, above=above):
            what, mend = "The line closes a circle", "Name the post above, or XX."
        else:
            draft.reports_to = above[draft.body, draft.ref] = found
            if found == said:
                continue
            what, mend = f"Read as {found}: the reference differs in case", f"Write {found}."
        warnings.append(warn(draft.row, "reports_to", what, mend))
    return warnings


def _circular(start: str, *, draft: _Draft, above: dict[tuple[tuple[date, str], str], str]) -> bool:
    at: str | None = start
    while at is not None and at != draft.ref:
        at = above.get((draft.body, at))
    return at is not None


def _post(draft: _Draft) -> SeniorPost:
    cells = draft.row.cells
    texts = (
        "org_slug",
        "post_ref",
        "grade",
        "job_title",
        "function",
        "parent_department",
        "organisation",
        "unit",
        "profession",
    )
    return SeniorPost(
        row=draft.row.row,
        snapshot=draft.snapshot,
        state=draft.state,
        holder=draft.holder,
        reports_to=draft.reports_to,
        top=cells["reports_to"].strip() == "XX",
        reports_cost=money(cells["reports_cost"]),
        fte=draft.fte,
        share=draft.share,
        pay_floor=money(cells["pay_floor"]),
        pay_ceiling=money(cells["pay_ceiling"]),
        **{name: cells[name].strip() for name in texts},
    )
