"""Senior posts of an organogram: what its rows come to beside what stands, and how many of them changed something.

A snapshot speaks for its organisation until the next one, whether that came in the same file or another. Where none
spoke before, the file is all that is so: what it no longer names ends. Where one did, the file amends descriptions and
lines and adds holders, but does not put one holder in the place of another: such a row is set aside.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from karmayogi.ehrms import descriptions, posts, reporting_lines, snapshots, spans
from karmayogi.ehrms.descriptions import Amendment, Description, Former
from karmayogi.ehrms.posts import NewPost
from karmayogi.ehrms.reporting_lines import ReportingFact
from karmayogi.ehrms.snapshots import Claim, Held
from karmayogi.ehrms.spans import Span
from karmayogi.institutions import people
from karmayogi.institutions.people import NewPerson
from karmayogi.journeys import import_shares, organogram_names
from karmayogi.journeys.organogram_names import SOURCE, Calendar, code_of_post, order_no
from karmayogi.registry.imports import Counts
from karmayogi.standards import organogram
from karmayogi.standards.organogram import SeniorPost
from karmayogi.standards.tables import Problem

LEVELS = {"SCS1": 20, "SCS1A": 21, "SCS2": 22, "SCS3": 23, "SCS4": 24}
"""The order of the senior grades; the numbers below are free for the grades beneath them."""
KINDS = {"substantive": "substantive", "additional": "additional_charge"}
OURS = f"{SOURCE}/"


@dataclass(frozen=True)
class _Work:
    """The rows, and where and when they speak: organisation -> body, its calendar, its posts as they stood."""

    rows: Sequence[SeniorPost]
    bodies: Mapping[str, UUID]
    calendar: Calendar
    stood: Mapping[str, Description]
    slugs: Mapping[UUID, str]

    def code(self, r: SeniorPost) -> str:
        return code_of_post(r.org_slug, r.post_ref)

    def org(self, code: str, told: Sequence[SeniorPost]) -> str:
        """The organisation of a post, which the file may no longer name."""
        return told[0].org_slug if told else self.slugs[self.stood[code].body]

    def by_post(self) -> dict[str, list[SeniorPost]]:
        """code of a post -> its rows, earliest first; posts of the house's own orders are none of ours."""
        found: dict[str, list[SeniorPost]] = {
            code: [] for code, was in self.stood.items() if was.order_no.startswith(OURS)
        }
        for r in sorted(self.rows, key=lambda r: r.snapshot):
            found.setdefault(self.code(r), []).append(r)
        return found


@dataclass(frozen=True)
class _Changes:
    """What the rows changed: posts amended, days on which lines changed, postings before and after."""

    amended: set[UUID]
    lines: Mapping[UUID, Sequence[Span]]
    before: Sequence[Held]
    after: Sequence[Held]


def write(rows: Sequence[SeniorPost], *, now: dt.datetime) -> Counts:
    """Writes accepted rows, of any number of organisations and snapshots, and says what came of each."""
    known = organogram_names.establish(rows)
    bodies = {r.org_slug: known[r.org_slug] for r in rows}
    days = snapshots.days(bodies.values(), kind=SOURCE)
    calendar = Calendar(rows, {org: days.get(body, ()) for org, body in bodies.items()})
    slugs = {body: org for org, body in bodies.items()}
    work = _Work(rows, bodies, calendar, descriptions.of(bodies.values()), slugs)
    before = snapshots.held(bodies.values(), kind=SOURCE)
    amended = _describe(work, now=now)
    post_ids = {code: d.post for code, d in descriptions.of(bodies.values()).items()}
    lines = _report(work, post_ids, now=now)
    snapshots.enter(
        list(_claims(work, post_ids)),
        within={body: calendar.new(org) for org, body in bodies.items()},
        known={body: calendar.days[org] for org, body in bodies.items()},
        number=lambda body, day: order_no(slugs[body], day),
        kind=SOURCE,
        now=now,
    )
    after = snapshots.held(bodies.values(), kind=SOURCE)
    return _counted(work, post_ids, _Changes(amended, lines, before, after))


def _describe(work: _Work, *, now: dt.datetime) -> set[UUID]:
    """Sanctions new posts and amends standing ones, each as its latest snapshot describes it."""
    new: dict[str, tuple[Description, list[Former]]] = {}
    amendments = []
    for code, told in work.by_post().items():
        was = work.stood.get(code)
        org = work.org(code, told)
        base = was or _titled(_unknown(work.bodies[org], told[0]), told[0])
        last = _last_said(was, org, work.calendar) if was else None
        described = _described(base, told, org=org, last=last, calendar=work.calendar)
        formers = _formers(base, [r for r in told if last is None or r.snapshot >= last])
        if was is None:
            new[code] = described, formers
        elif described != was:
            on = told[-1].snapshot if told else described.until or was.since
            formers = formers or [Former(was, on, order_no(org, on))]
            amendments.append(Amendment(described, tuple(formers)))
    made = posts.sanction([_sanctioned(code, d) for code, (d, _) in new.items()], now=now)
    descriptions.remember(
        (
            replace(f, description=replace(f.description, post=made[code]))
            for code, (_, formers) in new.items()
            for f in formers
        ),
        now=now,
    )
    return descriptions.amend(amendments, now=now)


def _unknown(body: UUID, r: SeniorPost) -> Description:
    """A post that is not sanctioned yet; its id and its titles are still to come."""
    number = order_no(r.org_slug, r.snapshot)
    return Description(UUID(int=0), body, "", "", "", 0, "live", r.snapshot, None, number)


