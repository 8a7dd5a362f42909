-- name: recorded_from
-- The first event recorded at or after an instant. Times run with positions but for moments, so whoever reads looks at each.
SELECT min(notification_id) FROM events WHERE recorded_at >= $1;

-- name: recorded_before
SELECT max(notification_id) FROM events WHERE recorded_at < $1;
