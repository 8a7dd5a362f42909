-- name: tables
-- map_on: the day whose map a place is of, where that is not the day of the row itself.
CREATE TABLE rounds (
    id uuid PRIMARY KEY, level text NOT NULL, province text, name text NOT NULL, year int NOT NULL, number text NOT NULL,
    proposals_last date NOT NULL, done_last date NOT NULL, basis text NOT NULL, ruleset text NOT NULL,
    state text NOT NULL, opened_on date NOT NULL, closed_on date, district text, backlog boolean NOT NULL
);
CREATE INDEX rounds_place ON rounds (level, province, state);
CREATE TABLE councils (
    id uuid PRIMARY KEY, level text NOT NULL, province text, members int NOT NULL, team int NOT NULL,
    seats json NOT NULL, secretary json NOT NULL, team_offices json NOT NULL, bylaw json NOT NULL,
    bylaws json NOT NULL, decision json NOT NULL, ruleset text NOT NULL, formed_on date NOT NULL, district text
);
CREATE INDEX councils_place ON councils (level, province);
CREATE TABLE assessments (
    id uuid PRIMARY KEY, position bigint NOT NULL, dossier_id uuid NOT NULL, product_id uuid NOT NULL,
    product_code text, product_name text NOT NULL, set text NOT NULL, "group" text NOT NULL, producer_id uuid NOT NULL,
    producer_name text NOT NULL, province text NOT NULL, commune text NOT NULL, level text NOT NULL, kind text NOT NULL,
    ruleset text NOT NULL, basis text NOT NULL, own boolean NOT NULL, follows uuid, evidence int NOT NULL,
    state text NOT NULL, next_actor text, forwarded_on date NOT NULL, referred_on date, received_on date,
    advised_on date, sent_on date, session_on date, decided_on date, approved_on date, sent_up_on date,
    not_recognised_on date, returned_on date, changed_on date NOT NULL, council_id uuid, round_id uuid,
    present int NOT NULL DEFAULT 0, ballots int NOT NULL DEFAULT 0, outcome text, average text,
    average_2dp double precision, star_by_band int, stars int, recognisable boolean NOT NULL DEFAULT false,
    certifier text, sent_up_to text, next_assessment_id uuid, own_assessment_id uuid, improve json,
    simulated boolean NOT NULL DEFAULT false, stars_held int, passes_to text, again boolean NOT NULL,
    conflicts int NOT NULL, sent_to int, site_checked_on date, adjournments int NOT NULL DEFAULT 0, adjourned_to date,
    mode text, ballots_cast int NOT NULL DEFAULT 0, ballot_rounds json NOT NULL DEFAULT '[]', redo_demanded_on date,
    annulled_on date, redo_by text, redone_by uuid, district text, left_over boolean NOT NULL, season text, map_on date NOT NULL
);
CREATE TABLE conflicts (
    assessment_id uuid NOT NULL, member_id text NOT NULL, declared_on date NOT NULL, PRIMARY KEY (assessment_id, member_id)
);
CREATE INDEX assessments_order ON assessments (position);
CREATE INDEX assessments_dossier ON assessments (dossier_id);
CREATE INDEX assessments_product ON assessments (product_id);
CREATE INDEX assessments_place ON assessments (province, state);
CREATE INDEX assessments_round ON assessments (round_id);
CREATE INDEX assessments_level ON assessments (level, state);
CREATE TABLE results (
    assessment_id uuid PRIMARY KEY, dossier_id uuid NOT NULL, product_id uuid NOT NULL, product_code text,
    product_name text NOT NULL, set text NOT NULL, producer_name text NOT NULL, province text NOT NULL,
    level text NOT NULL, round_id uuid, kind text NOT NULL, ruleset text NOT NULL, decided_on date NOT NULL,
    sent_up_to text, simulated boolean NOT NULL, outcome json NOT NULL, mode text NOT NULL,
    again boolean NOT NULL
);
CREATE INDEX results_product ON results (product_id);
CREATE TABLE sittings (
    assessment_id uuid PRIMARY KEY, level text NOT NULL, province text NOT NULL, commune text NOT NULL,
    held_on date NOT NULL, decided_on date
);
CREATE TABLE ballots (
    assessment_id uuid NOT NULL, member_id text NOT NULL, office_vi text NOT NULL, office_en text, seat text NOT NULL,
    options json NOT NULL, total text, simulated boolean NOT NULL, cast_on date NOT NULL, turn int NOT NULL,
    agree boolean NOT NULL, opened_on date, parts json, PRIMARY KEY (assessment_id, turn, member_id)
);
CREATE TABLE appeals (
    id uuid PRIMARY KEY, reference text UNIQUE NOT NULL, assessment_id uuid NOT NULL, dossier_id uuid NOT NULL,
    product_id uuid NOT NULL, product_code text, product_name text NOT NULL, producer_id uuid NOT NULL,
    producer_name text NOT NULL, province text NOT NULL, commune text NOT NULL, level text NOT NULL,
    criteria json NOT NULL, reason text NOT NULL, lodged_on date NOT NULL, due_on date NOT NULL, next_actor text,
    state text NOT NULL, decided_on date, decision json, answer text, upheld boolean,
    map_on date NOT NULL
);
CREATE INDEX appeals_place ON appeals (province, state);
CREATE TABLE certified (assessment_id uuid PRIMARY KEY, number text NOT NULL, issued_on date NOT NULL);

