"""The statements by which an order takes effect: set-based, whatever the number of its lines."""

WRITE_POSTINGS = """
INSERT INTO ehrms_posting (id, person_id, post_id, kind, part, during, recorded, order_id)
SELECT x.id, x.person_id, x.post_id, x.kind, int4range(x.part_from, x.part_to), daterange(x.since, x.until),
       tstzrange(%(now)s, NULL), x.order_id
FROM ehrms_orderline x WHERE x.order_id = ANY(%(orders)s)
"""
"""A posting takes the id of the order line that made it, so that a second run changes nothing."""

ADD_POSTINGS = """
WITH line AS MATERIALIZED (
    SELECT x.id, x.person_id, x.post_id, x.kind, int4range(x.part_from, x.part_to) AS part,
           daterange(x.since, x.until) AS during, x.order_id,
           count(*) FILTER (WHERE x.kind = 'substantive') OVER (PARTITION BY x.person_id) AS of_person,
           count(*) FILTER (WHERE x.kind = 'substantive') OVER (PARTITION BY x.post_id) AS of_post
    FROM ehrms_orderline x WHERE x.order_id = ANY(%(orders)s)
      AND x.id >= %(first)s
      AND NOT EXISTS (SELECT 1 FROM ehrms_posting h WHERE h.id = x.id)
), several AS MATERIALIZED (
    SELECT * FROM line WHERE kind = 'substantive' AND (of_person > 1 OR of_post > 1)
), crowded AS MATERIALIZED (
    SELECT x.id FROM several x JOIN several y ON y.person_id = x.person_id AND y.id < x.id AND y.during && x.during
    UNION
    SELECT x.id FROM several x JOIN several y
        ON y.post_id = x.post_id AND y.id < x.id AND y.during && x.during AND y.part && x.part
    UNION
    SELECT x.id FROM line x JOIN ehrms_posting h ON h.person_id = x.person_id
    WHERE x.kind = 'substantive' AND h.kind = 'substantive' AND upper_inf(h.recorded)
      AND NOT isempty(h.during * x.during)
    UNION
    SELECT x.id FROM line x JOIN ehrms_posting h ON h.post_id = x.post_id
    WHERE x.kind = 'substantive' AND h.kind = 'substantive' AND upper_inf(h.recorded)
      AND NOT isempty(h.during * x.during) AND NOT isempty(h.part * x.part)
)
INSERT INTO ehrms_posting (id, person_id, post_id, kind, part, during, recorded, order_id)
SELECT x.id, x.person_id, x.post_id, x.kind, x.part, x.during, tstzrange(%(now)s, NULL), x.order_id
FROM line x
WHERE x.id NOT IN (SELECT c.id FROM crowded c)
ORDER BY x.id
"""
"""The same for history in bulk, leaving out lines that would give a post two holders or an official two posts.

ON CONFLICT cannot do it: deferrable constraints are no arbiters. What a concurrent writer slips in between is still
stopped by the constraints, and then nothing of the batch is written. Overlap is asked with `*`, not `&&`: a planner
without statistics would search by the days alone, through every posting there is.
"""

CLOSE_POSTINGS = """
WITH ending AS (
    UPDATE ehrms_posting h SET recorded = tstzrange(lower(h.recorded), %(now)s)
    FROM ehrms_orderline x
    WHERE x.order_id = ANY(%(orders)s) AND x.kind = 'substantive' AND h.kind = 'substantive'
      AND h.person_id = x.person_id AND upper_inf(h.recorded)
      AND lower(h.during) < x.since AND (upper_inf(h.during) OR upper(h.during) > x.since)
    RETURNING h.person_id, h.post_id, h.kind, h.part, h.during, h.order_id, x.since
)
INSERT INTO ehrms_posting (id, person_id, post_id, kind, part, during, recorded, order_id)
SELECT gen_random_uuid(), person_id, post_id, kind, part, daterange(lower(during), since),
       tstzrange(%(now)s, NULL), order_id
FROM ending
"""
"""The former posting is closed in record time and written anew with its last day: nothing is overwritten."""

