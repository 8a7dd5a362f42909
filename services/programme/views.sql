-- name: tables
-- known: see shared/eventstore/remembered.sql. law, map_on: whose names it bears. ended_on: the first day on which it is replaced, revoked, withdrawn (ended_by) or
-- said to be expired; valid_to: its last day. confidence, source: where an earlier recognition is known from.
CREATE TABLE recognitions (
    number text PRIMARY KEY, product_id uuid NOT NULL, product_code text, product_name text NOT NULL, set text NOT NULL,
    "group" text NOT NULL, producer_id uuid NOT NULL, producer_name text NOT NULL, producer_kind text NOT NULL,
    province text NOT NULL, commune text NOT NULL, stars int NOT NULL, decided_on date NOT NULL,
    issued_on date NOT NULL, expires_on date NOT NULL, simulated bool NOT NULL, ruleset text NOT NULL,
    law text NOT NULL, map_on date NOT NULL, known tstzrange NOT NULL, confidence text, source text, extended_until date,
    ended_on date, ended_by text,
    valid_to date NOT NULL GENERATED ALWAYS AS (LEAST(COALESCE(extended_until, expires_on), ended_on - 1)) STORED
);
CREATE INDEX recognitions_days ON recognitions (issued_on, valid_to);
CREATE INDEX recognitions_product ON recognitions (product_id);
CREATE INDEX recognitions_last_day ON recognitions (valid_to);
CREATE INDEX recognitions_map ON recognitions (map_on);
-- Dated facts that registration, evaluation and promotion said. what: a name of views/measures.py; id: of the thing; said: the
-- position of its first saying. day: its legal date, whose map its places are of unless map_on is another; left_on: the first day on which it no longer
-- stands. law: whose names group and producer's kind bear. Null: not told.
CREATE TABLE registered (
    what text NOT NULL, id text NOT NULL, said bigint NOT NULL, day date NOT NULL, law text, province text NOT NULL,
    commune text, "group" text, stars int, producer_kind text, product_id uuid, name text NOT NULL, producer_id uuid,
    producer_name text, simulated bool, known tstzrange NOT NULL, map_on date, confidence text, source text, left_on date,
    PRIMARY KEY (what, id)
);
CREATE INDEX registered_days ON registered (what, day);
CREATE INDEX registered_map ON registered (what, map_on) WHERE map_on IS NOT NULL;
CREATE TABLE assessed (LIKE registered INCLUDING ALL);
CREATE TABLE promoted (LIKE registered INCLUDING ALL);
CREATE INDEX promoted_product ON promoted (product_id) WHERE left_on IS NULL;
-- Every version of a plan; content: all that it says, as JSON. map_on: of a plan and of a task the day whose map its province is of.
CREATE TABLE plans (
    id uuid NOT NULL, version int NOT NULL, name text NOT NULL, province text NOT NULL, period_from date NOT NULL,
    period_to date NOT NULL, targets text NOT NULL, decision text, published_on date NOT NULL, key text, reason text,
    content text NOT NULL, known tstzrange NOT NULL, map_on date NOT NULL, PRIMARY KEY (id, version)
);
CREATE TABLE tasks (
    id uuid PRIMARY KEY, plan_id uuid, name text NOT NULL, province text NOT NULL, done_percent int NOT NULL,
    account text NOT NULL, reported_on date NOT NULL, place bigint NOT NULL, key text, known tstzrange NOT NULL,
    map_on date NOT NULL
);
CREATE INDEX tasks_plan ON tasks (plan_id);
-- unit: the district or commune that reports for itself; agency: the body of the plan that reports.
CREATE TABLE task_reports (
    place bigint PRIMARY KEY, task_id uuid NOT NULL, name text NOT NULL, done_percent int NOT NULL,
    account text NOT NULL, reported_on date NOT NULL, plan_id uuid, key text, kind text, unit text, agency text,
    obstacles text, known tstzrange NOT NULL
);
CREATE INDEX task_reports_task ON task_reports (task_id);
CREATE INDEX task_reports_plan ON task_reports (plan_id);
CREATE TABLE trainings (
    id uuid PRIMARY KEY, subject text NOT NULL, province text NOT NULL, producers int NOT NULL, officers int NOT NULL,
    held_on date NOT NULL, plan_id uuid, line text, kind text NOT NULL, leaders int NOT NULL, officers_province int NOT NULL,
    officers_district int NOT NULL, officers_commune int NOT NULL, attended uuid[] NOT NULL, known tstzrange NOT NULL
);
-- Figures by hand; unit: '' for the province as a whole, or a district, commune or product.
CREATE TABLE figures (
    place bigint NOT NULL, plan_id uuid NOT NULL, target text NOT NULL, unit text NOT NULL, value float8 NOT NULL,
    as_of date NOT NULL, office text NOT NULL, source text NOT NULL, note text, known tstzrange NOT NULL, PRIMARY KEY (place, unit)
);
CREATE INDEX figures_plan ON figures (plan_id);
-- What was said of an entry of a list kept by hand; entry: null where it was dropped.
CREATE TABLE list_entries (
    place bigint PRIMARY KEY, province text NOT NULL, list text NOT NULL, key text NOT NULL, day date NOT NULL, entry text,
    office text, source text NOT NULL, known tstzrange NOT NULL
);
CREATE INDEX list_entries_province ON list_entries (province);
CREATE TABLE reports (
    id uuid PRIMARY KEY, plan_id uuid NOT NULL, plan_version int NOT NULL, province text NOT NULL, of_day date NOT NULL,
    issued_on date NOT NULL, known_at timestamptz NOT NULL, duty text, due_on date, issue text NOT NULL, known tstzrange NOT NULL
);
CREATE INDEX reports_plan ON reports (plan_id, of_day);

