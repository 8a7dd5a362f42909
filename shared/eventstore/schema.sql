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
    kafka_key    bytea,                -- this and what follows: of a message that came on a topic
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
    source     text        NOT NULL,  -- as in positions: a house, or a partition of its topic
    position   bigint      NOT NULL,
    kind       text        NOT NULL,
    error      text        NOT NULL,
    since      timestamptz NOT NULL DEFAULT now(),
    attempts   int         NOT NULL DEFAULT 1,
    PRIMARY KEY (reader, source)
);

-- What the events of a long aggregate made of it up to a version, so that they need not all be read again. No truth stands here:
-- it may be emptied at any time.
CREATE TABLE snapshots (
    originator_id uuid   PRIMARY KEY,
    version       bigint NOT NULL,
    hash          bytea  NOT NULL,  -- of the chain at the event of that version: of another history it does not count
    mark          bytea  NOT NULL,  -- of the program that took it: for another it does not count
    digest        bytea  NOT NULL,  -- of all this: damaged, it does not count
    state         bytea  NOT NULL   -- JSON, see snapshots.py
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

-- What append() takes: the events of a group of commands, and the commands (functions.sql says how they belong together).
CREATE TYPE new_event AS (
    originator_id      uuid,
    originator_version bigint,
    topic              text,
    state              bytea,
    recorded_at        timestamptz,
    legal_date         date,
    metadata           json
);
CREATE TYPE new_command AS (
    request     text,
    fingerprint bytea,
    answer      json,
    upto        int
);

CREATE SCHEMA views;
GRANT USAGE ON SCHEMA public TO :server;
GRANT SELECT ON events, requests, head TO :server;
GRANT SELECT, INSERT ON letter_decisions TO :server;
GRANT SELECT, INSERT, UPDATE, DELETE ON held, positions, person_keys TO :server;
GRANT SELECT, INSERT, UPDATE, DELETE ON parked TO :server;
GRANT SELECT, INSERT, UPDATE, DELETE ON snapshots TO :server;
GRANT SELECT ON played TO :server;
GRANT USAGE ON SCHEMA views TO :server;
ALTER DEFAULT PRIVILEGES IN SCHEMA views GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :server;
