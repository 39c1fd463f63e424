"""The statements that pages read by: a card, a requirement or a name with all its words in one go."""

from karmayogi.institutions import assignments
from karmayogi.registry.translations import spoken

CUTS = """
CROSS JOIN LATERAL (
    SELECT array_agg(s.theta ORDER BY s.number) AS thetas, (array_agg(s.study ORDER BY s.number))[1] AS study
    FROM competency_cutscore s
    WHERE s.competency_id = c.id AND s.since = (
        SELECT coalesce(max(d.since) FILTER (WHERE d.since <= %(on)s::date), min(d.since))
        FROM competency_cutscore d WHERE d.competency_id = c.id)
) cut
"""
"""Of competency `c`: cuts from level 1 up on the day `on`; before the first study, those of the first."""

SCALE = f"""
CROSS JOIN LATERAL (
    SELECT array_agg({spoken("n.id", "name", "n.name")} ORDER BY n.number) AS names
    FROM competency_level n WHERE n.version_id = c.version_id
) scale
"""  # noqa: S608
"""Of competency `c`: the names of the levels of its scale, from level 1 up."""

TEXTS = f"""
CROSS JOIN LATERAL (
    SELECT array_agg(coalesce({spoken("t.id", "text", "t.text")}, '') ORDER BY n.number) AS texts
    FROM competency_level n
    LEFT JOIN competency_competencylevel t ON t.competency_id = c.id AND t.number = n.number
    WHERE n.version_id = c.version_id
) described
"""  # noqa: S608
"""Of competency `c`: its own texts for those levels."""

CURRENT = """
SELECT DISTINCT ON (framework_id) id FROM competency_frameworkversion WHERE state = 'verified'
ORDER BY framework_id, decided_at DESC, id DESC
"""
"""The versions to use: of every framework the one verified last."""

CARDS = f"""
SELECT c.id, c.key, c.kind, {spoken("c.id", "name", "c.name")}, {spoken("c.id", "about", "c.about")}, f.key,
       scale.names, described.texts, cut.thetas, cut.study
FROM competency_competency c
JOIN competency_frameworkversion v ON v.id = c.version_id
JOIN competency_framework f ON f.id = v.framework_id
{CUTS} {SCALE} {TEXTS}
WHERE CASE WHEN %(ids)s::uuid[] IS NULL THEN c.version_id IN ({CURRENT}) ELSE c.id = ANY(%(ids)s::uuid[]) END
  AND (%(keys)s::text[] IS NULL OR c.key = ANY(%(keys)s::text[]))
  AND (%(framework)s::text IS NULL OR f.key = %(framework)s::text)
ORDER BY f.key, c.number
"""  # noqa: S608

CUTS_OF = f"""
SELECT c.id, cut.thetas FROM competency_competency c {CUTS} WHERE c.id = ANY(%(ids)s::uuid[]) AND cut.thetas IS NOT NULL
"""  # noqa: S608

NAMES = f"""
SELECT c.id, c.key, {spoken("c.id", "name", "c.name")}
FROM competency_competency c
WHERE c.id = ANY(%(ids)s::uuid[]) OR (c.key = ANY(%(keys)s::text[]) AND c.version_id IN ({CURRENT}))
"""  # noqa: S608

LEVEL_NAMES = f"""
SELECT {spoken("c.id", "name", "c.name")}, {spoken("n.id", "name", "n.name")}
FROM competency_competency c JOIN competency_level n ON n.version_id = c.version_id
WHERE c.id = %(competency)s AND n.number = %(level)s
"""  # noqa: S608

_REQUIRED = f"""
needed AS (
    SELECT p.key AS position, q.competency_id, max(q.level) AS level, bool_or(q.essential) AS essential,
           max(q.weight) AS weight
    FROM competency_position p
    JOIN competency_positionversion v ON v.position_id = p.id AND v.during @> %(on)s::date
    JOIN competency_role r ON r.version_id = v.id
    JOIN competency_activity a ON a.role_id = r.id
    JOIN competency_requirement q ON q.activity_id = a.id
    WHERE p.key IN (SELECT position FROM asked)
    GROUP BY p.key, q.competency_id
), latest AS (
    SELECT cohorts FROM competency_calibrationset ORDER BY number DESC LIMIT 1
), known AS (
    SELECT c.id, c.key, c.kind, {spoken("c.id", "name", "c.name")} AS name, c.number, f.key AS framework, cut.thetas,
           scale.names, (SELECT cohorts -> c.id::text FROM latest) AS cohort
    FROM competency_competency c
    LEFT JOIN competency_frameworkversion v ON v.id = c.version_id
    LEFT JOIN competency_framework f ON f.id = v.framework_id
    {CUTS} {SCALE}
    WHERE c.id IN (SELECT competency_id FROM needed)
)
"""  # noqa: S608
_REQUIREMENT = """
n.position, n.level, n.essential, n.weight, k.id, k.key, k.kind, k.name, k.thetas, k.names,
(k.cohort ->> 'mean')::float8, (k.cohort ->> 'sd')::float8
"""
_IN_ORDER = "ORDER BY n.position, k.framework, k.number"

REQUIREMENTS = f"""
WITH asked AS (SELECT unnest(%(keys)s::text[]) AS position), {_REQUIRED}
SELECT {_REQUIREMENT} FROM needed n JOIN known k ON k.id = n.competency_id {_IN_ORDER}
"""  # noqa: S608

_MEASURED = f"""
{_REQUIRED}, placed AS (
    SELECT position, array_agg(person) AS people FROM asked GROUP BY position
), held AS (
    SELECT n.position, n.competency_id, array_agg(e.person_id) AS people, array_agg(e.mean) AS means,
           array_agg(e.sd) AS sds, array_agg(e.information) AS information, array_agg(e.as_of) AS moments,
           array_agg(array_to_string(e.kinds, ' ')) AS kinds, array_agg(e.changes_on) AS changes,
           array_agg(e.calibration) AS calibrations
    FROM asked a
    JOIN needed n ON n.position = a.position
    JOIN competency_estimate e
        ON e.person_id = a.person AND e.competency_id = n.competency_id AND e.superseded_at IS NULL
    GROUP BY n.position, n.competency_id
)
SELECT {_REQUIREMENT}, o.people, h.people, h.means, h.sds, h.information, h.moments, h.kinds, h.changes, h.calibrations
FROM needed n
JOIN placed o ON o.position = n.position
JOIN known k ON k.id = n.competency_id
LEFT JOIN held h ON h.position = n.position AND h.competency_id = n.competency_id
{_IN_ORDER}
"""  # noqa: S608
MEASURED = f"""
WITH asked AS (SELECT person, position FROM unnest(%(people)s::uuid[], %(posts)s::text[]) AS a (person, position)),
{_MEASURED}
"""  # noqa: S608
"""The requirements of positions, each with the people in them and their estimates that stand, column by column."""
MEASURED_WHERE_THEY_STAND = f"WITH asked AS ({assignments.SERVING}), {_MEASURED}"
"""The same for `people`, by the positions they have on the day."""

TREE = """
SELECT r.id, r.title, a.id, a.title, q.competency_id, q.level, q.essential, q.weight
FROM competency_position p
JOIN competency_positionversion v ON v.position_id = p.id AND v.during @> %(on)s::date
JOIN competency_role r ON r.version_id = v.id
LEFT JOIN competency_activity a ON a.role_id = r.id
LEFT JOIN competency_requirement q ON q.activity_id = a.id
LEFT JOIN competency_competency c ON c.id = q.competency_id
WHERE p.key = %(key)s
ORDER BY r.number, a.number, c.number
"""
