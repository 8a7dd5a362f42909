-- name: tables
-- The limits of one house: what must be done, or what its clock does, by which day. One row each time a limit begins.
-- map_on: the day whose map its place is of.
CREATE TABLE due (
    limit_id text NOT NULL, subject uuid NOT NULL, begun_on date NOT NULL, due_on date NOT NULL,
    acts boolean NOT NULL, owner text NOT NULL, ref text NOT NULL, province text NOT NULL, commune text NOT NULL,
    product_id uuid, product_name text, producer_id uuid, reminders date[] NOT NULL, what jsonb NOT NULL, closed_on date,
    map_on date NOT NULL,
    PRIMARY KEY (limit_id, subject, begun_on)
);
CREATE INDEX due_place ON due (province, commune, due_on);
CREATE INDEX due_day ON due (due_on);
CREATE INDEX due_acting ON due (due_on, limit_id, subject) WHERE acts AND closed_on IS NULL;

-- name: open
-- A limit that begins again on the same day, after it was closed, runs again.
INSERT INTO due VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::text::jsonb, NULL, $15)
ON CONFLICT (limit_id, subject, begun_on) DO UPDATE SET
    due_on = excluded.due_on, acts = excluded.acts, owner = excluded.owner, ref = excluded.ref,
    province = excluded.province, commune = excluded.commune, product_id = excluded.product_id,
    product_name = excluded.product_name, producer_id = excluded.producer_id, reminders = excluded.reminders,
    what = excluded.what, closed_on = NULL, map_on = excluded.map_on;

-- name: close
UPDATE due SET closed_on = $3 WHERE limit_id = $1 AND subject = $2 AND closed_on IS NULL;

-- name: acting
-- What the clock is to do by a day ($1) and has not done, of these limits ($2), without these queues ($3). The request is
-- asked for row by row, by its key: a join might read the whole inbox.
SELECT limit_id, subject, begun_on, due_on, acts, owner, ref, province, commune, product_id, product_name, producer_id,
       reminders, what::text AS what, closed_on
FROM due
WHERE acts AND closed_on IS NULL AND due_on <= $1 AND limit_id = ANY ($2) AND coalesce(product_id, subject) <> ALL ($3)
    AND (SELECT position FROM requests
         WHERE id = limit_id || ':' || subject || ':' || to_char(due_on, 'YYYY-MM-DD')) IS NULL
ORDER BY due_on, limit_id, subject LIMIT $4;

-- name: waiting
-- Whether the clock is to do anything by a day, of these limits.
SELECT EXISTS (
    SELECT FROM due
    WHERE acts AND closed_on IS NULL AND due_on <= $1 AND limit_id = ANY ($2)
        AND (SELECT position FROM requests
             WHERE id = limit_id || ':' || subject || ':' || to_char(due_on, 'YYYY-MM-DD')) IS NULL
);

-- name: acts_due
-- How many acts of the clock had come due by a day.
SELECT count(*) FROM due WHERE acts AND closed_on IS NULL AND due_on <= $1;

-- name: not_done
-- What the clock was to do by a day and has not done, of whatever limit.
SELECT limit_id, subject, due_on FROM due
WHERE acts AND closed_on IS NULL AND due_on <= $1
    AND (SELECT position FROM requests
         WHERE id = limit_id || ':' || subject || ':' || to_char(due_on, 'YYYY-MM-DD')) IS NULL
ORDER BY due_on, limit_id, subject LIMIT $2;

-- name: overdue
-- How many of each limit that ever ran are overdue on a day ($1), as `on_a_day` says it.
SELECT limit_id, count(*) FILTER (
    WHERE closed_on IS NULL AND due_on < $1 AND NOT (acts AND EXISTS (
        SELECT FROM requests WHERE id = limit_id || ':' || subject || ':' || to_char(due_on, 'YYYY-MM-DD')))
) FROM due WHERE begun_on <= $1 AND (closed_on IS NULL OR closed_on >= begun_on) GROUP BY limit_id;

-- name: on_a_day
-- The limits that had begun by a day ($1), each with its state on that day; by place, state and product where given.
-- What the clock did is met, also where nothing followed from it; what was done before its limit began never ran.
SELECT * FROM (
    SELECT limit_id AS "limit", subject, ref, owner, acts, province, commune, product_name AS product, product_id,
           producer_id, begun_on, due_on, reminders, what::text AS what,
           CASE WHEN closed_on <= $1 THEN closed_on END AS closed_on,
           CASE
               WHEN closed_on <= $1 THEN CASE WHEN closed_on <= due_on THEN 'met' ELSE 'met-late' END
               WHEN acts AND due_on <= $1 AND EXISTS (
                   SELECT FROM requests
                   WHERE id = limit_id || ':' || subject || ':' || to_char(due_on, 'YYYY-MM-DD')) THEN 'met'
               WHEN due_on < $1 THEN 'overdue'
               WHEN reminders[1] <= $1 THEN 'remind'
               ELSE 'open'
           END AS state
    FROM due
    WHERE begun_on <= $1 AND (closed_on IS NULL OR closed_on >= begun_on) AND ($3::uuid IS NULL OR product_id = $3)
        AND lies_in(province, map_on, $6, $7) AND lies_in(commune, map_on, $8, $9)
) d
WHERE $2::text IS NULL OR state = $2
ORDER BY due_on, "limit", subject, begun_on LIMIT $4 OFFSET $5;