-- Where a product or a producer is since a map changed, as registration said: chosen by a person where its commune was split.
CREATE TABLE placings (
    id uuid NOT NULL, was_commune text NOT NULL, placed_on date NOT NULL, said bigint NOT NULL, province text NOT NULL,
    commune text NOT NULL, PRIMARY KEY (id, was_commune)
);

-- name: placed_since
INSERT INTO placings AS kept VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id, was_commune) DO UPDATE SET (placed_on, said, province, commune) = ROW ($3, $4, $5, $6) WHERE kept.said < $4;

-- name: issued
INSERT INTO recognitions VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, known_since($20), $21, $22
) ON CONFLICT (number) DO NOTHING;

-- name: extended
UPDATE recognitions SET extended_until = $2, known = known_since($3, known) WHERE number = $1;

-- name: ended
-- The first end counts.
UPDATE recognitions SET ended_on = $2, ended_by = $3, known = known_since($4, known) WHERE number = $1 AND (ended_on IS NULL OR ended_on > $2);

-- name: counted
-- $1 day, $2 valid only, $3 dimension, $4 province; $5 to $12: the map, as $4 to $11 of `placed`. `whole`: the total. Without
-- a value: it is not known, or the map has no single place.
SELECT value, grouping(value) = 1 AS whole, count(DISTINCT product_id) AS count, count(DISTINCT product_id) FILTER (WHERE simulated) AS simulated,
       (array_agg(law ORDER BY issued_on DESC, number))[1] AS law,
       (array_agg(map_on ORDER BY issued_on DESC, number))[1] AS map_on
FROM (
    SELECT *, CASE $3 WHEN 'province' THEN in_province WHEN 'commune' THEN in_commune WHEN 'group' THEN "group"
                      WHEN 'set' THEN set WHEN 'stars' THEN stars::text WHEN 'producer_kind' THEN producer_kind END AS value
    FROM ({carried}) c
    WHERE issued_on <= $1::date AND (NOT $2::bool OR valid_to >= $1::date) AND ($4::text IS NULL OR in_province = $4)
) r
GROUP BY GROUPING SETS ((value), ()) ORDER BY count DESC, value NULLS LAST;

-- name: carried
-- Recognitions with their places on the map asked for, as `placed`: $n days of change, then what moved.
SELECT r.*, coalesce(c.to_commune, s.to_commune, q.commune, CASE WHEN c.code IS NULL THEN nullif(r.commune, '') END) AS in_commune,
       CASE WHEN q.id IS NOT NULL THEN coalesce(s.to_province, q.province) WHEN c.code IS NOT NULL THEN c.to_province
            WHEN p.code IS NOT NULL THEN p.to_province ELSE r.province END AS in_province
