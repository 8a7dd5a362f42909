-- Checkpoints of the hash chain: when one is due, what it covers, which there are.

-- name: since_last
-- The day of a house's last checkpoint ($1: its aggregate), and the day on which the first event after it was recorded.
SELECT c.day, (
    SELECT (recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date FROM events
    WHERE notification_id > coalesce(c.position, 0) ORDER BY notification_id LIMIT 1
) AS recorded
FROM (VALUES (1)) one LEFT JOIN LATERAL (
    SELECT notification_id AS position, legal_date AS day FROM events
    WHERE originator_id = $1 ORDER BY originator_version DESC LIMIT 1
) c ON true;

-- name: end_of_chain
SELECT position, hash FROM head;

-- name: made
-- All events of a house's checkpoints in order.
SELECT notification_id, originator_version, topic, state FROM events WHERE originator_id = $1
ORDER BY originator_version;
