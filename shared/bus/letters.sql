-- Dead letters: rows of `held` that wait for a person, and what persons decide about them. Each decision is one statement:
-- the letter is changed and the decision kept, or neither; it answers nothing where the letter is not dead (any more).

-- name: listed
-- $2 key, $3 kind, $4 whether also those that are tried again or queue. `behind`: how many queue behind each.
SELECT id, key, source, position, kind, reason, attempts, next_at, held_at, envelope ->> 'type' AS type,
       topic, partition, kafka_offset AS offset,
       (SELECT count(*) FROM held b WHERE b.consumer = h.consumer AND b.key = h.key AND b.ordinal > h.ordinal) AS behind
FROM held h
WHERE consumer = $1 AND ($2::text IS NULL OR key = $2) AND ($3::text IS NULL OR kind = $3) AND ($4 OR next_at IS NULL)
ORDER BY ordinal LIMIT $5 OFFSET $6;

-- name: letter
SELECT id, key, source, position, kind, reason, attempts, next_at, held_at, envelope::text AS envelope, stack,
       headers::text AS headers, raw, kafka_key, topic, partition, kafka_offset AS offset,
       (SELECT count(*) FROM held b WHERE b.consumer = h.consumer AND b.key = h.key AND b.ordinal > h.ordinal) AS behind
FROM held h WHERE consumer = $1 AND id = $2;

-- name: dead_ids
-- $2 kind; without one, all that can be read.
SELECT id FROM held
WHERE consumer = $1 AND next_at IS NULL AND (kind = $2 OR $2::text IS NULL AND kind <> 'unreadable') ORDER BY ordinal;

-- name: decisions
-- About a letter, by its own id or by the one it had while it was unreadable.
SELECT letter, what, actor, role, at, reason, before::text AS before, after::text AS after FROM letter_decisions
WHERE consumer = $1 AND (letter = $2 OR after ->> 'id' = $2) ORDER BY number;

-- name: decided_by
-- What a request has decided.
SELECT letter, what, coalesce(after ->> 'id', letter) AS id FROM letter_decisions WHERE request = $1;

-- name: state
-- How it stands with a letter: one row, also where nothing is held. `first` is the one that its key waits for.
SELECT h.id IS NOT NULL AS held, h.next_at, h.attempts, h.reason,
       (SELECT f.id FROM held f WHERE f.consumer = $1 AND f.key = h.key AND f.kind <> 'unreadable'
        ORDER BY f.ordinal LIMIT 1) AS first,
       (SELECT d.what FROM letter_decisions d WHERE d.consumer = $1 AND d.letter = $2
        ORDER BY d.number DESC LIMIT 1) AS last
FROM (VALUES (1)) one LEFT JOIN held h ON h.consumer = $1 AND h.id = $2;

-- name: retry
-- $3 actor, $4 role, $5 reason, $6 request, $7 when it is due.
WITH was AS (
    SELECT * FROM held WHERE consumer = $1 AND id = $2 AND next_at IS NULL AND kind <> 'unreadable' FOR UPDATE
), put AS (
    UPDATE held h SET attempts = 0, next_at = $7::timestamptz FROM was WHERE h.consumer = was.consumer AND h.id = was.id
)
INSERT INTO letter_decisions (consumer, letter, what, actor, role, reason, request, before)
SELECT consumer, id, 'retry', $3, $4, $5, $6, row_to_json(was) FROM was RETURNING number;

-- name: edit
-- $7 when it is due, null where it stays dead; $8 the envelope as edited.
WITH was AS (
    SELECT * FROM held WHERE consumer = $1 AND id = $2 AND next_at IS NULL AND kind <> 'unreadable' FOR UPDATE
), put AS (
    UPDATE held h
    SET envelope = $8::text::json, next_at = $7::timestamptz, attempts = CASE WHEN $7::timestamptz IS NULL THEN h.attempts ELSE 0 END
    FROM was WHERE h.consumer = was.consumer AND h.id = was.id
)
INSERT INTO letter_decisions (consumer, letter, what, actor, role, reason, request, before, after)
SELECT consumer, id, 'edit', $3, $4, $5, $6, row_to_json(was), $8::text::json FROM was RETURNING number;

-- name: write_anew
-- An unreadable letter becomes a message with id, key, source and position ($9–$12), the last of its key; nothing is done
-- where a message of that id is held already.
WITH was AS (
    SELECT * FROM held WHERE consumer = $1 AND id = $2 AND next_at IS NULL AND kind = 'unreadable' FOR UPDATE
), put AS (
    INSERT INTO held (consumer, key, id, source, position, envelope, attempts, next_at, reason, kind, headers, raw,
                      kafka_key, topic, partition, kafka_offset, held_at)
    SELECT consumer, $10, $9, $11, $12, $8::text::json, 0, $7::timestamptz, reason, 'malformed', headers, raw,
           kafka_key, topic, partition, kafka_offset, held_at FROM was
    ON CONFLICT DO NOTHING RETURNING consumer
), gone AS (
    DELETE FROM held h USING was, put WHERE h.consumer = was.consumer AND h.id = was.id
)
INSERT INTO letter_decisions (consumer, letter, what, actor, role, reason, request, before, after)
SELECT was.consumer, was.id, 'edit', $3, $4, $5, $6, row_to_json(was), $8::text::json FROM was, put RETURNING number;

-- name: take_out
-- $7 what was decided, $8 the envelope as edited, if it was: the letter is held no longer.
WITH gone AS (
    DELETE FROM held WHERE consumer = $1 AND id = $2 AND next_at IS NULL RETURNING *
)
INSERT INTO letter_decisions (consumer, letter, what, actor, role, reason, request, before, after)
SELECT consumer, id, $7, $3, $4, $5, $6, row_to_json(gone), $8::text::json FROM gone RETURNING number;