-- name: round_opened
INSERT INTO rounds VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', $11, NULL, $12, $13);

-- name: round_closed
UPDATE rounds SET state = 'closed', closed_on = $2 WHERE id = $1;

-- name: council_formed
INSERT INTO councils VALUES (
    $1, $2, $3, $4, $5, $6::text::json, $7::text::json, $8::text::json, $9::text::json, $10::text::json,
    $11::text::json, $12, $13, $14
);

-- name: bylaw_amended
UPDATE councils SET bylaw = $2::text::json, bylaws = (bylaws::jsonb || $3::text::jsonb)::json WHERE id = $1;

-- name: arrived
INSERT INTO assessments (
    id, position, dossier_id, product_id, product_code, product_name, set, "group", producer_id, producer_name,
    province, commune, level, kind, ruleset, basis, own, follows, evidence, state, next_actor, forwarded_on,
    referred_on, changed_on, stars_held, passes_to, again, conflicts, district, left_over, map_on
) VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 'arrived', $20, $21, $22, $23,
    $24, $25, $26, $27, $28, $29, $30
);

-- name: conflict
INSERT INTO conflicts VALUES ($1, $2, $3);

-- name: conflict_counted
UPDATE assessments SET conflicts = conflicts + 1, changed_on = $2 WHERE id = $1;

-- name: site_checked
UPDATE assessments SET site_checked_on = $2, changed_on = $2 WHERE id = $1;

-- name: opened
UPDATE assessments SET state = $3, received_on = $2, changed_on = $2, next_actor = $4 WHERE id = $1;

-- name: advised
UPDATE assessments SET state = 'advised', advised_on = $2, changed_on = $2,
    next_actor = CASE WHEN passes_to IS NULL THEN 'secretary' ELSE 'agency' END WHERE id = $1;

-- name: sent
UPDATE assessments SET state = 'sent', sent_on = $2, changed_on = $2, council_id = $3, round_id = $4,
    sent_to = $5, season = $6, next_actor = 'secretary' WHERE id = $1;

-- name: adjourned
UPDATE assessments SET adjournments = adjournments + 1, adjourned_to = $3, changed_on = $2 WHERE id = $1;

-- name: session_held
UPDATE assessments SET state = 'in-session', session_on = $2, changed_on = $2, present = $3, mode = $4, ballots = 0,
    next_actor = 'member' WHERE id = $1;

-- name: counted
-- The same members score again; a meeting that follows written opinions begins by itself.
UPDATE assessments SET ballots = 0, changed_on = $2, next_actor = 'member',
    ballot_rounds = (ballot_rounds::jsonb || $3::text::jsonb)::json WHERE id = $1;

-- name: ballot_counted
UPDATE assessments SET ballots = ballots + 1, ballots_cast = ballots_cast + 1, changed_on = $2,
    next_actor = CASE WHEN ballots + 1 < present THEN 'member' ELSE 'chair' END WHERE id = $1;

-- name: decided
UPDATE assessments SET state = 'decided', decided_on = $2, changed_on = $2, outcome = $3, average = $4,
    average_2dp = $5, star_by_band = $6, stars = $7, recognisable = $8, certifier = $9, sent_up_to = $10,
    simulated = $11, next_actor = $12, ballot_rounds = (ballot_rounds::jsonb || $13::text::jsonb)::json
WHERE id = $1;

-- name: approved
UPDATE assessments SET state = 'approved', approved_on = $2, changed_on = $2, next_actor = 'agency' WHERE id = $1;

-- name: referred
UPDATE assessments SET state = 'referred', sent_up_on = $2, changed_on = $2, next_assessment_id = $3, next_actor = NULL
WHERE id = $1;

