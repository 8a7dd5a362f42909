-- name: tables
CREATE TABLE counts (member text PRIMARY KEY, n bigint NOT NULL);

-- name: counted
INSERT INTO counts SELECT member, count(*) FROM unnest($1::text[]) member GROUP BY member
ON CONFLICT (member) DO UPDATE SET n = counts.n + excluded.n;
