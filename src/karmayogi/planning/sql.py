"""The statement by which plans are read, with everything in the reader's language."""

from karmayogi.learning.catalogue import titled
from karmayogi.registry.translations import spoken

_COMPETENCY = spoken("i.competency_id", "name", "i.competency_name")

PLANS = f"""
SELECT p.person_id, p.id, p.made_at, lower(p.horizon), upper(p.horizon), p.minutes, p.shares_kept,
       i.id, i.kind, i.ref, i.key,
       CASE i.kind WHEN 'check' THEN {_COMPETENCY} WHEN 'course' THEN {titled("i.ref", "i.title")}
       ELSE {spoken("i.ref", "title", "i.title")} END,
       i.competency_id, i.competency_key, {_COMPETENCY}, i.why, i.because, i.minutes, i.planned_on, i.number, i.gain,
       i.beyond_share, i.state, i.done_at, i.entry
FROM planning_plan p
LEFT JOIN planning_planitem i ON i.person_id = p.person_id AND (
    (i.state = 'planned' AND i.plan_id = p.id)
    OR (i.state = 'done' AND i.done_at >= lower(p.horizon)::timestamp AT TIME ZONE %(zone)s))
WHERE p.state = 'current' AND p.person_id = ANY(%(people)s::uuid[])
ORDER BY i.planned_on, i.number
"""  # noqa: S608
"""One row for each step that is open, or done since the horizon began; a plan without any has one row."""
