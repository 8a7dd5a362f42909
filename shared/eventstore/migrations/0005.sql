-- A group of commands comes as two arrays of rows, not as one array of each column: append() is made anew by functions.sql.

DROP FUNCTION append(
    uuid[], bigint[], text[], bytea[], timestamptz[], date[], text[], int[], text[], bytea[], text[]
);

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
