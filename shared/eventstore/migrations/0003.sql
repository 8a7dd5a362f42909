-- Appending looks its events up one by one: EXISTS within OR let the planner read all of them into a hash, at every append.

CREATE OR REPLACE FUNCTION append(
    ids uuid[], versions bigint[], topics text[], states bytea[], times timestamptz[], dates date[], metas text[],
    cmd int[], reqs text[], prints bytea[], answers text[]
) RETURNS TABLE (command int, outcome text, last bigint, print bytea, answer text) LANGUAGE plpgsql AS $$
DECLARE
    p bigint; h bytea; d bytea;
    repeated int[]; clashing int[]; hashes bytea[] := '{}'; owners int[] := '{}';
BEGIN
    SELECT position, hash INTO p, h FROM head FOR UPDATE;
    SELECT coalesce(array_agg(r.o), '{}') INTO repeated
    FROM unnest(reqs) WITH ORDINALITY r(id, o) WHERE EXISTS (SELECT FROM requests q WHERE q.id = r.id);
    SELECT coalesce(array_agg(DISTINCT e.c), '{}') INTO clashing
    FROM unnest(ids, versions, cmd) WITH ORDINALITY e(i, v, c, o)
    WHERE NOT e.c = ANY (repeated) AND (
        (SELECT true FROM events x WHERE x.originator_id = e.i AND x.originator_version = e.v) IS NOT NULL
        OR (e.v > 1
            AND NOT (e.o > 1 AND ids[e.o - 1] = e.i AND versions[e.o - 1] = e.v - 1)
            AND (SELECT true FROM events x WHERE x.originator_id = e.i AND x.originator_version = e.v - 1) IS NULL));
    FOR d IN
        SELECT chained(e.i, e.v, e.t, e.s, e.r, e.l, e.m)
        FROM unnest(ids, versions, topics, states, times, dates, metas, cmd)
             WITH ORDINALITY e(i, v, t, s, r, l, m, c, o)
        WHERE NOT e.c = ANY (repeated) AND NOT e.c = ANY (clashing) ORDER BY o
    LOOP
        h := sha256(h || d);
        hashes := hashes || h;
    END LOOP;
    INSERT INTO events
    SELECT f.i, f.v, f.t, f.s, p + f.n, f.r, f.l, f.m::json, hashes[f.n]
    FROM (
        SELECT e.*, row_number() OVER (ORDER BY o) AS n
        FROM unnest(ids, versions, topics, states, times, dates, metas, cmd)
             WITH ORDINALITY e(i, v, t, s, r, l, m, c, o)
        WHERE NOT e.c = ANY (repeated) AND NOT e.c = ANY (clashing)
    ) f;
    SELECT coalesce(array_agg(e.c ORDER BY e.o), '{}') INTO owners
    FROM unnest(cmd) WITH ORDINALITY e(c, o) WHERE NOT e.c = ANY (repeated) AND NOT e.c = ANY (clashing);
    INSERT INTO requests
    SELECT r.id, r.f, p + coalesce((SELECT max(w.n) FROM unnest(owners) WITH ORDINALITY w(c, n) WHERE w.c = r.o),
                                   cardinality(owners)), r.a::json
    FROM unnest(reqs, prints, answers) WITH ORDINALITY r(id, f, a, o)
    WHERE NOT r.o = ANY (repeated) AND NOT r.o = ANY (clashing);
    UPDATE head SET position = p + cardinality(hashes), hash = h WHERE cardinality(hashes) > 0;
    RETURN QUERY
    SELECT r.o::int,
           CASE WHEN r.o = ANY (repeated) THEN 'repeat' WHEN r.o = ANY (clashing) THEN 'conflict' ELSE 'ok' END,
           q.position, q.fingerprint, q.answer::text
    FROM unnest(reqs) WITH ORDINALITY r(id, o) LEFT JOIN requests q ON q.id = r.id ORDER BY r.o;
END $$ SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;
