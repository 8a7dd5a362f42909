-- Snapshots of long aggregates. Views of another house's facts stand before an event partition by partition: who is parked
-- as of an earlier program is tried again at once, and parked again if need be.

CREATE TABLE snapshots (
    originator_id uuid   PRIMARY KEY,
    version       bigint NOT NULL,
    hash          bytea  NOT NULL,
    mark          bytea  NOT NULL,
    digest        bytea  NOT NULL,
    state         bytea  NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON snapshots TO :server;

DELETE FROM parked;
