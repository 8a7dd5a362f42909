-- name: tables
-- map_on: the day whose map a place is of, where that is not the day of the row itself. terms: the words of `folded`, numbered.
-- fastupdate: what is put off by it would be paid by whoever searches next.
CREATE TABLE catalogue (
    product_id uuid PRIMARY KEY, product_code text, product_name text NOT NULL, set text NOT NULL,
    "group" text NOT NULL, producer_id uuid NOT NULL, producer_name text NOT NULL, producer_kind text NOT NULL,
    province text NOT NULL, commune text NOT NULL, stars int NOT NULL, certificate text NOT NULL,
    listed_on date NOT NULL, expires_on date NOT NULL, simulated bool NOT NULL, ruleset text NOT NULL,
    folded text NOT NULL, extended_until date, map_on date NOT NULL, terms tsvector NOT NULL
);
CREATE INDEX catalogue_terms ON catalogue USING gin (terms) WITH (fastupdate = off);
CREATE INDEX catalogue_order ON catalogue (stars DESC, product_name, product_id);
CREATE INDEX catalogue_place ON catalogue (province, commune);
-- Every word by which products are or were found, with its pairs of letters: where to look for what was typed wrong.
CREATE TABLE catalogue_words (word text PRIMARY KEY, pairs text[] NOT NULL);
CREATE INDEX catalogue_words_pairs ON catalogue_words USING gin (pairs) WITH (fastupdate = off);
CREATE TABLE listings (
    product_id uuid NOT NULL, certificate text NOT NULL, stars int NOT NULL, listed_on date NOT NULL, off_on date,
    reason text
);
CREATE INDEX listings_product ON listings (product_id);
CREATE TABLE stories (
    product_id uuid PRIMARY KEY, product_code text, product_name text NOT NULL, producer_id uuid NOT NULL,
    producer_name text NOT NULL, province text NOT NULL, commune text NOT NULL, state text NOT NULL,
    title text NOT NULL, text text NOT NULL, written_on date NOT NULL, opinion text, reviewed_on date,
    published_title text, published_text text, published_on date, map_on date NOT NULL
);
CREATE TABLE shelves (
    id uuid PRIMARY KEY, product_id uuid NOT NULL, product_code text, product_name text NOT NULL,
    producer_id uuid NOT NULL, producer_name text NOT NULL, province text NOT NULL, commune text NOT NULL,
    platform text NOT NULL, link text NOT NULL, opened_on date NOT NULL, closed_on date, map_on date NOT NULL
);
CREATE INDEX shelves_product ON shelves (product_id);
-- product_ids: to be searched; products: [{id, code, name}] as they were called on the day.
CREATE TABLE sales_points (
    id uuid PRIMARY KEY, name text NOT NULL, province text NOT NULL, commune text NOT NULL, area_m2 float8 NOT NULL,
    rules text NOT NULL, product_ids uuid[] NOT NULL, products text NOT NULL, opened_on date NOT NULL, closed_on date,
    reason text
);
CREATE TABLE fairs (
    id uuid PRIMARY KEY, name text NOT NULL, province text NOT NULL, commune text NOT NULL, begins_on date NOT NULL,
    until date NOT NULL, product_ids uuid[] NOT NULL, products text NOT NULL
);
CREATE TABLE partners (
    id uuid PRIMARY KEY, kind text NOT NULL, name text NOT NULL, province text NOT NULL, joined_on date NOT NULL
);

-- name: listed
INSERT INTO catalogue VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, NULL, $18, $19::text::tsvector)
ON CONFLICT (product_id) DO UPDATE SET (
    product_code, product_name, set, "group", producer_id, producer_name, producer_kind, province, commune, stars,
    certificate, listed_on, expires_on, simulated, ruleset, folded, extended_until, map_on, terms
) = ROW ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, NULL, $18, $19::text::tsvector);

