-- name: one_at_a_time
-- Several programs may prepare one server at the same moment; released with the session.
SELECT pg_advisory_lock(hashtext('ocop: roles and databases'));

-- name: missing
-- $1 database, $2 its owner's role, $3 the role that serves requests: what is still to be executed, in order.
-- The collation is stated, so that every server sorts alike.
SELECT statement FROM (
    SELECT 1, format('CREATE ROLE %I LOGIN', role)
    FROM unnest(ARRAY[$2::text, $3::text]) AS wanted(role)
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)
    UNION ALL
    -- Who is no superuser may give a database only to a role it could become.
    SELECT 2, format('GRANT %I TO CURRENT_USER', $2::text)
    WHERE NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
    UNION ALL
    SELECT 3, format(
        'CREATE DATABASE %I OWNER %I TEMPLATE %I ENCODING ''UTF8'''
        ' LOCALE_PROVIDER builtin BUILTIN_LOCALE ''C.UTF-8'' LOCALE ''C''',
        $1::text, $2::text, $4::text)
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = $1::text)
    UNION ALL
    SELECT 4, format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', $1::text)
    UNION ALL
    SELECT 5, format('GRANT CONNECT ON DATABASE %I TO %I', $1::text, $3::text)
) AS steps(step, statement)
ORDER BY step;

-- name: at_work
-- $1 the role that serves: whether anybody is connected with it.
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND usename = $1);

-- name: set_password
-- $1 role, $2 password: a statement to be executed.
SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text);

-- name: remove
-- $1 database: a statement to be executed; ends the sessions on it.
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', $1::text);
