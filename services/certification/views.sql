-- name: tables
-- map_on: the day whose map a place is of.
CREATE TABLE proposals (
    product_id uuid PRIMARY KEY, product_code text, product_name text NOT NULL, set text NOT NULL,
    "group" text NOT NULL, producer_id uuid NOT NULL, producer_name text NOT NULL, province text NOT NULL,
    commune text NOT NULL, stars int NOT NULL, authority text NOT NULL, level text NOT NULL,
    assessment_id uuid NOT NULL, dossier_id uuid NOT NULL, kind text NOT NULL, simulated bool NOT NULL,
    ruleset text NOT NULL, scored_on date NOT NULL, again bool NOT NULL, map_on date NOT NULL
);
CREATE INDEX proposals_place ON proposals (province, scored_on);
CREATE INDEX proposals_assessment ON proposals (assessment_id);
-- known: see shared/eventstore/remembered.sql. The four days after it are those of domain/certificate.py, from which the status
-- on a day follows.
CREATE TABLE certificates (
    number text PRIMARY KEY, certificate_id uuid NOT NULL, product_id uuid NOT NULL, product_code text,
    product_name text NOT NULL, set text NOT NULL, "group" text NOT NULL, producer_id uuid NOT NULL,
    producer_name text NOT NULL, producer_kind text NOT NULL, province text NOT NULL, commune text NOT NULL,
    stars int NOT NULL, issued_on date NOT NULL, expires_on date NOT NULL, decision json NOT NULL, kind text NOT NULL,
    assessment_id uuid, dossier_id uuid, simulated bool NOT NULL, ruleset text NOT NULL, printed text,
    map_on date NOT NULL, known tstzrange NOT NULL, extended_until date, expired_on date, revoked_on date, replaced_on date,
    replaced_by text, revocation json
);
CREATE INDEX certificates_product ON certificates (product_id);
CREATE INDEX certificates_place ON certificates (province, stars);
CREATE TABLE inspections (
    id uuid PRIMARY KEY, product_id uuid NOT NULL, product_code text, product_name text NOT NULL, set text NOT NULL,
    "group" text NOT NULL, producer_id uuid NOT NULL, producer_name text NOT NULL, producer_kind text NOT NULL,
    province text NOT NULL, commune text NOT NULL, number text NOT NULL, stars int NOT NULL, kind text NOT NULL,
    "national" bool NOT NULL, reason text NOT NULL, with_agencies text[] NOT NULL, opened_on date NOT NULL,
    ruleset text NOT NULL, samples int NOT NULL DEFAULT 0, concluded_on date, finding text, ground text, mend_by date,
    mended_on date, account text, map_on date NOT NULL
);
CREATE INDEX inspections_place ON inspections (province, opened_on);
CREATE INDEX inspections_product ON inspections (product_id);
CREATE TABLE complaints (
    reference text PRIMARY KEY, product_id uuid NOT NULL, product_code text, product_name text NOT NULL,
    set text NOT NULL, "group" text NOT NULL, producer_id uuid NOT NULL, producer_name text NOT NULL,
    producer_kind text NOT NULL, province text NOT NULL, commune text NOT NULL, number text NOT NULL,
    made_on date NOT NULL, due_on date NOT NULL, text json NOT NULL, contact json, answered_on date, answer text,
    map_on date NOT NULL
);
CREATE INDEX complaints_place ON complaints (province, made_on);

-- name: proposed
INSERT INTO proposals VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
ON CONFLICT (product_id) DO UPDATE SET (
    product_code, product_name, set, "group", producer_id, producer_name, province, commune, stars, authority, level,
    assessment_id, dossier_id, kind, simulated, ruleset, scored_on, again, map_on
) = ROW ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20);

-- name: settled
DELETE FROM proposals WHERE assessment_id = $1;

-- name: issued
INSERT INTO certificates VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::text::json, $17, $18, $19, $20, $21, $22,
    $23, known_since($24)
);

-- name: replaced
UPDATE certificates SET replaced_on = $2, replaced_by = $3, known = known_since($4, known) WHERE number = $1;

-- name: extended
UPDATE certificates SET extended_until = $2, known = known_since($3, known) WHERE number = $1;

-- name: expired
UPDATE certificates SET expired_on = $2, known = known_since($3, known) WHERE number = $1;

-- name: revoked
UPDATE certificates SET revoked_on = $2, revocation = $3::text::json, known = known_since($4, known) WHERE number = $1;

-- name: inspection_opened
INSERT INTO inspections (
    id, product_id, product_code, product_name, set, "group", producer_id, producer_name, producer_kind, province, commune,
    number, stars, kind, "national", reason, with_agencies, opened_on, ruleset, map_on
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20);

-- name: samples_drawn
UPDATE inspections SET samples = samples + $2 WHERE id = $1;

