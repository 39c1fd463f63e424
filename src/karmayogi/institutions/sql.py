"""The statements by which assignments are written: set-based, whatever the number of rows."""

COLUMNS = (
    *("id", "person_id", "body_id", "post", "position", "designation", "supervisor_id", "kind", "share"),
    *("during", "order_no"),
)
NAMES = ", ".join(COLUMNS)
OPEN = f"""
CREATE TEMP TABLE assignment_said ON COMMIT DROP AS SELECT {NAMES} FROM institutions_assignment WITH NO DATA;
CREATE TEMP TABLE assignment_span (person_id uuid, post uuid, kind text, span daterange) ON COMMIT DROP
"""  # noqa: S608
CLOSE = "DROP TABLE assignment_said, assignment_span; DROP TABLE IF EXISTS assignment_gone"
SAME = """
a.person_id = n.person_id AND a.kind = n.kind AND a.body_id = n.body_id AND a.post IS NOT DISTINCT FROM n.post
AND a.supervisor_id IS NOT DISTINCT FROM n.supervisor_id AND a.position = n.position
AND a.designation = n.designation AND a.share = n.share AND a.order_no = n.order_no
"""
ADD = f"""
INSERT INTO institutions_assignment ({NAMES})
SELECT {NAMES} FROM assignment_said n
WHERE NOT EXISTS (SELECT 1 FROM institutions_assignment a WHERE {SAME} AND a.during @> n.during)
"""  # noqa: S608
_SECOND = """
n.kind = 'substantive' AND a.person_id = n.person_id AND a.kind = n.kind AND NOT isempty(a.during * n.during)
"""
ADD_POSSIBLE = f"""{ADD}
AND NOT EXISTS (SELECT 1 FROM institutions_assignment a WHERE {_SECOND})
AND NOT EXISTS (SELECT 1 FROM assignment_said a WHERE a.id < n.id AND {_SECOND})
"""  # noqa: S608
SERVING_TWICE = f"""
SELECT n.person_id FROM institutions_assignment n JOIN institutions_assignment a ON a.id > n.id AND {_SECOND}
WHERE n.person_id IN (SELECT person_id FROM assignment_said) LIMIT 1
"""  # noqa: S608
"""Asked, not a constraint: orders are the only writers, and of postings the database refuses a second one at a time.
A further exclusion constraint would cost an import a fifth of its speed."""

FIND_GONE = f"""
CREATE TEMP TABLE assignment_gone ON COMMIT DROP AS
SELECT a.id, datemultirange(a.during) - range_agg(s.span) AS rest
FROM assignment_span s
JOIN institutions_assignment a ON a.person_id = s.person_id AND a.post = s.post AND a.kind = s.kind
WHERE NOT isempty(a.during * s.span) AND NOT EXISTS (
    SELECT 1 FROM assignment_said n WHERE {SAME} AND n.during = a.during * s.span)
GROUP BY a.id, a.during
"""  # noqa: S608
"""What stands in the spans otherwise than it is said now, with the days outside the spans that stay."""

TAKE_AWAY = (
    """
    DELETE FROM institutions_assignment a USING assignment_gone g WHERE a.id = g.id AND isempty(g.rest)
    """,
    """
    UPDATE institutions_assignment a SET during = (SELECT p FROM unnest(g.rest) AS p ORDER BY p LIMIT 1)
    FROM assignment_gone g WHERE a.id = g.id AND NOT isempty(g.rest)
    """,
    f"""
    INSERT INTO institutions_assignment ({NAMES})
    SELECT gen_random_uuid(), a.person_id, a.body_id, a.post, a.position, a.designation, a.supervisor_id, a.kind,
           a.share, piece, a.order_no
    FROM assignment_gone g JOIN institutions_assignment a ON a.id = g.id, unnest(g.rest) AS piece
    WHERE piece <> a.during
    """,  # noqa: S608
)
"""Days are taken away before any are added: the constraint looks at every row as it is written."""
