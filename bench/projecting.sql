-- name: tables
CREATE TABLE counts (member text PRIMARY KEY, n bigint NOT NULL);
CREATE TABLE marks (
    dossier uuid NOT NULL, position bigint NOT NULL, "on" date NOT NULL, member text NOT NULL, criterion int NOT NULL,
    score float8 NOT NULL, note text NOT NULL, PRIMARY KEY (dossier, position)
);

-- name: counted
INSERT INTO counts SELECT member, count(*) FROM unnest($1::text[]) member GROUP BY member
ON CONFLICT (member) DO UPDATE SET n = counts.n + excluded.n;

-- name: marked
INSERT INTO marks SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::date[], $4::text[], $5::int[], $6::float8[], $7::text[]);
