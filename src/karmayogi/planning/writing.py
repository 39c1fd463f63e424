"""Writing plans, set-based: what is done is marked, what changed is superseded, what is new is loaded."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import connection

from karmayogi.planning.drafting import Draft, Frame
from karmayogi.planning.histories import Done
from karmayogi.planning.models import Plan, PlanItem
from karmayogi.registry import bulk, ids

PLAN_COLUMNS = ("id", "person_id", "made_at", "horizon", "minutes", "shares_kept", "state")
ITEM_COLUMNS = (
    "id", "plan_id", "person_id", "kind", "ref", "competency_id", "title", "why", "because", "minutes", "planned_on",
    "number", "gain", "beyond_share", "state", "key", "competency_key", "competency_name",
)  # fmt: skip


def lock(people: Sequence[UUID]) -> None:
    """Two makers of the same person's plan take turns, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(p::text, 0))"
            " FROM (SELECT p FROM unnest(%s::uuid[]) AS u(p) ORDER BY p) AS sorted",
            [list(people)],
        )


def settle(done: Mapping[UUID, Done]) -> int:
    """Marks checks sat and courses completed since their plan was made; returns how many items that closed."""
    open_items = PlanItem.objects.filter(
        person__in=list(done), plan__state="current", state="planned", kind__in=["check", "course"]
    )
    closed: list[tuple[UUID, dt.datetime]] = []
    for item, person, kind, ref, made_at in open_items.values_list(
        "id", "person_id", "kind", "ref", "plan__made_at"
    ):
        at = done[person].courses.get(ref) if kind == "course" else done[person].tests.get(ref)
        if at is not None and (kind == "course" or at >= made_at):
            closed.append((item, at))
    if closed:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE planning_planitem i SET state = 'done', done_at = c.at"
                " FROM unnest(%s::uuid[], %s::timestamptz[]) AS c(id, at) WHERE i.id = c.id",
                [[item for item, _ in closed], [at for _, at in closed]],
            )
    return len(closed)


def replace(drafts: Iterable[tuple[UUID, Draft, Frame]], *, now: dt.datetime) -> int:
    """Supersedes the current plans of these people by the drafts; done items stay with the plan they were in."""
    fresh = [(ids.new(), person, draft, frame) for person, draft, frame in drafts]
    if not fresh:
        return 0
    people = [person for _, person, _, _ in fresh]
    Plan.objects.filter(person__in=people, state="current").update(state="superseded", superseded_at=now)
    bulk.load(
        Plan,
        PLAN_COLUMNS,
        (
            (plan, person, now, f"[{f.since},{f.until})", f.minutes, draft.shares_kept, "current")
            for plan, person, draft, f in fresh
        ),
    )
    bulk.load(
        PlanItem,
        ITEM_COLUMNS,
        (row for plan, person, draft, _ in fresh for row in _items(plan, person, draft)),
    )
    return len(fresh)


def _items(plan: UUID, person: UUID, draft: Draft) -> Iterable[tuple[object, ...]]:
    for number, step in enumerate(draft.steps, start=1):
        yield (
            ids.new(), plan, person, step.kind, step.ref, step.competency, step.title, step.why,
            json.dumps(dict(step.because)), step.minutes, step.planned_on, number, step.gain, step.beyond_share,
            "planned", step.key, step.competency_key, step.competency_name,
        )  # fmt: skip