FROM (
    SELECT *, width_bucket(map_on, {days}::date[]) AS map FROM recognitions
    WHERE ended_by IS DISTINCT FROM 'withdrawn' OR ended_on > issued_on  -- not what was recorded by mistake
) r
LEFT JOIN unnest({communes}) c (code, map, to_province, to_commune) ON c.code = r.commune AND c.map = r.map
LEFT JOIN unnest({provinces}) p (code, map, to_province) ON p.code = r.province AND p.map = r.map
LEFT JOIN placings q ON c.code IS NOT NULL AND c.to_commune IS NULL AND q.id = r.product_id AND q.was_commune = r.commune
    AND q.placed_on > r.map_on
LEFT JOIN unnest({communes}) s (code, map, to_province, to_commune)
    ON s.code = q.commune AND s.map = width_bucket(q.placed_on, {days}::date[])

-- name: behind
-- The products that a number of `counted` counts, each by its latest certificate among those counted; $12 to $19: the map.
SELECT * FROM (
    SELECT DISTINCT ON (product_id)
        number, product_id, product_code, product_name, set, "group", producer_id, producer_name, producer_kind, province,
        commune, stars, decided_on, issued_on, expires_on, simulated, ruleset, law, map_on, extended_until, ended_on, ended_by,
        valid_to, in_province, in_commune, confidence, source
    FROM ({carried}) c
    WHERE issued_on <= $1::date AND (NOT $2::bool OR valid_to >= $1::date)
        AND ($3::text IS NULL OR in_province = $3) AND ($4::text IS NULL OR in_commune = $4)
        AND ($5::text IS NULL OR "group" = $5) AND ($6::text IS NULL OR set = $6)
        AND ($7::int IS NULL OR stars = $7) AND ($8::text IS NULL OR producer_kind = $8)
        AND ($11::int IS NULL OR extract(year FROM issued_on) = $11)
    ORDER BY product_id, issued_on DESC, number DESC
) r
ORDER BY province, commune, product_name, number LIMIT $9 OFFSET $10;

-- name: overview
-- $1 day, $2 province, $3 to $10: the map. Recognised products by every dimension at once; the row without a dimension is the
-- total. Most products have one certificate, and are counted as they are; those with several (`again`) count once for each value.
WITH r AS MATERIALIZED (
    SELECT product_id, in_province AS province, "group", stars, producer_kind, extract(year FROM issued_on)::int AS year,
           simulated, law, map_on, valid_to >= $1::date AS valid
    FROM ({carried}) c WHERE issued_on <= $1::date AND ($2::text IS NULL OR in_province = $2)
), again AS MATERIALIZED (
    SELECT product_id FROM r GROUP BY product_id HAVING count(*) > 1
), parts AS (
    SELECT CASE WHEN grouping(province) = 0 THEN 'province' WHEN grouping("group") = 0 THEN 'group'
                WHEN grouping(stars) = 0 THEN 'stars' WHEN grouping(producer_kind) = 0 THEN 'producer_kind'
                WHEN grouping(year) = 0 THEN 'year' END AS by,
           coalesce(province, "group", stars::text, producer_kind, year::text) AS value, count(*) AS ever,
           count(*) FILTER (WHERE valid) AS valid, count(*) FILTER (WHERE simulated) AS simulated, max(law) AS law,
           max(map_on) AS map_on
    FROM r WHERE product_id NOT IN (SELECT product_id FROM again)
    GROUP BY GROUPING SETS ((province), ("group"), (stars), (producer_kind), (year), ())
    UNION ALL
    SELECT by, value, count(*), count(*) FILTER (WHERE valid), count(*) FILTER (WHERE simulated), max(law), max(map_on)
    FROM (
        SELECT by, value, bool_or(valid) AS valid, bool_or(simulated) AS simulated, max(law) AS law, max(map_on) AS map_on
        FROM r, LATERAL (
            VALUES ('province', province), ('group', "group"), ('stars', stars::text), ('producer_kind', producer_kind),
                   ('year', year::text), (NULL, NULL)
        ) d (by, value)
        WHERE (product_id IN (SELECT product_id FROM again)) IS TRUE  -- looked up: they are few, and r would be sorted for a join
        GROUP BY by, value, product_id
    ) once GROUP BY by, value
)
SELECT by, value, sum(ever)::int AS ever, sum(valid)::int AS valid, sum(simulated)::int AS simulated, max(law) AS law,
       max(map_on) AS map_on
