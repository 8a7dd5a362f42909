-- Only append() writes events, requests and head, as their owner: the role that serves requests lost the right.
-- What a view could not take is kept, until it can: the view stands before that event, the others go on.

REVOKE INSERT ON events, requests FROM :server;
REVOKE UPDATE ON head FROM :server;

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
