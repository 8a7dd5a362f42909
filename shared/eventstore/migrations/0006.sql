-- What a view could not take, until it can: the view stands before that event, the others go on.

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
GRANT SELECT, INSERT, UPDATE, DELETE ON parked TO :server;