CLOSE_ASSIGNMENTS = """
UPDATE institutions_assignment a SET during = daterange(lower(a.during), x.since)
FROM ehrms_orderline x
WHERE x.order_id = ANY(%(orders)s) AND x.kind = 'substantive' AND a.kind = 'substantive'
  AND a.person_id = x.person_id AND lower(a.during) < x.since
  AND (upper_inf(a.during) OR upper(a.during) > x.since)
"""

WRITE_ASSIGNMENTS = """
WITH fresh AS MATERIALIZED (
    SELECT h.id, h.person_id, h.kind, h.part, h.during, p.body_id, p.id AS post, p.position, p.designation,
           p.reports_to_id, o.number
    FROM ehrms_orderline x
    JOIN ehrms_posting h ON h.id = x.id
    JOIN ehrms_post p ON p.id = h.post_id
    JOIN ehrms_order o ON o.id = h.order_id
    WHERE x.order_id = ANY(%(orders)s) AND x.id >= %(first)s
), above AS MATERIALIZED (
    SELECT DISTINCT ON (h.id) h.id, s.person_id
    FROM fresh h JOIN ehrms_posting s ON s.post_id = h.reports_to_id
    WHERE s.kind = 'substantive' AND upper_inf(s.recorded) AND NOT isempty(s.during * h.during)
      AND s.person_id <> h.person_id
    ORDER BY h.id, upper(s.during) DESC NULLS FIRST, lower(s.during) DESC
)
INSERT INTO institutions_assignment
    (id, person_id, body_id, post, position, designation, supervisor_id, kind, share, during, order_no)
SELECT h.id, h.person_id, h.body_id, h.post, h.position, h.designation, above.person_id, h.kind,
       (upper(h.part) - lower(h.part)) / 1000.0, h.during, h.number
FROM fresh h LEFT JOIN above ON above.id = h.id
ORDER BY h.id
ON CONFLICT (id) DO NOTHING
"""
"""The supervisor is whoever holds the post reported to, latest in that time."""

RESEAT_TEAMS = """
WITH moved AS (
    SELECT x.person_id, x.post_id, x.since FROM ehrms_orderline x
    WHERE x.order_id = ANY(%(orders)s) AND x.kind = 'substantive'
), touched AS MATERIALIZED (
    SELECT DISTINCT ON (a.id) a.*, m.since, (
        SELECT h.person_id FROM ehrms_posting h
        WHERE h.post_id = p.reports_to_id AND h.kind = 'substantive' AND upper_inf(h.recorded)
          AND h.during @> greatest(m.since, lower(a.during)) AND h.person_id <> a.person_id
        ORDER BY lower(h.part) LIMIT 1) AS leader
    FROM institutions_assignment a
    JOIN ehrms_post p ON p.id = a.post
    JOIN moved m ON p.reports_to_id = m.post_id OR a.supervisor_id = m.person_id
    WHERE a.person_id <> m.person_id AND (upper_inf(a.during) OR upper(a.during) > m.since)
    ORDER BY a.id, m.since
), changed AS MATERIALIZED (
    SELECT * FROM touched WHERE supervisor_id IS DISTINCT FROM leader
), coming AS (
    UPDATE institutions_assignment a SET supervisor_id = c.leader
    FROM changed c WHERE a.id = c.id AND lower(c.during) >= c.since
), ending AS (
    UPDATE institutions_assignment a SET during = daterange(lower(c.during), c.since)
    FROM changed c WHERE a.id = c.id AND lower(c.during) < c.since
)
INSERT INTO institutions_assignment
    (id, person_id, body_id, post, position, designation, supervisor_id, kind, share, during, order_no)
SELECT gen_random_uuid(), person_id, body_id, post, position, designation, leader, kind, share,
       daterange(since, upper(during)), order_no
FROM changed WHERE lower(during) < since
"""
"""From that day the team of the post taken up has a new supervisor, and the team left behind has none until its post
is filled again; what had an end keeps it.
"""
