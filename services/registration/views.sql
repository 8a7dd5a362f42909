-- name: tables
CREATE TABLE producers (
    id uuid PRIMARY KEY, name text NOT NULL, kind text NOT NULL, province text NOT NULL, commune text NOT NULL,
    verified_on date, registered_on date NOT NULL, known_on date NOT NULL
);
CREATE TABLE ideas (
    id uuid PRIMARY KEY, product_id uuid NOT NULL, product_name text NOT NULL, set text NOT NULL, "group" text NOT NULL,
    producer_id uuid NOT NULL, producer_name text NOT NULL, province text NOT NULL, commune text NOT NULL,
    ruleset text NOT NULL, state text NOT NULL, registered_on date NOT NULL, changed_on date NOT NULL
);
CREATE INDEX ideas_place ON ideas (province, commune, state);
CREATE TABLE plans (
    id uuid PRIMARY KEY, idea_id uuid NOT NULL, product_id uuid NOT NULL, product_name text NOT NULL,
    province text NOT NULL, commune text NOT NULL, state text NOT NULL, done_percent int NOT NULL DEFAULT 0,
    decision json, submitted_on date NOT NULL, changed_on date NOT NULL, known_on date NOT NULL
);
CREATE INDEX plans_place ON plans (province, commune, state);
CREATE TABLE products (
    id uuid PRIMARY KEY, code text, name text NOT NULL, set text NOT NULL, "group" text NOT NULL,
    producer_id uuid NOT NULL, producer_name text NOT NULL, producer_kind text NOT NULL,
    province text NOT NULL, commune text NOT NULL, plan_id uuid, registered_on date NOT NULL,
    certificate text, stars int, certified_until date, known_on date NOT NULL, certified_on date
);
CREATE INDEX products_place ON products (province, commune);
CREATE TABLE dossiers (
    id uuid PRIMARY KEY, product_id uuid NOT NULL, product_code text, product_name text NOT NULL,
    producer_name text NOT NULL, set text NOT NULL, "group" text NOT NULL, province text NOT NULL,
    commune text NOT NULL, ruleset text NOT NULL, kind text NOT NULL, state text NOT NULL, evidence int NOT NULL,
    submitted_on date NOT NULL, commune_due date, forwarded_on date, changed_on date NOT NULL,
    previous uuid, changed text[] NOT NULL, admitted_by text, stars_held int, ticks json NOT NULL, papers json NOT NULL,
    missing text[], returned_on date, completed_on date, wants text[], addition_due date, left_over boolean NOT NULL
);
CREATE INDEX dossiers_place ON dossiers (province, commune, state);
CREATE INDEX dossiers_product ON dossiers (product_id);
CREATE TABLE timeline (
    product_id uuid NOT NULL, position bigint NOT NULL, "on" date NOT NULL, what text NOT NULL, facts json NOT NULL,
    subject uuid NOT NULL, inner_step boolean NOT NULL, PRIMARY KEY (product_id, position)
);
CREATE INDEX timeline_subject ON timeline (subject, position);

-- Old registers on their way in. totals: rows by status; facts: cells, read, known… as JSON; codes: a JSON list of texts.
-- state of a row: staged, recorded, taken-back.
CREATE TABLE imports (
    id uuid PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, as_of date NOT NULL, provinces text[] NOT NULL,
    sheets text NOT NULL, opened_on date NOT NULL, totals text, taken_back_on date, reason text
);
CREATE TABLE import_rows (
    import_id uuid NOT NULL, sheet int NOT NULL, row int NOT NULL, page int NOT NULL, province text, status text NOT NULL,
    codes jsonb NOT NULL, product text, subject text, facts json NOT NULL, product_id uuid, state text NOT NULL,
    recognitions int NOT NULL, PRIMARY KEY (import_id, sheet, row)
);

