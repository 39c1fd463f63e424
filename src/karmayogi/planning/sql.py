"""The statement by which plans are read, with everything in the reader's language."""

from karmayogi.institutions import aliases
from karmayogi.learning.catalogue import titled
from karmayogi.registry import joined
from karmayogi.registry.translations import spoken

_COMPETENCY = spoken("i.competency_id", "name", "i.competency_name")

PLANS = f"""
WITH who AS MATERIALIZED (SELECT w.member, w.asked FROM {aliases.WHO} w),
plan AS (
    SELECT DISTINCT ON (who.asked) who.asked, p.* FROM who JOIN planning_plan p ON p.person_id = who.member
    WHERE p.state = 'current'
    ORDER BY who.asked, EXISTS (SELECT 1 FROM {joined.VIEW} j WHERE j.other_id = who.member), p.made_at DESC
)
SELECT p.asked, p.id, p.made_at, lower(p.horizon), upper(p.horizon), p.minutes, p.shares_kept,
       i.id, i.kind, i.ref, i.key,
       CASE i.kind WHEN 'check' THEN {_COMPETENCY} WHEN 'course' THEN {titled("i.ref", "i.title")}
       ELSE {spoken("i.ref", "title", "i.title")} END,
       i.competency_id, i.competency_key, {_COMPETENCY}, i.why, i.because, i.minutes, i.planned_on, i.number, i.gain,
       i.beyond_share, i.state, i.done_at, i.entry
FROM plan p
LEFT JOIN who ON who.asked = p.asked
LEFT JOIN planning_planitem i ON i.person_id = who.member AND (
    (i.state = 'planned' AND i.plan_id = p.id)
    OR (i.state = 'done' AND i.done_at >= lower(p.horizon)::timestamp AT TIME ZONE %(zone)s))
ORDER BY i.planned_on, i.number
"""  # noqa: S608
"""One row for each step that is open, or done since the horizon began; a plan without any has one row at least.

Of joined records the plan of the one that stays, with the steps done under all of them.
"""