-- name: not_recognised
UPDATE assessments SET state = 'not-recognised', not_recognised_on = $2, changed_on = $2,
    next_actor = CASE WHEN returned_on IS NULL THEN 'agency' END WHERE id = $1;

-- name: returned
-- Next: whoever certifies the star, or the chairman who still has to say that there is no recognition.
UPDATE assessments SET state = 'returned', returned_on = $2, changed_on = $2, improve = $3::text::json,
    next_actor = CASE WHEN not_recognised_on IS NULL THEN coalesce(certifier, 'province_chairman') END WHERE id = $1;

-- name: taken_back
UPDATE assessments SET own_assessment_id = $2, changed_on = $3, next_actor = NULL WHERE id = $1;

-- name: redo_demanded
UPDATE assessments SET redo_demanded_on = $2, changed_on = $2, redo_by = 'province_chairman' WHERE id = $1;

-- name: annulled
UPDATE assessments SET state = 'annulled', annulled_on = $2, changed_on = $2, next_actor = NULL, redo_by = 'agency'
WHERE id = $1;

-- name: to_be_redone
UPDATE assessments SET redo_by = $3, changed_on = $2 WHERE id = $1;

-- name: redone
UPDATE assessments SET redo_by = NULL, redone_by = $3, next_actor = NULL, changed_on = $2 WHERE id = $1;

-- name: result
INSERT INTO results VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::text::json, $17, $18);

-- name: sitting
-- A meeting may follow written opinions: the last day on which the council sat.
INSERT INTO sittings VALUES ($1, $2, $3, $4, $5, NULL) ON CONFLICT (assessment_id) DO UPDATE SET held_on = excluded.held_on;

-- name: ballot_cast
INSERT INTO ballots VALUES ($1, $2, $3, $4, $5, $6::text::json, NULL, $7, $8, $9, $10, NULL, $11::text::json);

-- name: turn_opened
UPDATE ballots SET opened_on = $3 WHERE assessment_id = $1 AND turn = $2;

-- name: ballot_opened
UPDATE ballots SET total = $4 WHERE assessment_id = $1 AND turn = $2 AND member_id = $3;

-- name: sitting_over
UPDATE sittings SET decided_on = $2 WHERE assessment_id = $1;

-- name: certified
INSERT INTO certified VALUES ($1, $2, $3) ON CONFLICT (assessment_id) DO NOTHING;

-- name: appeal_lodged
INSERT INTO appeals VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::json, $14, $15, $16, $17, 'lodged', NULL, NULL, NULL, NULL,
    $18
);

-- name: appeal_decided
UPDATE appeals SET state = $2, decided_on = $3, decision = $4::text::json, answer = $5, upheld = $6, next_actor = NULL
WHERE id = $1;

-- name: round
SELECT * FROM rounds WHERE id = $1;

-- name: rounds
SELECT *, (SELECT count(*) FROM assessments a WHERE a.round_id = rounds.id) AS assessments FROM rounds
WHERE ($1::text IS NULL OR level = $1) AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR district = $3)
    AND lies_in(province, opened_on, $6, $7)
ORDER BY opened_on, id LIMIT $4 OFFSET $5;

-- name: council
SELECT id, level, province, members, team, seats::text AS seats, secretary::text AS secretary,
       team_offices::text AS team_offices, bylaw::text AS bylaw,
       bylaws::text AS bylaws, decision::text AS decision, ruleset, formed_on, district
FROM councils WHERE id = $1;

-- name: councils
SELECT id, level, province, members, team, decision::text AS decision, ruleset, formed_on, district
FROM councils
WHERE ($1::text IS NULL OR level = $1) AND ($2::text IS NULL OR district = $2) AND lies_in(province, formed_on, $5, $6)
ORDER BY formed_on, id LIMIT $3 OFFSET $4;

-- name: assessment
SELECT a.*, a.improve::text AS improve, a.ballot_rounds::text AS ballot_rounds, c.number AS certificate,
       CASE WHEN a.redo_by IS NOT NULL THEN a.redo_by
            WHEN c.number IS NULL THEN a.next_actor
            WHEN a.level = 'national' AND a.returned_on IS NULL THEN 'ministry' END AS next_actor
FROM assessments a LEFT JOIN certified c ON c.assessment_id = a.id WHERE a.id = $1;

-- name: assessments
SELECT a.*, a.improve::text AS improve, a.ballot_rounds::text AS ballot_rounds, c.number AS certificate,
       CASE WHEN a.redo_by IS NOT NULL THEN a.redo_by
            WHEN c.number IS NULL THEN a.next_actor
            WHEN a.level = 'national' AND a.returned_on IS NULL THEN 'ministry' END AS next_actor