-- name: producer_registered
-- known_on: the day whose map its place is of.
INSERT INTO producers VALUES ($1, $2, $3, $4, $5, NULL, $6, $6);

-- name: producer_placed
UPDATE producers SET province = $2, commune = $3, known_on = $4 WHERE id = $1;

-- name: producer_verified
UPDATE producers SET verified_on = $2 WHERE id = $1;

-- name: idea_registered
INSERT INTO ideas VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'registered', $11, $11);

-- name: idea_moved
UPDATE ideas SET state = $2, changed_on = $3 WHERE id = $1;

-- name: plan_submitted
INSERT INTO plans VALUES ($1, $2, $3, $4, $5, $6, 'submitted', 0, NULL, $7, $7, $8);

-- name: plan_approved
UPDATE plans SET state = 'approved', decision = $2::text::json, changed_on = $3 WHERE id = $1;

-- name: plan_moved
UPDATE plans SET state = $2, changed_on = $3 WHERE id = $1;

-- name: plan_progressed
UPDATE plans SET done_percent = $2, changed_on = $3 WHERE id = $1;

-- name: product_registered
INSERT INTO products VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL, NULL, NULL, $13);

-- name: product_placed
UPDATE products SET province = $2, commune = $3, known_on = $4 WHERE id = $1;

-- name: product_classified
UPDATE products SET set = $2 WHERE id = $1;

-- name: product_certified
UPDATE products SET certificate = $2, stars = $3, certified_until = $4, certified_on = $5 WHERE id = $1;

-- name: product_earlier
UPDATE products SET certificate = $2, stars = $3, certified_until = $4, certified_on = $5
WHERE id = $1 AND (certified_on IS NULL OR certified_on < $5);

-- name: product_taken_back
UPDATE products SET certificate = $3, stars = $4, certified_until = $5, certified_on = $6
WHERE id = $1 AND certificate = $2;

-- name: product_gone
DELETE FROM products WHERE id = $1;

-- name: product_coded
UPDATE products SET code = $2 WHERE id = $1;

-- name: dossier_submitted
INSERT INTO dossiers VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'submitted', $12, $13, $14, NULL, $13, $15,
    $16, $17, $18, $19::text::json, $20::text::json, NULL, NULL, NULL, NULL, NULL, $21);

-- name: dossier_returned
UPDATE dossiers SET state = 'returned', missing = $2, returned_on = $3, changed_on = $3 WHERE id = $1;

-- name: dossier_completed
UPDATE dossiers SET state = 'submitted', ticks = $2::text::json, completed_on = $3, changed_on = $3, commune_due = $4,
    missing = NULL WHERE id = $1;

-- name: dossier_papers
UPDATE dossiers SET evidence = $2, papers = $3::text::json WHERE id = $1;

-- name: addition_requested
UPDATE dossiers SET state = $2, wants = $3, addition_due = $4, changed_on = $5 WHERE id = $1;

-- name: dossier_forwarded
UPDATE dossiers SET state = 'forwarded', product_code = $2, forwarded_on = $3, changed_on = $3 WHERE id = $1;

-- name: dossier_moved
UPDATE dossiers SET state = $2, wants = NULL, addition_due = NULL, changed_on = $3 WHERE id = $1;

-- name: said
-- Many at once.
INSERT INTO timeline
SELECT product_id, position, "on", what, facts::json, subject, inner_step
FROM unnest($1::uuid[], $2::bigint[], $3::date[], $4::text[], $5::text[], $6::uuid[], $7::bool[])
     t (product_id, position, "on", what, facts, subject, inner_step);

-- name: producer
SELECT * FROM producers WHERE id = $1;

-- name: producers
SELECT * FROM producers
WHERE lies_in(province, known_on, $1, $2) AND lies_in(commune, known_on, $3, $4)
ORDER BY name LIMIT $5 OFFSET $6;

-- name: idea
SELECT * FROM ideas WHERE id = $1;

