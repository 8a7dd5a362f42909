-- What the store does in the database. Made anew whenever a database is brought to the present schema: no version of these
-- holds data, so that no migration carries a copy.

-- Appends a group of commands in one round trip and one commit; each succeeds or fails alone. The events stand command after
-- command, `upto` says how many there are up to and with a command's own. No two commands may touch the same aggregate.
-- Answers a row for each command that is not carried out, with its number (from 1): `repeat` (request id known: its first
-- position, print and answer) or `conflict` (a version is taken or missing). Its last row is the position before the group:
-- from there on stand the events of all others, command after command.
-- The planner may not scan (a trial went from 0.6 to 20 ms when it chose to), nor plan anew for each group's arrays.
-- An aggregate's versions run without a gap, so the last one tells whether the next is taken or missing.
-- It writes as the owner, and nobody else may: what is in the table has passed its tests and is in the chain.
CREATE OR REPLACE FUNCTION append(new_events new_event[], new_commands new_command[])
RETURNS TABLE (command int, outcome text, last bigint, print bytea, said text) LANGUAGE plpgsql AS $$
DECLARE
    p bigint; h bytea; e new_event; id uuid; version bigint; hashes bytea[];
    refused bigint[]; torn bigint[]; owners bigint[]; numbers bigint[];
BEGIN
    LOOP
        SELECT position, hash INTO p, h FROM head FOR UPDATE;
        refused := ARRAY(
            SELECT c.n FROM unnest(new_commands) WITH ORDINALITY c(i, f, a, upto, n) JOIN requests r ON r.id = c.i
        );
        id := NULL; torn := '{}'; hashes := '{}';
        FOREACH e IN ARRAY new_events LOOP
            IF id IS DISTINCT FROM e.originator_id THEN
                id := e.originator_id;
                version := (
                    SELECT x.originator_version FROM events x
                    WHERE x.originator_id = id ORDER BY x.originator_version DESC LIMIT 1
                );
            END IF;
            IF e.originator_version <> coalesce(version + 1, least(e.originator_version, 1)) THEN
                torn := torn || cardinality(hashes) + 1::bigint;
            END IF;
            version := e.originator_version;
            h := sha256(h || chained(id, version, e.topic, e.state, e.recorded_at, e.legal_date, e.metadata::text));
            hashes := hashes || h;
        END LOOP;
        EXIT WHEN refused = '{}' AND torn = '{}';

        -- Once more without those that are refused.
        owners := ARRAY(
            SELECT c.n
            FROM (
                SELECT n, upto, lag(upto, 1, 0) OVER (ORDER BY n) AS before
                FROM unnest(new_commands) WITH ORDINALITY c(i, f, a, upto, n)
            ) c, generate_series(c.before + 1, c.upto) o ORDER BY o
        );
        refused := refused || ARRAY(SELECT owners[t] FROM unnest(torn) t);
        numbers := coalesce(numbers, ARRAY(SELECT generate_series(1, cardinality(new_commands))));
        RETURN QUERY
        SELECT numbers[c.n]::int, CASE WHEN r.id IS NULL THEN 'conflict' ELSE 'repeat' END, r.position, r.fingerprint,
               r.answer::text
        FROM unnest(new_commands) WITH ORDINALITY c(i, f, a, upto, n) LEFT JOIN requests r ON r.id = c.i
        WHERE c.n = ANY (refused);
        new_events := ARRAY(
            SELECT x.new FROM (SELECT unnest(new_events) AS new, unnest(owners) AS n) x WHERE x.n <> ALL (refused)
        );
        numbers := ARRAY(SELECT x.n FROM unnest(numbers) WITH ORDINALITY x(n, o) WHERE x.o <> ALL (refused));
        new_commands := ARRAY(
            SELECT ROW(c.i, c.f, c.a, sum(c.size) OVER (ORDER BY c.n))::new_command
            FROM (
                SELECT *, upto - lag(upto, 1, 0) OVER (ORDER BY n) AS size
                FROM unnest(new_commands) WITH ORDINALITY c(i, f, a, upto, n)
            ) c WHERE c.n <> ALL (refused) ORDER BY c.n
        );
    END LOOP;
    INSERT INTO events
    SELECT x.i, x.v, x.t, x.s, p + x.n, x.r, x.l, x.m, hashes[x.n]
    FROM unnest(new_events) WITH ORDINALITY x(i, v, t, s, r, l, m, n);
    INSERT INTO requests
    SELECT c.i, c.f, p + c.upto, c.a FROM unnest(new_commands) c(i, f, a, upto);
    IF hashes <> '{}' THEN
        UPDATE head SET position = p + cardinality(hashes), hash = h;
    END IF;
    command := 0; outcome := 'ok'; last := p;
    RETURN NEXT;
END $$ SECURITY DEFINER SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan SET search_path = public, pg_temp;

-- What the chain covers of one event, each part behind its length, so that no two events read alike. Said to be stable, not
-- immutable: the planner then writes it out where it is called, and it costs a sixth.
CREATE OR REPLACE FUNCTION chained(i uuid, v bigint, t text, s bytea, r timestamptz, l date, m text) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT uuid_send(i) || int8send(v) || int4send(octet_length(t)) || convert_to(t, 'UTF8')
        || int4send(octet_length(s)) || s || int8send((extract(epoch FROM r) * 1000000)::bigint)
        || int4send(l - date '2000-01-01') || convert_to(m, 'UTF8')
$$;

-- Since when a row of a view that remembers is known: from the fact's instant on, and never before what it says besides.
CREATE OR REPLACE FUNCTION known_since(at timestamptz, before tstzrange DEFAULT NULL) RETURNS tstzrange
LANGUAGE sql IMMUTABLE AS $$ SELECT tstzrange(greatest(at, lower(before)), NULL) $$;

-- Whether a code that was written on a day means one of some places: each code stands with all days on which it does. Without
-- codes no place is asked for. The planner writes it out where it is called, so that indexes serve. `<@ ANY` changes no answer:
-- by its cost the planner sees that a plan for any places reads far more than one for those asked for.
CREATE OR REPLACE FUNCTION lies_in(code text, day date, codes text[], days datemultirange[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT codes IS NULL OR code = ANY (codes) AND day <@ ANY (days) AND day <@ days[array_position(codes, code)]
$$;

-- Before a row says something else from a later instant on: keeps what it said until then.
CREATE OR REPLACE FUNCTION keep_what_was() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    OLD.known := tstzrange(lower(OLD.known), lower(NEW.known));
    EXECUTE format('INSERT INTO %I.%I SELECT ($1).*', TG_TABLE_SCHEMA, TG_TABLE_NAME || '_was') USING OLD;
    RETURN NEW;
END $$;

REVOKE EXECUTE ON FUNCTION append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append TO :server;