def _titled(base: Description, r: SeniorPost) -> Description:
    return replace(
        base, designation=r.job_title or "Not stated", service=r.profession, grade=r.grade, level=LEVELS[r.grade]
    )  # fmt: skip


def _formers(base: Description, told: Sequence[SeniorPost]) -> list[Former]:
    """Each description that a later row replaces by another one."""
    found = []
    for r in told:
        other = _titled(base, r)
        if other != base:
            found.append(Former(base, r.snapshot, order_no(r.org_slug, r.snapshot)))
        base = other
    return found


def _sanctioned(code: str, d: Description) -> NewPost:
    return NewPost(
        code=code, body=d.body, designation=d.designation, grade=d.grade, level=d.level, service=d.service,
        since=d.since, until=d.until, sanction_order=d.order_no, state=d.state,
    )  # fmt: skip


def _last_said(was: Description, org: str, calendar: Calendar) -> dt.date | None:
    """The latest snapshot known before that named the post; None if none is known."""
    if was.state == "abolished":
        return was.until or was.since
    return calendar.last_known(org, spans.span(was.since, was.until))


def _described(
    was: Description, told: Sequence[SeniorPost], *, org: str, last: dt.date | None, calendar: Calendar
) -> Description:
    """The post as the latest snapshot that names it says; sanctioned from its first snapshot to the next after it."""
    since = min([was.since, *(r.snapshot for r in told)])
    if not told or (last is not None and last > told[-1].snapshot):
        if was.state == "abolished" or last is None:
            return replace(was, since=since)
        return replace(was, since=since, until=calendar.until(org, last))
    r = told[-1]
    gone = r.state == "abolished"
    until = (r.snapshot if r.snapshot > since else None) if gone else calendar.until(org, r.snapshot)
    return replace(_titled(was, r), state="abolished" if gone else "live", since=since, until=until)


def _report(work: _Work, post_ids: Mapping[str, UUID], *, now: dt.datetime) -> dict[UUID, list[Span]]:
    """Every snapshot's reporting lines; of sharers of a post the first row's."""
    facts, within = [], {}
    for code, told in work.by_post().items():
        org = work.org(code, told)
        first = {r.snapshot: r for r in reversed(told)}
        within[post_ids[code]] = spans.joined(
            [work.calendar.span(org, day) for day in first] + work.calendar.new(org)
        )
        for day, r in first.items():
            above = post_ids.get(code_of_post(org, r.reports_to)) if r.reports_to else None
            if above is not None:
                until = work.calendar.until(org, day)
                facts.append(ReportingFact(post_ids[code], above, day, order_no(org, day), until))
    return reporting_lines.report(facts, within=within, source=OURS, now=now)


def _claims(work: _Work, post_ids: Mapping[str, UUID]) -> Iterator[Claim]:
    """Who held what, as the snapshots of the file tell it; holders, known by their hashes, are enrolled."""
    holders = sorted({r.holder for r in work.rows if r.holder})
    people.enrol(NewPerson(h.lower(), f"Holder {h[:5]}…", h) for h in holders)
    person_ids = people.by_codes(holders)
    timeline = organogram.postings(work.rows)
    parts = import_shares.parts(timeline)
    for p in timeline:
        if p.holder and p in parts:
            for piece in spans.common([spans.span(p.since, p.until)], work.calendar.told(p.org_slug)):
                post = post_ids[code_of_post(p.org_slug, p.post_ref)]
                body = work.bodies[p.org_slug]
                yield Claim(body, person_ids[p.holder], post, KINDS[p.kind], parts[p], piece)


def _counted(work: _Work, post_ids: Mapping[str, UUID], changes: _Changes) -> Counts:
    person_ids = people.by_codes(sorted({r.holder for r in work.rows if r.holder}))
    before, after = _by_post(changes.before), _by_post(changes.after)
    latest = {code: told[-1].row for code, told in work.by_post().items() if told}
    new = changed = 0
    problems = []
    for r in work.rows:
        code, post = work.code(r), post_ids[work.code(r)]
        had, has = _on(before.get(post, ()), r.snapshot), _on(after.get(post, ()), r.snapshot)
        mine = person_ids.get(r.holder) if r.holder else None
        was, is_ = ([h for h in there if h.person == mine] for there in (had, has))
        if r.holder and not is_:
            problems.append(_crowded(r))
        elif has and r.state in ("vacant", "abolished"):
            problems.append(_held(r))
        elif code not in work.stood or (r.holder and not was):
            new += 1
        elif (
            {h.id for h in (was if r.holder else had)} != {h.id for h in (is_ if r.holder else has)}
            or (post in changes.amended and latest[code] == r.row)
            or any(since <= r.snapshot < until for since, until in changes.lines.get(post, ()))
        ):
            changed += 1
    return Counts(new, changed, len(work.rows) - new - changed - len(problems), tuple(problems))


def _by_post(postings: Sequence[Held]) -> dict[UUID, list[Held]]:
    found = defaultdict(list)
    for h in postings:
        found[h.post].append(h)
    return found


def _on(postings: Sequence[Held], day: dt.date) -> list[Held]:
    return [h for h in postings if h.span[0] <= day < h.span[1]]


def _crowded(r: SeniorPost) -> Problem:
    what = f"Post {r.post_ref} has another holder in that time, or this holder another post, by an order in force"
    mend = "Correct the holder or the snapshot, or end the former posting by an order first."
    return Problem(r.row, "holder", r.holder, what, mend)


def _held(r: SeniorPost) -> Problem:
    what = f"Post {r.post_ref} has a holder in that time, by an order in force"
    return Problem(
        r.row, "holder", r.state.upper(), what, "End the posting by an order first, or name the holder."
    )
