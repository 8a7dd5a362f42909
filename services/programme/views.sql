-- name: tables
-- law, map_on: whose names it bears. ended_on: the first day on which it is replaced, revoked, withdrawn (ended_by) or
-- said to be expired; valid_to: its last day.
CREATE TABLE recognitions (
    number text PRIMARY KEY, product_id uuid NOT NULL, product_code text, product_name text NOT NULL, set text NOT NULL,
    "group" text NOT NULL, producer_id uuid NOT NULL, producer_name text NOT NULL, producer_kind text NOT NULL,
    province text NOT NULL, commune text NOT NULL, stars int NOT NULL, decided_on date NOT NULL,
    issued_on date NOT NULL, expires_on date NOT NULL, simulated bool NOT NULL, ruleset text NOT NULL,
    law text NOT NULL, map_on date NOT NULL, extended_until date, ended_on date, ended_by text,
    valid_to date NOT NULL GENERATED ALWAYS AS (LEAST(COALESCE(extended_until, expires_on), ended_on - 1)) STORED
);
CREATE INDEX recognitions_days ON recognitions (issued_on, valid_to);
CREATE INDEX recognitions_product ON recognitions (product_id);
CREATE TABLE plans (
    id uuid PRIMARY KEY, name text NOT NULL, province text NOT NULL, period_from date NOT NULL, period_to date NOT NULL,
    targets text NOT NULL, decision text, published_on date NOT NULL
);
CREATE TABLE tasks (
    id uuid PRIMARY KEY, plan_id uuid, name text NOT NULL, province text NOT NULL, done_percent int NOT NULL,
    account text NOT NULL, reported_on date NOT NULL, place bigint NOT NULL
);
CREATE TABLE task_reports (
    place bigint PRIMARY KEY, task_id uuid NOT NULL, name text NOT NULL, done_percent int NOT NULL,
    account text NOT NULL, reported_on date NOT NULL
);
CREATE INDEX task_reports_task ON task_reports (task_id);
CREATE TABLE trainings (
    id uuid PRIMARY KEY, subject text NOT NULL, province text NOT NULL, producers int NOT NULL, officers int NOT NULL,
    held_on date NOT NULL
);

-- name: issued
INSERT INTO recognitions VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19
);

-- name: extended
UPDATE recognitions SET extended_until = $2 WHERE number = $1;

-- name: ended
-- The first end counts.
UPDATE recognitions SET ended_on = $2, ended_by = $3 WHERE number = $1 AND (ended_on IS NULL OR ended_on > $2);

-- name: counted
-- $1 day, $2 valid only, $3 dimension, $4 province; the row without a value is the total.
SELECT value, count(DISTINCT product_id) AS count, count(DISTINCT product_id) FILTER (WHERE simulated) AS simulated,
       (array_agg(law ORDER BY issued_on DESC, number))[1] AS law,
       (array_agg(map_on ORDER BY issued_on DESC, number))[1] AS map_on
FROM (
    SELECT *, CASE $3 WHEN 'province' THEN province WHEN 'commune' THEN commune WHEN 'group' THEN "group"
                      WHEN 'set' THEN set WHEN 'stars' THEN stars::text WHEN 'producer_kind' THEN producer_kind END AS value
    FROM recognitions
    WHERE issued_on <= $1::date AND (NOT $2::bool OR valid_to >= $1::date) AND ($4::text IS NULL OR province = $4)
) r
GROUP BY GROUPING SETS ((value), ()) ORDER BY count DESC, value;

-- name: behind
-- The products that a number of `counted` counts, each by its latest certificate among those counted.
SELECT * FROM (
    SELECT DISTINCT ON (product_id) * FROM recognitions
    WHERE issued_on <= $1::date AND (NOT $2::bool OR valid_to >= $1::date)
        AND ($3::text IS NULL OR province = $3) AND ($4::text IS NULL OR commune = $4)
        AND ($5::text IS NULL OR "group" = $5) AND ($6::text IS NULL OR set = $6)
        AND ($7::int IS NULL OR stars = $7) AND ($8::text IS NULL OR producer_kind = $8)
    ORDER BY product_id, issued_on DESC, number DESC
) r
ORDER BY province, commune, product_name, number LIMIT $9 OFFSET $10;

-- name: counts
SELECT count(DISTINCT product_id) FILTER (WHERE $1::date <= valid_to) AS valid, count(DISTINCT product_id) AS ever
FROM recognitions WHERE issued_on <= $1::date;

-- name: measured
-- $1 day, $2 province, $3 first day of the period: the numbers of views/targets.py, a column each. Whatever was withdrawn as
-- a wrong recognition by that day is as if it had never been.
SELECT count(DISTINCT product_id) FILTER (WHERE valid) AS products_recognised_min_star_3,
       count(DISTINCT product_id) FILTER (WHERE new AND decided_on = first_on) AS products_newly_recognised_min_star_3,
       count(DISTINCT product_id) FILTER (WHERE new AND decided_on = first_on AND stars < 5)
           AS products_newly_recognised_star_3_or_4,
       count(DISTINCT product_id) FILTER (WHERE new AND decided_on = first_4_on AND stars = 4) AS products_certified_star_4,
       100::float8 * count(DISTINCT product_id) FILTER (WHERE valid AND stars = 4)
           / nullif(count(DISTINCT product_id) FILTER (WHERE valid), 0) AS share_products_star_4,
       100::float8 * count(DISTINCT product_id) FILTER (WHERE valid AND stars = 5)
           / nullif(count(DISTINCT product_id) FILTER (WHERE valid), 0) AS share_products_star_5
FROM (
    SELECT *, issued_on <= $1::date AND valid_to >= $1::date AS valid, decided_on >= $3::date AS new,
           min(decided_on) OVER (PARTITION BY product_id) AS first_on,
           min(decided_on) FILTER (WHERE stars = 4) OVER (PARTITION BY product_id) AS first_4_on
    FROM recognitions
    WHERE decided_on <= $1::date AND (ended_by IS DISTINCT FROM 'withdrawn' OR ended_on > $1::date)
) r
WHERE province = $2;

-- name: plan_published
INSERT INTO plans VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: plans
SELECT * FROM plans
WHERE ($1::text IS NULL OR province = $1) AND ($2::date IS NULL OR $2 BETWEEN period_from AND period_to)
ORDER BY published_on, province, name, id LIMIT $3 OFFSET $4;

-- name: plan
SELECT * FROM plans WHERE id = $1;

-- name: task_reported
INSERT INTO tasks VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE SET (plan_id, name, province, done_percent, account, reported_on) = ROW ($2, $3, $4, $5, $6, $7);

-- name: report_kept
INSERT INTO task_reports VALUES ($1, $2, $3, $4, $5, $6);

-- name: tasks
SELECT id, plan_id, name, province, done_percent, account, reported_on FROM tasks
WHERE ($1::text IS NULL OR province = $1) AND ($2::uuid IS NULL OR plan_id = $2) ORDER BY place LIMIT $3 OFFSET $4;

-- name: task
SELECT id, plan_id, name, province, done_percent, account, reported_on FROM tasks WHERE id = $1;

-- name: reports
SELECT reported_on, name, done_percent, account FROM task_reports WHERE task_id = $1 ORDER BY place;

-- name: training_held
INSERT INTO trainings VALUES ($1, $2, $3, $4, $5, $6);

-- name: trainings
SELECT * FROM trainings WHERE ($1::text IS NULL OR province = $1) ORDER BY held_on, subject, id LIMIT $2 OFFSET $3;