-- name: ideas
SELECT * FROM ideas
WHERE lies_in(province, registered_on, $1, $2) AND lies_in(commune, registered_on, $3, $4)
    AND ($5::text IS NULL OR state = $5) ORDER BY registered_on, id LIMIT $6 OFFSET $7;

-- name: plan
SELECT *, decision::text AS decision FROM plans WHERE id = $1;

-- name: plans
SELECT id, idea_id, product_id, product_name, province, commune, state, done_percent, submitted_on, changed_on
FROM plans
WHERE lies_in(province, known_on, $1, $2) AND lies_in(commune, known_on, $3, $4)
    AND ($5::text IS NULL OR state = $5) ORDER BY submitted_on, id LIMIT $6 OFFSET $7;

-- name: product
SELECT * FROM products WHERE id = $1;

-- name: products
SELECT * FROM products
WHERE lies_in(province, known_on, $1, $2) AND lies_in(commune, known_on, $3, $4)
    AND ($5::text IS NULL OR "group" = $5) ORDER BY name, id LIMIT $6 OFFSET $7;

-- name: dossier
SELECT d.*, d.ticks::text AS ticks, d.papers::text AS papers FROM dossiers d WHERE id = $1;

-- name: board
-- $1 state, $2 day; $3 of each state, after the first $4: the most urgent first, then the last changed.
SELECT * FROM (
    SELECT *, due_on < $2::date AS overdue, count(*) OVER states AS in_state,
           count(*) FILTER (WHERE due_on < $2) OVER states AS overdue_in_state,
           row_number() OVER (PARTITION BY state ORDER BY due_on, changed_on DESC, id) AS place
    FROM (
        SELECT id, product_id, product_code, product_name, producer_name, province, commune, ruleset, kind, state,
               submitted_on, commune_due, forwarded_on, returned_on, changed_on, admitted_by, addition_due,
               CASE state WHEN 'submitted' THEN commune_due WHEN 'addition-requested' THEN addition_due END AS due_on
        FROM dossiers WHERE ($1::text IS NULL OR state = $1)
            AND lies_in(province, submitted_on, $5, $6) AND lies_in(commune, submitted_on, $7, $8)
    ) d WINDOW states AS (PARTITION BY state)
) b WHERE place > $4::int AND place <= $3::int + $4 ORDER BY state, place;

-- name: dossiers_of
SELECT d.*, d.ticks::text AS ticks, d.papers::text AS papers FROM dossiers d WHERE product_id = $1
ORDER BY submitted_on, id;

-- name: dossiers
SELECT id, product_id, product_code, product_name, producer_name, set, "group", province, commune, ruleset, kind, state,
       evidence, submitted_on, commune_due, forwarded_on, changed_on, previous, admitted_by, stars_held, missing,
       returned_on, completed_on, wants, addition_due, left_over
FROM dossiers
WHERE lies_in(province, submitted_on, $1, $2) AND lies_in(commune, submitted_on, $3, $4)
    AND ($5::text IS NULL OR state = $5) AND ($6::uuid IS NULL OR product_id = $6)
ORDER BY submitted_on, id LIMIT $7 OFFSET $8;

-- name: dossiers_by_state
SELECT state, province, count(*) FROM dossiers GROUP BY state, province;

-- name: timeline
SELECT position, "on", what, facts::text AS facts FROM timeline
WHERE product_id = $1 AND NOT inner_step ORDER BY position;

-- name: history
SELECT position, "on", what, facts::text AS facts FROM timeline WHERE subject = $1 ORDER BY position;

-- name: counts
SELECT (SELECT count(*) FROM producers) AS producers, (SELECT count(*) FROM ideas) AS ideas,
       (SELECT count(*) FROM ideas WHERE state = 'accepted') AS ideas_accepted,
       (SELECT count(*) FROM plans) AS plans, (SELECT count(*) FROM plans WHERE state = 'approved') AS plans_approved,
       (SELECT count(*) FROM products) AS products, (SELECT count(*) FROM dossiers) AS dossiers,
       (SELECT count(*) FROM dossiers WHERE forwarded_on IS NOT NULL) AS dossiers_forwarded;