FROM assessments a LEFT JOIN certified c ON c.assessment_id = a.id
WHERE ($1::uuid IS NULL OR a.dossier_id = $1) AND ($2::uuid IS NULL OR a.product_id = $2)
    AND ($3::text IS NULL OR a.state = $3)
    AND ($4::text IS NULL OR a.level = $4) AND ($5::uuid IS NULL OR a.round_id = $5)
    AND NOT EXISTS (SELECT FROM conflicts k WHERE k.assessment_id = a.id AND k.member_id = $8)
    AND lies_in(a.province, a.map_on, $9, $10) AND lies_in(a.commune, a.map_on, $11, $12)
ORDER BY a.position LIMIT $6 OFFSET $7;

-- name: in_round
-- The products of a round; decided ones by their average, the best first. `spread`: points between ballots, exact text.
SELECT a.id, a.product_id, a.product_code, a.product_name, a.producer_name, a.province, a.commune, a.kind, a.state,
       a.outcome, a.average, a.average_2dp, a.star_by_band, a.stars, a.decided_on, a.annulled_on, a.sent_up_to,
       a.ballot_rounds::jsonb -> -1 ->> 'spread' AS spread, (a.ballot_rounds::jsonb -> -1 ->> 'ballots')::int AS ballots,
       a.simulated, c.number AS certificate
FROM assessments a LEFT JOIN certified c ON c.assessment_id = a.id
WHERE a.round_id = $1 ORDER BY a.average_2dp DESC NULLS LAST, a.product_name, a.id LIMIT $2 OFFSET $3;

-- name: round_tally
-- How many of a round came to what; `points`: the lower end of five points in which the average lies.
SELECT outcome, stars, CASE WHEN average_2dp IS NOT NULL THEN least(5 * floor(average_2dp / 5), 95)::int END AS points,
       count(*) AS count
FROM assessments WHERE round_id = $1 GROUP BY outcome, stars, points ORDER BY points, stars, outcome;

-- name: results_of
SELECT *, outcome::text AS outcome FROM results WHERE product_id = $1;

-- name: in_conflict
SELECT EXISTS (SELECT FROM conflicts WHERE assessment_id = $1 AND member_id = $2);

-- name: result_of
SELECT *, outcome::text AS outcome FROM results WHERE assessment_id = $1;

-- name: sitting_of
SELECT * FROM sittings WHERE assessment_id = $1;

-- name: ballots_of
-- Only turns that are open.
SELECT member_id, office_vi, office_en, seat, options::text AS options, parts::text AS parts, total, simulated, cast_on, turn, agree, opened_on
FROM ballots WHERE assessment_id = $1 AND opened_on IS NOT NULL ORDER BY turn, seat, member_id;

-- name: appeal
SELECT *, criteria::text AS criteria, decision::text AS decision FROM appeals WHERE id = $1;

-- name: appeal_by_reference
SELECT reference, state, answer FROM appeals WHERE reference = $1;

-- name: appeals
-- $6 to $9: where; $10 to $13: the asker's own place.
SELECT *, criteria::text AS criteria, decision::text AS decision FROM appeals
WHERE ($1::text IS NULL OR state = $1) AND ($2::uuid IS NULL OR assessment_id = $2) AND ($3::uuid IS NULL OR product_id = $3)
    AND lies_in(province, map_on, $6, $7) AND lies_in(commune, map_on, $8, $9)
    AND lies_in(province, map_on, $10, $11) AND lies_in(commune, map_on, $12, $13)
ORDER BY lodged_on, reference LIMIT $4 OFFSET $5;

-- name: counts
SELECT (SELECT count(*) FROM rounds) AS rounds, (SELECT count(*) FROM rounds WHERE state = 'open') AS rounds_open,
       (SELECT count(*) FROM councils) AS councils, count(*) AS assessments,
       count(*) FILTER (WHERE decided_on IS NULL) AS under_way,
       count(*) FILTER (WHERE decided_on IS NOT NULL) AS decided,
       count(*) FILTER (WHERE sent_up_to IS NOT NULL) AS sent_up, coalesce(sum(ballots_cast), 0)::int AS ballots,
       count(*) FILTER (WHERE decided_on IS NOT NULL AND sent_up_to IS NULL AND recognisable) AS recognisable,
       count(*) FILTER (WHERE outcome IS NOT NULL AND sent_up_to IS NULL AND NOT recognisable) AS not_recognisable
FROM assessments;