-- name: inspection_concluded
UPDATE inspections SET concluded_on = $2, finding = $3, ground = $4, mend_by = $5 WHERE id = $1;

-- name: inspection_mended
UPDATE inspections SET mended_on = $2, account = $3 WHERE id = $1;

-- name: complaint_made
INSERT INTO complaints VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::text::json, $16::text::json, NULL, NULL, $17
);

-- name: complaint_answered
UPDATE complaints SET answered_on = $2, answer = $3 WHERE reference = $1;

-- name: proposals
SELECT * FROM proposals
WHERE ($1::text IS NULL OR authority = $1) AND lies_in(province, map_on, $4, $5) AND lies_in(commune, map_on, $6, $7)
ORDER BY scored_on, product_id LIMIT $2 OFFSET $3;

-- name: certificate
SELECT *, decision::text AS decision, revocation::text AS revocation FROM certificates WHERE number = $1;

-- name: certificates
SELECT *, decision::text AS decision, revocation::text AS revocation FROM certificates
WHERE ($1::uuid IS NULL OR product_id = $1) AND ($2::int IS NULL OR stars = $2)
    AND lies_in(province, map_on, $5, $6) AND lies_in(commune, map_on, $7, $8)
ORDER BY issued_on, number LIMIT $3 OFFSET $4;

-- name: histories
SELECT *, decision::text AS decision, revocation::text AS revocation FROM certificates WHERE number > $1
ORDER BY number LIMIT $2;

-- name: histories_of
SELECT *, decision::text AS decision, revocation::text AS revocation FROM certificates
WHERE product_id = ANY ($1::uuid[]) ORDER BY number;

-- name: by_status
-- How many certificates stand how on a day ($1); those in force by how many days are left. As domain/certificate.py.
SELECT CASE
           WHEN ended <= $1 THEN
               CASE ended WHEN revoked_on THEN 'revoked' WHEN replaced_on THEN 'replaced' ELSE 'expired' END
           WHEN lasts_until - $1 <= 30 THEN 'expiring_30'
           WHEN lasts_until - $1 <= 120 THEN 'expiring_120'
           WHEN lasts_until - $1 <= 180 THEN 'expiring_180'
           ELSE 'valid'
       END AS status, count(*)
FROM (
    SELECT issued_on, revoked_on, replaced_on, coalesce(extended_until, expires_on) AS lasts_until,
           least(revoked_on, replaced_on, coalesce(expired_on, coalesce(extended_until, expires_on) + 1)) AS ended
    FROM certificates
) c
WHERE issued_on <= $1 GROUP BY 1;

-- name: inspections
SELECT * FROM inspections
WHERE ($1::uuid IS NULL OR product_id = $1) AND ($2::text IS NULL OR kind = $2)
    AND lies_in(province, map_on, $5, $6) AND lies_in(commune, map_on, $7, $8)
ORDER BY opened_on, id LIMIT $3 OFFSET $4;

-- name: complaints
SELECT *, CASE WHEN answered_on IS NULL THEN 'open' ELSE 'answered' END AS state, text::text AS text,
       contact::text AS contact
FROM complaints
WHERE ($1::text IS NULL OR number = $1) AND ($2::text IS NULL OR ($2 = 'answered') = (answered_on IS NOT NULL))
    AND lies_in(province, map_on, $5, $6) AND lies_in(commune, map_on, $7, $8)
ORDER BY made_on, reference LIMIT $3 OFFSET $4;

-- name: complaint
SELECT *, CASE WHEN answered_on IS NULL THEN 'open' ELSE 'answered' END AS state, text::text AS text,
       contact::text AS contact
FROM complaints WHERE reference = $1;

-- name: counts
-- $1: the day. In force, and what ended it, as domain/certificate.py.
SELECT (SELECT count(*) FROM proposals) AS proposals, (SELECT count(*) FROM inspections) AS inspections,
       count(*) AS certificates,
       count(*) FILTER (WHERE issued_on <= $1::date AND least(
           revoked_on, replaced_on, coalesce(expired_on, coalesce(extended_until, expires_on) + 1)) > $1) AS in_force,
       count(*) FILTER (WHERE issued_on <= $1 AND least(
           revoked_on, replaced_on, coalesce(expired_on, coalesce(extended_until, expires_on) + 1))
           BETWEEN $1 + 1 AND $1 + 180) AS ending_180,
       count(*) FILTER (WHERE revoked_on <= $1) AS revoked,
       count(*) FILTER (WHERE kind IN ('renewal', 'upgrade')) AS renewed,
       count(*) FILTER (WHERE stars = 3) AS certificates_3_stars,
       count(*) FILTER (WHERE stars = 4) AS certificates_4_stars,
       count(*) FILTER (WHERE stars = 5) AS certificates_5_stars,
       count(*) FILTER (WHERE simulated) AS certificates_simulated
FROM certificates;
