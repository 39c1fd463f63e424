"""The statements by which orders take effect: set-based, whatever the number of lines."""

WRITE_POSTINGS = """
INSERT INTO ehrms_posting (id, person_id, post_id, kind, part, during, recorded, order_id)
SELECT x.id, x.person_id, x.post_id, x.kind, int4range(x.part_from, x.part_to),
       daterange(greatest(x.since, %(on)s), x.until), tstzrange(%(now)s, NULL), x.order_id
FROM ehrms_orderline x WHERE x.order_id = %(order)s
RETURNING id
"""
"""A posting takes the id of the order line that made it, so that a second run changes nothing."""

ADD_POSTINGS = """
WITH line AS MATERIALIZED (
    SELECT x.id, x.person_id, x.post_id, x.kind, int4range(x.part_from, x.part_to) AS part,
           daterange(x.since, x.until) AS during, x.order_id
    FROM ehrms_orderline x WHERE x.order_id = ANY(%(orders)s)
      AND x.id >= %(first)s
      AND NOT EXISTS (SELECT 1 FROM ehrms_posting h WHERE h.id = x.id)
), refused AS MATERIALIZED (
    SELECT x.id FROM line x JOIN ehrms_posting h ON h.person_id = x.person_id
    WHERE x.kind = 'substantive' AND h.kind = 'substantive' AND upper_inf(h.recorded)
      AND NOT isempty(h.during * x.during)
    UNION
    SELECT x.id FROM line x JOIN ehrms_posting h ON h.post_id = x.post_id
    WHERE x.kind = 'substantive' AND h.kind = 'substantive' AND upper_inf(h.recorded)
      AND NOT isempty(h.during * x.during) AND NOT isempty(h.part * x.part)
), possible AS MATERIALIZED (
    SELECT x.*, count(*) FILTER (WHERE x.kind = 'substantive') OVER (PARTITION BY x.person_id) AS of_person,
           count(*) FILTER (WHERE x.kind = 'substantive') OVER (PARTITION BY x.post_id) AS of_post
    FROM line x WHERE x.id NOT IN (SELECT r.id FROM refused r)
), several AS MATERIALIZED (
    SELECT * FROM possible WHERE kind = 'substantive' AND (of_person > 1 OR of_post > 1)
), later AS MATERIALIZED (
    SELECT x.id FROM several x JOIN several y ON y.person_id = x.person_id AND y.id < x.id AND y.during && x.during
    UNION
    SELECT x.id FROM several x JOIN several y
        ON y.post_id = x.post_id AND y.id < x.id AND y.during && x.during AND y.part && x.part
)
INSERT INTO ehrms_posting (id, person_id, post_id, kind, part, during, recorded, order_id)
SELECT x.id, x.person_id, x.post_id, x.kind, x.part, x.during, tstzrange(%(now)s, NULL), x.order_id
FROM possible x
WHERE x.id NOT IN (SELECT c.id FROM later c)
ORDER BY x.id
RETURNING id
"""
"""The same for history in bulk, leaving out lines that would give a post two holders or an official two posts.

One round of a greedy choice in the order of ids: a line waits behind an earlier one that excludes it; repeated, it is
written if the earlier one turned out impossible itself.

ON CONFLICT cannot do it: deferrable constraints are no arbiters. What a concurrent writer slips in between is still
stopped by the constraints, and then nothing of the batch is written. Overlap is asked with `*`, not `&&`: a planner
without statistics would search by the days alone, through every posting there is.
"""

CLOSE_POSTINGS = """
WITH ending AS (
    UPDATE ehrms_posting h SET recorded = tstzrange(lower(h.recorded), %(now)s)
    FROM ehrms_orderline x
    WHERE x.order_id = %(order)s AND x.kind = 'substantive' AND h.kind = 'substantive'
      AND h.person_id = x.person_id AND upper_inf(h.recorded) AND lower(h.during) < greatest(x.since, %(on)s)
      AND (upper_inf(h.during) OR upper(h.during) > greatest(x.since, %(on)s))
    RETURNING h.person_id, h.post_id, h.kind, h.part, h.during, h.order_id, greatest(x.since, %(on)s) AS since
), kept AS (
    INSERT INTO ehrms_posting (id, person_id, post_id, kind, part, during, recorded, order_id)
    SELECT gen_random_uuid(), person_id, post_id, kind, part, daterange(lower(during), since),
           tstzrange(%(now)s, NULL), order_id
    FROM ending
)
SELECT person_id, post_id, kind, since, upper(during) FROM ending
"""
"""The former posting is closed in record time and written anew with its last day: nothing is overwritten."""

