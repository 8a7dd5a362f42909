-- name: tables
CREATE TABLE producers (
    id uuid PRIMARY KEY, name text NOT NULL, kind text NOT NULL, province text NOT NULL, commune text NOT NULL,
    verified_on date, registered_on date NOT NULL
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
    decision json, submitted_on date NOT NULL, changed_on date NOT NULL
);
CREATE INDEX plans_place ON plans (province, commune, state);
CREATE TABLE products (
    id uuid PRIMARY KEY, code text, name text NOT NULL, set text NOT NULL, "group" text NOT NULL,
    producer_id uuid NOT NULL, producer_name text NOT NULL, producer_kind text NOT NULL,
    province text NOT NULL, commune text NOT NULL, plan_id uuid NOT NULL, registered_on date NOT NULL
);
CREATE INDEX products_place ON products (province, commune);
CREATE TABLE dossiers (
    id uuid PRIMARY KEY, product_id uuid NOT NULL, product_code text, product_name text NOT NULL,
    producer_name text NOT NULL, set text NOT NULL, "group" text NOT NULL, province text NOT NULL,
    commune text NOT NULL, ruleset text NOT NULL, kind text NOT NULL, state text NOT NULL, evidence int NOT NULL,
    submitted_on date NOT NULL, commune_due date NOT NULL, forwarded_on date, changed_on date NOT NULL
);
CREATE INDEX dossiers_place ON dossiers (province, commune, state);
CREATE INDEX dossiers_product ON dossiers (product_id);
CREATE TABLE timeline (
    product_id uuid NOT NULL, position bigint NOT NULL, "on" date NOT NULL, what text NOT NULL, facts json NOT NULL,
    PRIMARY KEY (product_id, position)
);

-- name: producer_registered
INSERT INTO producers VALUES ($1, $2, $3, $4, $5, NULL, $6);

-- name: producer_verified
UPDATE producers SET verified_on = $2 WHERE id = $1;

-- name: idea_registered
INSERT INTO ideas VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'registered', $11, $11);

-- name: idea_moved
UPDATE ideas SET state = $2, changed_on = $3 WHERE id = $1;

-- name: plan_submitted
INSERT INTO plans VALUES ($1, $2, $3, $4, $5, $6, 'submitted', 0, NULL, $7, $7);

-- name: plan_approved
UPDATE plans SET state = 'approved', decision = $2::text::json, changed_on = $3 WHERE id = $1;

-- name: plan_progressed
UPDATE plans SET done_percent = $2, changed_on = $3 WHERE id = $1;

-- name: product_registered
INSERT INTO products VALUES ($1, NULL, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: product_coded
UPDATE products SET code = $2 WHERE id = $1;

-- name: dossier_submitted
INSERT INTO dossiers VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'submitted', $12, $13, $14, NULL, $13);

-- name: dossier_forwarded
UPDATE dossiers SET state = 'forwarded', product_code = $2, forwarded_on = $3, changed_on = $3 WHERE id = $1;

-- name: dossier_moved
UPDATE dossiers SET state = $2, changed_on = $3 WHERE id = $1;

-- name: said
INSERT INTO timeline VALUES ($1, $2, $3, $4, $5::text::json);

-- name: producer
SELECT * FROM producers WHERE id = $1;

-- name: producers
SELECT * FROM producers WHERE ($1::text IS NULL OR province = $1) AND ($2::text IS NULL OR commune = $2)
ORDER BY name LIMIT $3 OFFSET $4;

-- name: idea
SELECT * FROM ideas WHERE id = $1;

-- name: ideas
SELECT * FROM ideas WHERE ($1::text IS NULL OR province = $1) AND ($2::text IS NULL OR commune = $2)
    AND ($3::text IS NULL OR state = $3) ORDER BY registered_on, id LIMIT $4 OFFSET $5;

-- name: plan
SELECT *, decision::text AS decision FROM plans WHERE id = $1;

-- name: plans
SELECT id, idea_id, product_id, product_name, province, commune, state, done_percent, submitted_on, changed_on
FROM plans WHERE ($1::text IS NULL OR province = $1) AND ($2::text IS NULL OR commune = $2)
    AND ($3::text IS NULL OR state = $3) ORDER BY submitted_on, id LIMIT $4 OFFSET $5;

-- name: product
SELECT * FROM products WHERE id = $1;

-- name: products
SELECT * FROM products WHERE ($1::text IS NULL OR province = $1) AND ($2::text IS NULL OR commune = $2)
    AND ($3::text IS NULL OR "group" = $3) ORDER BY name, id LIMIT $4 OFFSET $5;

-- name: dossier
SELECT * FROM dossiers WHERE id = $1;

-- name: dossiers
SELECT * FROM dossiers WHERE ($1::text IS NULL OR province = $1) AND ($2::text IS NULL OR commune = $2)
    AND ($3::text IS NULL OR state = $3) AND ($4::uuid IS NULL OR product_id = $4)
ORDER BY submitted_on, id LIMIT $5 OFFSET $6;

-- name: timeline
SELECT position, "on", what, facts::text AS facts FROM timeline WHERE product_id = $1 ORDER BY position;

-- name: counts
SELECT (SELECT count(*) FROM producers) AS producers, (SELECT count(*) FROM ideas) AS ideas,
       (SELECT count(*) FROM ideas WHERE state = 'accepted') AS ideas_accepted,
       (SELECT count(*) FROM plans) AS plans, (SELECT count(*) FROM plans WHERE state = 'approved') AS plans_approved,
       (SELECT count(*) FROM products) AS products, (SELECT count(*) FROM dossiers) AS dossiers,
       (SELECT count(*) FROM dossiers WHERE forwarded_on IS NOT NULL) AS dossiers_forwarded;