-- name: import_opened
INSERT INTO imports VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: import_read
UPDATE imports SET totals = $2 WHERE id = $1;

-- name: import_taken_back
UPDATE imports SET reason = $2, taken_back_on = $3 WHERE id = $1;

-- name: row_staged
-- Many at once.
INSERT INTO import_rows
SELECT i, sheet, row, page, province, status, codes::jsonb, product, subject, facts::json, product_id, 'staged', 0
FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
            $10::text[], $11::uuid[])
     t (i, sheet, row, page, province, status, codes, product, subject, facts, product_id);

-- name: row_mended
UPDATE import_rows SET status = $6, codes = $7::text::jsonb, product = $8, subject = $9, facts = $10::text::json,
    product_id = $11, state = 'staged', province = coalesce($5, province)
WHERE import_id = $1 AND sheet = $2 AND row = $3 AND page = $4;

-- name: row_recorded
-- Many at once.
UPDATE import_rows r SET state = 'recorded', product_id = t.product_id, recognitions = t.recognitions
FROM unnest($1::uuid[], $2::int[], $3::int[], $4::uuid[], $5::int[]) t (i, sheet, row, product_id, recognitions)
WHERE r.import_id = t.i AND r.sheet = t.sheet AND r.row = t.row;

-- name: rows_taken_back
UPDATE import_rows SET state = 'taken-back', recognitions = 0 WHERE import_id = $1 AND sheet = $2 AND row = ANY ($3);

-- name: imports
SELECT i.*, (SELECT count(*) FROM import_rows r WHERE r.import_id = i.id AND r.state = 'recorded') AS recorded,
       (SELECT count(*) FROM import_rows r WHERE r.import_id = i.id) AS rows
FROM imports i
WHERE ($1::uuid IS NULL OR id = $1)
    AND ($4::text[] IS NULL OR EXISTS (SELECT FROM unnest(provinces) province WHERE lies_in(province, as_of, $4, $5)))
ORDER BY opened_on DESC, name, id LIMIT $2 OFFSET $3;

-- name: import_rows
SELECT *, codes::text AS codes, facts::text AS facts FROM import_rows
WHERE import_id = $1 AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR codes @> to_jsonb($3::text))
    AND ($4::text IS NULL OR state = $4) AND ($5::int IS NULL OR sheet = $5)
ORDER BY sheet, row LIMIT $6 OFFSET $7;

-- name: import_row
SELECT *, codes::text AS codes, facts::text AS facts FROM import_rows WHERE import_id = $1 AND sheet = $2 AND row = $3;

-- name: import_codes
SELECT code, count(*) AS count FROM import_rows, jsonb_array_elements_text(codes) AS code
WHERE import_id = $1 GROUP BY code ORDER BY code;

-- name: import_pages
-- The pages with rows to record ($2: or recorded ones), each with the province of its sheet.
SELECT DISTINCT sheet, page, province FROM import_rows
WHERE import_id = $1 AND CASE WHEN $2::bool THEN state = 'recorded' ELSE state <> 'recorded' AND status <> 'error' END
ORDER BY sheet, page;

-- name: import_names
-- What rows that are to be recorded call their product and subject.
SELECT sheet, page, row, product, subject FROM import_rows
WHERE import_id = $1 AND state <> 'recorded' AND status <> 'error';

-- name: products_named
SELECT id, name, producer_name FROM products WHERE province = $1;

-- name: products_like
-- Products of a province with a name ($2), whoever makes them: for a person to choose from.
SELECT id, name, producer_name, commune, certificate, stars FROM products
WHERE province = $1 AND lower(name) = lower($2) ORDER BY producer_name, id LIMIT 20;
