-- The database of one house: its event store, its inbox, its reading positions. Views stand in the schema `views`.
-- :server is the role that serves requests; it can add events, through append() alone, never change or remove them.

-- The audit trail. Readable by the eventsourcing library's own PostgreSQL recorder.
CREATE TABLE events (
    originator_id      uuid        NOT NULL,
    originator_version bigint      NOT NULL,
    topic              text        NOT NULL,
    state              bytea       NOT NULL,
    notification_id    bigint      NOT NULL,
    recorded_at        timestamptz NOT NULL,
    legal_date         date        NOT NULL,
    metadata           json        NOT NULL,
    hash               bytea       NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
) WITH (autovacuum_vacuum_insert_threshold = 100000);
CREATE UNIQUE INDEX events_position ON events (notification_id);

-- One row: the last position and the end of the hash chain. Locking it puts appends in commit order.
CREATE TABLE head (
    one      bool   PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL,
    hash     bytea  NOT NULL
) WITH (fillfactor = 10);
INSERT INTO head VALUES (true, 0, sha256(''));

-- Inbox and Idempotency-Key alike: what was asked, and what was answered.
CREATE TABLE requests (
    id          text   PRIMARY KEY,
    fingerprint bytea  NOT NULL,
    position    bigint NOT NULL,
    answer      json
);

-- Messages a consumer could not take yet (waiting) or at all (dead). Later messages of a held key queue behind it; one that is
-- unreadable has its place on the topic for an id and a key of its own, and holds nobody up.
CREATE TABLE held (
    consumer     text        NOT NULL,
    key          text        NOT NULL,
    id           text        NOT NULL,
    source       text        NOT NULL,
    position     bigint      NOT NULL,
    envelope     json,                 -- null: unreadable
    attempts     int         NOT NULL,
    next_at      timestamptz,          -- null: dead, waits for a person
    reason       text        NOT NULL,
    ordinal      bigint GENERATED ALWAYS AS IDENTITY,  -- the order of hearing; positions of several houses do not compare
    kind         text        NOT NULL CHECK (kind IN ('refused', 'malformed', 'failed', 'queued', 'unreadable')),
    stack        text,
    headers      json,                 -- as they came: [[name, base64], ...]
    raw          bytea,                -- as it came, where it is unreadable
    kafka_key    bytea,                -- the same
    topic        text,
    partition    int,
    kafka_offset bigint,
    held_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, id)
);
CREATE INDEX held_key ON held (consumer, key, ordinal);

-- What people decided about dead letters. Rows are added only; a letter that is dropped is kept here as it was.
CREATE TABLE letter_decisions (
    number   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer text        NOT NULL,
    letter   text        NOT NULL,  -- its id in `held`
    what     text        NOT NULL CHECK (what IN ('retry', 'edit', 'drop')),
    actor    text        NOT NULL,
    role     text        NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    reason   text        NOT NULL CHECK (what = 'retry' OR length(btrim(reason)) >= 10),
    before   json        NOT NULL,  -- the row of `held`
    after    json,                  -- the envelope, where it was edited
    request  text        NOT NULL UNIQUE
);
CREATE INDEX letter_decisions_letter ON letter_decisions (consumer, letter);

-- How far each reader (a view, the reactions) has come in the events of each source house.
CREATE TABLE positions (
    reader   text   NOT NULL,
    source   text   NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (reader, source)
) WITH (fillfactor = 10);

-- Views that stand before an event which they cannot take, until they can.
CREATE TABLE parked (
    reader     text        NOT NULL,
    source     text        NOT NULL,
    position   bigint      NOT NULL,
    kind       text        NOT NULL,
    error      text        NOT NULL,
    since      timestamptz NOT NULL DEFAULT now(),
    attempts   int         NOT NULL DEFAULT 1,
    PRIMARY KEY (reader, source)
);

-- The day of a season that is played (one row, or none): written by whoever plays it, as the owner; never by those who serve.
CREATE TABLE played (
    one     bool PRIMARY KEY DEFAULT true CHECK (one),
    day     date NOT NULL,
    playing bool NOT NULL
);

-- Keys that open sealed personal data. Erasing a row erases the person; every hash stays valid.
CREATE TABLE person_keys (
    person uuid  PRIMARY KEY,
    key    bytea NOT NULL
);

-- Appends a group of commands in one round trip and one commit; each succeeds or fails alone.
-- Event i belongs to command cmd[i] (counted from 1); command c has reqs[c], prints[c], answers[c].
-- Outcomes: ok; repeat (request id known: its first position, print and answer); conflict (a version is taken or missing).
-- The planner may not scan: a trial went from 0.6 to 20 ms when it chose to.
-- It writes as the owner, and nobody else may: what is in the table has passed its tests and is in the chain.
CREATE FUNCTION append(
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
        EXISTS (SELECT FROM events x WHERE x.originator_id = e.i AND x.originator_version = e.v)
        OR (e.v > 1
            AND NOT (e.o > 1 AND ids[e.o - 1] = e.i AND versions[e.o - 1] = e.v - 1)
            AND NOT EXISTS (SELECT FROM events x WHERE x.originator_id = e.i AND x.originator_version = e.v - 1)));
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
END $$ SECURITY DEFINER
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET search_path = public, pg_temp;

-- What the chain covers of one event, each part behind its length, so that no two events read alike.
CREATE FUNCTION chained(i uuid, v bigint, t text, s bytea, r timestamptz, l date, m text) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT uuid_send(i) || int8send(v) || int4send(octet_length(t)) || convert_to(t, 'UTF8')
        || int4send(octet_length(s)) || s || int8send((extract(epoch FROM r) * 1000000)::bigint)
        || int4send(l - date '2000-01-01') || convert_to(m, 'UTF8')
$$;

CREATE SCHEMA views;
GRANT USAGE ON SCHEMA public TO :server;
REVOKE EXECUTE ON FUNCTION append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append TO :server;
GRANT SELECT ON events, requests, head TO :server;
GRANT SELECT, INSERT ON letter_decisions TO :server;
GRANT SELECT, INSERT, UPDATE, DELETE ON held, positions, person_keys TO :server;
GRANT SELECT, INSERT, UPDATE, DELETE ON parked TO :server;
GRANT SELECT ON played TO :server;
GRANT USAGE ON SCHEMA views TO :server;
ALTER DEFAULT PRIVILEGES IN SCHEMA views GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :server;
