-- What has been done to this database, and by which text.

-- name: prepare
CREATE SCHEMA IF NOT EXISTS journal;
CREATE TABLE IF NOT EXISTS journal.migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: applied
SELECT number, name, sha256 FROM journal.migrations ORDER BY number;

-- name: record
INSERT INTO journal.migrations (number, name, sha256) VALUES ($1, $2, $3);
