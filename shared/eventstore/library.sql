-- What the recorders of the eventsourcing library ask of the table. The append and the positions are the store's own.

-- name: events_of
SELECT originator_version, topic, state FROM events
WHERE originator_id = $1 AND originator_version > $2 AND originator_version <= $3 ORDER BY originator_version LIMIT $4;

-- name: events_of_backwards
SELECT originator_version, topic, state FROM events
WHERE originator_id = $1 AND originator_version > $2 AND originator_version <= $3 ORDER BY originator_version DESC LIMIT $4;

-- name: notifications
SELECT notification_id, originator_id, originator_version, topic, state FROM events
WHERE notification_id > $1 AND notification_id <= $2 ORDER BY notification_id LIMIT $3;

-- name: notifications_of_topics
SELECT notification_id, originator_id, originator_version, topic, state FROM events
WHERE notification_id > $1 AND notification_id <= $2 AND topic = ANY ($4) ORDER BY notification_id LIMIT $3;
