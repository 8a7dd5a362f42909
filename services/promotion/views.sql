-- name: tables
CREATE TABLE catalogue (
    product_id uuid PRIMARY KEY, product_code text, product_name text NOT NULL, set text NOT NULL,
    "group" text NOT NULL, producer_id uuid NOT NULL, producer_name text NOT NULL, producer_kind text NOT NULL,
    province text NOT NULL, commune text NOT NULL, stars int NOT NULL, certificate text NOT NULL,
    listed_on date NOT NULL, expires_on date NOT NULL, simulated bool NOT NULL, ruleset text NOT NULL,
    folded text NOT NULL
);
CREATE INDEX catalogue_place ON catalogue (province, commune);

-- name: listed
INSERT INTO catalogue VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (product_id) DO UPDATE SET (
    product_code, product_name, set, "group", producer_id, producer_name, producer_kind, province, commune, stars,
    certificate, listed_on, expires_on, simulated, ruleset, folded
) = ROW ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

-- name: catalogue
SELECT product_id, product_code, product_name, set, "group", producer_id, producer_name, producer_kind, province,
       commune, stars, certificate, listed_on, expires_on, simulated, ruleset
FROM catalogue
WHERE folded LIKE ALL ($1::text[]) AND ($2::text IS NULL OR province = $2) AND ($3::text IS NULL OR commune = $3)
    AND ($4::text IS NULL OR "group" = $4) AND ($5::text IS NULL OR set = $5) AND ($6::int IS NULL OR stars = $6)
ORDER BY stars DESC, product_name, product_id LIMIT $7 OFFSET $8;

-- name: product
SELECT product_id, product_code, product_name, set, "group", producer_id, producer_name, producer_kind, province,
       commune, stars, certificate, listed_on, expires_on, simulated, ruleset
FROM catalogue WHERE product_id = $1;

-- name: counts
SELECT count(*) AS listed, count(DISTINCT producer_id) AS producers, count(DISTINCT province) AS provinces FROM catalogue;