-- name: words_known
-- $1: folded text. The pairs of ` toi ` are ` t`, `to`, `oi`, `i `.
INSERT INTO catalogue_words
SELECT word, ARRAY(SELECT DISTINCT substr(' ' || word || ' ', at, 2) FROM generate_series(1, length(word) + 1) at)
FROM (SELECT DISTINCT unnest(string_to_array($1, ' ')) AS word) w WHERE word <> ''
ON CONFLICT (word) DO NOTHING;

-- name: prolonged
UPDATE catalogue SET extended_until = $2 WHERE product_id = $1;

-- name: delisted
DELETE FROM catalogue WHERE product_id = $1;

-- name: catalogue
SELECT product_id, product_code, product_name, set, "group", producer_id, producer_name, producer_kind, province,
       commune, stars, certificate, listed_on, expires_on, extended_until, simulated, ruleset
FROM catalogue
WHERE folded LIKE ALL ($1::text[])
    AND ($2::text IS NULL OR "group" = $2) AND ($3::text IS NULL OR set = $3) AND ($4::int IS NULL OR stars = $4)
    AND lies_in(province, map_on, $7, $8) AND lies_in(commune, map_on, $9, $10)
ORDER BY stars DESC, product_name, product_id LIMIT $5 OFFSET $6;

-- name: found
-- $1: what each must be like, $2: a question of its words, an empty one where nothing was typed wrong. One row at least, which
-- says how many there are in all.
WITH hits AS MATERIALIZED (
    SELECT product_id, stars, product_name FROM catalogue
    WHERE folded LIKE ALL ($1::text[]) AND ($2::text = '' OR terms @@ $2::text::tsquery)
        AND ($3::text IS NULL OR "group" = $3) AND ($4::text IS NULL OR set = $4) AND ($5::int IS NULL OR stars = $5)
        AND ($6::text IS NULL OR $6 = CASE WHEN extended_until IS NULL THEN 'valid' ELSE 'extended' END)
        AND lies_in(province, map_on, $7, $8) AND lies_in(commune, map_on, $9, $10)
), wanted AS (
    SELECT product_id FROM hits ORDER BY stars DESC, product_name, product_id LIMIT $11 OFFSET $12
)
SELECT total, product_id, product_code, product_name, set, "group", producer_id, producer_name, producer_kind, province,
       commune, stars, certificate, listed_on, expires_on, extended_until, simulated, ruleset
FROM (SELECT count(*)::int AS total FROM hits) t LEFT JOIN (wanted JOIN catalogue USING (product_id)) ON true
ORDER BY stars DESC, product_name, product_id;

-- name: known
-- Which of these words are found somewhere, as a part of a word or whole.
SELECT asked FROM unnest($1::text[]) asked
WHERE EXISTS (SELECT FROM catalogue_words WHERE strpos(word, asked) > 0);

-- name: words_around
-- The words that stand within one that was typed, then those within which it stands.
SELECT word FROM catalogue_words WHERE strpos($1, word) > 0 OR strpos(word, $1) > 0 ORDER BY length(word), word LIMIT 500;

-- name: like_words
-- The words that share most pairs with one that was typed, of about its length.
SELECT word FROM catalogue_words
WHERE pairs && $1::text[] AND abs(length(word) - $2::int) <= 2
ORDER BY cardinality(ARRAY(SELECT unnest(pairs) INTERSECT SELECT unnest($1::text[]))) DESC, word LIMIT 60;

-- name: product
SELECT product_id, product_code, product_name, set, "group", producer_id, producer_name, producer_kind, province,
       commune, stars, certificate, listed_on, expires_on, extended_until, simulated, ruleset
FROM catalogue WHERE product_id = $1;

-- name: counts
SELECT count(*) AS listed, count(DISTINCT producer_id) AS producers, count(DISTINCT province) AS provinces FROM catalogue;

-- name: shown
INSERT INTO listings (product_id, certificate, stars, listed_on) VALUES ($1, $2, $3, $4);

-- name: shown_until
UPDATE listings SET off_on = $2, reason = $3 WHERE product_id = $1 AND off_on IS NULL;

