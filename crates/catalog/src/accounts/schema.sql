-- Users and tokens as Chartroom first knew them. Lists are JSON, times milliseconds since 1970 in UTC.

CREATE TABLE users (
    name       TEXT NOT NULL PRIMARY KEY,
    -- In the PHC string format; NULL for those who have tokens only.
    password   TEXT,
    groups     TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    id           TEXT NOT NULL PRIMARY KEY,
    user         TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    -- 'access' or 'session'.
    purpose      TEXT NOT NULL,
    description  TEXT NOT NULL,
    -- SHA-256 of the secret.
    secret_hash  BLOB NOT NULL CHECK (length(secret_hash) = 32),
    repositories TEXT NOT NULL,
    actions      TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_by_user ON tokens (user);
