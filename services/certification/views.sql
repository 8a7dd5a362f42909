-- name: tables
CREATE TABLE proposals (
    product_id uuid PRIMARY KEY, product_code text, product_name text NOT NULL, set text NOT NULL,
    "group" text NOT NULL, producer_id uuid NOT NULL, producer_name text NOT NULL, province text NOT NULL,
    commune text NOT NULL, stars int NOT NULL, authority text NOT NULL, level text NOT NULL,
    assessment_id uuid NOT NULL, dossier_id uuid NOT NULL, kind text NOT NULL, simulated bool NOT NULL,
    ruleset text NOT NULL, scored_on date NOT NULL
);
CREATE INDEX proposals_place ON proposals (province, scored_on);
CREATE TABLE certificates (
    number text PRIMARY KEY, certificate_id uuid NOT NULL, product_id uuid NOT NULL, product_code text NOT NULL,
    product_name text NOT NULL, set text NOT NULL, "group" text NOT NULL, producer_id uuid NOT NULL,
    producer_name text NOT NULL, producer_kind text NOT NULL, province text NOT NULL, commune text NOT NULL,
    stars int NOT NULL, issued_on date NOT NULL, expires_on date NOT NULL, decision json NOT NULL, kind text NOT NULL,
    assessment_id uuid, dossier_id uuid, simulated bool NOT NULL, ruleset text NOT NULL
);
CREATE INDEX certificates_product ON certificates (product_id);
CREATE INDEX certificates_place ON certificates (province, stars);

-- name: proposed
INSERT INTO proposals VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
ON CONFLICT (product_id) DO UPDATE SET (
    product_code, product_name, set, "group", producer_id, producer_name, province, commune, stars, authority, level,
    assessment_id, dossier_id, kind, simulated, ruleset, scored_on
) = ROW ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18);

-- name: settled
DELETE FROM proposals WHERE product_id = $1;

-- name: issued
INSERT INTO certificates VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::text::json, $17, $18, $19, $20, $21
);

-- name: proposals
SELECT * FROM proposals WHERE ($1::text IS NULL OR province = $1) AND ($2::text IS NULL OR authority = $2)
ORDER BY scored_on, product_id LIMIT $3 OFFSET $4;

-- name: certificate
SELECT *, decision::text AS decision FROM certificates WHERE number = $1;

-- name: certificates
SELECT *, decision::text AS decision FROM certificates
WHERE ($1::uuid IS NULL OR product_id = $1) AND ($2::text IS NULL OR province = $2) AND ($3::int IS NULL OR stars = $3)
ORDER BY issued_on, number LIMIT $4 OFFSET $5;

-- name: counts
SELECT (SELECT count(*) FROM proposals) AS proposals, count(*) AS certificates,
       count(*) FILTER (WHERE stars = 3) AS certificates_3_stars,
       count(*) FILTER (WHERE stars = 4) AS certificates_4_stars,
       count(*) FILTER (WHERE stars = 5) AS certificates_5_stars,
       count(*) FILTER (WHERE simulated) AS certificates_simulated
FROM certificates;
