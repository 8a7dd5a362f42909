-- Which schema a database has, and of which text its views were made.
CREATE TABLE IF NOT EXISTS schema_version (version int NOT NULL, views text NOT NULL);