FROM parts GROUP BY by, value ORDER BY by, ever DESC, value;

-- name: months
-- $1 day, $2 province, $3 first and $4 last month (their first days), $5 to $12: the map. Certificates valid on the last day of
-- each month as things stand, and those valid on the day whose last day lies in it.
WITH r AS MATERIALIZED (
    SELECT issued_on, valid_to FROM ({carried}) c WHERE valid_to >= issued_on AND ($2::text IS NULL OR in_province = $2)
), moves AS MATERIALIZED (
    SELECT date_trunc('month', day)::date AS month, sum(n) AS n
    FROM (
        SELECT issued_on, count(*) FROM r GROUP BY issued_on
        UNION ALL SELECT valid_to + 1, -count(*) FROM r GROUP BY valid_to
    ) m (day, n) GROUP BY 1
), ending AS MATERIALIZED (
    SELECT date_trunc('month', valid_to)::date AS month, sum(n) AS n
    FROM (SELECT valid_to, count(*) AS n FROM r WHERE $1::date BETWEEN issued_on AND valid_to GROUP BY valid_to) e GROUP BY 1
)
SELECT m.month::date AS month, coalesce((SELECT sum(n) FROM moves WHERE moves.month <= m.month), 0)::int AS valid,
       coalesce(ending.n, 0)::int AS ending
FROM generate_series($3::date, $4::date, interval '1 month') m (month) LEFT JOIN ending ON ending.month = m.month::date
ORDER BY m.month;

-- name: ending
-- $1 day, $2 province, $3 first and $4 last day, $7 to $14: the map. Certificates valid on the day whose last day lies between.
SELECT number, product_id, product_code, product_name, set, "group", producer_id, producer_name, producer_kind, province, commune,
       stars, decided_on, issued_on, expires_on, simulated, ruleset, law, map_on, confidence, source, extended_until, ended_on,
       ended_by, valid_to, in_province, in_commune, count(*) OVER () AS total
FROM ({carried}) c
WHERE issued_on <= $1::date AND valid_to >= $1::date AND valid_to BETWEEN $3::date AND $4::date
    AND ($2::text IS NULL OR in_province = $2)
ORDER BY valid_to, province, product_name, number LIMIT $5 OFFSET $6;

-- name: counts
SELECT count(DISTINCT product_id) FILTER (WHERE $1::date <= valid_to) AS valid, count(DISTINCT product_id) AS ever
FROM recognitions WHERE issued_on <= $1::date AND (ended_by IS DISTINCT FROM 'withdrawn' OR ended_on > issued_on);

-- name: kept
-- Into registered, assessed or promoted. The first saying counts, whenever it comes.
INSERT INTO {table} AS kept VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, known_since($16), $17, $18, $19)
ON CONFLICT (what, id) DO UPDATE SET (
    said, day, law, province, commune, "group", stars, producer_kind, product_id, name, producer_id, producer_name, simulated,
    known, map_on, confidence, source
) = ROW ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, known_since($16), $17, $18, $19) WHERE kept.said > $3;

-- name: noted_taken_back
-- As if it had never been noted.
UPDATE registered SET left_on = day, known = known_since($2, known) WHERE what = 'recognitions_noted' AND id = $1;

-- name: product_taken_back
UPDATE registered SET left_on = $2, known = known_since($3, known)
WHERE what = 'products' AND product_id = $1 AND left_on IS NULL;

-- name: left_catalogue
UPDATE promoted SET left_on = $2, known = known_since($4, known)
WHERE product_id = $1 AND what = 'products_listed' AND left_on IS NULL AND said < $3;

-- name: sales_point_closed
UPDATE promoted SET left_on = $2, known = known_since($3, known) WHERE what = 'sales_points' AND id = $1;

-- name: kept_facts
-- All sources give their facts with these columns.
SELECT what, id, day, left_on, coalesce(map_on, day) AS map_on, law, province, commune, "group", stars, producer_kind,
       product_id, name, producer_id, producer_name, simulated, confidence, source FROM {table}

