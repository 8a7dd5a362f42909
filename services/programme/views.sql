-- name: tables
CREATE TABLE recognitions (
    number text PRIMARY KEY, product_id uuid NOT NULL, product_code text, product_name text NOT NULL, set text NOT NULL,
    "group" text NOT NULL, producer_id uuid NOT NULL, producer_name text NOT NULL, producer_kind text NOT NULL,
    province text NOT NULL, commune text NOT NULL, stars int NOT NULL, issued_on date NOT NULL,
    expires_on date NOT NULL, simulated bool NOT NULL, ruleset text NOT NULL
);
CREATE INDEX recognitions_days ON recognitions (issued_on, expires_on);
CREATE INDEX recognitions_product ON recognitions (product_id);

-- name: issued
INSERT INTO recognitions VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- name: counted
-- $1 day, $2 valid only, $3 dimension, $4 province; the row without a value is the total.
SELECT value, count(DISTINCT product_id) AS count, count(DISTINCT product_id) FILTER (WHERE simulated) AS simulated,
       (array_agg(ruleset ORDER BY issued_on DESC, number))[1] AS ruleset, max(issued_on) AS issued_on
FROM (
    SELECT *, CASE $3 WHEN 'province' THEN province WHEN 'commune' THEN commune WHEN 'group' THEN "group"
                      WHEN 'set' THEN set WHEN 'stars' THEN stars::text WHEN 'producer_kind' THEN producer_kind END AS value
    FROM recognitions
    WHERE issued_on <= $1::date AND (NOT $2::bool OR expires_on >= $1::date) AND ($4::text IS NULL OR province = $4)
) r
GROUP BY GROUPING SETS ((value), ()) ORDER BY count DESC, value;

-- name: behind
-- The products that a number of `counted` counts, each by its latest certificate among those counted.
SELECT * FROM (
    SELECT DISTINCT ON (product_id) * FROM recognitions
    WHERE issued_on <= $1::date AND (NOT $2::bool OR expires_on >= $1::date)
        AND ($3::text IS NULL OR province = $3) AND ($4::text IS NULL OR commune = $4)
        AND ($5::text IS NULL OR "group" = $5) AND ($6::text IS NULL OR set = $6)
        AND ($7::int IS NULL OR stars = $7) AND ($8::text IS NULL OR producer_kind = $8)
    ORDER BY product_id, issued_on DESC, number DESC
) r
ORDER BY province, commune, product_name, number LIMIT $9 OFFSET $10;

-- name: counts
SELECT count(DISTINCT product_id) FILTER (WHERE $1::date <= expires_on) AS valid, count(DISTINCT product_id) AS ever
FROM recognitions WHERE issued_on <= $1::date;
