-- What the store does in the database. Made anew whenever a database is brought to the present schema: no version of these
-- holds data, so that no migration carries a copy.

-- Appends a group of commands in one round trip and one commit; each succeeds or fails alone.
-- Event i belongs to command cmd[i] (counted from 1); command c has reqs[c], prints[c], answers[c].
-- Outcomes: ok; repeat (request id known: its first position, print and answer); conflict (a version is taken or missing).
-- The planner may not scan (a trial went from 0.6 to 20 ms when it chose to), nor plan anew for each group's arrays.
-- A lone aggregate's versions run without a gap, so the last one tells whether the next is taken or missing.
-- It writes as the owner, and nobody else may: what is in the table has passed its tests and is in the chain.
CREATE OR REPLACE FUNCTION append(
    ids uuid[], versions bigint[], topics text[], states bytea[], times timestamptz[], dates date[], metas text[],
    cmd int[], reqs text[], prints bytea[], answers text[]
) RETURNS TABLE (command int, outcome text, last bigint, print bytea, answer text) LANGUAGE plpgsql AS $$
DECLARE
    p bigint; h bytea; d bytea; repeated bigint[]; clashing int[]; hashes bytea[] := '{}'; lasts bigint[]; whole bool;
BEGIN
    SELECT position, hash INTO p, h FROM head FOR UPDATE;
    repeated := ARRAY(SELECT r.o FROM unnest(reqs) WITH ORDINALITY r(id, o) JOIN requests q ON q.id = r.id);
    clashing := ARRAY(
        SELECT e.c
        FROM (
            SELECT i, v, c, lag(i) OVER w = i AS follows, lag(v) OVER w AS before
            FROM unnest(ids, versions, cmd) WITH ORDINALITY e(i, v, c, o) WINDOW w AS (ORDER BY o)
        ) e
        WHERE CASE WHEN e.follows THEN e.v - 1 <> e.before ELSE coalesce(e.v - 1 <> (
            SELECT x.originator_version FROM events x
            WHERE x.originator_id = e.i ORDER BY x.originator_version DESC LIMIT 1
        ), e.v > 1) END
    );
    whole := repeated = '{}' AND clashing = '{}';
    IF NOT whole THEN
        SELECT coalesce(array_agg(e.i ORDER BY o), '{}'), coalesce(array_agg(e.v ORDER BY o), '{}'),
               coalesce(array_agg(e.t ORDER BY o), '{}'), coalesce(array_agg(e.s ORDER BY o), '{}'),
               coalesce(array_agg(e.r ORDER BY o), '{}'), coalesce(array_agg(e.l ORDER BY o), '{}'),
               coalesce(array_agg(e.m ORDER BY o), '{}'), coalesce(array_agg(e.c ORDER BY o), '{}')
        INTO ids, versions, topics, states, times, dates, metas, cmd
        FROM unnest(ids, versions, topics, states, times, dates, metas, cmd)
             WITH ORDINALITY e(i, v, t, s, r, l, m, c, o)
        WHERE NOT e.c = ANY (repeated) AND NOT e.c = ANY (clashing);
    END IF;
    FOREACH d IN ARRAY ARRAY(
        SELECT chained(e.i, e.v, e.t, e.s, e.r, e.l, e.m)
        FROM unnest(ids, versions, topics, states, times, dates, metas) e(i, v, t, s, r, l, m)
    ) LOOP
        h := sha256(h || d);
        hashes := hashes || h;
    END LOOP;
    INSERT INTO events
    SELECT e.i, e.v, e.t, e.s, p + e.o, e.r, e.l, e.m::json, e.h
    FROM unnest(ids, versions, topics, states, times, dates, metas, hashes)
         WITH ORDINALITY e(i, v, t, s, r, l, m, h, o);
    lasts := ARRAY(
        SELECT p + coalesce(l.n, cardinality(hashes))
        FROM generate_series(1, cardinality(reqs)) r(o)
        LEFT JOIN (SELECT c, max(n) AS n FROM unnest(cmd) WITH ORDINALITY e(c, n) GROUP BY c) l ON l.c = r.o
        ORDER BY r.o
    );
    INSERT INTO requests
    SELECT r.id, r.f, r.l, r.a::json FROM unnest(reqs, prints, lasts, answers) WITH ORDINALITY r(id, f, l, a, o)
    WHERE whole OR NOT r.o = ANY (repeated) AND NOT r.o = ANY (clashing);
    IF hashes <> '{}' THEN
        UPDATE head SET position = p + cardinality(hashes), hash = h;
    END IF;
    IF whole THEN
        RETURN QUERY SELECT r.o::int, 'ok', r.l, r.f, r.a
        FROM unnest(lasts, prints, answers) WITH ORDINALITY r(l, f, a, o);
    ELSE
        RETURN QUERY
        SELECT r.o::int,
               CASE WHEN r.o = ANY (repeated) THEN 'repeat' WHEN r.o = ANY (clashing) THEN 'conflict' ELSE 'ok' END,
               q.position, q.fingerprint, q.answer::text
        FROM unnest(reqs) WITH ORDINALITY r(id, o) LEFT JOIN requests q ON q.id = r.id ORDER BY r.o;
    END IF;
END $$ SECURITY DEFINER SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan SET search_path = public, pg_temp;

-- What the chain covers of one event, each part behind its length, so that no two events read alike.
CREATE OR REPLACE FUNCTION chained(i uuid, v bigint, t text, s bytea, r timestamptz, l date, m text) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT uuid_send(i) || int8send(v) || int4send(octet_length(t)) || convert_to(t, 'UTF8')
        || int4send(octet_length(s)) || s || int8send((extract(epoch FROM r) * 1000000)::bigint)
        || int4send(l - date '2000-01-01') || convert_to(m, 'UTF8')
$$;

-- Since when a row of a view that remembers is known: from the fact's instant on, and never before what it says besides.
CREATE OR REPLACE FUNCTION known_since(at timestamptz, before tstzrange DEFAULT NULL) RETURNS tstzrange
LANGUAGE sql IMMUTABLE AS $$ SELECT tstzrange(greatest(at, lower(before)), NULL) $$;

-- Before a row says something else from a later instant on: keeps what it said until then.
CREATE OR REPLACE FUNCTION keep_what_was() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    OLD.known := tstzrange(lower(OLD.known), lower(NEW.known));
    EXECUTE format('INSERT INTO %I.%I SELECT ($1).*', TG_TABLE_SCHEMA, TG_TABLE_NAME || '_was') USING OLD;
    RETURN NEW;
END $$;

REVOKE EXECUTE ON FUNCTION append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append TO :server;