-- name: kept_since
-- No later than the earliest day of the map that any of these facts has.
SELECT least(min(d.first), min(m.first)) FROM unnest($1::text[]) w,
    LATERAL (SELECT min(day) AS first FROM {table} WHERE what = w) d,
    LATERAL (SELECT min(map_on) AS first FROM {table} WHERE what = w AND map_on IS NOT NULL) m;

-- name: certified_facts
-- What a certificate is on which days: see views/measures.py.
SELECT what, number AS id, day, left_on, map_on, law, province, nullif(commune, '') AS commune,
       nullif("group", '') AS "group", stars, nullif(producer_kind, '') AS producer_kind, product_id,
       product_name AS name, producer_id, producer_name, simulated, confidence, source
FROM (
    SELECT 'certificates' AS what, issued_on AS day, NULL::date AS left_on, r.* FROM recognitions r
    UNION ALL
    SELECT 'certificates_valid', issued_on, valid_to + 1, r.* FROM recognitions r
    UNION ALL
    SELECT 'certificates_extended', expires_on + 1, valid_to + 1, r.* FROM recognitions r WHERE extended_until IS NOT NULL
    UNION ALL
    SELECT 'certificates_expired', valid_to + 1, CASE WHEN ended_by <> 'expired' THEN ended_on END, r.* FROM recognitions r
    WHERE ended_on IS NULL OR ended_by = 'expired' OR ended_on > valid_to + 1
    UNION ALL
    SELECT 'certificates_revoked', ended_on, NULL, r.* FROM recognitions r WHERE ended_by IN ('revoked', 'withdrawn')
    UNION ALL
    SELECT 'certificates_replaced', ended_on, NULL, r.* FROM recognitions r WHERE ended_by = 'replaced'
) f WHERE ended_by IS DISTINCT FROM 'withdrawn' OR ended_on > issued_on

-- name: certified_since
SELECT min(map_on) FROM recognitions WHERE cardinality($1::text[]) > 0;

-- name: told_facts
SELECT f.what, f.id, f.day, NULL::date AS left_on, f.day AS map_on, NULL AS law, f.province, NULL AS commune, NULL AS "group",
       NULL::int AS stars, NULL AS producer_kind, NULL::uuid AS product_id, f.name, NULL::uuid AS producer_id,
       NULL AS producer_name, NULL::bool AS simulated, NULL AS confidence, NULL AS source
FROM (
    SELECT 'provincial_plans' AS what, id::text, published_on AS day, province, name FROM plans WHERE version = 1
    UNION ALL
    SELECT 'tasks', id::text, (SELECT min(r.reported_on) FROM task_reports r WHERE r.task_id = t.id), province, name
    FROM tasks t
    UNION ALL
    SELECT 'tasks_done', id::text,
           (SELECT min(r.reported_on) FROM task_reports r WHERE r.task_id = t.id AND r.done_percent = 100), province, name
    FROM tasks t
    UNION ALL
    SELECT 'trainings', id::text, held_on, province, subject FROM trainings
) f

-- name: told_since
SELECT min(day) FROM (
    SELECT min(published_on) FROM plans UNION ALL SELECT min(reported_on) FROM task_reports
    UNION ALL SELECT min(held_on) FROM trainings
) f (day) WHERE cardinality($1::text[]) > 0;