-- name: listings_of
SELECT certificate, stars, listed_on, off_on, reason FROM listings WHERE product_id = $1
ORDER BY listed_on, off_on NULLS LAST, certificate;

-- name: story_written
INSERT INTO stories (
    product_id, product_code, product_name, producer_id, producer_name, province, commune, state, title, text, written_on, map_on
) VALUES ($1, $2, $3, $4, $5, $6, $7, 'written', $8, $9, $10, $11)
ON CONFLICT (product_id) DO UPDATE SET (
    product_code, product_name, producer_id, producer_name, province, commune, state, title, text, written_on, opinion,
    reviewed_on, map_on
) = ROW ($2, $3, $4, $5, $6, $7, 'written', $8, $9, $10, NULL, NULL, $11);

-- name: story_reviewed
UPDATE stories SET state = $2, opinion = $3, reviewed_on = $4 WHERE product_id = $1;

-- name: story_published
UPDATE stories SET state = 'published', published_title = $2, published_text = $3, published_on = $4
WHERE product_id = $1;

-- name: story
SELECT product_id, product_code, product_name, producer_id, producer_name, province, commune, published_title AS title,
       published_text AS text, published_on
FROM stories WHERE product_id = $1 AND published_on IS NOT NULL;

-- name: stories
SELECT * FROM stories
WHERE ($1::text IS NULL OR state = $1) AND lies_in(province, map_on, $4, $5) AND lies_in(commune, map_on, $6, $7)
ORDER BY written_on, product_name, product_id LIMIT $2 OFFSET $3;

-- name: shelf_opened
INSERT INTO shelves VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, $12);

-- name: shelf_closed
UPDATE shelves SET closed_on = $2 WHERE id = $1;

-- name: shelves
SELECT * FROM shelves
WHERE ($1::uuid IS NULL OR product_id = $1) AND ($2::text IS NULL OR ($2 = 'open') = (closed_on IS NULL))
    AND lies_in(province, map_on, $5, $6) AND lies_in(commune, map_on, $7, $8)
ORDER BY opened_on, platform, id LIMIT $3 OFFSET $4;

-- name: shelf
SELECT * FROM shelves WHERE id = $1;

-- name: sales_point_opened
INSERT INTO sales_points VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: sales_point_closed
UPDATE sales_points SET closed_on = $2, reason = $3 WHERE id = $1;

-- name: sales_points
SELECT id, name, province, commune, area_m2, rules, products, opened_on, closed_on, reason FROM sales_points
WHERE ($1::uuid IS NULL OR $1 = ANY (product_ids)) AND ($2::text IS NULL OR ($2 = 'open') = (closed_on IS NULL))
    AND lies_in(province, opened_on, $5, $6) AND lies_in(commune, opened_on, $7, $8)
ORDER BY opened_on, name, id LIMIT $3 OFFSET $4;

-- name: sales_point
SELECT id, name, province, commune, area_m2, rules, products, opened_on, closed_on, reason FROM sales_points
WHERE id = $1;

-- name: fair_held
INSERT INTO fairs VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: fairs
SELECT id, name, province, commune, begins_on, until, products FROM fairs
WHERE ($1::uuid IS NULL OR $1 = ANY (product_ids)) AND ($2::date IS NULL OR $2 BETWEEN begins_on AND until)
    AND lies_in(province, begins_on, $5, $6) AND lies_in(commune, begins_on, $7, $8)
ORDER BY begins_on, name, id LIMIT $3 OFFSET $4;

-- name: fair
SELECT id, name, province, commune, begins_on, until, products FROM fairs WHERE id = $1;

-- name: partner_joined
INSERT INTO partners VALUES ($1, $2, $3, $4, $5);

-- name: partners
SELECT * FROM partners
WHERE ($1::text IS NULL OR kind = $1) AND lies_in(province, joined_on, $4, $5)
ORDER BY kind, name, id LIMIT $2 OFFSET $3;