SERVICE = """
WITH ended AS MATERIALIZED (
    SELECT person_id, post_id, kind, daterange(since, until) AS during FROM unnest(
        %(ended_people)s::uuid[], %(ended_posts)s::uuid[], %(ended_kinds)s::text[], %(ended_since)s::date[],
        %(ended_until)s::date[]) AS e(person_id, post_id, kind, since, until)
), changed AS MATERIALIZED (
    SELECT post_id, daterange(since, until) AS during
    FROM unnest(%(posts)s::uuid[], %(since)s::date[], %(until)s::date[]) AS c(post_id, since, until)
), held AS MATERIALIZED (
    SELECT id, post_id, kind, during FROM ehrms_posting WHERE id = ANY(%(fresh)s)
), moved AS MATERIALIZED (
    SELECT post_id, during FROM held WHERE kind = 'substantive'
    UNION ALL
    SELECT post_id, during FROM ended
), reached AS (
    SELECT id, during AS span FROM held
    UNION ALL
    SELECT h.id, h.during * c.during FROM changed c
    JOIN ehrms_posting h ON h.post_id = c.post_id AND upper_inf(h.recorded)
    UNION ALL
    SELECT h.id, h.during * l.during * m.during FROM moved m
    JOIN ehrms_reportingline l ON l.above_id = m.post_id AND upper_inf(l.recorded)
    JOIN ehrms_posting h ON h.post_id = l.post_id AND upper_inf(h.recorded)
), touched AS MATERIALIZED (
    SELECT h.id, h.person_id, h.post_id, h.kind, h.part, h.order_id, r.span
    FROM (
        SELECT id, daterange(min(lower(span)), CASE WHEN bool_or(upper_inf(span)) THEN NULL ELSE max(upper(span)) END)
               AS span
        FROM reached WHERE NOT isempty(span) GROUP BY id
    ) r JOIN ehrms_posting h ON h.id = r.id
), boss AS MATERIALIZED (
    SELECT t.id, s.person_id, lower(s.part) AS place, s.during * l.during * t.span AS during
    FROM touched t
    JOIN ehrms_reportingline l ON l.post_id = t.post_id AND upper_inf(l.recorded)
    JOIN ehrms_posting s ON s.post_id = l.above_id AND s.kind = 'substantive' AND upper_inf(s.recorded)
    WHERE s.person_id <> t.person_id AND NOT isempty(s.during * l.during * t.span)
), former AS MATERIALIZED (
    SELECT t.id, f.until, f.designation, f.amended_at
    FROM touched t JOIN ehrms_formerdescription f ON f.post_id = t.post_id WHERE f.until > lower(t.span)
), cut AS (
    SELECT id, lower(span) AS since FROM touched
    UNION SELECT id, lower(during) FROM boss
    UNION SELECT b.id, upper(b.during) FROM boss b JOIN touched t ON t.id = b.id
          WHERE upper(b.during) < coalesce(upper(t.span), 'infinity')
    UNION SELECT f.id, f.until FROM former f JOIN touched t ON t.id = f.id
          WHERE f.until < coalesce(upper(t.span), 'infinity')
), piece AS MATERIALIZED (
    SELECT DISTINCT ON (c.id, c.since) c.id, c.since, b.person_id AS supervisor_id,
           coalesce(f.designation, p.designation) AS designation
    FROM cut c
    JOIN touched t ON t.id = c.id
    JOIN ehrms_post p ON p.id = t.post_id
    LEFT JOIN boss b ON b.id = c.id AND b.during @> c.since
    LEFT JOIN former f ON f.id = c.id AND f.until > c.since
    ORDER BY c.id, c.since, f.until, f.amended_at, b.place, b.person_id
), told AS (
    SELECT *, (supervisor_id, designation) IS NOT DISTINCT FROM
              (lag(supervisor_id) OVER days, lag(designation) OVER days)
              AND row_number() OVER days > 1 AS goes_on
    FROM piece WINDOW days AS (PARTITION BY id ORDER BY since)
), stretch AS (
    SELECT *, lead(since) OVER (PARTITION BY id ORDER BY since) AS until FROM told WHERE NOT goes_on
), spans AS (
    INSERT INTO assignment_span (person_id, post, kind, span)
    SELECT person_id, post_id, kind, span FROM touched
    UNION SELECT person_id, post_id, kind, during FROM ended
)
INSERT INTO assignment_said
    (id, person_id, body_id, post, position, designation, supervisor_id, kind, share, during, order_no)
SELECT CASE WHEN x.since = lower(t.span) AND f.id IS NOT NULL THEN t.id ELSE gen_random_uuid() END, t.person_id,
       p.body_id, t.post_id, p.position, x.designation, x.supervisor_id, t.kind,
       (upper(t.part) - lower(t.part)) / 1000.0, daterange(x.since, coalesce(x.until, upper(t.span))), o.number
FROM stretch x
JOIN touched t ON t.id = x.id
JOIN ehrms_post p ON p.id = t.post_id
JOIN ehrms_order o ON o.id = t.order_id
LEFT JOIN held f ON f.id = t.id
ORDER BY t.id, x.since
"""
"""Who serves where under whom, for the postings touched, cut wherever the answer changes.

The supervisor is whoever holds the post reported to on that day; of job sharers the one with the first part, and
never oneself.
"""