-- name: placed
-- The facts of a source that stand on a day, each with its place on the map asked for; null where that map has no single place.
-- $1 kinds, $2 day, $3 year. $4 days on which the map changed; `map`: how many of them had been on map_on. Communes that moved
-- since: $5 code and $6 map, to $7 province and $8 commune; provinces: $9 code and $10 map, to $11. What lay in a commune that
-- was split is where a person decided (placings), carried on from there. Wanted, null = any:
-- $12 province ($13: of these maps), $14 commune ($15: of these maps).
SELECT * FROM (
    SELECT f.*, coalesce(c.to_commune, s.to_commune, q.commune, CASE WHEN c.code IS NULL THEN f.commune END) AS in_commune,
           CASE WHEN q.id IS NOT NULL THEN coalesce(s.to_province, q.province) WHEN c.code IS NOT NULL THEN c.to_province
                WHEN p.code IS NOT NULL THEN p.to_province ELSE f.province END AS in_province
    FROM (
        SELECT *, width_bucket(map_on, $4::date[]) AS map FROM ({facts}) every
        WHERE what = ANY ($1::text[]) AND day <= $2::date AND (left_on IS NULL OR left_on > $2)
            AND ($3::int IS NULL OR day BETWEEN make_date($3, 1, 1) AND make_date($3, 12, 31))
    ) f
    LEFT JOIN unnest($5::text[], $6::int[], $7::text[], $8::text[]) c (code, map, to_province, to_commune)
        ON c.code = f.commune AND c.map = f.map
    LEFT JOIN unnest($9::text[], $10::int[], $11::text[]) p (code, map, to_province)
        ON p.code = f.province AND p.map = f.map
    LEFT JOIN placings q ON c.code IS NOT NULL AND c.to_commune IS NULL AND q.was_commune = f.commune
        AND q.id = coalesce(f.product_id, f.producer_id) AND q.placed_on > f.map_on
    LEFT JOIN unnest($5::text[], $6::int[], $7::text[], $8::text[]) s (code, map, to_province, to_commune)
        ON s.code = q.commune AND s.map = width_bucket(q.placed_on, $4::date[])
) placed
WHERE ($12::text IS NULL OR in_province = $12 AND ($13::int[] IS NULL OR map = ANY ($13)))
    AND ($14::text IS NULL OR in_commune = $14 AND ($15::int[] IS NULL OR map = ANY ($15)))

-- name: nation
-- After those of `placed`: $16 dimension, $17 whether places of different maps are kept apart. A row for each value (for communes, by province),
-- with the latest law and day of the map among its facts, and how many have no single commune or province.
SELECT value, province, map, count(*) AS count, count(*) FILTER (WHERE simulated) AS simulated,
       substr(max(map_on || law), 11) AS law, max(map_on) AS map_on,
       count(*) FILTER (WHERE commune IS NOT NULL AND in_commune IS NULL) AS no_commune,
       count(*) FILTER (WHERE in_province IS NULL) AS no_province
FROM (
    SELECT map_on, law, simulated, commune, in_commune, in_province,
           CASE $16 WHEN 'province' THEN in_province WHEN 'commune' THEN in_commune WHEN 'group' THEN "group"
               WHEN 'stars' THEN stars::text WHEN 'producer_kind' THEN producer_kind
               WHEN 'year' THEN extract(year FROM day)::text WHEN 'confidence' THEN confidence
               WHEN 'source' THEN source END AS value,
           CASE WHEN $16 = 'commune' THEN in_province END AS province,
           CASE WHEN $17::bool AND $16 IN ('province', 'commune') THEN map END AS map
    FROM ({placed}) placed
) f GROUP BY value, province, map;

-- name: cycle
-- How many of each kind, by province and year. After those of `placed`: $16 whether places of different maps are kept apart.
SELECT what, in_province AS value, CASE WHEN $16::bool THEN map END AS map, extract(year FROM day)::int AS year,
       max(map_on) AS map_on, count(*) AS count
FROM ({placed}) placed GROUP BY 1, 2, 3, 4;

-- name: behind_nation
-- The facts behind a number. After those of `placed`: $16 group, $17 stars, $18 producer's kind, $19 only those
-- without a single `commune` or `province`, $22 confidence, $23 source.
SELECT id, name, day, left_on, map_on, province, commune, in_province, in_commune, "group", stars, producer_kind, product_id,
       producer_id, producer_name, simulated, confidence, source
FROM ({placed}) placed
WHERE ($16::text IS NULL OR "group" = $16) AND ($17::int IS NULL OR stars = $17)
    AND ($18::text IS NULL OR producer_kind = $18)
    AND ($19::text IS NULL OR $19 = 'commune' AND commune IS NOT NULL AND in_commune IS NULL
        OR $19 = 'province' AND in_province IS NULL)
    AND ($22::text IS NULL OR confidence = $22) AND ($23::text IS NULL OR source = $23)
ORDER BY in_province, in_commune, name, id LIMIT $20 OFFSET $21;
