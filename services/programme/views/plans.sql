-- name: plan_certificates
-- $1 codes of provinces: all certificates of every product that ever had one there, so that a first one is the first anywhere.
-- Whatever became of a certificate later stands in its row; which day counts is asked afterwards.
SELECT number, product_id, product_code, product_name, set, "group", producer_id, producer_name, producer_kind, province,
       commune, map_on, stars, decided_on, issued_on, expires_on, extended_until, ended_on, ended_by, valid_to, simulated
FROM recognitions WHERE product_id IN (SELECT product_id FROM recognitions WHERE province = ANY ($1::text[]))
ORDER BY issued_on, number;

-- name: plan_facts
-- $1 kinds, $2 day, $3 codes of provinces.
SELECT what, id, day, left_on, day AS map_on, province, commune, stars, producer_kind, product_id, producer_id
FROM {table} WHERE what = ANY ($1::text[]) AND day <= $2::date AND province = ANY ($3::text[]);

-- name: plan_published
INSERT INTO plans VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, known_since($13), $14);

-- name: plans
-- The version in force today of each plan, or those in whose period a day lies.
SELECT id, version, key, name, province, period_from, period_to, targets, decision, published_on FROM (
    SELECT DISTINCT ON (id) * FROM plans ORDER BY id, version DESC
) latest
WHERE ($1::date IS NULL OR $1 BETWEEN period_from AND period_to) AND lies_in(province, map_on, $4, $5)
ORDER BY published_on, province, name, id LIMIT $2 OFFSET $3;

-- name: plan
-- $2: the version in force on a day, or the first where none was yet; $3: that version.
SELECT id, version, key, name, province, period_from, period_to, targets, decision, published_on, reason, content FROM plans
WHERE id = $1 AND ($3::int IS NULL OR version = $3)
ORDER BY published_on <= $2::date DESC, CASE WHEN published_on <= $2::date THEN -version ELSE version END LIMIT 1;

-- name: versions
SELECT version, published_on, reason FROM plans WHERE id = $1 ORDER BY version;

-- name: task_reported
-- The province stays that of the first report.
INSERT INTO tasks VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, known_since($10), $11)
ON CONFLICT (id) DO UPDATE SET (plan_id, name, province, done_percent, account, reported_on, known)
    = ROW ($2, $3, $4, $5, $6, $7, known_since($10, tasks.known));

-- name: report_kept
INSERT INTO task_reports VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, known_since($13));

-- name: tasks
SELECT id, plan_id, key, name, province, done_percent, account, reported_on FROM tasks
WHERE ($1::uuid IS NULL OR plan_id = $1) AND lies_in(province, map_on, $4, $5) ORDER BY place LIMIT $2 OFFSET $3;

-- name: task
SELECT id, plan_id, key, name, province, done_percent, account, reported_on FROM tasks WHERE id = $1;

-- name: reports
SELECT reported_on, name, done_percent, account, unit, agency, obstacles FROM task_reports WHERE task_id = $1 ORDER BY place;

-- name: planned_reports
-- Of the tasks of a plan, by $2.
SELECT key, kind, unit, agency, done_percent, account, obstacles, reported_on FROM task_reports
WHERE plan_id = $1 AND reported_on <= $2::date ORDER BY reported_on, place;

-- name: training_held
INSERT INTO trainings VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, known_since($15));

-- name: trainings
SELECT id, subject, province, producers, officers, held_on, plan_id, line, kind, leaders FROM trainings
WHERE lies_in(province, held_on, $3, $4) ORDER BY held_on, subject, id LIMIT $1 OFFSET $2;

-- name: plan_trainings
-- $1 plan, $2 day, $3 codes of provinces: the plan's own, and those of no plan.
SELECT *, NULL AS commune, held_on AS day, held_on AS map_on FROM trainings
WHERE held_on <= $2::date AND (plan_id = $1 OR plan_id IS NULL AND province = ANY ($3::text[])) ORDER BY held_on, id;

-- name: held_by_line
SELECT line, count(*) AS held FROM trainings WHERE plan_id = $1 AND held_on <= $2::date AND line IS NOT NULL GROUP BY line;

-- name: figure_reported
INSERT INTO figures VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, known_since($10));

-- name: figures
-- The last of each target and unit by $2.
SELECT DISTINCT ON (target, unit) target, unit, value, as_of, office, source, note FROM figures
WHERE plan_id = $1 AND as_of <= $2::date ORDER BY target, unit, as_of DESC, place DESC;

-- name: figure_history
SELECT target, unit, value, as_of, office, source, note FROM figures WHERE plan_id = $1 AND target = $2
ORDER BY place DESC, unit LIMIT $3 OFFSET $4;

-- name: entry_said
INSERT INTO list_entries VALUES ($1, $2, $3, $4, $5, $6, $7, $8, known_since($9));

-- name: entries
-- Those of a province ($1), of one list ($3) where one is named, that stand on a day ($2).
SELECT list, key, day, entry, office, source FROM (
    SELECT DISTINCT ON (list, key) * FROM list_entries
    WHERE province = $1 AND day <= $2::date AND ($3::text IS NULL OR list = $3) ORDER BY list, key, day DESC, place DESC
) latest WHERE entry IS NOT NULL ORDER BY list, key;

-- name: report_issued
INSERT INTO reports VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, known_since($11));

-- name: issued_reports
SELECT id, plan_id, plan_version, province, of_day, issued_on, known_at, duty, due_on, issue FROM reports
WHERE plan_id = $1 AND ($2::date IS NULL OR of_day = $2) ORDER BY known_at, id LIMIT $3 OFFSET $4;

-- name: issued_report
SELECT * FROM reports WHERE id = $1;

-- name: last_issued
-- The last report of a plan of a day.
SELECT * FROM reports WHERE plan_id = $1 AND of_day = $2 ORDER BY known_at DESC, id LIMIT 1;
