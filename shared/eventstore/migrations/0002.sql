-- Houses as processes of their own: the day of a season is a row; what is held says why and how it came; what people decide
-- about dead letters is kept. Some of it may be there already, in data of a program between the two versions.

CREATE TABLE IF NOT EXISTS played (
    one     bool PRIMARY KEY DEFAULT true CHECK (one),
    day     date NOT NULL,
    playing bool NOT NULL
);

ALTER TABLE held
    ALTER COLUMN envelope DROP NOT NULL,
    ADD COLUMN IF NOT EXISTS kind         text CHECK (kind IN ('refused', 'malformed', 'failed', 'queued', 'unreadable')),
    ADD COLUMN IF NOT EXISTS stack        text,
    ADD COLUMN IF NOT EXISTS headers      json,
    ADD COLUMN IF NOT EXISTS raw          bytea,
    ADD COLUMN IF NOT EXISTS kafka_key    bytea,
    ADD COLUMN IF NOT EXISTS topic        text,
    ADD COLUMN IF NOT EXISTS partition    int,
    ADD COLUMN IF NOT EXISTS kafka_offset bigint,
    ADD COLUMN IF NOT EXISTS held_at      timestamptz NOT NULL DEFAULT now();

-- What version 1 said in words: a refusal begins with its rule, any other error with its class, which has a capital.
UPDATE held SET kind = CASE
    WHEN reason LIKE 'queues behind an earlier message%' THEN 'queued'
    WHEN reason LIKE 'malformed: %' THEN 'malformed'
    WHEN reason ~ '^[a-z0-9-]+: ' THEN 'refused'
    ELSE 'failed'
END
WHERE kind IS NULL;
ALTER TABLE held ALTER COLUMN kind SET NOT NULL;

CREATE TABLE letter_decisions (
    number   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer text        NOT NULL,
    letter   text        NOT NULL,
    what     text        NOT NULL CHECK (what IN ('retry', 'edit', 'drop')),
    actor    text        NOT NULL,
    role     text        NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    reason   text        NOT NULL CHECK (what = 'retry' OR length(btrim(reason)) >= 10),
    before   json        NOT NULL,
    after    json,
    request  text        NOT NULL UNIQUE
);
CREATE INDEX letter_decisions_letter ON letter_decisions (consumer, letter);

GRANT SELECT ON played TO :server;
GRANT SELECT, INSERT ON letter_decisions TO :server;
