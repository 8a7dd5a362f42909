-- Only append() writes events, requests and head: it does so as their owner, and the role that serves requests lost the right.

ALTER FUNCTION append SECURITY DEFINER SET search_path = public, pg_temp;
REVOKE EXECUTE ON FUNCTION append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append TO :server;
REVOKE INSERT ON events, requests FROM :server;
REVOKE UPDATE ON head FROM :server;
